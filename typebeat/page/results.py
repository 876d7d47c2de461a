"""Shows a finished pack as HTML: the best take with its passport, the other takes, stems, piano rolls, files, recipe.

Everything is made from the pack's files and its recipe.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import soundfile

from typebeat.midi.notes import PART_NAMES
from typebeat.page.html import again, download, file_url, player, size_of, stage
from typebeat.page.links import OPTIONS, link, options_of
from typebeat.page.notes import Score, score_html
from typebeat.page.roll import roll_svg
from typebeat.parts.pack import BeatPack, Recipe
from typebeat.request.reading import read_words
from typebeat.request.requests import SEEDS
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

EXTRA_BARS = 8  # added by Extend
SURE = 0.6  # a measurement with less confidence is called a guess


def hero(pack: BeatPack) -> str:
    """Returns the best take, big: cover, request, passport, player, actions, and the download of the pack."""
    recipe = pack.recipe
    cover = next((path for path in pack.files if path.name == "cover.png"), None)
    said = f'<p class="said">{escape(recipe["prompt"])}</p>' if recipe["prompt"] else ""
    count = len(pack.takes)
    best = f'<p class="best">Best of {count} takes</p>' if count > 1 else ""
    big = download(pack.zip, f"Download pack · {size_of(pack.zip)}", kind="big")
    name = f"{STYLES[recipe['style']].name} beat"
    found, where = escape(reference_of(pack)), escape(link(options_of(recipe)))  # by which page.js finds the pack again
    around = f' data-around="{found}"' if "reference" in recipe else ""
    mark = f'<i hidden data-pack="{found}" data-link="{where}"{around}></i>'
    body = f"{said}{_chips(recipe)}{best}{take_card(pack, _ranked(pack)[0])}{big}{mark}"
    return stage("finished", escape(name), "", body, style=recipe["style"], cover=cover)


def reference_of(pack: BeatPack) -> str:
    """Returns what `JobRunner.pack` finds the pack by."""
    return f"{pack.folder.parent.name}/{pack.folder.name}"


def gone(where: str) -> str:
    """Returns the stage for a pack that is no longer kept; `where` is the link that fills the form with its recipe."""
    again = f' <a href="{escape(where)}">Open its recipe</a> and make it again.' if where.startswith("?") else ""
    mark = '<i hidden data-pack=""></i>'
    return stage("gone", "Your last beat is no longer on the server", f"Beats are kept for some hours.{again}", mark)


def board(pack: BeatPack, why_no_notes: str = "") -> str:
    """Returns everything below the best take and its mixer; sections without content are left out.

    `why_no_notes` says why the loaded weights do not play given notes; empty where they do.
    """
    takes = [take_card(pack, take) for take in _ranked(pack)[1:]]
    notes = [path for path in pack.files if path.suffix == ".mid" and not path.name.startswith("all")]
    covers = [path for path in pack.files if path.suffix == ".png" and path.name != "cover.png"]
    of = f" of take {pack.recipe['best_take']}" if takes else ""  # stems and MIDI are made from it
    sections = [
        section("Other takes", f'<div class="takes">{"".join(takes)}</div>' if takes else ""),
        section("Mixer", _no_stems(pack.recipe)),
        section("Recipe", _recipe(pack.recipe)),
        section(f"MIDI{of}", _notes(pack, notes, why_no_notes)),
        section("More covers", "".join(f'<img src="{file_url(path)}" alt="Cover {path.stem}">' for path in covers)),
        section("Not in this pack", _missing(pack.recipe)),
        section("Single files", _files(pack)),
    ]
    return f'<div class="board">{"".join(sections)}</div>'


def _ranked(pack: BeatPack) -> list[dict[str, Any]]:
    """Returns what the recipe says about each take, the best first."""
    return sorted((each for each in pack.recipe["files"] if each["part"] == "beat"), key=lambda each: each["rank"])


def take_card(pack: BeatPack, about: dict[str, Any]) -> str:
    """Returns one take: passport, player, and the buttons Keep, Vary and Extend; `about` is the recipe's entry."""
    path, recipe, name = pack.folder / about["name"], pack.recipe, f"take {about['take']}"
    options = {**options_of(recipe), "seed": about["seed"], "takes": 1, "drafts": 1}  # this take and no other
    whole = {**options, "again": ()}  # of what is made on from it nothing is kept
    is_said = read_words(recipe["prompt"]).seed is not None  # left open, the seed of the words would count again
    seed = secrets.randbelow(SEEDS) if is_said else ""
    longer = recipe["bars"] + EXTRA_BARS
    most = OPTIONS["bars"].metadata["high"]
    wanted = recipe["asked"]
    passed = passport(about["measured"], wanted["bpm"], wanted["key"], recipe.get("chosen", {}))
    keep = {
        "title": f"{pack.folder.name}, {name}",
        "url": file_url(path),
        "link": link(options),
    }
    actions = [
        f'<button type="button" class="act" data-keep="{escape(json.dumps(keep))}" '
        f'title="Put it on the shelf below, which this browser remembers">Keep</button>',
        again("Vary", {**whole, "seed": seed, "drafts": recipe["drafts"]}, "The same wishes, another seed"),
        again(
            f"Extend by {EXTRA_BARS} bars",
            {**whole, "bars": longer},
            f"The same seed with {longer} bars: it begins like this one and goes on",
            why_not=_why_no_longer(recipe, longer, most),
        ),
        download(path, "WAV"),
    ]
    return (
        f'<article class="take" aria-label="{escape(name)}">'
        f"<h3>Take {about['take']}<span>seed {about['seed']}</span></h3>"
        f"{passed}{player(file_url(path), name, read_sound(path))}"
        f'<div class="acts">{"".join(actions)}</div></article>'
    )


