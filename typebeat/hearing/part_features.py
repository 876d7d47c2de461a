"""What is measured in a beat's parts to tell instruments, grooves, basses and styles: levels of narrow bands, no pitch.

All of it comes from `part_levels`, (frames, bands) every 10 ms. What is told by these numbers is decided by the
networks of `parts_reranker.py`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from typebeat.hearing.strikes import BAND_HZ, BANDS, HOP, SAMPLE_RATE, band_levels
from typebeat.sound.audio import Audio

STEPS = 32  # sixteenths of two bars
FLOOR_DB = -70.0  # lowest level, relative to the loudest band of the part
_SOUNDING_DB = -40.0  # frames whose loudest band lies below do not count
_HOP = 2 * HOP
FRAME_SECONDS = _HOP / SAMPLE_RATE
LONGEST_SECONDS = 16.0  # of a part; what follows is not heard
_BEATS_HZ = (0.0, 150.0, 500.0, 1_800.0, 5_500.0, 16_000.0)  # kick, body of a snare, its noise, claps, hats
_AFTER = (-3, 1, 3, 8, 20, 40)  # frames of 10 ms from a note's beginning
_MOST_ONSETS = 64
_STRETCH_SECONDS, _QUIET_SHARE = 4.0, 0.01  # of the loudest band's power; in quieter stretches nothing is heard
_BESIDE = 0.03  # seconds from its place that a stroke may fall
_TRIPLETS = (2 / 3, 4 / 3, 8 / 3)  # sixteenths after a beat that only triplets fall on
SOUND_SIZE = BANDS * (6 + len(_AFTER))
PATTERN_SIZE = (len(_BEATS_HZ) - 1) * (STEPS + len(_TRIPLETS))


def stretch_features(levels: np.ndarray) -> np.ndarray:
    """Returns `sound_features` of each stretch of some seconds in which something sounds, (stretches, `SOUND_SIZE`)."""
    length = round(_STRETCH_SECONDS / FRAME_SECONDS)
    starts = range(0, max(1, len(levels) - length // 2), length)
    stretches = [levels[start : start + length] for start in starts]
    loudest = levels.max()
    return np.array([sound_features(each) for each in stretches if each.max() >= _QUIET_SHARE * loudest])


def sound_features(levels: np.ndarray) -> np.ndarray:
    """Returns what a part sounds like: levels, their movement, how notes begin and go on; (`SOUND_SIZE`,) float32."""
    db = decibels(levels)
    sounding = db[db.max(axis=1) > _SOUNDING_DB]
    moves = [np.abs(db[step:] - db[:-step]).mean(axis=0) if len(db) > step else np.zeros(BANDS) for step in (2, 10)]
    spread = np.percentile(sounding, (25, 75, 95), axis=0)
    return np.concatenate([sounding.mean(axis=0), *spread, *moves, _beginnings(db).ravel()]).astype(np.float32)


def pattern_features(levels: np.ndarray, bpm: float) -> np.ndarray:
    """Returns where drums strike: rises of five ranges on each sixteenth of two bars and on triplets.

    It is (`PATTERN_SIZE`,) float32. The first frame is beat one. Rises are relative to the strongest of their range.
    """
    rises = maximum_filter1d(_rises(levels), 2 * round(_BESIDE / FRAME_SECONDS) + 1, axis=0)
    step = 15 / bpm / FRAME_SECONDS
    cycles = max(1, int(len(rises) / step) // STEPS)

    def at(places: np.ndarray) -> np.ndarray:
        return rises[np.clip(np.rint(places * step).astype(int), 0, len(rises) - 1)]

    folded = at(np.arange(cycles * STEPS)).reshape(cycles, STEPS, -1)
    beats = np.arange(cycles * STEPS // 4) * 4.0
    triplets = [at(beats + share).mean(axis=0) for share in _TRIPLETS]
    return np.concatenate([folded.mean(axis=0).ravel(), *triplets]).astype(np.float32)


def pattern_from_second_bar(features: np.ndarray) -> np.ndarray:
    """Returns `pattern_features` (..., n) as they are where the two bars are counted from the second."""
    cut = STEPS * (len(_BEATS_HZ) - 1)
    return np.concatenate([np.roll(features[..., :cut], cut // 2, axis=-1), features[..., cut:]], axis=-1)


def part_levels(part: Audio) -> np.ndarray:
    """Returns the power of each band of a part, (frames, bands) every `FRAME_SECONDS`."""
    length = int(LONGEST_SECONDS * part.sample_rate)
    return band_levels(Audio(part.samples[:, :length], part.sample_rate), _HOP)


def decibels(levels: np.ndarray) -> np.ndarray:
    """Returns levels in dB relative to the loudest band at its loudest, at least `FLOOR_DB`."""
    db = 10 * np.log10(np.maximum(levels, 1e-20))
    return np.maximum(db - db.max(), FLOOR_DB)


def _beginnings(db: np.ndarray) -> np.ndarray:
    """Returns the mean spectrum around the strongest onsets, relative to the loudest band there, (6, bands)."""
    rise = np.maximum(0, db[3:] - db[:-3]).mean(axis=1) if len(db) > 3 else np.zeros(1)
    tops = np.flatnonzero((rise == maximum_filter1d(rise, 9)) & (rise > 0)) + 2
    tops = tops[np.argsort(-rise[tops - 2], kind="stable")][:_MOST_ONSETS]
    tops = tops if len(tops) else np.array([0])
    around = db[np.clip(tops[:, None] + np.array(_AFTER), 0, len(db) - 1)]  # (onsets, 6, bands)
    return (around - around.max(axis=(1, 2), keepdims=True)).mean(axis=0)


def _rises(levels: np.ndarray) -> np.ndarray:
    """Returns how much each range of frequencies grows louder at each frame, (frames, ranges), 0 to about 1."""
    ranges = [(low <= BAND_HZ) & (high > BAND_HZ) for low, high in pairwise(_BEATS_HZ)]
    power = np.stack([levels[:, each].sum(axis=1) for each in ranges], axis=1)
    loud = np.maximum(np.percentile(power, 99, axis=0), 1e-12)
    db = 10 * np.log10(power / loud + 1e-4)
    before = uniform_filter1d(db, 3, axis=0, origin=1, mode="nearest")
    return np.clip((np.roll(db, -1, axis=0) - np.roll(before, 1, axis=0)) / 40, 0, 1)
