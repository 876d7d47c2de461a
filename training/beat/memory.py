"""Estimates the memory that a training needs, so that it can be refused before anything is encoded."""

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

# Numbers that the backward pass keeps per layer and step, in widths of the model: norms, projections and outputs of
# both attentions, residuals, and the two hidden layers of the feed-forward (four widths each).
_KEPT_A_LAYER = 24
_KEPT_OF_LOGITS = 3  # the logits, their log-softmax, and its gradient


@dataclass(frozen=True)
class MemoryEstimate:
    """Memory in bytes that a training needs in addition to the weights of the model.

    Attributes:
        optimizer: Gradients, AdamW's two moments, and the moving average.
        activations: What the backward pass keeps of a micro-batch.
    """

    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """The sum of both."""
        return self.optimizer + self.activations


def estimate_memory(lm: LMModel, frames: int, micro_batch: int, averaged: bool, half: bool) -> MemoryEstimate:
    """Estimates the memory for training the parameters that require a gradient.

    Args:
        lm: The model, including adapters.
        frames: Length of the longest excerpt.
        micro_batch: Number of excerpts that are processed at once.
        averaged: Whether a moving average of the weights is kept.
        half: Whether the arithmetic uses 16 bits.
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
    """Returns the estimate as a sentence. Raises TrainingError if more is needed than is free."""
    free = free_memory(device)
    told = (
        f"about {estimate.total / 1e9:.2f} GB are needed beside the model ({estimate.optimizer / 1e9:.2f} for the "
        f"optimiser, {estimate.activations / 1e9:.2f} for activations), {free / 1e9:.2f} GB are free"
    )
    if estimate.total > free:
        raise TrainingError(f"{told}; take a smaller --micro-batch, --gradient-checkpointing or --method lora")
    return told
