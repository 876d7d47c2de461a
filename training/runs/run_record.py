"""The record of a training run: what was trained, from which base, with which options, and how well it went.

The folder of a run holds:

    run.json            this record, which evaluation, export and model card read
    best.safetensors    the trained parameters (with a LoRA: those of the adapter) with the lowest validation loss
    adapter/            with a LoRA: the same in PEFT's format
    last.pt             everything that is needed to resume the run
    samples.html        beats from the same prompts and seeds, before and after training
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from training.runs.errors import TrainingError
from training.runs.files import write_whole

RUN_FILE, BEST_FILE, LAST_FILE, ADAPTER_FOLDER = "run.json", "best.safetensors", "last.pt", "adapter"


@dataclass(frozen=True)
class TrainedModel:
    """A run, finished or not.

    Attributes:
        kind: "beat" or "cover".
        method: "lora" or "full".
        base: The choice that the base model was loaded from: "starter", a folder, or a Hub repository.
        base_revision: The Hub commit, or a hash of the base's weight files.
        base_licence: In the spelling of the Hub.
        dataset: Where the training data is.
        clips: Number of files for training and for validation.
        options: All options of the run by name.
        processes: Number of processes that trained together.
        step: Number of optimizer steps that were done.
        loss_before: Mean validation loss of the base.
        loss_after: Mean validation loss of the weights in `best.safetensors`.
        best_step: Step of those weights.
        seconds: Training time.
        steps_per_s: Optimizer steps per second, without validation.
        peak_mb: Peak memory use of the GPU, or of the process without a GPU.
        trained_parameters: Number of trained parameters.
        stopped: Why it ended: "done", "early" (no more improvement), or "" for a run that has not ended.
        versions: Versions of the libraries that affect the result.
        history: Step, loss, learning rate and, where measured, validation loss of each step.
    """

    kind: str
    method: str
    base: str
    base_revision: str
    base_licence: str
    dataset: str
    clips: tuple[int, int]
    options: dict[str, Any]
    processes: int = 1
    step: int = 0
    loss_before: float | None = None
    loss_after: float | None = None
    best_step: int = 0
    seconds: float = 0.0
    steps_per_s: float = 0.0
    peak_mb: float = 0.0
    trained_parameters: int = 0
    stopped: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    history: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    def write(self, run: Path) -> None:
        """Writes `run.json`, whole or not at all."""
        text = json.dumps(asdict(self), indent=1) + "\n"
        write_whole(run / RUN_FILE, lambda part: part.write_text(text, encoding="utf-8"))


def read_run(run: Path) -> TrainedModel:
    """Reads a run's record. Raises TrainingError if it is missing or broken."""
    file = run / RUN_FILE
    if not file.is_file():
        raise TrainingError(f"{run} is not a training run: {RUN_FILE} is missing")
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        known = {each.name for each in fields(TrainedModel)}
        record = TrainedModel(**{name: value for name, value in held.items() if name in known})
        return replace(record, clips=tuple(record.clips), history=tuple(record.history))
    except (ValueError, TypeError, AttributeError) as error:
        raise TrainingError(f"{file} is truncated or no record of a run ({error})") from error
