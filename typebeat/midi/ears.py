"""What is struck when, heard in a whole mix: how sure it is of each drum and of the bass at each moment, side by side.

A small network of two hidden layers, trained by `training/starter/train_ears.py` on beats that code made, reads the
levels of 42 bands around every 5 ms. Kick, snare, clap, rim, hats, crash, percussion and bass have an output each, so
that any may sound together: a kick on an 808 is both. It runs in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.audio import Audio, resample
from typebeat.midi.notes import DRUM_PITCHES

SAMPLE_RATE = 32_000  # Hz, at which the network hears
WINDOW, HOP = 1024, 160  # samples: 32 ms and 5 ms
FRAME_SECONDS = HOP / SAMPLE_RATE
HEARD = (*DRUM_PITCHES, "bass")  # the network's outputs
_BIN_HZ = SAMPLE_RATE / WINDOW
# lows have a band a bin, then bands are even in pitch; the outer two are only edges
_EDGES_HZ = np.concatenate([np.arange(9) * _BIN_HZ, np.geomspace(9 * _BIN_HZ, 15_500, 35)])
BAND_HZ = _EDGES_HZ[1:-1]
BANDS = len(BAND_HZ)
# what the network sees: means of the bands over these frames from the moment in question
SLOTS = (
    *((-24, -12), (-12, -7), (-7, -4), (-4, -2), (-2, -1), (-1, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 6), (6, 8)),
    *((8, 11), (11, 15), (15, 20), (20, 28), (28, 40)),
)
_WEIGHTS = Path(__file__).with_name("ears.npz")
_FLOOR = 1e-7  # of the loud frames' level: -70 dB
_SILENCE = 1e-10  # power of a frame under which nothing was played
_SHORTEST_SECONDS = 0.1
_CHUNK = 4000  # frames at once, so that ten minutes need little memory


@dataclass(frozen=True)
class Struck:
    """What is heard every `FRAME_SECONDS`; frame 0 is at the start of the sound.

    Attributes:
        sure: (frames, things) float32 in [0, 1]: how sure each thing of `HEARD` is struck at the frame.
        levels: (frames, BANDS) float32, power of each band.
    """

    sure: np.ndarray
    levels: np.ndarray


def hear_struck(audio: Audio) -> Struck:
    """Listens to a mix of any rate and channel count; about a second a minute of sound."""
    levels = band_levels(audio)
    return Struck(certainty(levels, np.arange(len(levels))), levels)


def certainty(levels: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """How sure each thing of `HEARD` is struck at some frames of a sound with these levels; (n, things) in [0, 1]."""
    return sure_of(scaled(levels), frames) * (levels[frames].sum(axis=1, keepdims=True) > _SILENCE)


def sure_of(seen: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """The same from `scaled` levels, silence or not."""
    layers, sums = _network(), running(seen)
    sure = [_run(layers, context(sums, frames[at : at + _CHUNK])) for at in range(0, len(frames), _CHUNK)]
    return np.concatenate(sure)


def mono_at(audio: Audio, sample_rate: int) -> np.ndarray:
    """All channels as one at another rate, (n,) float32; a sound too short for a moment's hearing ends in silence."""
    samples = audio.samples.mean(axis=0)
    samples = np.pad(samples, (0, max(0, round(_SHORTEST_SECONDS * audio.sample_rate) - len(samples))))
    return resample(Audio(samples, audio.sample_rate), sample_rate).samples[0]


def band_levels(audio: Audio) -> np.ndarray:
    """The power in each band every 5 ms, (frames, BANDS) float32; frame i is centred on i x 5 ms."""
    padded = np.pad(mono_at(audio, SAMPLE_RATE), WINDOW // 2 + 1)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window, filters = np.hanning(WINDOW).astype(np.float32), _filters()
    levels = [
        np.abs(np.fft.rfft(frames[at : at + _CHUNK] * window, axis=1)) ** 2 @ filters
        for at in range(0, len(frames), _CHUNK)
    ]
    return (np.concatenate(levels) / WINDOW**2).astype(np.float32)


@cache
def _filters() -> np.ndarray:
    """Triangles over the bins, (bins, BANDS)."""
    hz = np.arange(WINDOW // 2 + 1)[:, None] * _BIN_HZ
    up = (hz - _EDGES_HZ[:-2]) / np.diff(_EDGES_HZ)[:-1]
    down = (_EDGES_HZ[2:] - hz) / np.diff(_EDGES_HZ)[1:]
    return np.maximum(0, np.minimum(up, down))


def scaled(levels: np.ndarray) -> np.ndarray:
    """Levels as the network takes them: in dB below the loud frames, about -2 to 2; (frames, BANDS) float32."""
    loud = max(float(np.percentile(levels.sum(axis=1), 95)), _SILENCE)
    return ((10 * np.log10(levels / loud + _FLOOR) + 40) / 15).astype(np.float32)


def running(seen: np.ndarray) -> np.ndarray:
    """Sums of all frames up to each, with the first and last frame held beyond the ends: what `context` reads."""
    padded = np.pad(seen, ((-SLOTS[0][0], SLOTS[-1][1]), (0, 0)), mode="edge")
    return np.pad(np.cumsum(padded, axis=0, dtype=np.float64), ((1, 0), (0, 0)))


def context(sums: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """What the network sees at some frames of a sound, from its running sums; (n, slots x BANDS) float32."""
    moments = frames - SLOTS[0][0]
    means = [(sums[moments + high] - sums[moments + low]) / (high - low) for low, high in SLOTS]
    return np.concatenate(means, axis=1).astype(np.float32)


@cache
def _network() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Weights and biases of the layers, as shipped."""
    with np.load(_WEIGHTS) as stored:
        return tuple(
            (stored[f"weight{i}"].astype(np.float32), stored[f"bias{i}"].astype(np.float32))
            for i in range(len(stored.files) // 2)
        )


def _run(layers: tuple[tuple[np.ndarray, np.ndarray], ...], x: np.ndarray) -> np.ndarray:
    for i, (weight, bias) in enumerate(layers):
        x = x @ weight + bias
        x = np.maximum(x, 0) if i + 1 < len(layers) else 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return x


def peaks(column: np.ndarray, threshold: float, apart: float) -> np.ndarray:
    """The moments in s at which a certainty (frames,) peaks at or above a threshold, at least `apart` s apart.

    Each is the middle of its peak, finer than a frame.
    """
    reach = max(1, round(apart / FRAME_SECONDS))
    tops = np.flatnonzero((column >= threshold) & (column == maximum_filter1d(column, 3)))
    blocked, taken = np.zeros(len(column) + 2 * reach, bool), np.zeros(len(column), bool)
    for frame in tops[np.argsort(-column[tops], kind="stable")]:
        if not blocked[frame + reach]:
            taken[frame] = True
            blocked[frame + 1 : frame + 2 * reach] = True
    frames = np.flatnonzero(taken)
    around = np.pad(column, 2)[frames[:, None] + np.arange(5)]
    middles = around @ np.arange(-2, 3) / around.sum(axis=1)
    return np.maximum(0.0, (frames + middles) * FRAME_SECONDS)
