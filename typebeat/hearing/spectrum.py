"""Computes short-time spectra, in blocks so that ten minutes of sound need little memory. numpy and soxr only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from typebeat.sound.audio import Audio, mono, resample

BLOCK_FRAMES = 1000
SHORTEST_SECONDS = 0.1  # a shorter sound is padded with silence, so that there is something to look at

A4_PITCH, A4_HZ = 69, 440.0
Pitch = TypeVar("Pitch", float, np.ndarray)


def hertz(pitch: Pitch) -> Pitch:
    """The frequency of a MIDI pitch, or of an array of them."""
    return A4_HZ * 2.0 ** ((pitch - A4_PITCH) / 12)


def mono_at(audio: Audio, sample_rate: int) -> np.ndarray:
    """All channels mixed to one, at another rate: (n,) float32."""
    mixed = mono(audio).samples[0]
    padded = np.pad(mixed, (0, max(0, round(SHORTEST_SECONDS * audio.sample_rate) - len(mixed))))
    return resample(Audio(padded, audio.sample_rate), sample_rate).samples[0]


def hann(length: int) -> np.ndarray:
    """A periodic Hann window, (length,) float32."""
    return np.hanning(length + 1)[:-1].astype(np.float32)


def magnitudes(
    samples: np.ndarray, window: np.ndarray, hop: int, *, fft: int | None = None, pad: tuple[int, int] | None = None
) -> Iterator[np.ndarray]:
    """Yields the magnitude spectra of windowed frames, (up to BLOCK_FRAMES, bins) at a time.

    Args:
        samples: (n,).
        window: What each frame is multiplied with; its length is the frame's.
        hop: Samples from one frame to the next.
        fft: Length of the transform; the window's own if None.
        pad: Zeros put before and after the samples. None centres frame i on sample i x hop.
    """
    side = len(window) // 2 + 1
    padded = np.pad(samples, pad or (side, side))
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[::hop]
    for first in range(0, len(frames), BLOCK_FRAMES):
        yield np.abs(np.fft.rfft(frames[first : first + BLOCK_FRAMES] * window, fft, axis=1))
