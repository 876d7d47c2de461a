"""What was heard of the tuned part of a beat, frame by frame: kept, so that notes can be decoded from it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.sound.audio import Audio, resample

LEVEL_SAMPLE_RATE = 22_050  # Hz
LEVEL_WINDOW = 4096  # samples; tells semitones apart from about C3 on
QUIETEST_DB = -100.0


@dataclass(frozen=True)
class PitchActivations:
    """How sure a network is, frame by frame, that a pitch sounds and that it begins.

    Attributes:
        sounding: (frames, pitches) in [0, 1].
        beginning: (frames, pitches) in [0, 1].
        frame_seconds: Seconds from one frame to the next; frame 0 is at the start of the sound.
        lowest_pitch: MIDI pitch of column 0.
    """

    sounding: np.ndarray
    beginning: np.ndarray
    frame_seconds: float
    lowest_pitch: int = 21


@dataclass(frozen=True)
class TunedSound:
    """All that notes of melody and chords are decoded from.

    Attributes:
        rest: Activations of the beat without drums and bass.
        mix: Activations of the whole beat, with frames and pitches as `rest` has them.
        levels: (frames, pitches) of the rest in dB, frames and pitches as in `rest`.
    """

    rest: PitchActivations
    mix: PitchActivations
    levels: np.ndarray


def pitch_levels(audio: Audio, activations: PitchActivations) -> np.ndarray:
    """The level in dB at each pitch's fundamental, (frames, pitches) float32, as those activations are laid out."""
    mono = resample(Audio(audio.samples.mean(axis=0), audio.sample_rate), LEVEL_SAMPLE_RATE).samples[0]
    frames, pitches = activations.sounding.shape
    hop = round(activations.frame_seconds * LEVEL_SAMPLE_RATE)
    padded = np.zeros((frames - 1) * hop + LEVEL_WINDOW, np.float32)
    inside = mono[: len(padded) - LEVEL_WINDOW // 2]
    padded[LEVEL_WINDOW // 2 : LEVEL_WINDOW // 2 + len(inside)] = inside
    window = np.hanning(LEVEL_WINDOW).astype(np.float32)
    cells = 440 * 2 ** ((np.arange(pitches) + activations.lowest_pitch - 69) / 12) * LEVEL_WINDOW / LEVEL_SAMPLE_RATE
    below, above = np.floor(cells).astype(int), np.ceil(cells).astype(int)
    levels = np.empty((frames, pitches), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, LEVEL_WINDOW)[::hop]
    for first in range(0, frames, 1024):  # so that ten minutes need no more memory than a loop
        part = slice(first, first + 1024)
        spectrum = np.abs(np.fft.rfft(windows[part] * window, axis=1)) * (2 / window.sum())
        levels[part] = np.maximum(spectrum[:, below], spectrum[:, above])
    return 20 * np.log10(np.maximum(levels, 10 ** (QUIETEST_DB / 20)))
