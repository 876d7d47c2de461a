"""Holds what changes during a run: model, optimizers, and the moving average of the trained parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import Optimizer

from training.runs.loop_options import LoopOptions

_EMA_RAMP = 10  # at this step the decay of the average is 0.5; it rises until it reaches --ema-decay


def trained_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """Returns the parameters that require a gradient, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


class State:
    """Model, optimizers and the moving average of the trained parameters, which is empty without a decay."""

    def __init__(self, accelerator: Accelerator, forward: nn.Module, optimizers: list[Optimizer], options: LoopOptions):
        self.accelerator, self.forward, self.optimizers = accelerator, forward, optimizers
        self.trained = trained_parameters(accelerator.unwrap_model(forward))
        self._decay = options.ema_decay
        self.averaged = {name: p.detach().clone() for name, p in self.trained.items()} if options.ema_decay else {}

    @torch.no_grad()
    def average(self, step: int) -> None:
        """Moves the average towards the current parameters, faster in the first steps."""
        keep = min(self._decay, step / (step + _EMA_RAMP))
        for name, slow in self.averaged.items():
            slow.lerp_(self.trained[name].detach(), 1 - keep)

    @contextmanager
    def averaged_weights(self) -> Iterator[None]:
        """Within this context the model holds the average, if there is one."""
        held = {name: self.trained[name].detach().clone() for name in self.averaged}
        _copy(self.averaged, self.trained)
        try:
            yield
        finally:
            _copy(held, self.trained)


@torch.no_grad()
def _copy(source: dict[str, Tensor], target: dict[str, nn.Parameter]) -> None:
    for name, value in source.items():
        target[name].copy_(value)
