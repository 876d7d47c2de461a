"""The loss of a beat model: the cross-entropy of each codebook over all steps of audiocraft's delay pattern.

A test compares it with `LMModel.compute_predictions` and its mask. Here, the steps that the pattern pads are ignored by
their index, which is much faster than a boolean mask.
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

Forward = Callable[..., Tensor]  # the language model, or accelerate's wrapper of it


@dataclass(frozen=True)
class Excerpt:
    """A sequence of tokens with its conditions.

    Attributes:
        codes: (K, T) int64.
        texts: A text for each text condition of the model, or None.
        name: The file that it comes from, for error messages.
        prefix: Tokens that the model sees before it and does not learn, (K, P) int64, if any.
    """

    codes: np.ndarray
    texts: dict[str, str | None]
    name: str = ""
    prefix: np.ndarray | None = None

    @property
    def ahead(self) -> int:
        """Length of the prefix."""
        return 0 if self.prefix is None else self.prefix.shape[1]

    @property
    def length(self) -> int:
        """Length of prefix and codes."""
        return self.ahead + self.codes.shape[1]


def loss_per_codebook(lm: LMModel, excerpts: Sequence[Excerpt]) -> Tensor:
    """Returns the mean cross-entropy of each codebook in nats, (K,), over all steps that hold a token."""
    sums, counts = codebook_sums(lm, lm, excerpts)
    return sums / counts


def codebook_sums(lm: LMModel, forward: Forward, excerpts: Sequence[Excerpt]) -> tuple[Tensor, Tensor]:
    """Returns the summed cross-entropy and the number of tokens of each codebook, (K,) each.

    Args:
        lm: The model, for its pattern and device.
        forward: The callable that computes the logits: `lm` or accelerate's wrapper of it.
        excerpts: Sequences of any lengths; shorter ones are padded at the end, which earlier steps do not see.
    """
    from audiocraft.modules.conditioners import ConditioningAttributes

    longest = max(excerpt.length for excerpt in excerpts)
    codes = torch.full((len(excerpts), lm.num_codebooks, longest), lm.special_token_id)
    for row, excerpt in zip(codes, excerpts, strict=True):
        row[:, excerpt.ahead : excerpt.length] = torch.from_numpy(excerpt.codes)
    codes = codes.to(next(lm.parameters()).device)
    pattern = lm.pattern_provider.get_pattern(longest)
    learnt, _, _ = pattern.build_pattern_sequence(codes, lm.special_token_id, keep_only_valid_steps=False)
    for row, excerpt in zip(codes, excerpts, strict=True):
        if excerpt.prefix is not None:
            row[:, : excerpt.ahead] = torch.from_numpy(excerpt.prefix).to(codes)
    sequence, _, _ = pattern.build_pattern_sequence(codes, lm.special_token_id, keep_only_valid_steps=False)
    conditions = [ConditioningAttributes(text=dict(excerpt.texts)) for excerpt in excerpts]
    logits = forward(sequence[..., :-1], conditions)  # (B, K, S, card)
    target = learnt[..., 1:]
    of_codebooks = zip(logits.unbind(1), target.unbind(1), strict=True)
    sums = [
        F.cross_entropy(guess.flatten(0, 1), true.flatten(), ignore_index=lm.special_token_id, reduction="sum")
        for guess, true in of_codebooks
    ]
    return torch.stack(sums), count_tokens(excerpts).to(codes.device)


def count_tokens(excerpts: Sequence[Excerpt]) -> Tensor:
    """Returns the number of tokens of each codebook in all excerpts, (K,)."""
    codebooks = excerpts[0].codes.shape[0]
    return torch.full((codebooks,), sum(excerpt.codes.shape[1] for excerpt in excerpts), dtype=torch.float32)


def drop_texts(
    texts: dict[str, str | None], rng: Random, p_all: float, p_each: dict[str, float] | None = None
) -> dict[str, str | None]:
    """Returns the texts of a training step, of which some or all are replaced by None.

    Args:
        texts: The text of each condition.
        rng: Decides which texts are dropped.
        p_all: Probability that all are dropped; classifier-free guidance needs such excerpts.
        p_each: Otherwise, the probability that a condition is dropped, by its name.
    """
    if rng.random() < p_all:
        return dict.fromkeys(texts)
    return {name: None if rng.random() < (p_each or {}).get(name, 0.0) else text for name, text in texts.items()}


def use_no_dropout_of_conditions(lm: LMModel) -> None:
    """Turns off audiocraft's dropout of conditions, which drops whole batches; `drop_texts` replaces it."""
    lm.cfg_dropout.p = 0.0
    lm.att_dropout.p = {}
