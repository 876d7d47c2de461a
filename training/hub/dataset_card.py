"""Writes the card of a prepared dataset: its content, creators, licences and plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCardData

from training.data.records import SPLITS, BeatClip, CoverImage
from training.hub.folders import write_facts
from training.runs.tables import markdown
from typebeat.request.styles import DISCLAIMER
from typebeat.request.words import NOTE_NAMES

PLOTS = "plots.png"
# names of licences that the Hub knows; all others are written as "other"
HUB_LICENCES = {
    "mit",
    "apache-2.0",
    "cc0-1.0",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-3.0",
}
Records = Sequence[BeatClip] | Sequence[CoverImage]


def table(records: Records) -> list[dict[str, Any]]:
    """Returns a row for each split and style with counts and, for beats, minutes and the range of tempi."""
    rows = []
    for split, style in sorted({(record.path.parent.name, record.style) for record in records}):
        mine = [record for record in records if (record.path.parent.name, record.style) == (split, style)]
        row = {"split": split, "style": style, "tracks": len({each.track_id for each in mine}), "files": len(mine)}
        if isinstance(mine[0], BeatClip):
            row["minutes"] = round(sum(each.seconds for each in mine) / 60, 1)
            row["bpm"] = f"{min(each.bpm for each in mine):g} to {max(each.bpm for each in mine):g}"
        rows.append(row)
    return rows


def write_beat_card(folder: Path, facts: dict[str, Any], clips: Sequence[BeatClip]) -> None:
    """Writes `typebeat.json`, `plots.png` and `README.md` into the folder of a beat dataset."""
    plot_beats(clips).savefig(folder / PLOTS, dpi=100)
    _write(folder, facts, clips, "audio-classification", "FLAC clips of rap instrumentals, cut at bars")


def write_cover_card(folder: Path, facts: dict[str, Any], covers: Sequence[CoverImage]) -> None:
    """Writes `typebeat.json` and `README.md` into the folder of a cover dataset."""
    _write(folder, facts, covers, "text-to-image", "square covers")


def _write(folder: Path, facts: dict[str, Any], records: Records, task: str, what: str) -> None:
    licences = Counter(record.licence for record in records)
    told = {**facts, "table": table(records), "licences": dict(licences), "tracks": len({r.track_id for r in records}),
            "creators": len({record.creator for record in records}), "files": len(records)}  # fmt: skip
    write_facts(folder, told)
    lowered = {licence.lower() for licence in licences}
    one = next(iter(lowered)) if len(lowered) == 1 and lowered <= HUB_LICENCES else "other"
    front = DatasetCardData(
        license=one,
        license_name="one-for-each-file" if one == "other" else None,
        task_categories=[task],
        tags=["typebeat", "music" if task.startswith("audio") else "covers"],
        configs=[{"config_name": "default", "data_files": [{"split": s, "path": f"{s}/**"} for s in SPLITS]}],
    ).to_yaml()
    (folder / "README.md").write_text(f"---\n{front}\n---\n\n{_body(told, records, what)}", encoding="utf-8")


def _body(facts: dict[str, Any], records: Records, what: str) -> str:
    sources = sorted({(r.track_id, r.creator, r.licence, r.source) for r in records})
    plots = f"![Tempo, keys and lengths]({PLOTS})\n\n" if isinstance(records[0], BeatClip) else ""
    left_out = [
        f"- {name}: {why}" for kind in ("refused", "skipped", "duplicates") for name, why in facts[kind].items()
    ]
    contact = facts["contact"] or "the owner of this repository, by its discussions"
    return "\n".join([
        f"# Typebeat: {what}",
        "",
        f"{facts['files']} files of {facts['tracks']} tracks by {facts['creators']} creators, made by"
        f" `training/` of Typebeat {facts['typebeat']}. {DISCLAIMER}",
        "",
        markdown(facts["table"]),
        "",
        f"{plots}## Split",
        "",
        f"By {facts['split_by']}, hashed: a {facts['split_by']} whose sha1 falls into the lowest"
        f" {facts['validation_share']:.0%} is for validation, and stays there when others are added.",
        "",
        "## Captions",
        "",
        "`caption` is what serving would ask a model for; training words it anew from `words`, `style`, `bpm`, `key`."
        " `typebeat.request.words` makes both.",
        *(f"\n{note[:1].upper()}{note[1:]}." for note in facts["notes"]),
        "",
        "## Rights",
        "",
        f"Nothing without a licence and a source is in it. Who finds a work of theirs here writes to {contact}.",
        "",
        markdown([dict(zip(("track", "creator", "licence", "source"), row, strict=True)) for row in sources]),
        "",
        *(["## Left out", "", *left_out, ""] if left_out else []),
    ])  # fmt: skip


def plot_beats(clips: Sequence[BeatClip]) -> Any:
    """Returns a matplotlib figure of minutes, tempi and lengths by style, and of keys."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    minutes, tempi, keys, lengths = figure.subplots(2, 2).flat
    styles = sorted({clip.style for clip in clips})
    left = [0.0] * len(styles)
    for split, colour in zip(SPLITS, ("tab:blue", "tab:orange"), strict=True):
        amount = [sum(c.seconds for c in clips if c.style == s and c.path.parent.name == split) / 60 for s in styles]
        minutes.barh(styles, amount, left=left, label=split, color=colour)
        left = [a + b for a, b in zip(left, amount, strict=True)]
    minutes.set(title="Minutes by style", xlabel="minutes")
    minutes.legend()
    for axes, values, title, label in (
        (tempi, lambda c: c.bpm, "Tempo", "BPM"),
        (lengths, lambda c: c.seconds, "Length of clips", "seconds"),
    ):
        axes.hist([[values(c) for c in clips if c.style == s] for s in styles], bins=20, stacked=True, label=styles)
        axes.set(title=title, xlabel=label, ylabel="clips")
    tempi.legend()
    counts = Counter(clip.key for clip in clips)
    for mode, offset in (("minor", -0.2), ("major", 0.2)):
        keys.bar([i + offset for i in range(12)], [counts[f"{n} {mode}"] for n in NOTE_NAMES], 0.4, label=mode)
    keys.set(title="Key", ylabel="clips")
    keys.set_xticks(range(12), NOTE_NAMES)
    keys.legend()
    return figure
