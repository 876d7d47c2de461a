"""Sound while its tokens are still drawn: a codec's output in pieces of about a second that join without a click.

A codec hears some frames to both sides of each, so a piece is decoded with frames around it and only the middle is
kept; neighbouring pieces are faded into each other, for what lies further back (EnCodec's LSTM) or is drawn anew (the
starter's noise).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel

PIECE_SECONDS = 1.0
PAST_SECONDS, AHEAD_SECONDS = 2.0, 0.1  # what EnCodec is given before and after a piece: its convolutions reach 86 ms
FADE_SECONDS = 0.01


class StreamDecoder:
    """Turns a growing row of tokens into sound.

    Args:
        codec: Whose `decode` is used.
    """

    def __init__(self, codec: CompressionModel) -> None:
        from typebeat.engines.beat.codec import DECODER_REACH, StarterCodec

        self._codec = codec
        self._keeps_phase = isinstance(codec, StarterCodec)
        rate = codec.frame_rate
        self._past = DECODER_REACH if self._keeps_phase else round(PAST_SECONDS * rate)
        self._ahead = DECODER_REACH if self._keeps_phase else round(AHEAD_SECONDS * rate)
        self._step = round(PIECE_SECONDS * rate)
        self._fade = int(FADE_SECONDS * codec.sample_rate)
        self._made = 0  # frames
        self._tail: np.ndarray | None = None  # the end of the last piece, which fades into the next
        self._is_end = False

    def is_due(self, frames: int) -> bool:
        """Whether `frames` known frames are enough for the next piece."""
        return frames >= self._made + self._step + self._ahead

    def end(self) -> None:
        """Says that the next tokens are the last."""
        self._is_end = True

    @torch.inference_mode()
    def push(self, tokens: Tensor) -> np.ndarray | None:
        """Returns the sound (channels, n) that `tokens` (1, codebooks, frames from the song's start) add, if any.

        All pieces together are as long as the song once the last tokens were pushed.
        """
        frames = tokens.shape[-1]
        until = frames if self._is_end else frames - self._ahead
        if until <= self._made:
            return None
        first = max(0, self._made - self._past)
        span = tokens[..., first:]
        sound = self._codec.decode(span, first_frame=first) if self._keeps_phase else self._codec.decode(span)
        sound = sound[0].float().cpu().numpy()
        hop = sound.shape[-1] // span.shape[-1]
        held = 0 if self._tail is None else self._fade
        piece = sound[:, (self._made - first) * hop - held : (until - first) * hop].copy()
        if self._tail is not None:
            rise = np.linspace(0, 1, self._fade, dtype=np.float32)
            piece[:, : self._fade] = piece[:, : self._fade] * rise + self._tail * (1 - rise)
        self._made = until
        if self._is_end:
            return piece
        self._tail = piece[:, -self._fade :]
        return piece[:, : -self._fade]
