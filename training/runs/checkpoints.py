"""Saves and restores checkpoints: the best weights, and everything that an interrupted run needs to resume."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import DistributedType
from safetensors.torch import load_file, save
from torch import Tensor

from training.runs.errors import TrainingError
from training.runs.files import write_whole
from training.runs.run_record import BEST_FILE, LAST_FILE
from training.runs.state import State

BYTES = 4  # per trained parameter: all of them are fp32


@dataclass
class Progress:
    """How far a run has come."""

    step: int = 0
    seconds: float = 0.0
    best_loss: float | None = None
    best_step: int = 0
    checks_since_best: int = 0
    saved_step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def check_disk(run: Path, trained: dict[str, Tensor], copies: int) -> None:
    """Raises TrainingError if the checkpoints of a run do not fit on the disk."""
    needed = (
        copies * 2 * BYTES * sum(p.numel() for p in trained.values())
    )  # the old file stays until the new one is complete
    free = shutil.disk_usage(run).free
    if free < needed:
        raise TrainingError(
            f"the disk has {free / 1e9:.2f} GB free at {run}, the run's checkpoints need {needed / 1e9:.2f} GB"
        )


def save_best(run: Path, state: State) -> None:
    """Writes the current trained parameters."""
    tensors = _whole_model(state)
    if state.accelerator.is_main_process:
        held = {name: tensor.contiguous() for name, tensor in tensors.items()}
        write_whole(run / BEST_FILE, lambda part: part.write_bytes(save(held)))


def load_best(run: Path) -> dict[str, Tensor]:
    """Returns the best trained parameters by name. Raises TrainingError if the run has none yet."""
    file = run / BEST_FILE
    if not file.is_file():
        raise TrainingError(f"{run} has no {BEST_FILE} yet; the training was stopped before its first checkpoint")
    return load_file(file)


def load_averaged(run: Path) -> dict[str, Tensor]:
    """Returns the average of the trained parameters at the last checkpoint, by name; the parameters if there is none.

    Raises:
        TrainingError: the run has no checkpoint yet, or it is truncated.
    """
    file = run / LAST_FILE
    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise anything
        raise TrainingError(f"{file} cannot be read ({type(error).__name__})") from error
    return held.get("averaged", held["trained"])


def save_last(run: Path, state: State, progress: Progress) -> None:
    """Writes everything that resuming needs, and updates `saved_step`."""
    progress.saved_step = progress.step
    held = {"progress": asdict(progress), "trained": _whole_model(state), "optimizers": _whole_optimizers(state)}
    if state.averaged:
        with state.averaged_weights():
            held["averaged"] = _whole_model(state)
    if state.accelerator.scaler is not None:
        held["scaler"] = state.accelerator.scaler.state_dict()
    if state.accelerator.is_main_process:
        write_whole(run / LAST_FILE, lambda part: _torch_save(held, part))
    state.accelerator.wait_for_everyone()


def load_last(run: Path, state: State) -> Progress | None:
    """Restores a run's last checkpoint into `state` and returns its progress; None without a checkpoint.

    Raises:
        TrainingError: the checkpoint is truncated or belongs to another model.
    """
    file = run / LAST_FILE
    if not file.is_file():
        return None
    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
        if set(held["trained"]) != set(state.trained) or bool(state.averaged) != ("averaged" in held):
            raise TrainingError(f"{file} is of another model or other settings; train into another folder")
        if state.averaged:
            _put_model(state, held["averaged"])
            state.averaged = {name: p.detach().clone() for name, p in state.trained.items()}
        _put_model(state, held["trained"])
        _put_optimizers(state, held["optimizers"])
        if state.accelerator.scaler is not None:
            state.accelerator.scaler.load_state_dict(held["scaler"])
        return Progress(**held["progress"])
    except TrainingError:
        raise
    except Exception as error:  # a damaged file can raise anything
        raise TrainingError(f"{file} cannot be read ({type(error).__name__}); delete it to begin anew") from error


def _torch_save(held: dict[str, Any], part: Path) -> None:
    with part.open("wb") as opened:  # given a path, torch hides why writing failed
        torch.save(held, opened)


def _is_sharded(state: State) -> bool:
    return state.accelerator.distributed_type == DistributedType.FSDP


def _whole_model(state: State) -> dict[str, Tensor]:
    """Returns the trained parameters, gathered from all processes if they are sharded."""
    if not _is_sharded(state):
        return {name: p.detach().cpu().clone() for name, p in state.trained.items()}
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    return get_model_state_dict(state.forward, options=StateDictOptions(full_state_dict=True, cpu_offload=True))


def _whole_optimizers(state: State) -> list[dict[str, Any]]:
    if not _is_sharded(state):
        return [optimizer.state_dict() for optimizer in state.optimizers]
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_optimizer_state_dict

    options = StateDictOptions(full_state_dict=True, cpu_offload=True)
    return [get_optimizer_state_dict(state.forward, each.optimizer, options=options) for each in state.optimizers]


@torch.no_grad()
def _put_model(state: State, held: dict[str, Tensor]) -> None:
    if _is_sharded(state):
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_model_state_dict

        set_model_state_dict(state.forward, held, options=StateDictOptions(full_state_dict=True))
        return
    for name, parameter in state.trained.items():
        parameter.copy_(held[name])


def _put_optimizers(state: State, held: list[dict[str, Any]]) -> None:
    if _is_sharded(state):
        from torch.distributed.checkpoint.state_dict import StateDictOptions, set_optimizer_state_dict

        for optimizer, each in zip(state.optimizers, held, strict=True):
            options = StateDictOptions(full_state_dict=True)
            set_optimizer_state_dict(state.forward, optimizer.optimizer, each, options=options)
        return
    for optimizer, each in zip(state.optimizers, held, strict=True):
        optimizer.load_state_dict(each)
