"""Starts or resumes a run, reports its progress, and writes its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

import torch
from accelerate import Accelerator, PartialState
from torch import Tensor, nn

from training.runs.checkpoints import Progress
from training.runs.errors import TrainingError
from training.runs.loop import Outcome
from training.runs.loop_options import LoopOptions
from training.runs.options import Say
from training.runs.run_record import RUN_FILE, TrainedModel, read_run
from typebeat.engines import Weights
from typebeat.engines.checkpoints import fingerprint, read_licence

# options that may change when a run is resumed
_FREE_TO_CHANGE = {"steps", "minutes", "check_every", "patience", "micro_batch", "out", "cache"}
_LIBRARIES = ("torch", "accelerate", "peft", "diffusers", "transformers")


@dataclass(frozen=True)
class Base:
    """The model that a run starts from.

    Attributes:
        name: "starter", a folder's name, or a Hub repository.
        revision: The Hub commit, or a hash of its weight files.
        licence: In the spelling of the Hub.
        folder: Where it is on this machine.
    """

    name: str
    revision: str
    licence: str
    folder: Path

    @classmethod
    def of(cls, weights: Weights, folder: Path, files: Iterable[Path]) -> Base:
        """Describes located weights. Raises TrainingError where the starter stands in for a Hub that did not answer."""
        if weights.notice and weights.source == "starter":
            raise TrainingError(weights.notice)
        licence = weights.licence or read_licence(folder)
        return cls(weights.name, weights.revision or fingerprint(files), licence, folder)


def begin_run(
    options: LoopOptions, kind: str, method: str, base: Base, clips: tuple[int, int], accelerator: Accelerator
) -> TrainedModel:
    """Returns and writes the record of a new or resumed run.

    Raises:
        TrainingError: the folder holds a run with other options or another base.
    """
    out: Path = options.out
    told = json.loads(json.dumps(asdict(options), default=str))
    record = TrainedModel(
        kind=kind,
        method=method,
        base=base.name,
        base_revision=base.revision,
        base_licence=base.licence,
        dataset=told["data"],
        clips=clips,
        options=told,
        processes=accelerator.num_processes,
        versions={name: version(name) for name in _LIBRARIES},
    )
    if (out / RUN_FILE).is_file():
        before = read_run(out)
        apart = [n for n, v in told.items() if n not in _FREE_TO_CHANGE and before.options.get(n) != v]
        if apart or before.base_revision != base.revision or before.kind != kind:
            what = ", ".join(f"{n}={before.options.get(n)!r}" for n in apart) or f"the base {before.base_revision}"
            raise TrainingError(f"{out} holds a run that was begun with {what}; train into another folder")
    if accelerator.is_main_process:
        out.mkdir(parents=True, exist_ok=True)
        record.write(out)
    return record


def reporter(record: TrainedModel, out: Path, accelerator: Accelerator, say: Say) -> Callable[[Progress], None]:
    """Returns a callback for the loop: it prints a line now and then and writes the record after each validation."""

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if not accelerator.is_main_process or ("validation_loss" not in row and progress.step % 10):
            return
        if "validation_loss" in row:
            _with_progress(record, progress).write(out)
        say(", ".join([f"step {row['step']}", *(f"{name} {row[key]:.4g}" for name, key in _COLUMNS if key in row)]))

    return report


_COLUMNS = (("loss", "loss"), ("learning rate", "lr"), ("validation loss", "validation_loss"))


def finish_run(record: TrainedModel, outcome: Outcome, out: Path, accelerator: Accelerator) -> TrainedModel:
    """Returns the finished record and writes it."""
    done = replace(
        _with_progress(record, outcome.progress),
        stopped=outcome.stopped,
        steps_per_s=outcome.steps_per_s,
        peak_mb=outcome.peak_mb,
        trained_parameters=outcome.trained_parameters,
    )
    if accelerator.is_main_process:
        done.write(out)
    accelerator.wait_for_everyone()
    return done


def _with_progress(record: TrainedModel, progress: Progress) -> TrainedModel:
    return replace(
        record,
        step=progress.step,
        seconds=progress.seconds,
        loss_before=progress.history[0]["validation_loss"],
        loss_after=progress.best_loss,
        best_step=progress.best_step,
        history=tuple(progress.history),
    )


@torch.no_grad()
def put_trained(model: nn.Module, trained: dict[str, Tensor]) -> None:
    """Copies trained parameters into the model that they belong to."""
    held = dict(model.named_parameters())
    for name, tensor in trained.items():
        held[name].copy_(tensor)


def print_result(record: TrainedModel) -> None:
    """Prints the result of a training."""
    PartialState().destroy_process_group()  # its threads must not outlive the interpreter
    before, after = record.loss_before, record.loss_after
    print(f"validation loss {before:.4g} -> {after:.4g} at step {record.best_step}; {record.options['out']}")
