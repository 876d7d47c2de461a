"""Rates, for each moment at which an 808 note may begin, how likely it does on each pitch.

A small network looks at the levels around a pitch and its overtones, from before the moment until the next one, and at
what all kicks of the beat have in common there, which is not the bass. The same weights rate every pitch. They were
trained by `training/starter/listening/train_bass.py` on beats made by code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from typebeat.hearing.networks import Network, load_network
from typebeat.hearing.spectrum import hertz, magnitudes
from typebeat.hearing.strikes import FRAME_SECONDS, HEARD

LOWEST_PITCH, HIGHEST_PITCH = 24, 60  # C1 to C4
PITCHES = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1)
RATE = 4000  # Hz
HOP_SECONDS = 0.01
WINDOWS = (640, 1600)  # samples: 160 ms to locate notes in time, 400 ms to resolve semitones
WEIGHTS_FILE = Path(__file__).with_name("bass_reader.npz")
STEPS = np.arange(2 * (LOWEST_PITCH - 2), 2 * (HIGHEST_PITCH + 34) + 1) / 2  # MIDI pitches whose levels are kept
QUIETEST_DB = -100.0
# stretches of time that the network looks at, in s from the moment; none goes beyond the note
STRETCHES = ((-0.13, -0.05), (0.02, 0.07), (0.07, 0.13), (0.13, 0.2), (0.2, 0.3), (0.3, 0.45), (0.45, 0.7))
# semitones above the pitch that the network looks at: the pitch itself, its octaves, its overtones
OFFSETS = np.array(
    [*np.arange(-2, 2.1, 0.5), *(-12.5, -12, -11.5), *np.arange(11, 13.1, 0.5)]
    + [centre + each for centre in (19, 24, 28, 31, 33.5) for each in (-0.5, 0, 0.5)]
)
_FFT = 4096  # samples: bins of about 1 Hz
_MOMENTS = 256  # batch size
_SPAN_DB = 60.0  # levels further below the moment's loudest are clipped
_DB_A_UNIT = 20.0  # dB that the network sees as 1
_NEAR_SECONDS = 0.03  # how far from a moment a drum or the bass may have been heard
_KICK = 0.5  # certainty from which a moment is a kick
_FEWEST_KICKS = 4  # needed to tell what kicks have in common
_SHARED_PERCENTILE = 25  # of the kicks' levels: what most of them have in common


def low_spectra(samples: np.ndarray, window: int) -> Iterator[np.ndarray]:
    """Yields amplitude spectra of (n,) samples at `RATE` every `HOP_SECONDS`, (frames, 1 + _FFT // 2) at a time."""
    shape = np.hanning(window).astype(np.float32)
    for block in magnitudes(samples, shape, round(HOP_SECONDS * RATE), fft=_FFT):
        yield block * (4 / window)


def low_levels(spectra: Iterable[np.ndarray]) -> np.ndarray:
    """Reduces the spectra of `low_spectra` to the level at each of `STEPS`, (frames, STEPS) float16 in dB."""
    edges = np.append(STEPS, STEPS[-1] + 0.5) - 0.25
    first = np.rint(hertz(edges) * _FFT / RATE).astype(int)
    decibels = [np.maximum.reduceat(each, first, axis=1)[:, :-1] for each in spectra]
    return (20 * np.log10(np.maximum(np.concatenate(decibels), 10 ** (QUIETEST_DB / 20)))).astype(np.float16)


def moment_maps(
    levels: tuple[np.ndarray, np.ndarray], sure: np.ndarray, moments: np.ndarray, nexts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Collects what the network sees of some moments, for all pitches together.

    Args:
        levels: `low_levels` of both `WINDOWS`.
        sure: (frames, HEARD) certainties of strikes.py.
        moments: (n,) s, where a note may begin.
        nexts: (n,) s, where it must have ended at the latest.

    Returns:
        (n, maps, STEPS) float32, about -3 to 0: the levels of each stretch in both windows, and what kicks have in
        common there; and (n, numbers) float32 that describe each moment as a whole.
    """
    short, stays = _stretches(levels[0], moments, nexts)
    long, _ = _stretches(levels[1], moments, nexts)
    loudest = short[:, 1:].max(axis=(1, 2))
    near = round(_NEAR_SECONDS / FRAME_SECONDS)
    frames = np.clip(np.rint(moments / FRAME_SECONDS).astype(int), 0, len(sure) - 1)
    around = np.clip(frames[:, None] + np.arange(-near, near + 1), 0, len(sure) - 1)
    struck = sure[around].max(axis=1)  # (n, HEARD)
    is_kick = struck[:, HEARD.index("kick")] >= _KICK
    shared = np.full_like(short, QUIETEST_DB)
    if is_kick.sum() >= _FEWEST_KICKS:
        shared[is_kick] = np.percentile(short[is_kick], _SHARED_PERCENTILE, axis=0)
    maps = np.concatenate([short, long, shared], axis=1) - loudest[:, None, None]
    maps = np.clip(maps, -_SPAN_DB, 0) / _DB_A_UNIT
    loud = (loudest - np.percentile(loudest, 90)) / _DB_A_UNIT if len(loudest) else loudest
    drums = struck[:, [HEARD.index(name) for name in ("kick", "snare", "perc", "bass")]]
    numbers = np.column_stack([drums, stays, np.clip(loud, -3, 1), np.minimum(nexts - moments, 1.0)])
    return maps.astype(np.float32), numbers.astype(np.float32)


def _stretches(levels: np.ndarray, moments: np.ndarray, nexts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages the levels over each stretch: (n, STRETCHES, STEPS).

    A stretch after the note's end repeats the one before it. Also returns which of the later stretches begin before
    the note ends.
    """
    sums = np.pad(np.cumsum(levels, axis=0, dtype=np.float64), ((1, 0), (0, 0)))
    means: list[np.ndarray] = []
    stays: list[np.ndarray] = []
    for first, last in STRETCHES:
        start = np.clip(np.rint((moments + first) / HOP_SECONDS).astype(int), 0, len(levels) - 1)
        ends = np.minimum(moments + last, np.maximum(nexts, moments + STRETCHES[1][1])) if first > 0 else moments + last
        stop = np.clip(np.rint(ends / HOP_SECONDS).astype(int), 0, len(levels))
        mean = (sums[np.maximum(stop, start + 1)] - sums[start]) / np.maximum(stop - start, 1)[:, None]
        if len(means) > 1:
            stays.append(stop > start)
            mean = np.where(stays[-1][:, None], mean, means[-1])
        means.append(mean)
    return np.stack(means, axis=1), np.stack(stays, axis=1)


def seen_of_pitches(maps: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Assembles the network's input for each pitch of some moments: (n, PITCHES, numbers) float32."""
    around = maps[:, :, places()]  # (n, maps, PITCHES, OFFSETS)
    around = around.transpose(0, 2, 1, 3).reshape(len(maps), len(PITCHES), -1)
    whole = np.broadcast_to(numbers[:, None], (len(maps), len(PITCHES), numbers.shape[1]))
    height = np.broadcast_to(((PITCHES - 40) / 12).astype(np.float32)[None, :, None], (len(maps), len(PITCHES), 1))
    return np.concatenate([around, whole, height], axis=2)


@cache
def places() -> np.ndarray:
    """Indices into `STEPS` that the network looks at for each pitch, (PITCHES, OFFSETS)."""
    wanted = np.rint(2 * (PITCHES[:, None] + OFFSETS - STEPS[0])).astype(int)
    return np.clip(wanted, 0, len(STEPS) - 1)


def read_bass(
    levels: tuple[np.ndarray, np.ndarray], sure: np.ndarray, moments: np.ndarray, nexts: np.ndarray
) -> np.ndarray:
    """Rates how likely a note of each pitch begins at each moment, (n, PITCHES) in [0, 1]; see `moment_maps`."""
    maps, numbers = moment_maps(levels, sure, moments, nexts)
    network, odds = _shipped(), [np.zeros((0, len(PITCHES)), np.float32)]
    for at in range(0, len(maps), _MOMENTS):
        part = slice(at, at + _MOMENTS)
        odds.append(network(seen_of_pitches(maps[part], numbers[part]))[..., 0])
    return np.concatenate(odds)


@cache
def _shipped() -> Network:
    with np.load(WEIGHTS_FILE, allow_pickle=False) as held:
        return load_network(held, "reader")
