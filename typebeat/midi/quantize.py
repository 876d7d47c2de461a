"""Notes onto the grid without losing the groove: straight or swung sixteenths, and finer where the onsets say so.

Each half of a beat of each pitch is read as sixteenths, thirty-seconds or sixteenth triplets, whichever explains its
onsets at the least cost: a hat that rolls in triplets does not bend the kick under it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from typebeat.hearing.passport import SIXTEENTHS_PER_BEAT, STRAIGHT, Grid
from typebeat.midi.notes import Note, without_overlaps

FEELS = {"tight": 1.0, "groove": 0.5, "raw": 0.0}  # share of the way to the grid that an onset is moved
SWING_LIMITS = (STRAIGHT, 0.70)
_STRAIGHT_WITHIN = 0.02  # a swing nearer to straight than this is how an onset detector errs
_ENOUGH = 4  # onsets on odd sixteenths that swing is fitted from
_JITTER_SECONDS = 0.012  # by which a detected onset is off, about
_FINER_COST = 2.0  # of another reading than sixteenths, in nats
_COLLISION_COST = 20.0  # of two hits on one place
_NEAREST_SECONDS = 0.010  # two onsets of a pitch nearer than this are one
_PAIR = 2.0  # sixteenths in a half beat
_EARLY = 1 / 16  # of a beat: an onset this little before a beat belongs to it


def quantize(notes: Sequence[Note], grid: Grid, feel: str) -> tuple[Note, ...]:
    """Moves onsets to the grid; lengths stay, and notes of one pitch do not overlap.

    Args:
        notes: What one part plays.
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
    """The share of a pair of sixteenths that the first takes, 0.5 to 0.7; the grid's own where too few onsets tell.

    Pairs that hold more than two places are rolls or triplets and tell nothing of swing.
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
    """Where the onsets of a beat belong, both in sixteenths from its start.

    Every pair of readings of the two halves is weighed; one other than sixteenths costs once where both halves have it.
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
    """What a reading of half a beat costs, in nats, and the places that it gives the onsets."""
    nearest = np.abs(inside[:, None] - slots).argmin(axis=1)
    misses = (inside - slots[nearest]) * grid.sixteenth_seconds / _JITTER_SECONDS
    collisions = len(nearest) - len(set(nearest))
    cost = 0.5 * float(np.sum(misses**2)) + len(inside) * np.log(steps) + collisions * _COLLISION_COST
    return cost, slots[nearest]


def _readings(swing: float) -> tuple[tuple[int, np.ndarray], ...]:
    """Steps of a half beat and their places in sixteenths, with the next half beat's first, as swing bends them."""
    odd = _PAIR * swing
    sixteenths = np.array([0, odd, _PAIR])
    thirty_seconds = np.array([0, odd / 2, odd, (odd + _PAIR) / 2, _PAIR])
    return (2, sixteenths), (4, thirty_seconds), (3, np.arange(4) * _PAIR / 3)


def _place(onset: float, grid: Grid) -> float:
    return (onset - grid.downbeat) / grid.sixteenth_seconds


def _shifted(note: Note, seconds: float) -> Note:
    glide_at = None if note.glide_at is None else note.glide_at + seconds
    return replace(note, onset=note.onset + seconds, offset=note.offset + seconds, glide_at=glide_at)
