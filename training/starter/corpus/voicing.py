"""Voices chords: which pitches an instrument plays for each, with as little movement from one to the next as may be."""

from functools import cache
from itertools import pairwise

import numpy as np

from training.starter.corpus.playing import PLAYING
from training.starter.corpus.score import Chord, Plan

_BASS_HAND = {"piano": 0.6, "felt-piano": 0.6, "electric-piano": 0.5, "organ": 0.3, "harp": 0.5}


def voiced(rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...]) -> list[tuple[int, ...]]:
    """Returns the pitches of each chord, lowest first; equal chords are voiced alike.

    Every tone of the chord is in it, and no other, but for the bass of a slash chord in a player's left hand.
    """
    playing = PLAYING[plan.chord_sound]
    low, high = playing.chord_low, playing.chord_high
    guitar, held = playing.family == "guitar", playing.family == "held"
    with_bass = guitar or rng.random() < _BASS_HAND.get(plan.chord_sound, 0.0) + 0.2 * ("808" in plan.left_out)
    wide = rng.random() < (0.5 if held else 0.25)
    centre = low + (high - low) * rng.uniform(0.38, 0.62)
    if "dark" in plan.moods or "warm" in plan.moods:
        centre -= 2
    known: dict[tuple[int, str, int], tuple[int, ...]] = {}
    before: tuple[int, ...] = ()
    result = []
    for chord in chords:
        name = (chord.root, chord.quality, chord.bass)
        if name not in known:
            upper_low = low + (9 if guitar else 0)
            shapes = _shapes(chord.tones, upper_low, high, wide)
            known[name] = min(shapes, key=lambda shape: _cost(shape, before, centre, chord))
            if with_bass:
                known[name] = _with_bass(known[name], chord, guitar, low, plan)
        before = known[name]
        result.append(before)
    return result


@cache
def _shapes(tones: tuple[int, ...], low: int, high: int, wide: bool) -> tuple[tuple[int, ...], ...]:
    """Returns the close, and if `wide` the open, positions of a chord between two pitches."""
    shapes = set()
    for first in range(low, high - 6):
        if first % 12 not in tones:
            continue
        close = sorted(first + (tone - first) % 12 for tone in tones)
        candidates = [close]
        if wide and len(close) > 2:
            candidates.append(sorted((close[0], *close[2:], close[1] + 12)))
            candidates.append(sorted((close[0] - 12, *close[1:])))
        shapes.update(tuple(c) for c in candidates if c[0] >= low and c[-1] <= high)
    return tuple(sorted(shapes))


def _cost(shape: tuple[int, ...], before: tuple[int, ...], centre: float, chord: Chord) -> float:
    cost = 0.35 * abs(sum(shape) / len(shape) - centre)
    cost += 1.5 * sum(b - a < 3 for a, b in pairwise(shape))  # seconds rub
    cost += sum(3.0 for a, b in pairwise(shape) if a < 53 and b - a < 5)  # thirds in the bass mud
    cost += 0.0 if shape[0] % 12 in (chord.bass, chord.root) else 0.8
    if before:
        cost += sum(min(abs(pitch - other) for other in before) for pitch in shape) + 0.6 * abs(shape[-1] - before[-1])
        cost += 2.0 * (len(shape) == len(before) and len({b - a for a, b in zip(before, shape, strict=True)}) == 1)
    return cost


def _with_bass(shape: tuple[int, ...], chord: Chord, guitar: bool, low: int, plan: Plan) -> tuple[int, ...]:
    """Adds the bass below a voicing: the lowest string, or the left hand of a keyboard player."""
    floor = low if guitar else 38 if "808" in plan.left_out else 43  # above an 808
    tone = chord.bass if not guitar or chord.bass in chord.tones else chord.root
    bass = floor + (tone - floor) % 12
    return shape if bass >= shape[0] - 2 else (bass, *shape)
