"""Measures how far one set of sounds is from another, by the kernel distance (KAD) of log-mel statistics.

KAD (Chung et al. 2025) is the unbiased squared maximum mean discrepancy with a Gaussian kernel, times 1000 as in the
paper; the width of the kernel is the median distance between the reference sounds. Unlike the Fréchet distance it is
not biased by the number of sounds, so a few dozen suffice; a bootstrap interval gives the uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from typebeat.sound.audio import Audio, resample

RATE = 32_000  # Hz, to which all sounds are resampled
EMBEDDING = "mean, deviation, movement and 90th percentile of 64 log-mel bands"
_SCALE = 1000
_RESAMPLINGS = 200


@dataclass(frozen=True)
class Distance:
    """A kernel distance with its 95 % bootstrap interval and the number of sounds on both sides."""

    value: float
    low: float
    high: float
    sounds: int
    references: int


def embed(audio: Audio) -> np.ndarray:
    """Returns statistics of a sound of any rate and channel count, independent of its level, (256,)."""
    import librosa

    mono = resample(Audio(audio.samples.mean(axis=0), audio.sample_rate), RATE).samples[0]
    mel = librosa.feature.melspectrogram(y=mono, sr=RATE, n_fft=2048, hop_length=640, n_mels=64, fmax=15_000)
    db = 10 * np.log10(mel + 1e-9)
    db = np.maximum(db - db.max(), -80)
    moves = np.abs(np.diff(db, axis=1))
    return np.concatenate([db.mean(axis=1), db.std(axis=1), moves.mean(axis=1), np.percentile(db, 90, axis=1)])


def kernel_distance(sounds: np.ndarray, references: np.ndarray, seed: int = 0) -> Distance:
    """Compares two sets of embeddings, (n, features) each, of at least two sounds.

    Raises:
        ValueError: there are fewer.
    """
    if len(sounds) < 2 or len(references) < 2:
        raise ValueError(f"two sounds at least are needed on both sides, not {len(sounds)} and {len(references)}")
    spread = (
        np.concatenate([sounds, references]).std(axis=0) + 1e-6
    )  # of both sets: the spread of a small one alone would favour it
    x, y = sounds / spread, references / spread
    apart = cdist(y, y)
    width = np.median(apart[np.triu_indices(len(y), 1)]) or 1.0

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * width**2))

    kernels = kernel(x, x), kernel(y, y), kernel(x, y)
    rng = np.random.default_rng(seed)
    drawn = [
        _mmd(kernels, rng.integers(len(x), size=len(x)), rng.integers(len(y), size=len(y))) for _ in range(_RESAMPLINGS)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    value = _mmd(kernels, np.arange(len(x)), np.arange(len(y)))
    return Distance(*(float(each) * _SCALE for each in (value, low, high)), len(x), len(y))


def _mmd(kernels: tuple[np.ndarray, np.ndarray, np.ndarray], xs: np.ndarray, ys: np.ndarray) -> float:
    """Returns the unbiased estimate for a choice of sounds; a sound is never compared with itself."""
    within_x, within_y, between = kernels

    def mean_of_others(within: np.ndarray, chosen: np.ndarray) -> float:
        others = chosen[:, None] != chosen[None]
        return float(within[np.ix_(chosen, chosen)][others].mean()) if others.any() else float("nan")

    return mean_of_others(within_x, xs) + mean_of_others(within_y, ys) - 2 * float(between[np.ix_(xs, ys)].mean())
