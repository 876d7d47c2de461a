"""The gain of a whole mix over time: a compressor that glues it, and a limiter that sets loudness and true peak.

Both are curves that every part of the mix can be multiplied with, so that the parts still sum to the mix; both go round
the loop. Loudness is ITU-R BS.1770, true peaks are `mastering.py`'s.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve1d, minimum_filter1d, uniform_filter1d
from scipy.signal import sosfilt, sosfreqz

from typebeat.sound.loops import STEP
from typebeat.sound.mastering import PEAK_CEILING_DBTP, SILENCE_LUFS, TARGET_LUFS

_HEADROOM_DB = 0.3  # other meters interpolate a little differently
_LOOK_AHEAD_S = 0.015  # the limiter moves over twice this, slowly enough for an 808
_AIM_LU, _MOST_ROUNDS = 0.02, 16
_GATE_BLOCK_S, _GATE_HOP_S = 0.4, 0.1
_ABSOLUTE_GATE_LUFS, _RELATIVE_GATE_LU = -70.0, -10.0
_OFFSET_LUFS = -0.691  # of BS.1770
_GLUE_ATTACK_S, _GLUE_RELEASE_S, _GLUE_STEPS = 0.02, 0.18, 4  # control points that share one step of the compressor
_GLUE_ABOVE_LU = 1.0  # above the mix's own loudness it begins
_WARM_UP_S = 0.25


def weighted(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns samples (channels, n) of a loop as the ear weighs them (K-weighting)."""
    before = min(samples.shape[-1], round(_WARM_UP_S * sample_rate))
    around = np.concatenate([samples[..., -before:], samples], axis=-1)
    return sosfilt(_k_weighting(sample_rate), around)[..., before:].astype(np.float32)


def weighting(hertz: np.ndarray, sample_rate: int) -> np.ndarray:
    """How much the energy at each frequency counts for the ear (K-weighting), (bins,) float32."""
    coarse = np.linspace(0, sample_rate / 2, 4096)
    _, response = sosfreqz(_k_weighting(sample_rate), coarse, fs=sample_rate)
    return np.interp(hertz, coarse, np.abs(response) ** 2).astype(np.float32)


def loudness(energy: np.ndarray, sample_rate: int) -> float:
    """Integrated loudness in LUFS of weighted energy (points,), the sum of all channels' mean squares in each step."""
    total = np.concatenate([[0.0], np.cumsum(energy, dtype=np.float64)])
    rate = sample_rate / STEP
    block = min(len(energy), round(_GATE_BLOCK_S * rate))
    starts = np.round(np.arange(0, max(1.0, len(energy) - block + 1.0), _GATE_HOP_S * rate)).astype(int)
    starts = starts[starts + block <= len(energy)]
    with np.errstate(divide="ignore"):
        means = (total[starts + block] - total[starts]) / block
        blocks = _OFFSET_LUFS + 10 * np.log10(means)
        heard = blocks > _ABSOLUTE_GATE_LUFS
        if not heard.any():
            return -np.inf
        gate = _OFFSET_LUFS + 10 * np.log10(means[heard].mean()) + _RELATIVE_GATE_LU
        return float(_OFFSET_LUFS + 10 * np.log10(means[heard & (blocks > gate)].mean()))


def glue(energy: np.ndarray, sample_rate: int, ratio: float) -> np.ndarray:
    """Returns gains (points,) at or below 1: a slow compressor that begins at the mix's own loudness.

    Args:
        energy: Weighted energy of the mix, (points,).
        sample_rate: Hz.
        ratio: Decibels in for one decibel out, above where it begins.
    """
    rate = sample_rate / STEP
    quiet, begin = 1e-9, loudness(energy, sample_rate) + _GLUE_ABOVE_LU
    level = _OFFSET_LUFS + 10 * np.log10(uniform_filter1d(energy, round(0.02 * rate), mode="wrap") + quiet)
    over = np.logaddexp(0, (level - begin) / 2) * 2  # a soft knee
    wanted = (over * (1 - 1 / ratio))[::_GLUE_STEPS].tolist()
    attack, release = (np.exp(-_GLUE_STEPS / (rate * time)) for time in (_GLUE_ATTACK_S, _GLUE_RELEASE_S))
    now, less = float(np.mean(wanted)), []
    for target in wanted + wanted:  # twice round, so that the loop's start follows its end
        slow = attack if target > now else release
        now = slow * now + (1 - slow) * target
        less.append(now)
    lap = np.asarray(less[len(wanted) :])
    places = np.arange(len(energy)) / _GLUE_STEPS
    return 10 ** (-np.interp(places, np.arange(len(lap)), lap, period=len(lap)) / 20)


def limit(peaks: np.ndarray, energy: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns gains (points,) that bring a mix to -14 LUFS with true peaks under -1 dBTP; 1 where it is silent.

    Where the peaks stand so far above the rest that more gain makes it no louder, the loudness stays below.

    Args:
        peaks: The highest true peak in each step, (points,).
        energy: Weighted energy of the mix, (points,).
        sample_rate: Hz.
    """
    start = loudness(energy, sample_rate)
    if start < SILENCE_LUFS:
        return np.ones(len(energy))
    gain_db, best, best_error, error = 0.0, np.ones(len(energy)), np.inf, TARGET_LUFS - start
    for _ in range(_MOST_ROUNDS):  # limiting takes loudness away, so a few rounds are needed
        gain_db += error
        gains = _limited(peaks, 10 ** (gain_db / 20), sample_rate)
        error = TARGET_LUFS - loudness(energy * gains**2, sample_rate)
        if abs(error) >= best_error:
            break
        best, best_error = gains, abs(error)
        if best_error < _AIM_LU:
            break
    return best


def _limited(peaks: np.ndarray, gain: float, sample_rate: int) -> np.ndarray:
    """A gain, less of it around what would exceed the ceiling; never above what is allowed, between points too."""
    ceiling = 10 ** ((PEAK_CEILING_DBTP - _HEADROOM_DB) / 20)
    allowed = np.minimum(gain, ceiling / np.maximum(peaks, 1e-9))
    if allowed.min() >= gain:
        return allowed
    reach = min(round(_LOOK_AHEAD_S * sample_rate / STEP), (len(peaks) - 3) // 2)
    lowest = minimum_filter1d(allowed, 2 * reach + 3, mode="wrap")  # one point more, for the lines between points
    slope = np.hanning(2 * reach + 3)[1:-1]
    return convolve1d(lowest, slope / slope.sum(), mode="wrap")


def _k_weighting(sample_rate: int) -> np.ndarray:
    """Second-order sections (2, 6) of BS.1770's two filters, as pyloudnorm has them: a shelf, and a high pass."""
    import pyloudnorm

    filters = pyloudnorm.Meter(sample_rate)._filters.values()
    return np.array([[*(each.passband_gain * each.b), *each.a] for each in filters])
