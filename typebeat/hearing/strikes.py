"""Hears in a whole mix when each drum, or the bass, is struck: a certainty for each, every 5 ms.

The small network of `networks.py` reads the levels of narrow bands. Each drum and the bass have an output of their own,
so any of them may sound together. `training/starter/listening/train_ears.py` trained it on beats made by code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.networks import MARGIN, EarNetwork, load_ear_network
from typebeat.hearing.spectrum import magnitudes, mono_at
from typebeat.sound.audio import Audio

SAMPLE_RATE = 32_000  # Hz
WINDOW, HOP = 1024, 160  # samples: 32 ms and 5 ms
FRAME_SECONDS = HOP / SAMPLE_RATE
# the network's outputs, in the order of its weights: the drums as in `midi.notes.DRUM_PITCHES`, then the bass
HEARD = ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "crash", "perc", "bass")
_BIN_HZ = SAMPLE_RATE / WINDOW
# one band a bin in the lows, bands of equal width in pitch above; the first and the last value are only edges
_EDGES_HZ = np.concatenate([np.arange(9) * _BIN_HZ, np.geomspace(9 * _BIN_HZ, 15_500, 35)])
BAND_HZ = _EDGES_HZ[1:-1]
BANDS = len(BAND_HZ)
WEIGHTS_FILE = Path(__file__).with_name("strikes.npz")
_FLOOR = 1e-7  # lowest level, relative to the loud frames: -70 dB
_SILENCE = 1e-10  # power of a frame below which nothing is played
_LEAD_FRAMES = 20  # of silence
_CHUNK = 1000  # frames at a time, so that ten minutes need little memory


@dataclass(frozen=True)
class Struck:
    """What was heard every `FRAME_SECONDS`; frame 0 is at the start of the sound."""

    sure: np.ndarray  # (frames, HEARD) float32 in [0, 1], the certainty that each of `HEARD` is struck
    levels: np.ndarray  # (frames, BANDS) float32, power of each band


def hear_struck(audio: Audio, *, from_silence: bool = False) -> Struck:
    """Listens to a mix; less than a second for each minute of sound.

    With `from_silence`, as if silence went before it, so that a hit on the very first sample is heard as any other.
    """
    if not from_silence:
        levels = band_levels(audio)
        return Struck(certainty(levels), levels)
    silence = np.zeros((audio.samples.shape[0], round(_LEAD_FRAMES * FRAME_SECONDS * audio.sample_rate)), np.float32)
    levels = band_levels(Audio(np.concatenate([silence, audio.samples], axis=1), audio.sample_rate))
    return Struck(certainty(levels)[_LEAD_FRAMES:], levels[_LEAD_FRAMES:])


def certainty(levels: np.ndarray) -> np.ndarray:
    """Returns the certainties of `HEARD` from a sound's band levels, (frames, HEARD) in [0, 1]; 0 in silence."""
    return sure_of(scaled(levels)) * (levels.sum(axis=1, keepdims=True) > _SILENCE)


def sure_of(seen: np.ndarray) -> np.ndarray:
    """Runs the network over `scaled` levels: (frames, HEARD) in [0, 1]."""
    padded = np.pad(seen.astype(np.float32), ((MARGIN, MARGIN), (0, 0)), mode="edge")
    network = _network()
    return np.concatenate([network(padded[at : at + _CHUNK + 2 * MARGIN]) for at in range(0, len(seen), _CHUNK)])


def band_levels(audio: Audio, hop: int = HOP) -> np.ndarray:
    """Measures the power of each band, (frames, BANDS) float32; frame i is centred on i x 5 ms, or on i x `hop`."""
    window, filters = np.hanning(WINDOW).astype(np.float32), _filters()
    levels = [block**2 @ filters for block in magnitudes(mono_at(audio, SAMPLE_RATE), window, hop)]
    return (np.concatenate(levels) / WINDOW**2).astype(np.float32)


@cache
def _filters() -> np.ndarray:
    """Returns the triangular filters of the bands, (bins, BANDS)."""
    hz = np.arange(WINDOW // 2 + 1)[:, None] * _BIN_HZ
    up = (hz - _EDGES_HZ[:-2]) / np.diff(_EDGES_HZ)[:-1]
    down = (_EDGES_HZ[2:] - hz) / np.diff(_EDGES_HZ)[1:]
    return np.maximum(0, np.minimum(up, down))


def scaled(levels: np.ndarray) -> np.ndarray:
    """Scales levels for the network: decibels relative to the loud frames, about -2 to 2; (frames, BANDS) float32."""
    loud = max(float(np.percentile(levels.sum(axis=1), 95)), _SILENCE)
    return ((10 * np.log10(levels / loud + _FLOOR) + 40) / 15).astype(np.float32)


@cache
def _network() -> EarNetwork:
    with np.load(WEIGHTS_FILE, allow_pickle=False) as stored:
        return load_ear_network(stored)


def peaks(column: np.ndarray, threshold: float, apart: float) -> np.ndarray:
    """Finds the moments in s at which a certainty (frames,) peaks at or above a threshold, at least `apart` s apart.

    Times are interpolated between frames.
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
