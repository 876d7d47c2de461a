"""Compares each moment with the same place of the other bars: hits that repeat are believed sooner.

A loop may repeat every one, two or four bars; the period that agrees best with the moment counts.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.grid import Grid
from typebeat.hearing.strikes import FRAME_SECONDS

_PERIODS = (1, 2, 4)  # bars
_NEAR_SECONDS = 0.02  # how far apart the same hit may lie in two bars
_FEWEST_BARS = 3
_STRENGTH = 2.0  # nats added if all other bars agree, and taken away if none does
_EPSILON = 1e-4  # keeps the logarithm of the odds finite


def with_repeats(sure: np.ndarray, grid: Grid) -> np.ndarray:
    """Raises or lowers certainties (frames, things) in [0, 1] by those at the same place of the other bars."""
    per_bar = round(grid.bar_seconds / FRAME_SECONDS)
    starts = grid.downbeat + np.arange(grid.bars) * grid.bar_seconds
    places = np.rint(starts[:, None] / FRAME_SECONDS).astype(int) + np.arange(per_bar)  # (bars, frames of a bar)
    if grid.bars < _FEWEST_BARS or places[-1, 0] >= len(sure):
        return sure
    places = np.clip(places, 0, len(sure) - 1)
    near = maximum_filter1d(sure, 1 + 2 * round(_NEAR_SECONDS / FRAME_SECONDS), axis=0)[places]
    others = np.max([_others(near, period) for period in _PERIODS if period == 1 or grid.bars > period], axis=0)
    odds = np.log((sure + _EPSILON) / (1 - sure + _EPSILON))
    inside = starts[:, None] + np.arange(per_bar) * FRAME_SECONDS >= 0
    odds[places[inside]] += _STRENGTH * (2 * others - 1)[inside]
    return 1 / (1 + np.exp(-odds))


def _others(near: np.ndarray, period: int) -> np.ndarray:
    """Averages the other bars at the same phase of a period; the mean of all other bars counts as one more of them."""
    everywhere = (near.sum(axis=0) - near) / (len(near) - 1)
    mean = np.empty_like(near)
    for phase in range(period):
        bars = near[phase::period]
        mean[phase::period] = (bars.sum(axis=0) - bars + everywhere[phase::period]) / len(bars)
    return mean
