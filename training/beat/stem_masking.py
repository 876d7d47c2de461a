"""Teaches a model of stems to make some of them anew over the others, as MusicGen-Stem's makers trained it.

In half of the excerpts one stem or two are masked: a prefix shows every fifth frame of the others, the whole of the
excerpt follows it, and the loss counts only behind the prefix.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from training.beat.losses import Excerpt
from typebeat.engines.beat.stem_prefix import StemPrefix, frames_behind, plays_stems, streams_of

if TYPE_CHECKING:
    from typebeat.engines.beat.loading import Models
    from typebeat.engines.beat.stem_codec import StemCodec

MASKED_SHARE = 0.5  # of the excerpts


@dataclass(frozen=True)
class StemMasking:
    """Masks stems of excerpts.

    Attributes:
        codec: Tells which streams are whose.
        frames: The longest excerpt behind a prefix.
        silence: The tokens of silence, (codebooks,), on the CPU.
        special: The special token.
    """

    codec: StemCodec
    frames: int
    silence: Tensor
    special: int

    def masked(self, excerpt: Excerpt, rng: Random) -> Excerpt:
        """Returns an excerpt, cut to what fits behind a prefix in which one to all but one of its stems are masked."""
        parts = self.codec.parts
        anew = rng.sample(parts, rng.randint(1, len(parts) - 1))
        prefix = StemPrefix(self.frames, streams_of(self.codec, anew), self.silence, self.special)
        shown = prefix.before(torch.from_numpy(excerpt.codes)).numpy()
        return replace(excerpt, codes=excerpt.codes[:, : self.frames], prefix=shown)

    def sometimes(self, excerpt: Excerpt, rng: Random) -> Excerpt:
        """Returns the excerpt, masked or as it is."""
        return self.masked(excerpt, rng) if rng.random() < MASKED_SHARE else excerpt


def masking_for(models: Models) -> StemMasking | None:
    """Returns what masks stems for a model that plays them apart; None for any other."""
    if not plays_stems(models.codec):
        return None
    frames = frames_behind(int(models.max_seconds * models.codec.frame_rate))
    return StemMasking(models.codec, frames, models.codec.silence().cpu().clone(), models.lm.special_token_id)