def _why_no_longer(recipe: Recipe, longer: int, most: int) -> str:
    if recipe.get("again"):
        return "it keeps parts of an earlier beat, which go no further"
    return f"{most} bars are the most" if longer > most else ""


def passport(
    measured: dict[str, Any] | None,
    asked_bpm: float | None,
    asked_key: str | None,
    chosen: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Returns a table of what was asked and measured, with a tick where they agree; empty if nothing was measured.

    What was `chosen` for the user is told as that, and gets no tick.
    """
    if not measured:
        return ""
    drawn = {name: f"{value:g} BPM" if name == "bpm" else str(value) for name, value in chosen.items()}
    tempo, key = f"{asked_bpm:g} BPM" if asked_bpm else _open(drawn.get("bpm")), measured["key"] or "none heard"
    rows = [
        ("Tempo", tempo, measured["tempo"], measured["bpm_hit"] if asked_bpm else None, measured["bpm_confidence"]),
        (
            "Key",
            asked_key or _open(drawn.get("key")),
            key,
            measured["key_hit"] if asked_key else None,
            measured["key_confidence"],
        ),
    ]
    cells = "".join(
        f"<tr><th scope=row>{name}</th><td>{escape(asked)}</td>"
        f"<td>{escape(found)}{_mark(hit) if sure >= SURE else '<small> a guess</small>'}</td></tr>"
        for name, asked, found, hit, sure in rows
    )
    return (
        f'<table class="passport"><tr><td></td><th scope=col>asked</th><th scope=col>measured</th></tr>{cells}</table>'
    )


def _open(drawn: str | None) -> str:
    return f"open, {drawn} chosen" if drawn else "open"


def read_sound(path: Path) -> Audio:
    """Reads a WAV that this server wrote."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(samples.T, rate)


def _chips(recipe: Recipe) -> str:
    bars = f"{recipe['bars']} bar{'s' * (recipe['bars'] > 1)}"
    facts = (f"{recipe['bpm']:g} BPM", recipe["key"], bars, f"{recipe['seconds']:.2f} s", f"seed {recipe['seed']}")
    return f'<ul class="chips">{"".join(f"<li>{escape(fact)}</li>" for fact in facts)}</ul>'


def _mark(hit: bool | None) -> str:
    if hit is None:
        return ""
    return ' <b class="hit" aria-label="as asked">✓</b>' if hit else ' <b class="miss" aria-label="not as asked">≠</b>'


def section(title: str, body: str, kind: str = "") -> str:
    """Returns a card with a title; empty if there is nothing to show."""
    return f'<section class="{kind}"><h2>{title}</h2>{body}</section>' if body else ""


def _no_stems(recipe: Recipe) -> str:
    """Returns what to do for the mixer (`mixer.py`) where stems were not asked for."""
    if "stems" in recipe["parts"]:
        return ""
    options = {**options_of(recipe), "again": (), "parts": [*recipe["parts"], "stems"]}
    button = again("Make it with its stems", options, "The same wishes and the same seed, and the stems beside it")
    return (
        f"<p>This beat was made without its stems. With them you can mix its parts, and make one anew while all others "
        f'stay.</p><div class="acts">{button}</div>'
    )


def _notes(pack: BeatPack, files: list[Path], why_not: str) -> str:
    """Returns the notes of the parts to be edited and played anew, and those that are only shown, of a sample."""
    if not files:
        return ""
    recipe, paths = pack.recipe, {path.stem.split("_")[0]: path for path in files}
    others = "".join(_figure(name, path) for name, path in paths.items() if name not in PART_NAMES)
    shown = f'<div class="rolls">{others}</div>' if others else ""
    midis = {name: path.read_bytes() for name, path in paths.items() if name in PART_NAMES}
    score = Score(midis, recipe["bpm"], recipe["bars"])
    links = {name: download(path, "MID") for name, path in paths.items()}
    return score_html(score, why_not, wish={**options_of(recipe), "again": ()}, links=links) + shown


def _figure(name: str, path: Path) -> str:
    """Returns a MIDI file's part, piano roll and download."""
    return (
        f"<figure><figcaption>{escape(name)}{download(path, 'MID')}</figcaption>"
        f"{roll_svg(path.read_bytes(), name)}</figure>"
    )


def _missing(recipe: Recipe) -> str:
    whys = [each for each in recipe["missing"] if each["why"] != "not asked for"]
    items = "".join(f"<li><b>{escape(each['part'])}</b> {escape(each['why'])}</li>" for each in whys)
    return f'<ul class="missing">{items}</ul>' if items else ""


def _files(pack: BeatPack) -> str:
    rows = "".join(
        f"<li>{download(path, path.relative_to(pack.folder).as_posix())}<span>{size_of(path)}</span></li>"
        for path in (*pack.takes, *pack.files, pack.folder / "recipe.json")
    )
    return f'<ul class="files">{rows}</ul>'


def _recipe(recipe: Recipe) -> str:
    text = json.dumps(recipe, indent=2, ensure_ascii=False)
    where = link(options_of(recipe))
    return (
        f'<p>The same recipe makes the same beat on this machine.</p><div class="acts">'
        f'<button type="button" class="act" data-copy="{escape(text)}">Copy recipe</button>'
        f'<button type="button" class="act" data-copy-link="{escape(where)}">Copy link</button></div>'
        f'<details><summary>Show the recipe</summary><pre id="recipe" tabindex="0">{escape(text)}</pre></details>'
    )
