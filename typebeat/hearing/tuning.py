"""How far a sound is tuned off A = 440 Hz, in cents, by where its spectral peaks lie between the semitones.

The peaks of all frames fall into a histogram over one semitone; its mode is the tuning, which partials that lie off
the tempered scale, and drums, hardly move. numpy, scipy and soxr.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.sound.audio import Audio, mono, resample

SURE_OF_TUNING = 0.25  # below this confidence a tuning is a guess

_RATE, _WINDOW, _FFT, _HOP = 8_000, 4_096, 8_192, 1_024  # a window of 0.5 s
_LOWEST_HZ, _HIGHEST_HZ = 70.0, 1_600.0  # above it most peaks are partials, which lie off
_STANDS_OUT_DB = 12.0  # over the median of its octave or so
_ALONE_BINS = 6  # on either side, about 6 Hz
_REACH_DB = 40.0  # under the loudest peak: what is weaker is not heard
_BINS, _SMOOTH_CENTS, _AROUND_CENTS = 100, 5.0, 14
_PARTIALS = (3, 5, 6, 7, 9, 10)  # of a louder peak lie off the tempered scale
_PARTIAL_WITHIN = 0.006  # share of a frequency
_BLOCK_FRAMES = 500
_FEWEST_PEAKS = 20


@dataclass(frozen=True)
class Tuning:
    """A tuning.

    Attributes:
        cents: -50 to 50 above A = 440 Hz; 0 where nothing has a pitch.
        sure: 0 (pitches lie anywhere) to 1 (all agree).
    """

    cents: float
    sure: float


def measure_tuning(audio: Audio) -> Tuning:
    """Measures the tuning of a sound of any rate and channel count; about 5 ms for each second of it."""
    samples = resample(mono(audio), _RATE).samples[0].astype(np.float64)
    padded = np.pad(samples, (0, max(0, _WINDOW - len(samples))))
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW + 1)[:-1]
    cents, weights = [], []
    loudest = -np.inf
    for first in range(0, len(views), _BLOCK_FRAMES):
        spectrum = np.abs(np.fft.rfft(views[first : first + _BLOCK_FRAMES] * window, _FFT, axis=1))
        found = _peaks(20 * np.log10(spectrum + 1e-9))
        loudest = max(loudest, float(found[2].max(initial=-np.inf)))
        for frame in np.unique(found[0]):
            mine = found[0] == frame
            hz, level = found[1][mine], found[2][mine]
            kept = ~_is_partial(hz, level)
            cents.append(1200 * np.log2(hz[kept] / 440))
            weights.append(level[kept])
    if not cents:
        return Tuning(0.0, 0.0)
    all_cents, levels = np.concatenate(cents), np.concatenate(weights)
    near = levels > loudest - _REACH_DB
    if near.sum() < _FEWEST_PEAKS:
        return Tuning(0.0, 0.0)
    return _mode(all_cents[near], 10 ** ((levels[near] - loudest) / 40))  # the root of the amplitude


def _peaks(decibels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all frames' peaks that stand out: number of the frame, frequency in Hz, level in dB."""
    low, high = int(_LOWEST_HZ * _FFT / _RATE), int(_HIGHEST_HZ * _FFT / _RATE)
    before, at, after = (decibels[:, low + shift : high + shift] for shift in (-1, 0, 1))
    floor = np.median(decibels[:, low:high], axis=1, keepdims=True)
    loudest = at >= maximum_filter1d(at, 2 * _ALONE_BINS + 1, axis=1)  # not one of the ripples around a peak
    frames, bins = np.nonzero((at > before) & (at >= after) & (at > floor + _STANDS_OUT_DB) & loudest)
    left, top, right = (part[frames, bins] for part in (before, at, after))
    bend = np.minimum(left - 2 * top + right, -1e-9)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    return frames, (low + bins + shift) * _RATE / _FFT, top


def _is_partial(hz: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Which peaks are odd partials of a louder, lower one."""
    ratio = hz[:, None] / hz[None]
    nearest = np.rint(ratio)
    on = (np.abs(ratio / np.maximum(nearest, 1) - 1) < _PARTIAL_WITHIN) & np.isin(nearest, _PARTIALS)
    return (on & (level[None] > level[:, None])).any(axis=1)


def _mode(cents: np.ndarray, weights: np.ndarray) -> Tuning:
    """The cents within a semitone at which most peaks lie."""
    histogram = np.bincount(np.floor(cents % 100).astype(int) % _BINS, weights, _BINS)
    away = np.minimum(np.arange(_BINS), _BINS - np.arange(_BINS))
    bell = np.exp(-0.5 * (away / _SMOOTH_CENTS) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(histogram) * np.fft.rfft(bell), _BINS)
    top = int(smooth.argmax()) + 0.5
    off = (cents - top + 50) % 100 - 50
    around = np.abs(off) < _AROUND_CENTS
    share = float(weights[around].sum() / weights.sum())
    by_chance = 2 * _AROUND_CENTS / 100
    middle = top + float(np.average(off[around], weights=weights[around]))
    return Tuning((middle + 50) % 100 - 50, max(0.0, (share - by_chance) / (1 - by_chance)))
