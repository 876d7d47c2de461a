"""Turns tokens into sound while more are drawn, in pieces of about a second that join without a click.

What a codec makes of a frame depends on the frames around it, so a piece is decoded with some before and after it and
only its middle is kept. Neighbouring pieces are faded into each other, because EnCodec's LSTM looks back further and
the starter draws its noise anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel

PIECE_SECONDS = 1.0
PAST_SECONDS, AHEAD_SECONDS = 2.0, 0.1  # given to EnCodec before and after a piece; its convolutions reach 86 ms
FADE_SECONDS = 0.01


class StreamDecoder:
    """Turns a growing row of tokens into sound with a codec's `decode`.

    Args:
        codec: The codec.
        left_out: Parts that are not to be heard, of a codec that plays parts.
    """

    def __init__(self, codec: CompressionModel, left_out: Sequence[str] = ()) -> None:
        from typebeat.engines.beat.codec import StarterCodec

        self._codec = codec
        parts = getattr(codec, "parts", ())
        self._heard = torch.tensor([part not in left_out for part in parts])[:, None, None] if parts else None
        self._keeps_phase = isinstance(codec, StarterCodec)
        rate = codec.frame_rate
        self._past = codec.reach if self._keeps_phase else round(PAST_SECONDS * rate)
        self._ahead = codec.reach if self._keeps_phase else round(AHEAD_SECONDS * rate)
        self._step = round(PIECE_SECONDS * rate)
        self._fade = int(FADE_SECONDS * codec.sample_rate)
        self._due = self._step + self._ahead  # frames that the next piece waits for
        self._made = 0  # frames that were returned as sound
        self._tail: np.ndarray | None = None  # the end of the last piece, which is faded into the next

    def _decode(self, span: Tensor, first: int) -> Tensor:
        """Returns the sound (1, channels, n) of frames that begin at the song's frame `first`."""
        if self._heard is None:
            return self._codec.decode(span)
        return (self._codec.decode_parts(span, first_frame=first) * self._heard.to(span.device)).sum(dim=1)

    def is_due(self, frames: int) -> bool:
        """Whether the first `frames` frames of the song are enough for the next piece; true once for each piece."""
        if frames < self._due:
            return False
        self._due = frames + self._step
        return True

    @torch.inference_mode()
    def push(self, tokens: Tensor, *, is_last: bool) -> np.ndarray | None:
        """Returns the sound (channels, n) that is new in `tokens` (1, codebooks, frames of the song), if any."""
        frames = tokens.shape[-1]
        until = frames if is_last else frames - self._ahead
        if until <= self._made:
            return None
        first = max(0, self._made - self._past)
        span = tokens[..., first:]
        sound = self._decode(span, first)[0].float().cpu().numpy()
        hop = sound.shape[-1] // span.shape[-1]
        held = 0 if self._tail is None else self._fade
        piece = sound[:, (self._made - first) * hop - held : (until - first) * hop].copy()
        if self._tail is not None:
            rise = np.linspace(0, 1, self._fade, dtype=np.float32)
            piece[:, : self._fade] = piece[:, : self._fade] * rise + self._tail * (1 - rise)
        self._made = until
        if is_last:
            return piece
        self._tail = piece[:, -self._fade :]
        return piece[:, : -self._fade]
