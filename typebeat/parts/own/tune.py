"""Plays the notes of a tune as plain tones, for weights that hear a tune instead of reading notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from typebeat.sound.audio import Audio

RATE = 32_000  # Hz
_PARTIALS = (1.0, 0.4, 0.15)  # level of each harmonic; the fundamental leads, so that the note is heard as itself
_FADE_SECONDS = 0.01


def tune_sound(notes: Sequence[Sequence[Any]], seconds: float) -> Audio:
    """Returns the tune alone, (1, n) at `RATE`.

    Args:
        notes: Beginning and end in s, MIDI pitch and loudness (0 to 1) of each, as `placing.told` gives them.
        seconds: Length of the sound.
    """
    out = np.zeros(round(seconds * RATE), np.float32)
    for begin, end, pitch, loud, *_ in notes:
        first, last = round(begin * RATE), min(round(end * RATE), len(out))
        time = np.arange(max(0, last - first)) / RATE
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(level * np.sin(2 * np.pi * hertz * order * time) for order, level in enumerate(_PARTIALS, start=1))
        edges = np.minimum(1, np.minimum(time, time[::-1]) / _FADE_SECONDS)
        out[first:last] += 0.3 * loud * tone * edges
    return Audio(out[None], RATE)
