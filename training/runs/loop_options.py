"""How long and how fast is learnt: the options that every training has, see options.py for how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.runs.options import OptionsError, option

PRECISIONS = ("no", "bf16", "fp16")


@dataclass(frozen=True, kw_only=True)
class LoopOptions:
    """Options of the loop; a value that cannot be raises OptionsError."""

    steps: int = option("optimizer steps; 0 means by the clock, see --minutes", 0)
    minutes: float = option("time to train in all sessions together, validation not counted; used without --steps", 0.0)
    batch: int = option("items of an optimizer step, over all devices together", 16)
    micro_batch: int = option("items that a device takes at once; the rest is accumulated", 2)
    lr: float = option("highest learning rate", 1e-4)
    warmup_steps: int = option("steps until it is reached", 10)
    final_lr: float = option("share of it at the end of the cosine, 0 to 1", 0.05)
    max_grad_norm: float = option("gradients longer than this are shortened", 1.0)
    ema_decay: float = option("decay a step of the average of the weights, which is what is kept; 0 for none", 0.0)
    precision: str = option(f"of the arithmetic, one of {', '.join(PRECISIONS)}; trained weights are fp32", "no")
    check_every: int = option("steps between validations; a checkpoint is written after each", 25)
    patience: int = option("validations without a better loss after which the run ends; 0 for never", 0)
    seed: int = option("of everything random", 0)

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
    """Raises OptionsError that names an option, its value and what it has to be, unless it is `fine`."""
    if not fine:
        raise OptionsError(f"the option {name} is {value!r}; it has to be {wanted}")
