"""The options that every training has: how long, how fast and how precisely it learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.runs.options import OptionsError, option

PRECISIONS = ("no", "bf16", "fp16")


@dataclass(frozen=True, kw_only=True)
class LoopOptions:
    """Options of the training loop. Raises OptionsError for a value out of range."""

    steps: int = option("number of optimizer steps; 0 to limit the run by --minutes instead", 0)
    minutes: float = option("training time in minutes over all sessions, without validation; used if --steps is 0", 0.0)
    batch: int = option("number of items per optimizer step, summed over all devices", 16)
    micro_batch: int = option("items processed at once on a device; gradients are accumulated over the batch", 2)
    lr: float = option("learning rate after the warm-up", 1e-4)
    warmup_steps: int = option("number of steps for the learning-rate warm-up", 10)
    final_lr: float = option("learning rate at the end of the run, as a share of --lr, 0 to 1", 0.05)
    max_grad_norm: float = option("largest gradient norm; longer gradients are scaled down to it", 1.0)
    ema_decay: float = option("decay per step of the moving average of the weights that is kept; 0: no average", 0.0)
    precision: str = option(f"mixed precision, one of {', '.join(PRECISIONS)}; trained weights stay fp32", "no")
    check_every: int = option("number of steps between validations; a checkpoint is written after each", 25)
    patience: int = option("number of validations without improvement after which the run ends; 0: never", 0)
    seed: int = option("seed of all random numbers", 0)

    def __post_init__(self) -> None:
        for name in ("steps", "minutes", "warmup_steps", "patience", "seed"):
            check_option(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("batch", "micro_batch", "check_every", "lr", "max_grad_norm"):
            check_option(getattr(self, name) > 0, name, getattr(self, name), "more than 0")
        check_option(0 <= self.ema_decay < 1, "ema_decay", self.ema_decay, "from 0 to below 1")
        check_option(0 <= self.final_lr <= 1, "final_lr", self.final_lr, "from 0 to 1")
        check_option(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        check_option(bool(self.steps) != bool(self.minutes), "steps", self.steps, "given, or minutes, but not both")


def check_option(fine: bool, name: str, value: Any, wanted: str) -> None:
    """Raises an OptionsError with the option, its value and what it must be, unless it is `fine`."""
    if not fine:
        raise OptionsError(f"the option {name} is {value!r}; it has to be {wanted}")
