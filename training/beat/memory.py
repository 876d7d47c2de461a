"""How much memory a training will take, told before it starts instead of after an hour of loading and encoding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from training.runs.checkpoints import BYTES
from training.runs.errors import TrainingError
from training.runs.state import trained_parameters
from typebeat.engines.beat.musicgen import free_memory

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

# numbers of a layer that the backward pass keeps for each step, in widths of the model: norms, projections and outputs
# of both attentions, residuals, and the feed-forward's two hidden layers (of four widths each)
_KEPT_A_LAYER = 24
_KEPT_OF_LOGITS = 3  # the logits, their log-softmax, and its gradient


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes that a training takes beside what is in memory already, the model's weights.

    Attributes:
        optimizer: Gradients, AdamW's two moments, and the average.
        activations: What the backward pass needs of a micro-batch.
    """

    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """Bytes altogether."""
        return self.optimizer + self.activations


def estimate_memory(lm: LMModel, frames: int, micro_batch: int, averaged: bool, half: bool) -> MemoryEstimate:
    """Estimates a training of the parameters that require a gradient.

    Args:
        lm: The model, with adapters if any.
        frames: Of the longest excerpt.
        micro_batch: Excerpts at once.
        averaged: Whether an average of the weights is kept.
        half: Whether the arithmetic is in 16 bits.
    """
    trained = sum(parameter.numel() for parameter in trained_parameters(lm).values())
    steps = micro_batch * (frames + lm.num_codebooks)
    layers = len(lm.transformer.layers)
    is_checkpointed = lm.transformer.checkpointing != "none"
    kept = layers + _KEPT_A_LAYER if is_checkpointed else layers * _KEPT_A_LAYER
    activations = steps * lm.dim * kept * (2 if half else 4)
    logits = steps * lm.num_codebooks * lm.card * 4 * _KEPT_OF_LOGITS
    return MemoryEstimate(trained * BYTES * (4 if averaged else 3), activations + logits)


def check_memory(estimate: MemoryEstimate, device: torch.device) -> str:
    """Returns the estimate in words. Raises TrainingError where more is needed than is free."""
    free = free_memory(device)
    told = (
        f"about {estimate.total / 1e9:.2f} GB are needed beside the model ({estimate.optimizer / 1e9:.2f} for the "
        f"optimiser, {estimate.activations / 1e9:.2f} for activations), {free / 1e9:.2f} GB are free"
    )
    if estimate.total > free:
        raise TrainingError(f"{told}; take a smaller --micro-batch, --gradient-checkpointing or --method lora")
    return told
