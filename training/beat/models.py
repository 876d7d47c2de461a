"""Loads the base of a run and the model that the run has trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training.runs.checkpoints import load_best
from training.runs.errors import TrainingError
from training.runs.lifecycle import Base, put_trained
from training.runs.run_record import read_run
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.modules.conditioners import ConditioningAttributes

    from training.beat.lora import add_lora, check_merged, merge
    from typebeat.engines.beat.loading import Models, load_models
    from typebeat.engines.locate import locate

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel


def load_base(choice: str, device: str) -> tuple[Models, Base]:
    """Loads the model to start from; it is found in the same way as by the app.

    Raises:
        WeightsError: there is no such base, or it cannot be loaded.
        TrainingError: the Hub could not be reached.
    """
    located = locate(choice, device, "beat")
    models = load_models(located.folder, device)
    return models, Base.of(located.weights, located.folder, models.files)


def trained_model(run: Path, device: str = "cpu") -> tuple[Models, Base]:
    """Loads the trained model of a run, with adapters merged and checked, and describes its base.

    Raises:
        TrainingError: the run has no weights yet, or its base has changed since.
    """
    record = read_run(run)
    models, base = load_base(record.options["base"], device)
    if base.revision != record.base_revision:
        was = record.base_revision
        raise TrainingError(f"{run} was trained from {record.base} {was}, which is {base.revision} by now")
    lm, best = models.lm.float(), load_best(run)
    if record.method == "full":
        put_trained(lm, best)
        return models, base
    names = set(lm.state_dict())
    codes = torch.zeros((1, lm.num_codebooks, 4), dtype=torch.long, device=next(lm.parameters()).device)
    texts = dict.fromkeys(lm.condition_provider.text_conditions)
    options = record.options
    adapted = add_lora(lm, options["rank"], options["alpha"], base.name, options["seed"], torch.float32)
    put_trained(lm, best)
    before = _logits(lm, codes, texts)
    check_merged(merge(adapted), names, before, _logits(lm, codes, texts))
    return models, base


@torch.no_grad()
def _logits(lm: LMModel, codes: torch.Tensor, texts: dict[str, str | None]) -> torch.Tensor:
    return lm.eval()(codes, [ConditioningAttributes(text=texts)])
