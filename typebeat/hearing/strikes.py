"""What is struck when, heard in a whole mix: how sure it is of each drum and of the bass at each moment, side by side.

A small network (networks.py), trained by `training/starter/listening/train_ears.py` on beats that code made, reads the
levels of 42 bands around every 5 ms. Kick, snare, clap, rim, hats, crash, percussion and bass have an output each, so
that any may sound together: a kick on an 808 is both.
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

SAMPLE_RATE = 32_000  # Hz, at which the network hears
WINDOW, HOP = 1024, 160  # samples: 32 ms and 5 ms
FRAME_SECONDS = HOP / SAMPLE_RATE
# the network's outputs, in the order of its weights: the drums of `midi.notes.DRUM_PITCHES`, then the bass
HEARD = ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "crash", "perc", "bass")
_BIN_HZ = SAMPLE_RATE / WINDOW
# lows have a band a bin, then bands are even in pitch; the outer two are only edges
_EDGES_HZ = np.concatenate([np.arange(9) * _BIN_HZ, np.geomspace(9 * _BIN_HZ, 15_500, 35)])
BAND_HZ = _EDGES_HZ[1:-1]
BANDS = len(BAND_HZ)
WEIGHTS_FILE = Path(__file__).with_name("strikes.npz")
_FLOOR = 1e-7  # of the loud frames' level: -70 dB
_SILENCE = 1e-10  # power of a frame under which nothing was played
_CHUNK = 1000  # frames at once, so that ten minutes need little memory


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
    """Listens to a mix of any rate and channel count; less than a second a minute of sound."""
    levels = band_levels(audio)
    return Struck(certainty(levels), levels)


def certainty(levels: np.ndarray) -> np.ndarray:
    """How sure each thing of `HEARD` is struck at each frame, from a sound's levels; (frames, things) in [0, 1]."""
    return sure_of(scaled(levels)) * (levels.sum(axis=1, keepdims=True) > _SILENCE)


def sure_of(seen: np.ndarray) -> np.ndarray:
    """The same from `scaled` levels, silence or not."""
    padded = np.pad(seen.astype(np.float32), ((MARGIN, MARGIN), (0, 0)), mode="edge")
    network = _network()
    return np.concatenate([network(padded[at : at + _CHUNK + 2 * MARGIN]) for at in range(0, len(seen), _CHUNK)])


def band_levels(audio: Audio) -> np.ndarray:
    """The power in each band every 5 ms, (frames, BANDS) float32; frame i is centred on i x 5 ms."""
    window, filters = np.hanning(WINDOW).astype(np.float32), _filters()
    levels = [block**2 @ filters for block in magnitudes(mono_at(audio, SAMPLE_RATE), window, HOP)]
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


@cache
def _network() -> EarNetwork:
    with np.load(WEIGHTS_FILE, allow_pickle=False) as stored:
        return load_ear_network(stored)


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
