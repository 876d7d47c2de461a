"""What a training run leaves behind: a folder that says what was trained, from what, and how well it went.

    run/run.json            this record
    run/best.safetensors    the trained parameters (of a full finetuning all, of a LoRA the adapters') with the lowest
                            validation loss; averaged over the run where the run averages
    run/adapter/            of a LoRA, the same in PEFT's format
    run/last.pt             what a run that was interrupted goes on from
    run/samples.html        the same prompts and seeds before and after

Evaluation, export and model card read it.
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
        base_licence: As the Hub spells it.
        dataset: Where the training data is.
        clips: How many files it was trained on, and validated on.
        options: All options of the run by name.
        processes: How many trained together.
        step: Optimizer steps done.
        loss_before: Mean validation loss of the base.
        loss_after: Mean validation loss of what `best.safetensors` holds.
        best_step: When that was.
        seconds: Time spent training.
        steps_per_s: Optimizer steps a second, validation not counted.
        peak_mb: Highest memory use, of the GPU if there is one, else of the process.
        trained_parameters: How many numbers were trained.
        stopped: Why it ended: "done", "early" (no more progress), or "" while it runs.
        versions: Of the libraries that matter.
        history: Rows of step, loss, learning rate, and validation loss where it was measured.
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
    """Reads a run's record. Raises TrainingError where there is none or it is broken."""
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
