"""Writes the card of a finetuned beat model: `model_card.md`, completed with the facts of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from training.quality.evaluation import Evaluation
from training.runs.run_record import TrainedModel
from training.runs.tables import markdown
from typebeat.version import __version__

TEMPLATE = Path(__file__).parents[2] / "model_card.md"
WIDGET_CAPTIONS = (  # which the Hub's page offers to try
    "Travis Scott type beat, 140 bpm, F minor, dark bells over a slow 808",
    "Don Toliver type beat, 125 bpm, C minor, warm keys and a soft pad",
)
AUDIOCRAFT, TRANSFORMERS = "audiocraft", "transformers"
_OPTIONS = ("rank", "alpha", "lr", "batch", "precision", "caption_dropout", "ema_decay", "seed")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def beat_card(
    record: TrainedModel,
    evaluation: Evaluation,
    dataset: dict[str, Any],
    name: str,
    contact: str,
    library: str = AUDIOCRAFT,
) -> str:
    """Returns the card of a finetuned beat model.

    Args:
        record: The run.
        evaluation: The evaluation of the run.
        dataset: The `typebeat.json` of the dataset.
        name: The repository, "owner/name" or "owner/name@tag".
        contact: Whom to write to about rights; empty for the discussions of the repository.
        library: Which loads it: the format that it is in.
    """
    is_musicgen = record.base_licence.startswith("cc-by-nc")
    _, _, body = TEMPLATE.read_text(encoding="utf-8").partition("\n---\n")
    head, sections = _sections(body)
    sections |= {
        "How to use it": _use(name, is_musicgen, library),
        "Training data": _data(dataset),
        "Training": _training(record, evaluation),
        "Evaluation": _evaluation(evaluation),
        "Licence and use": _licence(record, contact or f"the discussions of {name.partition('@')[0]}"),
    }
    if not is_musicgen:
        sections["Limits"] = _LIMITS_OF_THE_STARTER
        sections["What it is"] = sections["What it is"].replace(
            "A finetune of MusicGen (Copet et al. 2023)", "A finetune of Typebeat's starter, a small model,"
        )
        head = head.replace("MusicGen finetuned", "its starter finetuned")
    told = f"Trained {record.method} from {record.base} at {record.base_revision[:12]} by Typebeat {__version__}."
    head = re.sub(r"\*\*State of this card.*", told, head, flags=re.DOTALL)
    text = f"---\n{_front(record, evaluation, dataset, name, library)}\n---\n{head}\n"
    return text + "\n".join(f"## {title}\n\n{content.strip()}\n" for title, content in sections.items())


def _sections(body: str) -> tuple[str, dict[str, str]]:
    """Returns the text before the first section, and each section by its title."""
    head, *parts = _SECTION.split(body)
    return head.strip() + "\n", dict(zip(parts[::2], parts[1::2], strict=True))


def front_matter(
    run: TrainedModel, datasets: Iterable[dict], results: list[EvalResult], name: str, relation: str, **more: Any
) -> str:
    """Returns a card's metadata: base, datasets (given by their `typebeat.json`), model index, and `more` fields."""
    is_on_the_hub = run.base.count("/") == 1
    data = ModelCardData(
        license=run.base_licence if run.base_licence not in ("", "unknown") else "other",
        base_model=run.base if is_on_the_hub else None,
        base_model_relation=relation if is_on_the_hub else None,
        datasets=_names_of(datasets),
        model_name=name,
        eval_results=results,
        **more,
    )
    return data.to_yaml()


def rights_of(dataset: dict[str, Any]) -> str:
    """Returns the licences of a dataset and the number of files that were left out of it."""
    licences = ", ".join(f"{licence} ({count} files)" for licence, count in dataset["licences"].items())
    refused = f"{len(dataset['refused'])} files without a licence or a source were refused"
    return f"Licences: {licences}. {refused}, {len(dataset['duplicates'])} duplicates left out."


def _names_of(datasets: Iterable[dict[str, Any]]) -> list[str] | None:
    """Returns the Hub names of datasets, or of the datasets that they were made from; None if there are none."""
    names = [facts.get("pushed_to") or facts.get("made_from") or "" for facts in datasets]
    return list(dict.fromkeys(name.partition("@")[0] for name in names if name)) or None


def _front(record: TrainedModel, evaluation: Evaluation, dataset: dict[str, Any], name: str, library: str) -> str:
    results = [
        EvalResult(
            task_type="text-to-audio",
            dataset_type="audiofolder",
            dataset_name=f"validation split, {row['n']} beats",
            metric_type=row["figure"].replace(" ", "_"),
            metric_name=row["figure"],
            metric_value=row["finetuned"],
        )
        for row in evaluation.rows
        if row.get("finetuned") is not None
    ]
    tags = ["typebeat", "text-to-music", "hip-hop", "type-beat", *(["musicgen"] if record.base.count("/") == 1 else [])]
    about: dict[str, Any] = {"library_name": library, "pipeline_tag": "text-to-audio", "tags": tags}
    if library == TRANSFORMERS:
        about["widget"] = [{"text": each, "example_title": each.partition(",")[0]} for each in WIDGET_CAPTIONS]
    return front_matter(record, [dataset], results, name, "finetune", **about)


