"""Level: every beat leaves at the same loudness, with its peaks below the ceiling, and otherwise as it was.

A gain, and a limiter that looks ahead and looks between samples. No equaliser, no compressor, no noise: silence stays
silence. numpy and scipy; pyloudnorm measures (ITU-R BS.1770).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import oaconvolve

from typebeat.sound.audio import Audio

TARGET_LUFS = -14.0
LUFS_TOLERANCE = 0.2  # what is promised
PEAK_CEILING_DBTP = -1.0  # what is promised; other meters interpolate a little differently, hence the headroom below
SILENCE_LUFS = -60.0  # quieter than this is not made louder

_AIM_LU = 0.02  # the loop below ends this close to the target
_HEADROOM_DB = 0.3
_OVERSAMPLING = 4
_LOOK_AHEAD_S = 0.015  # the gain moves over twice this, slowly enough for an 808
_MOST_ROUNDS = 16
_BLOCK_S, _CONTEXT_MS = 60, 10  # true peaks are found in blocks, each with what surrounds it


class BrokenAudioError(Exception):
    """Sound that must not reach anybody: not a number, or silence where a beat was asked for."""


def master(audio: Audio) -> Audio:
    """Returns the sound at -14 LUFS with true peaks under -1 dBTP; sound that is silent is returned as it is.

    Where the peaks stand so far above the rest that more gain makes it no louder, the loudness stays below the target
    and the ceiling holds.

    Raises:
        BrokenAudioError: a sample is NaN or infinite.
        ValueError: it is shorter than the 0.4 s that loudness is measured over.
    """
    if not np.isfinite(audio.samples).all():
        raise BrokenAudioError("the model made samples that are not numbers; try another seed")
    if is_silent(audio):
        return audio
    peaks = true_peaks(audio.samples)
    gain_db, best, best_error = 0.0, audio, float("inf")
    error = TARGET_LUFS - loudness_lufs(audio)
    for _ in range(_MOST_ROUNDS):  # limiting takes loudness away, so a few rounds are needed
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
    """Whether nobody would hear anything at a normal level."""
    return not audio.samples.any() or loudness_lufs(audio) < SILENCE_LUFS


def loudness_lufs(audio: Audio) -> float:
    """Integrated loudness in LUFS, -inf for silence."""
    import pyloudnorm

    with np.errstate(divide="ignore"):
        return float(pyloudnorm.Meter(audio.sample_rate).integrated_loudness(audio.samples.T.astype(np.float64)))


def true_peak_dbtp(audio: Audio) -> float:
    """Highest level between and on the samples in dBTP, -inf for silence."""
    block, edge = _BLOCK_S * audio.sample_rate, _CONTEXT_MS * audio.sample_rate // 1000
    peak = 0.0
    for start in range(0, audio.length, block):  # so that ten minutes need little memory
        first = max(0, start - edge)
        peaks = true_peaks(audio.samples[:, first : start + block + edge])
        peak = max(peak, float(peaks[start - first : start - first + block].max()))
    with np.errstate(divide="ignore"):
        return float(20 * np.log10(peak))


def _amplify(audio: Audio, peaks: np.ndarray, gain: float) -> Audio:
    """Applies a gain, less of it around what would exceed the ceiling, the same to all channels.

    Args:
        audio: What to amplify.
        peaks: (n,), its true peaks.
        gain: A factor.
    """
    ceiling = 10 ** ((PEAK_CEILING_DBTP - _HEADROOM_DB) / 20)
    allowed = np.minimum(gain, ceiling / np.maximum(peaks, 1e-9))  # (n,)
    if allowed.min() < gain:
        # the lowest gain in sight, smoothed over what is in sight, is never above the gain that is allowed
        reach = round(_LOOK_AHEAD_S * audio.sample_rate)
        lowest = np.pad(minimum_filter1d(allowed, 2 * reach + 1, mode="nearest"), reach, mode="edge")
        slope = np.hanning(2 * reach + 3)[1:-1]
        allowed = oaconvolve(lowest, slope / slope.sum(), mode="valid")
    return Audio(audio.samples * allowed.astype(np.float32), audio.sample_rate)


def true_peaks(samples: np.ndarray) -> np.ndarray:
    """Returns (n,): the highest absolute value of any channel (channels, n) from each sample up to the next."""
    import soxr

    between = np.abs(soxr.resample(samples.T.astype(np.float64), 1, _OVERSAMPLING, quality="VHQ"))  # (4 n, channels)
    return between.max(axis=1).reshape(-1, _OVERSAMPLING).max(axis=1)
