"""Finds the sixteenth that begins the bars: kick on 1, snare or clap on 3 or on 2 and 4, new chords, new bass notes.

`tempo.py` has found the sixteenths; here each of the sixteen possible starts of a bar is rated. numpy only.
"""

from __future__ import annotations

import numpy as np

from typebeat.hearing.chroma import FRAME_SECONDS, Chroma
from typebeat.hearing.onsets import EARLY_SECONDS, HOP_SECONDS, LEAD, Onsets
from typebeat.hearing.tempo import Pulse

PLACES = 16  # sixteenths in a bar
START_SECONDS = 0.04  # a downbeat this close to the first sample is taken to be on it
_SNARE_HZ = (700, 6_000)
_SNARE_BEFORE, _SNARE_AFTER = (-10, -1), (3, 16)  # frames around an onset that are compared
# weight of each clue, which is standardised over the sixteen starts; fitted, as a softmax over the starts, on beats of
# the corpus, of the starter and of other kits
_WEIGHTS = {
    "kick on 1": 1.53,
    "kick on 3": -0.17,
    "snare on 3": 0.53,
    "snare on 2 and 4": 0.68,
    "either snare": 0.64,
    "new chord": 1.11,
    "new bass": 0.79,
    "cymbal on 1": 0.25,
}
_START_WEIGHT = 2.0  # weight of the first sample, since most loops begin on the downbeat


def find_downbeat(onsets: Onsets, chroma: Chroma, pulse: Pulse, places: int = PLACES) -> tuple[float, float]:
    """Returns the seconds from the first sample to the first downbeat, and a confidence from 0 to 1.

    `places` is the number of sixteenths in a bar. In bars other than 4/4 the snare tells nothing.
    """
    seconds = (len(onsets.strength) - LEAD) * HOP_SECONDS
    stride = 2 if pulse.late else 1  # a bar begins on an even sixteenth
    starts = pulse.phase + np.arange(0, places, stride) * pulse.sixteenth
    starts = np.where(starts > places * pulse.sixteenth - START_SECONDS, starts - places * pulse.sixteenth, starts)
    kick, cymbal = (np.minimum(onsets.rises[name], 1.5) for name in ("low", "hat"))
    snare = _snare(onsets)
    clues = []
    for start in starts:
        kicks, snares, cymbals = (_by_place(curve, start, pulse, seconds, places) for curve in (kick, snare, cymbal))
        if places != PLACES:
            kicks, snares = np.append(kicks, kicks.mean())[[0] + [places] * 15], np.zeros(PLACES)
        backbeat = min(snares[4], snares[12])
        chord, bass = (_change(part, start, pulse, places) for part in (np.sqrt(chroma.pitched), chroma.bass))
        clues.append(
            (kicks[0], kicks[8], snares[8], backbeat, max(snares[8], backbeat), chord, bass, cymbals[0])  # as _WEIGHTS
        )
    table = np.array(clues)
    table = (table - table.mean(axis=0)) / (table.std(axis=0) + 0.02)
    rating = table @ np.array(list(_WEIGHTS.values())) + _START_WEIGHT * (np.abs(starts) < START_SECONDS)
    share = np.exp(rating - rating.max())
    share /= share.sum()
    return max(0.0, float(starts[share.argmax()])), float(share.max())


def _snare(onsets: Onsets) -> np.ndarray:
    """Returns how much the level in mid frequencies rises and stays up, as a snare makes it, (frames,)."""
    middle = onsets.levels[(onsets.band_hz > _SNARE_HZ[0]) & (onsets.band_hz < _SNARE_HZ[1])]
    frames = middle.shape[1]
    summed = np.cumsum(np.pad(middle, ((0, 0), (1, 0))), axis=1)

    def mean(first: int, last: int) -> np.ndarray:
        low, high = (np.clip(np.arange(frames) + edge, 0, frames) for edge in (first, last))
        return (summed[:, high] - summed[:, low]) / np.maximum(1, high - low)

    lift = np.maximum(0, mean(*_SNARE_AFTER) - mean(*_SNARE_BEFORE)).mean(axis=0)
    return lift / max(float(np.percentile(lift, 99)), 1e-6)


def _by_place(curve: np.ndarray, start: float, pulse: Pulse, seconds: float, places: int) -> np.ndarray:
    """Averages a curve over all bars at each of their sixteenths, (places,); the first bar begins at `start`."""
    number = np.arange(max(places, int((seconds - start) / pulse.sixteenth)))
    times = start + (number + pulse.late * (number % 2)) * pulse.sixteenth
    frames = np.round((times - EARLY_SECONDS) / HOP_SECONDS).astype(int) + LEAD
    padded = np.pad(curve, (0, 8))
    near = np.max([padded[np.clip(frames + shift, 0, len(padded) - 1)] for shift in range(-2, 4)], axis=0)
    return np.array([near[place::places].mean() for place in range(places)])


def _change(part: np.ndarray, start: float, pulse: Pulse, places: int) -> float:
    """Measures how much pitch classes (frames, 12) change at bar lines, from half bar to half bar: 0 to 1."""
    half = max(1, int(places / 2 * pulse.sixteenth / FRAME_SECONDS))
    lines = np.arange(start, len(part) * FRAME_SECONDS, places * pulse.sixteenth)
    summed = np.cumsum(np.pad(part, ((1, 0), (0, 0))), axis=0)
    at = np.clip(np.round(lines / FRAME_SECONDS).astype(int), 0, len(part))
    before = summed[at] - summed[np.maximum(at - half, 0)]
    after = summed[np.minimum(at + half, len(part))] - summed[at]
    size = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    heard = size > 0
    if not heard.any():
        return 0.0
    return float(np.mean(1 - (before[heard] * after[heard]).sum(axis=1) / size[heard]))
