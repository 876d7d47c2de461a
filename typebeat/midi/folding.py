"""What the other bars of a loop say of a moment: hits that repeat are believed sooner than hits that do not.

A beat may repeat every bar, every two or every four; the period whose other bars agree most with the moment counts.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d

from typebeat.hearing.passport import Grid
from typebeat.hearing.strikes import FRAME_SECONDS

_PERIODS = (1, 2, 4)  # bars
_NEAR_SECONDS = 0.02  # how far two bars' hits may lie apart to be the same
_FEWEST_BARS = 3
_STRENGTH = 2.0  # in nats, of all or none of the other bars
_EPSILON = 1e-4


def folded(sure: np.ndarray, grid: Grid) -> np.ndarray:
    """Certainties (frames, things) in [0, 1], moved by those at the same place of the other bars."""
    per_bar = round(grid.bar_seconds / FRAME_SECONDS)
    starts = grid.downbeat + np.arange(grid.bars) * grid.bar_seconds
    places = np.rint(starts[:, None] / FRAME_SECONDS).astype(int) + np.arange(per_bar)  # (bars, frames of a bar)
    if grid.bars < _FEWEST_BARS or places[-1, 0] >= len(sure):
        return sure
    places = np.minimum(places, len(sure) - 1)
    near = maximum_filter1d(sure, 1 + 2 * round(_NEAR_SECONDS / FRAME_SECONDS), axis=0)[places]
    others = np.max([_others(near, period) for period in _PERIODS if period == 1 or grid.bars > period], axis=0)
    odds = np.log((sure + _EPSILON) / (1 - sure + _EPSILON))
    odds[places] += _STRENGTH * (2 * others - 1)
    return 1 / (1 + np.exp(-odds))


def _others(near: np.ndarray, period: int) -> np.ndarray:
    """The mean of each bar's fellows in the period, and once of all other bars, which counts where there are few."""
    everywhere = (near.sum(axis=0) - near) / (len(near) - 1)
    mean = np.empty_like(near)
    for turn in range(period):
        bars = near[turn::period]
        mean[turn::period] = (bars.sum(axis=0) - bars + everywhere[turn::period]) / len(bars)
    return mean
