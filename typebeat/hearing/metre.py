"""Hears the metre: how many sixteenths a bar has, from what comes back after them. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.onsets import HOP_SECONDS, LEAD, Onsets
from typebeat.hearing.tempo import Pulse

_FOURS = (16, 32)  # sixteenths after which 4/4 comes back
_OTHERS = {12: ("3/4", "6/8"), 14: ("7/8",), 20: ("5/4",)}  # sixteenths of a bar -> the metres that have as many
_CLEARLY = 0.1  # likeness by which another metre must be ahead of 4/4
_LEFT_OVER = 0.55  # share of what 4/4 does not explain that another metre may leave unexplained
_ALIKE = 0.5  # likeness of bars from which a metre is heard at all
_FEWEST_BARS = 2.6  # bars that are needed to tell that something comes back
_TRIPLETS = 12  # sixteenths of a bar of 4/4 in triplets of eighths
_BUSY = 0.2  # how much odd sixteenths bring, relative to the strongest, where triplets are played throughout
WRITTEN = ("4/4", "3/4", "6/8")  # metres that are written without being stated


@dataclass(frozen=True)
class Metre:
    """A metre and whether it is written; others are only told."""

    name: str
    is_written: bool
    is_triplets: bool = False  # whether its bars of twelve sixteenths are rather those of 4/4 in triplets


def hear_metre(onsets: Onsets, pulse: Pulse) -> Metre:
    """Tells 4/4 from 3/4, 6/8, 5/4 and 7/8; what is not clear is 4/4."""
    places = _levels(onsets, pulse)
    four = max(_comes_back(places, lag) for lag in _FOURS)
    rated = {lag: max(_comes_back(places, lag), _comes_back(places, 2 * lag)) for lag in _OTHERS}
    rated = {lag: rate for lag, rate in rated.items() if _comes_back(places, lag) > _ALIKE}
    if not rated:
        return Metre("4/4", True)
    lag = max(rated, key=lambda each: rated[each])
    if rated[lag] < four + _CLEARLY or 1 - rated[lag] > _LEFT_OVER * (1 - four):
        return Metre("4/4", True)
    names = _OTHERS[lag]
    folded = _folded(places, lag)
    if (
        lag == _TRIPLETS
        and _is_compound(folded)
        and np.median(folded.sum(axis=1)[1::2]) > _BUSY * folded.sum(axis=1).max()
    ):
        return Metre("6/8", True, is_triplets=True)
    name = "6/8" if len(names) > 1 and _is_compound(folded) else names[0]
    return Metre(name, name in WRITTEN)


def _levels(onsets: Onsets, pulse: Pulse) -> np.ndarray:
    """Returns how much each range rises at each sixteenth, (sixteenths, ranges), without its mean."""
    seconds = (len(onsets.strength) - LEAD) * HOP_SECONDS
    number = np.arange(max(1, int((seconds - pulse.phase) / pulse.sixteenth)))
    times = pulse.phase + (number + pulse.late * (number % 2)) * pulse.sixteenth
    frames = np.round(times / HOP_SECONDS).astype(int) + LEAD
    curves = np.stack([np.minimum(rise, 1.5) for rise in onsets.rises.values()], axis=1)
    padded = np.pad(curves, ((4, 8), (0, 0)))
    return np.max([padded[np.clip(frames + 4 + shift, 0, len(padded) - 1)] for shift in range(-3, 4)], axis=0)


def _comes_back(places: np.ndarray, lag: int) -> float:
    """Correlates the sixteenths with those `lag` later, -1 to 1; 0 if the sound is too short for it."""
    if len(places) < _FEWEST_BARS * lag:
        return 0.0
    early, late = places[:-lag] - places.mean(axis=0), places[lag:] - places.mean(axis=0)
    return float((early * late).sum() / np.sqrt((early**2).sum() * (late**2).sum() + 1e-12))


def _folded(places: np.ndarray, lag: int) -> np.ndarray:
    """Averages all bars, (sixteenths of a bar, ranges)."""
    return np.stack([places[at::lag].mean(axis=0) for at in range(lag)])


def _is_compound(folded: np.ndarray) -> bool:
    """Whether bars of twelve sixteenths fall into two halves (6/8) rather than three thirds (3/4)."""
    lag = len(folded)
    accents = folded[:, :3].sum(axis=1)  # hats tell little
    accents = accents - accents.mean()

    def pull(parts: int) -> float:
        return float(np.abs(np.exp(2j * np.pi * np.arange(lag) * parts / lag) @ accents))

    return pull(2) > pull(3)
