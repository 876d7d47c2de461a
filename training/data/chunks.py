"""Where a beat is cut: at its bars, into stretches of at most 30 seconds, none of them short or silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.passport import Grid
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs

LONGEST_SECONDS, SHORTEST_SECONDS = 30.0, 5.0  # MusicGen's window; below the latter there is no music to learn
PHRASE_BARS = 4  # a chunk has a multiple of it where that fits
SILENT_RMS = 1e-3  # -60 dBFS
LOUDNESS_LUFS, HIGHEST_PEAK = -14.0, 0.89
_SLACK_SECONDS = 0.02  # an encoder's padding does not make a file of 30 seconds one of two chunks


@dataclass(frozen=True)
class Chunk:
    """A stretch: where it begins and how long it is, in seconds, and its whole bars (0: not cut at bars)."""

    start: float
    seconds: float
    bars: int


def cut_points(seconds: float, grid: Grid | None) -> tuple[Chunk, ...]:
    """Returns the stretches of a sound, in order.

    A sound of at most 30 s is one stretch, whole; it begins at its first downbeat if that is not at its start. A longer
    one is cut at bars from its first downbeat on, in whole phrases. Where the grid is not known (None) it is cut every
    30 s. What is left at the end is kept if it is 5 s or more.
    """
    start = grid.downbeat if grid is not None and grid.downbeat > _SLACK_SECONDS else 0.0
    bar = None if grid is None else grid.bar_seconds
    if seconds - start <= LONGEST_SECONDS + _SLACK_SECONDS:
        whole = min(seconds - start, LONGEST_SECONDS)
        chunks = [Chunk(start, whole, 0 if bar is None else int((whole + _SLACK_SECONDS) / bar))]
    elif bar is None:
        chunks = [Chunk(at, min(LONGEST_SECONDS, seconds - at), 0) for at in np.arange(0.0, seconds, LONGEST_SECONDS)]
    else:
        bars = max(1, int((LONGEST_SECONDS + 1e-6) / bar))
        bars -= bars % PHRASE_BARS if bars > PHRASE_BARS else 0
        chunks = []
        for at in np.arange(start, seconds, bars * bar):
            left = min(bars, int((seconds - at + _SLACK_SECONDS) / bar))
            chunks.append(Chunk(float(at), left * bar, left))
    return tuple(chunk for chunk in chunks if chunk.seconds >= SHORTEST_SECONDS)


def stretch(audio: Audio, chunk: Chunk) -> Audio | None:
    """Returns the sound of a chunk, or None where it is silent."""
    first = round(chunk.start * audio.sample_rate)
    samples = audio.samples[:, first : first + round(chunk.seconds * audio.sample_rate)]
    return Audio(samples, audio.sample_rate) if np.sqrt(np.mean(samples**2)) > SILENT_RMS else None


def levelled(audio: Audio) -> Audio:
    """Returns the sound at -14 LUFS, or as loud as its peaks allow; no limiter touches what is learnt from."""
    gain = 10 ** ((LOUDNESS_LUFS - loudness_lufs(audio)) / 20)
    return Audio(audio.samples * min(gain, HIGHEST_PEAK / float(np.abs(audio.samples).max())), audio.sample_rate)
