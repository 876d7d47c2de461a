"""Moves notes onto the grid and keeps the groove: straight or swung sixteenths, and finer steps where they are played.

Each half beat of each pitch is read as sixteenths, thirty-second notes or sixteenth triplets, whichever explains its
onsets at the least cost. Pitches are read separately, so a hi-hat roll in triplets does not move the kick under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from typebeat.hearing.grid import STRAIGHT, Grid
from typebeat.hearing.tempo import SIXTEENTHS_PER_BEAT
from typebeat.midi.notes import Note, without_overlaps

FEELS = {"tight": 1.0, "groove": 0.5, "raw": 0.0}  # how far an onset is moved towards the grid: 1 is all the way
SWING_LIMITS = (STRAIGHT, 0.70)
_STRAIGHT_WITHIN = 0.02  # a smaller swing is taken for an error of the onset detector
_ENOUGH = 4  # onsets on odd sixteenths that are needed to fit a swing
_JITTER_SECONDS = 0.012  # standard deviation of a detected onset
_FINER_COST = 2.0  # nats that any reading other than sixteenths costs
_COLLISION_COST = 20.0  # nats that two hits on one place cost
_NEAREST_SECONDS = 0.010  # onsets of a pitch closer than this are one
_PAIR = 2.0  # sixteenths in a half beat
_EARLY = 1 / 16  # beats: an onset this little before a beat belongs to it


def quantize(notes: Sequence[Note], grid: Grid, feel: str) -> tuple[Note, ...]:
    """Moves the notes of one part to the grid; lengths stay, and notes of one pitch do not overlap.

    Args:
        notes: The part's notes.
        grid: The beat's grid.
        feel: "tight" (onto the grid, with the part's own swing), "groove" (half the way) or "raw" (not moved).
    """
    strength = FEELS[feel]
    swing = fit_swing([note.onset for note in notes], grid)
    groups: dict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in notes:
        groups[note.pitch, int(np.floor(_place(note.onset, grid) / SIXTEENTHS_PER_BEAT + _EARLY))].append(note)
    moved = []
    for (_, beat), group in groups.items():
        inside = np.array([_place(note.onset, grid) - beat * SIXTEENTHS_PER_BEAT for note in group])
        targets = grid.downbeat + beat * grid.beat_seconds + _places(inside, grid, swing) * grid.sixteenth_seconds
        for note, target in zip(group, targets, strict=True):
            moved.append(_shifted(note, strength * (max(0.0, target) - note.onset)))
    return without_overlaps(moved, _NEAREST_SECONDS)


def fit_swing(onsets: Sequence[float], grid: Grid) -> float:
    """Fits the share of a pair of sixteenths that the first takes, 0.5 to 0.7.

    Rolls and triplets are left out. If too few onsets remain, the grid's own swing is returned.
    """
    places = (np.sort(np.asarray(onsets, float)) - grid.downbeat) / grid.sixteenth_seconds
    pairs = np.floor((places + 4 * _EARLY) / _PAIR)
    inside = places - pairs * _PAIR
    is_roll = {pair for pair, x in zip(pairs, inside, strict=True) if 0.35 < x < 0.8 or x > 1.45}
    odd = [x for pair, x in zip(pairs, inside, strict=True) if 0.8 <= x <= 1.45 and pair not in is_roll]
    if len(odd) < _ENOUGH:
        return grid.swing
    swing = float(np.clip(np.median(odd) / _PAIR, *SWING_LIMITS))
    return STRAIGHT if swing - STRAIGHT < _STRAIGHT_WITHIN else swing


def _places(inside: np.ndarray, grid: Grid, swing: float) -> np.ndarray:
    """Returns the places of the onsets of one beat, both in sixteenths from its start.

    Every pair of readings of the two half beats is tried; a finer reading that both share costs only once.
    """
    halves = [inside < _PAIR - 4 * _EARLY, inside >= _PAIR - 4 * _EARLY]
    fits = [
        {steps: _fit(inside[half] - _PAIR * i, steps, slots, grid) for steps, slots in _readings(swing)}
        for i, half in enumerate(halves)
    ]
    _, first, second = min(
        (fits[0][a][0] + fits[1][b][0] + _FINER_COST * len({a, b} - {2}), a, b) for a in fits[0] for b in fits[1]
    )
    placed = np.empty_like(inside)
    placed[halves[0]] = fits[0][first][1]
    placed[halves[1]] = fits[1][second][1] + _PAIR
    return placed


def _fit(inside: np.ndarray, steps: int, slots: np.ndarray, grid: Grid) -> tuple[float, np.ndarray]:
    """Returns the cost in nats of one reading of a half beat, and the places of its onsets."""
    nearest = np.abs(inside[:, None] - slots).argmin(axis=1)
    misses = (inside - slots[nearest]) * grid.sixteenth_seconds / _JITTER_SECONDS
    collisions = len(nearest) - len(set(nearest))
    cost = 0.5 * float(np.sum(misses**2)) + len(inside) * np.log(steps) + collisions * _COLLISION_COST
    return cost, slots[nearest]


def _readings(swing: float) -> tuple[tuple[int, np.ndarray], ...]:
    """Returns for each reading its steps in a half beat and their places in sixteenths, the next half beat included."""
    odd = _PAIR * swing
    sixteenths = np.array([0, odd, _PAIR])
    thirty_seconds = np.array([0, odd / 2, odd, (odd + _PAIR) / 2, _PAIR])
    return (2, sixteenths), (4, thirty_seconds), (3, np.arange(4) * _PAIR / 3)


def _place(onset: float, grid: Grid) -> float:
    return (onset - grid.downbeat) / grid.sixteenth_seconds


def _shifted(note: Note, seconds: float) -> Note:
    glide_at = None if note.glide_at is None else note.glide_at + seconds
    return replace(note, onset=note.onset + seconds, offset=note.offset + seconds, glide_at=glide_at)
