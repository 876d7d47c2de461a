"""Measures a beat's parts for the benchmark's ear: mel spectra, notes' beginnings, and where each drum is struck.

Each function takes mono samples (n,) float32 in [-1, 1] and returns a vector, float32.
"""

import librosa
import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.strikes import FRAME_SECONDS, HEARD, band_levels, certainty
from typebeat.sound.audio import Audio

BANDS, HOP_SECONDS = 64, 0.02
QUIET_DB = -45.0  # frames below, relative to the loudest, do not count as sounding
FLOOR_DB = -70.0
AUDIBLE_DB = -55.0  # bands below, relative to the loudest
AFTER_ONSET = (-1, 1, 3, 6, 12, 20)  # frames of 20 ms from a note's beginning
MOST_ONSETS = 60
STRETCH_SECONDS, QUIET_SHARE = 4.0, 0.1  # of the part's peak; in quieter stretches nothing is heard
STEPS = 32  # sixteenths of two bars
_BESIDE_SECONDS = 0.03  # how far from its place a stroke may fall
DRUMS = tuple(name for name in HEARD if name != "bass")
TRIPLETS = (2 / 3, 4 / 3, 8 / 3)  # sixteenths after a beat that only triplets fall on
PATTERN_SIZE, TIMBRE_SIZE = len(DRUMS) * (STEPS + len(TRIPLETS)), BANDS * (5 + len(AFTER_ONSET))


def spectrum_db(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns mel levels in dB relative to the loudest, (BANDS, frames) within `FLOOR_DB` and 0."""
    hop = int(HOP_SECONDS * sample_rate)
    mel = librosa.feature.melspectrogram(
        y=samples, sr=sample_rate, n_fft=2048, hop_length=hop, n_mels=BANDS, fmin=40, fmax=15_000
    )
    db = 10 * np.log10(mel + 1e-12)
    return np.maximum(db - db.max(), FLOOR_DB)


def timbres(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns `timbre` of each stretch of some seconds in which something sounds, (stretches, TIMBRE_SIZE)."""
    length = round(STRETCH_SECONDS * sample_rate)
    starts = range(0, max(1, len(samples) - length // 2), length)
    stretches = [samples[start : start + length] for start in starts]
    loudest = np.abs(samples).max()
    return np.array([timbre(each, sample_rate) for each in stretches if np.abs(each).max() > QUIET_SHARE * loudest])


def timbre(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Returns what tells an instrument: levels while it sounds, their movement, and how its notes begin and go on.

    What lies `AUDIBLE_DB` below the loudest band does not count, so that a codec's hiss there changes nothing.
    """
    db = spectrum_db(samples, sample_rate)
    loud = db.max(axis=0)
    sounding = db[:, loud > QUIET_DB]
    high = np.percentile(sounding, 90, axis=1)
    moves = [sounding.std(axis=1), *(np.abs(db[:, step:] - db[:, :-step]).mean(axis=1) for step in (1, 5))]
    levels = [np.maximum(each, AUDIBLE_DB) for each in (sounding.mean(axis=1), high, _beginnings(db))]
    return np.concatenate([*levels, *(np.where(high > AUDIBLE_DB, each, 0) for each in moves)]).astype(np.float32)


def _beginnings(db: np.ndarray) -> np.ndarray:
    """Returns the mean spectrum around the strongest onsets, relative to the loudest band there, (6 x BANDS,)."""
    rise = np.maximum(0, np.diff(db, axis=1, prepend=db[:, :1])).mean(axis=0)
    tops = np.flatnonzero((rise == maximum_filter1d(rise, 5)) & (rise > 0.5))
    tops = tops[np.argsort(-rise[tops])][:MOST_ONSETS]
    tops = tops if len(tops) else np.array([0])
    around = db[:, np.clip(tops[:, None] + np.array(AFTER_ONSET), 0, db.shape[1] - 1)]  # (BANDS, onsets, 6)
    return (around - around.max(axis=(0, 2), keepdims=True)).mean(axis=1).T.ravel()


def pattern(drums: np.ndarray, sample_rate: int, bpm: float) -> np.ndarray:
    """Returns how surely each drum is struck on each sixteenth of two bars and on the triplets between, averaged.

    The first sample is beat one; (drums x (STEPS + 3),).
    """
    sure = certainty(band_levels(Audio(drums[None], sample_rate)))[:, : len(DRUMS)]
    beside = round(_BESIDE_SECONDS / FRAME_SECONDS)
    sure = maximum_filter1d(sure, 2 * beside + 1, axis=0)
    step = 15 / bpm / FRAME_SECONDS
    count = max(STEPS, int(len(sure) / step) // STEPS * STEPS)
    at = np.clip(np.rint(np.arange(count) * step).astype(int), 0, len(sure) - 1)
    folded = sure[at].reshape(-1, STEPS, len(DRUMS)).mean(axis=0)
    beats = np.arange(count // 4) * 4
    triplets = [
        sure[np.clip(np.rint((beats + share) * step).astype(int), 0, len(sure) - 1)].mean(axis=0) for share in TRIPLETS
    ]
    return np.concatenate([folded.ravel(), *triplets]).astype(np.float32)


def a_bar_later(vectors: np.ndarray) -> np.ndarray:
    """Returns patterns (..., drums x (STEPS + 3)) as they are where the two bars are counted from the second."""
    cut = STEPS * len(DRUMS)
    return np.concatenate([np.roll(vectors[..., :cut], cut // 2, axis=-1), vectors[..., cut:]], axis=-1)
