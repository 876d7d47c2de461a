"""What a model of stems is shown before a window in which some of them are made anew, as MusicGen-Stem was trained.

Before the window stands a prefix: every fifth frame of it, with the special token in the streams that are made anew,
and one column of special tokens that ends it. So the model knows the whole of what it accompanies before it begins.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

import torch
from torch import Tensor

from typebeat.engines.beat.formats import STEMS

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

    from typebeat.engines.beat.stem_codec import StemCodec

EVERY = 5  # one column of the prefix for so many frames


@dataclass(frozen=True)
class StemPrefix:
    """Makes the prefixes of one request.

    Attributes:
        frames: How many frames of a window the model was trained to see behind a prefix.
        anew: Which streams are made anew, (codebooks,) bool.
        silence: The tokens of silence, (codebooks,), which fill up a prefix where the song ends.
        special: The special token.
    """

    frames: int
    anew: Tensor
    silence: Tensor
    special: int

    @property
    def columns(self) -> int:
        """How many columns a prefix has."""
        return -(-self.frames // EVERY) + 1

    def before(self, song: Tensor) -> Tensor:
        """Returns the prefix (..., codebooks, columns) of a window that begins where `song` (..., codebooks, n) does.

        Beyond what is drawn at once it shows all that the window may have, and silence where the song is over.
        """
        seen = song[..., : self.frames : EVERY]
        filled = self.silence[:, None].expand(*song.shape[:-1], self.columns).clone()
        filled[..., : seen.shape[-1]] = seen
        filled[..., self.anew, :] = self.special
        filled[..., -1] = self.special
        return filled


def frames_behind(frames: int) -> int:
    """Returns how many frames are left behind a prefix of a model that was trained on windows of so many frames."""
    return EVERY * frames // (EVERY + 1)


def prefix_of(codec: CompressionModel, lm: LMModel, kept: Collection[str], max_seconds: float) -> StemPrefix | None:
    """Returns the prefix for some stems that are kept; None where all or none are, or for other models."""
    if not plays_stems(codec) or not 0 < len(set(kept)) < len(codec.parts):
        return None
    silence, anew = codec.silence(), [part for part in codec.parts if part not in kept]
    frames = frames_behind(int(max_seconds * codec.frame_rate))
    return StemPrefix(frames, streams_of(codec, anew).to(silence.device), silence, lm.special_token_id)


def plays_stems(codec: CompressionModel) -> TypeGuard[StemCodec]:
    """Whether a codec is one of stems; told by its parts, so that no model library is imported for it."""
    return getattr(codec, "parts", ()) == STEMS


def streams_of(codec: StemCodec, parts: Collection[str]) -> Tensor:
    """Returns which streams are those of some stems, (codebooks,) bool."""
    books = zip(codec.parts, codec.books, strict=True)
    return torch.tensor([part in parts for part, count in books for _ in range(count)])
