"""Defines the task of finetuning a beat model: tokens of clips, with a newly worded caption each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from training.beat.losses import Excerpt, codebook_sums, count_tokens, drop_texts, use_no_dropout_of_conditions
from training.beat.token_cache import SHORTEST_FRAMES, TokenClip
from typebeat.engines import BeatConditions
from typebeat.engines.beat.conditions import condition_texts

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

    from training.beat.stem_masking import StemMasking


class BeatTask:
    """A training task (see runs/loop.py) on tokenised clips.

    Args:
        lm: The model; parameters that require a gradient are trained.
        train: Clips to train on, each once per epoch; clips longer than the window give a random excerpt.
        held_out: Clips to validate on, in full length.
        frames: Length of the model's window.
        frame_rate: Frames per second.
        batch: Number of excerpts per step.
        caption_dropout: Share of excerpts without any text; classifier-free guidance needs them.
        weight_decay: Weight decay of matrices; vectors have none.
        seed: Seed of order, excerpts, wording, dropout and masks.
        masking: Masks stems of excerpts, for a model of stems.
    """

    def __init__(
        self,
        lm: LMModel,
        train: Sequence[TokenClip],
        held_out: Sequence[TokenClip],
        frames: int,
        frame_rate: float,
        batch: int,
        caption_dropout: float,
        weight_decay: float,
        seed: int,
        masking: StemMasking | None = None,
    ):
        use_no_dropout_of_conditions(lm)
        self.model = lm
        self._train, self._held_out = list(train), list(held_out)
        self._frames, self._frame_rate = frames, frame_rate
        self._batch, self._caption_dropout = batch, caption_dropout
        self._weight_decay, self._seed, self._masking = weight_decay, seed, masking

    def optimizers(self, lr: float) -> list[Optimizer]:
        trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in trained if p.dim() > 1], "weight_decay": self._weight_decay},
            {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
        ]
        return [AdamW([group for group in groups if group["params"]], lr=lr, betas=(0.9, 0.99))]

    def draw(self, step: int) -> list[Excerpt]:
        excerpts = []
        for at in range(step * self._batch, (step + 1) * self._batch):
            epoch, place = divmod(at, len(self._train))
            order = np.random.default_rng([self._seed, 0, epoch]).permutation(len(self._train))
            held = self._train[int(order[place])]
            words = Random(f"{self._seed} {at}")
            last = held.codes.shape[1] - self._frames
            start = words.randint(0, last) if last > 0 and words.random() < 0.5 else 0
            excerpt = self._excerpt(held, start, held.clip.reworded(words))
            excerpt = replace(excerpt, texts=drop_texts(excerpt.texts, words, self._caption_dropout))
            excerpts.append(self._masking.sometimes(excerpt, words) if self._masking else excerpt)
        return excerpts

    def validation(self) -> list[Excerpt]:
        """Returns the held-out clips; of a model of stems each a second time, with some of its stems masked."""
        plain = [
            self._excerpt(held, start, held.clip.caption)
            for held in self._held_out
            for start in range(0, held.codes.shape[1] - SHORTEST_FRAMES + 1, self._frames)
        ]
        if not self._masking:
            return plain
        masks = Random(f"{self._seed} validation")
        return [*plain, *(self._masking.masked(excerpt, masks) for excerpt in plain)]

    def measure(self, forward: nn.Module, items: Sequence[Excerpt]) -> Tensor:
        return codebook_sums(self.model, forward, items)[0]

    def count(self, items: Sequence[Excerpt]) -> Tensor:
        return count_tokens(items)

    def name(self, item: Excerpt) -> str:
        return item.name

    def _excerpt(self, held: TokenClip, start: int, caption: str) -> Excerpt:
        codes = held.codes[:, start : start + self._frames].astype(np.int64)
        conditions = BeatConditions(caption, held.clip.bpm, held.clip.key)
        texts = condition_texts(self.model, conditions, start / self._frame_rate)
        return Excerpt(codes, texts, held.clip.path.name)
