"""Cuts a beat at its bars into chunks of 5 to 30 seconds that are not silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs

LONGEST_SECONDS = 30.0  # MusicGen's window
SHORTEST_SECONDS = 5.0  # too little music to learn from in less
PHRASE_BARS = 4  # chunks have a multiple of this if they are long enough
SILENT_RMS = 1e-3  # -60 dBFS
LOUDNESS_LUFS, HIGHEST_PEAK = -14.0, 0.89
_SLACK_SECONDS = 0.02  # so that an encoder's padding does not cut a file of 30 seconds in two


@dataclass(frozen=True)
class Chunk:
    """A stretch of a sound: its start and length in seconds, and its number of bars, 0 if it was not cut at bars."""

    start: float
    seconds: float
    bars: int


def cut_points(seconds: float, grid: Grid | None) -> tuple[Chunk, ...]:
    """Returns the chunks of a sound, in order.

    A sound of at most 30 s is one chunk that begins at the first downbeat. A longer one is cut at bars, from the first
    downbeat on, into whole phrases; without a grid it is cut every 30 s. The rest is kept if it lasts at least 5 s.
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
    """Returns the sound of a chunk, or None if it is silent."""
    cut = cut_alike(audio, chunk)
    return cut if np.sqrt(np.mean(cut.samples**2)) > SILENT_RMS else None


def cut_alike(audio: Audio, chunk: Chunk) -> Audio:
    """Returns what of a sound, such as stems, is in a chunk."""
    first = round(chunk.start * audio.sample_rate)
    last = first + round(chunk.seconds * audio.sample_rate)
    return Audio(audio.samples[:, first:last], audio.sample_rate)


def gain_to_level(audio: Audio, stems: Audio | None = None) -> float:
    """Returns the gain that brings a sound to -14 LUFS, or as far as its peaks, and its stems', allow unlimited."""
    gain = 10 ** ((LOUDNESS_LUFS - loudness_lufs(audio)) / 20)
    return min(gain, *(HIGHEST_PEAK / float(np.abs(each.samples).max()) for each in (audio, stems) if each))