def _use(name: str, is_musicgen: bool, library: str) -> str:
    repo, _, tag = name.partition("@")
    revision = f', revision="{tag}"' if tag else ""
    formats = (
        f"""It is in transformers' format, with text encoder and codec, so that everybody's `pipeline` plays it:

    from transformers import pipeline
    beat = pipeline("text-to-audio", "{repo}"{revision})("{WIDGET_CAPTIONS[0]}")

An adapter, where one was trained, is in `adapter/` as PEFT reads it."""
        if library == TRANSFORMERS
        else "It is in audiocraft's own format, so that `audiocraft.models.MusicGen.get_pretrained` loads it too."
        if is_musicgen
        else "It is in the format of Typebeat's starter: safetensors and a `config.json`."
    )
    return f"""    TYPEBEAT_BEAT={name} python app.py
    TYPEBEAT_BEAT={name} python -m typebeat make "dark bells over a slow 808" --style travis-scott --bpm 140

{formats} `typebeat.json` holds the facts of the run. Captions look like the ones it was trained on:
`Travis Scott type beat, 140 bpm, F minor, dark bells over a slow 808`."""


def _data(dataset: dict[str, Any]) -> str:
    points = [
        f"{dataset['files']} files of {dataset['tracks']} tracks by {dataset['creators']} creators.",
        rights_of(dataset),
        f"Split by {dataset['split_by']}, by a hash, {dataset['validation_share']:.0%} for validation.",
        "Captions: made by `typebeat.request.words.beat_caption`, the function that serving uses.",
        *(f"{note[:1].upper()}{note[1:]}." for note in dataset["notes"]),
    ]
    return markdown(dataset["table"]) + "\n\n" + "\n".join(f"- {point}" for point in points)


def _training(record: TrainedModel, evaluation: Evaluation) -> str:
    options = ", ".join(f"{name} {record.options[name]}" for name in _OPTIONS if name in record.options)
    change = evaluation.about["change"]
    cost = f"{record.steps_per_s:.2f} steps a second, at most {record.peak_mb:.0f} MB"
    points = [
        f"{record.method} from {record.base} at {record.base_revision}: {record.step} steps in"
        f" {record.seconds / 60:.1f} min ({cost}); {record.trained_parameters:,} numbers were trained.",
        f"The weights are those of step {record.best_step}, where the validation loss was lowest.",
        f"{options}.",
        ", ".join(f"{name} {number}" for name, number in record.versions.items()) + ".",
        f"Proof that the weights differ from the base: {change['changed']} of {change['tensors']} tensors differ, by"
        f" {change['relative']:.3%} of the base's norm, compared as they stand in the files.",
    ]
    return "\n".join(f"- {point}" for point in points)


def _evaluation(evaluation: Evaluation) -> str:
    about = evaluation.about
    copies = sum(each["is_copy"] for each in evaluation.nearest)
    how = [
        f"Beats of {about['bars']} bars for captions of the validation split, the same seeds for both, from"
        f" {about['seed']} on, guidance {about['guidance']:g}.",
        "Tempo and key are heard without being told them; a tempo's half and double count.",
        "The style is told by a classifier that learnt from the training clips.",
        f"The kernel distance (KAD; smaller is nearer) is on {about['embedding']}, to the recordings of the validation"
        " split, with a 95 % bootstrap interval; in the last column the training clips stand for the beats.",
        f"Memorisation: {copies} of {len(evaluation.nearest)} beats have the fingerprint of a training clip.",
        *(f"Not measured: {figure}, since {why}." for figure, why in evaluation.skipped.items()),
    ]
    return evaluation.table + "\n\n" + "\n".join(f"- {each}" for each in how)


def _licence(record: TrainedModel, contact: str) -> str:
    licence = record.base_licence
    terms = (
        f"The weights are a derivative of {record.base}'s and stay under {licence.upper()}: **no commercial use of the "
        "weights or of beats made with them.** The code is MIT."
        if licence.startswith("cc-by-nc")
        else f"The weights are under {licence}, as those of their base are. The code is MIT."
    )
    return f"""{terms} Say that a beat was made by a model when you publish it. Somebody who finds their own
recording in the training list, or in what comes out, writes to {contact}."""


_LIMITS_OF_THE_STARTER = """
- Instrumental, 4/4, mono, 32 kHz; a window is 16 seconds, longer beats are made window by window.
- The starter's codec was trained on beats that code composed: other sounds come out as its nearest ones.
- It knows the words of its vocabulary; others count for nothing. A style of one's own needs words that it knows.
- It learns from what it is given: without varied and licensed training data it repeats what it knows.
"""


def facts(record: TrainedModel, evaluation: Evaluation, dataset: dict[str, Any]) -> dict[str, Any]:
    """Returns the content of `typebeat.json`."""
    return {"kind": record.kind, "run": run_facts(record), "evaluation": asdict(evaluation), "dataset": dataset}


def run_facts(record: TrainedModel) -> dict[str, Any]:
    """Returns what is told of a run; the folders of the machine that trained are left out."""
    told = {name: value for name, value in asdict(record).items() if name not in ("history", "dataset", "options")}
    places = ("data", "out", "cache", "base")
    return {**told, "options": {name: value for name, value in record.options.items() if name not in places}}
