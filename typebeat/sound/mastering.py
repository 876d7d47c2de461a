"""Brings every beat to the same loudness, with its true peaks below a ceiling, and changes nothing else.

It applies a gain and a look-ahead limiter that also sees peaks between samples. There is no equaliser, no compressor
and no dither, so silence stays silence. numpy and scipy; pyloudnorm measures loudness (ITU-R BS.1770).
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import oaconvolve

from typebeat.sound.audio import Audio

TARGET_LUFS = -14.0
LUFS_TOLERANCE = 0.2  # how far the loudness may be off
PEAK_CEILING_DBTP = -1.0  # highest true peak
SILENCE_LUFS = -60.0  # loudness below which a sound counts as silent

_AIM_LU = 0.02  # distance to the target at which the gain is good enough
_HEADROOM_DB = 0.3  # kept below the ceiling, since other meters interpolate a little differently
_OVERSAMPLING = 4
_LOOK_AHEAD_S = 0.015  # the gain changes over twice this time, slowly enough for an 808
_MOST_ROUNDS = 16
_BLOCK_S, _CONTEXT_MS = 60, 10  # true peaks are measured in blocks, each with some context on both sides


class BrokenAudioError(Exception):
    """Unusable sound: samples that are not numbers, or silence instead of a beat."""


def master(audio: Audio) -> Audio:
    """Brings a sound to -14 LUFS with true peaks below -1 dBTP; silence is returned as it is.

    If limiting takes away all that more gain would add, the loudness stays below the target; the ceiling always holds.

    Raises:
        BrokenAudioError: a sample is NaN or infinite.
        ValueError: the sound is shorter than the 0.4 s that loudness is measured over.
    """
    if not np.isfinite(audio.samples).all():
        raise BrokenAudioError("the model made samples that are not numbers; try another seed")
    if is_silent(audio):
        return audio
    peaks = true_peaks(audio.samples)
    gain_db, best, best_error = 0.0, audio, float("inf")
    error = TARGET_LUFS - loudness_lufs(audio)
    for _ in range(_MOST_ROUNDS):  # limiting reduces loudness, so it takes a few rounds
        gain_db += error
        mastered = _amplify(audio, peaks, 10 ** (gain_db / 20))
        error = TARGET_LUFS - loudness_lufs(mastered)
        if abs(error) >= best_error:  # more gain makes it no louder
            break
        best, best_error = mastered, abs(error)
        if best_error < _AIM_LU:
            break
    return best


def is_silent(audio: Audio) -> bool:
    """Whether the sound would be inaudible at a normal level."""
    return not audio.samples.any() or loudness_lufs(audio) < SILENCE_LUFS


def loudness_lufs(audio: Audio) -> float:
    """Measures integrated loudness in LUFS, -inf for silence."""
    import pyloudnorm

    with np.errstate(divide="ignore"):
        return float(pyloudnorm.Meter(audio.sample_rate).integrated_loudness(audio.samples.T.astype(np.float64)))


def true_peak_dbtp(audio: Audio) -> float:
    """Measures the highest level on and between samples in dBTP, -inf for silence."""
    block, edge = _BLOCK_S * audio.sample_rate, _CONTEXT_MS * audio.sample_rate // 1000
    peak = 0.0
    for start in range(0, audio.length, block):  # so that ten minutes need little memory
        first = max(0, start - edge)
        peaks = true_peaks(audio.samples[:, first : start + block + edge])
        peak = max(peak, float(peaks[start - first : start - first + block].max()))
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(peak))


def _amplify(audio: Audio, peaks: np.ndarray, gain: float) -> Audio:
    """Multiplies all channels with a gain, reduced around the true peaks (n,) that would exceed the ceiling."""
    ceiling = 10 ** ((PEAK_CEILING_DBTP - _HEADROOM_DB) / 20)
    allowed = np.minimum(gain, ceiling / np.maximum(peaks, 1e-9))  # (n,)
    if allowed.min() < gain:
        # the lowest gain within reach, smoothed over the same reach, never exceeds the allowed gain
        reach = round(_LOOK_AHEAD_S * audio.sample_rate)
        lowest = np.pad(minimum_filter1d(allowed, 2 * reach + 1, mode="nearest"), reach, mode="edge")
        slope = np.hanning(2 * reach + 3)[1:-1]
        allowed = oaconvolve(lowest, slope / slope.sum(), mode="valid")
    return Audio(audio.samples * allowed.astype(np.float32), audio.sample_rate)


def true_peaks(samples: np.ndarray) -> np.ndarray:
    """Returns (n,) float32: the highest absolute value of any channel (channels, n) from each sample up to the next."""
    import soxr

    between = soxr.resample(samples.T.astype(np.float32), 1, _OVERSAMPLING, quality="HQ")  # (4 n, channels)
    np.abs(between, out=between)
    highest = reduce(np.maximum, between.T)  # maxima of long rows: one over a short axis takes five times as long
    return reduce(np.maximum, (highest[first::_OVERSAMPLING] for first in range(_OVERSAMPLING)))
