"""How far off a language model is: cross-entropy of each codebook, over every step of audiocraft's delay pattern.

The same numbers as `LMModel.compute_predictions` with its mask would give (a test holds them against each other), but
steps that the pattern pads are left out by their index, which costs a fraction of a boolean mask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

Forward = Callable[..., Tensor]  # the language model, or what wraps it on several devices


@dataclass(frozen=True)
class Excerpt:
    """A stretch of tokens and what a model is told of it.

    Attributes:
        codes: (K, T) int64.
        texts: A value for each text condition of the model, None where it is told nothing.
        name: Where it comes from, for messages.
    """

    codes: np.ndarray
    texts: dict[str, str | None]
    name: str = ""


def loss_per_codebook(lm: LMModel, excerpts: Sequence[Excerpt]) -> Tensor:
    """Returns the mean cross-entropy in nats of each codebook, (K,), over all steps that hold a token."""
    sums, counts = codebook_sums(lm, lm, excerpts)
    return sums / counts


def codebook_sums(lm: LMModel, forward: Forward, excerpts: Sequence[Excerpt]) -> tuple[Tensor, Tensor]:
    """Returns the summed cross-entropy of each codebook and over how many tokens, (K,) each.

    Args:
        lm: The model itself, for its pattern and its device.
        forward: What is called: `lm`, or what accelerate made of it.
        excerpts: Of any lengths; the shorter ones are padded behind their end, which no earlier step sees.
    """
    from audiocraft.modules.conditioners import ConditioningAttributes

    longest = max(excerpt.codes.shape[1] for excerpt in excerpts)
    codes = torch.full((len(excerpts), lm.num_codebooks, longest), lm.special_token_id)
    for row, excerpt in zip(codes, excerpts, strict=True):
        row[:, : excerpt.codes.shape[1]] = torch.from_numpy(excerpt.codes)
    codes = codes.to(next(lm.parameters()).device)
    pattern = lm.pattern_provider.get_pattern(longest)
    sequence, _, _ = pattern.build_pattern_sequence(codes, lm.special_token_id, keep_only_valid_steps=False)
    conditions = [ConditioningAttributes(text=dict(excerpt.texts)) for excerpt in excerpts]
    logits = forward(sequence[..., :-1], conditions)  # (B, K, S, card)
    target = sequence[..., 1:]
    sums = [
        F.cross_entropy(
            logits[:, k].flatten(0, 1), target[:, k].flatten(), ignore_index=lm.special_token_id, reduction="sum"
        )
        for k in range(lm.num_codebooks)
    ]
    return torch.stack(sums), count_tokens(excerpts).to(codes.device)


def count_tokens(excerpts: Sequence[Excerpt]) -> Tensor:
    """Returns how many tokens each codebook has in all excerpts together, (K,)."""
    codebooks = excerpts[0].codes.shape[0]
    return torch.full((codebooks,), sum(excerpt.codes.shape[1] for excerpt in excerpts), dtype=torch.float32)


def drop_texts(
    texts: dict[str, str | None], rng: Random, p_all: float, p_each: dict[str, float] | None = None
) -> dict[str, str | None]:
    """Returns what a training step tells the model: with `p_all` nothing at all, which guidance needs at sampling.

    Args:
        texts: What there is to tell.
        rng: Decides.
        p_all: Share of excerpts that are told nothing.
        p_each: For single conditions the share of the rest that are not told it.
    """
    if rng.random() < p_all:
        return dict.fromkeys(texts)
    return {name: None if rng.random() < (p_each or {}).get(name, 0.0) else text for name, text in texts.items()}


def use_no_dropout_of_conditions(lm: LMModel) -> None:
    """Turns off audiocraft's own dropout of conditions, which drops whole batches; `drop_texts` does it instead."""
    lm.cfg_dropout.p = 0.0
    lm.att_dropout.p = {}
