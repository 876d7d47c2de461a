"""Writes the card and `typebeat.json` of pushed cover LoRAs from the records of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huggingface_hub import EvalResult

from training.hub.model_card import front_matter, rights_of, run_facts
from training.runs.run_record import TrainedModel
from training.runs.tables import markdown
from typebeat.request.styles import DISCLAIMER, STYLES
from typebeat.version import __version__

PICTURES_FOLDER, BEFORE_AND_AFTER = "pictures", ("before", "after")
_OPTIONS = ("lr", "batch", "precision", "snr_gamma", "caption_dropout", "ema_decay", "seed")


def cover_card(
    records: Mapping[str, TrainedModel], datasets: Mapping[str, dict[str, Any]], name: str, contact: str
) -> str:
    """Returns the card.

    Args:
        records: The run of each style; all have the same base.
        datasets: The `typebeat.json` of the dataset of each style.
        name: The repository, "owner/name" or "owner/name@tag".
        contact: Whom to write to about rights; empty for the discussions of the repository.
    """
    first = next(iter(records.values()))
    repo = name.partition("@")[0]
    return f"""---
{_front(records, datasets, name)}
---

# Typebeat: cover LoRAs for {first.base}

Adapters that draw covers of beats in the look of {", ".join(STYLES[style].name for style in records)}, each trained on
pictures of its style alone. {DISCLAIMER}

Trained from {first.base} at {first.base_revision[:12]} by Typebeat {__version__}.

## How to use them

    TYPEBEAT_COVER={name} python app.py
    TYPEBEAT_COVER={name} python -m typebeat cover "red moon" --style {next(iter(records))} --out cover.png

Each stands in `lora/<style>/` in diffusers' format, so that `load_lora_weights("{repo}", subfolder="lora/<style>")`
loads it over {first.base}. Captions come from `typebeat.covers.looks.cover_prompt`, in training as in the app.

## Training

{markdown([_row(style, record) for style, record in records.items()])}

Rank {", ".join(sorted({str(record.options["rank"] or "as suits the base") for record in records.values()}))}; \
{", ".join(f"{option} {first.options[option]}" for option in _OPTIONS)}. The loss is measured over the whole validation
split; the weights are those of the step where it was lowest. Refused before the push: an adapter whose `lora_B` are all
zero, and one with which the app draws what the base draws.
{_pictures(records)}
## Training data

{_data(datasets)}

## Limits and licence

- No letters are asked of the model: the app sets title and facts in type.
- The weights are under {first.base_licence or "the licence of their base"}, as those of their base are.
- Somebody who finds a picture of theirs in the training data, or in what comes out, writes to \
{contact or f"the discussions of {repo}"}.
"""


def _front(records: Mapping[str, TrainedModel], datasets: Mapping[str, dict[str, Any]], name: str) -> str:
    results = [
        EvalResult(
            task_type="text-to-image",
            dataset_type="imagefolder",
            dataset_name="validation splits",
            metric_type="validation_loss",
            metric_name=f"validation loss, {style}, {record.clips[1]} pictures",
            metric_value=record.loss_after,
        )
        for style, record in records.items()
    ]
    tags = ["typebeat", "album-cover", "lora", "text-to-image", "template:sd-lora"]
    about = {"library_name": "diffusers", "pipeline_tag": "text-to-image", "tags": tags}
    return front_matter(next(iter(records.values())), datasets.values(), results, name, "adapter", **about)


def _row(style: str, record: TrainedModel) -> dict[str, Any]:
    return {
        "style": style,
        "pictures": record.clips[0],
        "held out": record.clips[1],
        "steps": record.step,
        "minutes": f"{record.seconds / 60:.1f}",
        "loss of the base": f"{record.loss_before:.4f}",
        "loss": f"{record.loss_after:.4f}",
        "at step": record.best_step,
    }


def _pictures(records: Mapping[str, TrainedModel]) -> str:
    """Returns a section with the picture grids of the styles that have some."""
    rows = [
        {when: f"![{style} {when}]({PICTURES_FOLDER}/{style}_{when}.png)" for when in BEFORE_AND_AFTER}
        for style, record in records.items()
        if record.options["grid_prompts"]
    ]
    return f"\nThe same captions and seeds, before and after:\n\n{markdown(rows)}\n" if rows else ""


def _data(datasets: Mapping[str, dict[str, Any]]) -> str:
    """Describes each dataset; one that several styles share is described once."""
    told = {}
    for facts in datasets.values():
        text = f"- {facts['files']} pictures by {facts['creators']} creators. {rights_of(facts)}"
        told[text] = markdown(facts["table"])
    return "\n\n".join(f"{text}\n\n{table}" for text, table in told.items())


def facts(records: Mapping[str, TrainedModel], datasets: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Returns the content of `typebeat.json`, without paths of the machine that trained."""
    return {
        "kind": "cover",
        "runs": {style: run_facts(record) for style, record in records.items()},
        "datasets": dict(datasets),
    }
