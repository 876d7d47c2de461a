"""Rates, for every sixteenth and pitch, how likely a note begins there and how likely it is the melody's.

Two small networks: the first rates each place by its evidence alone. The second rates it again, knowing what the first
found in other bars, in places that sound alike, and in the rest of the chord. They were trained by
`training/starter/listening/train_notes.py` on beats composed by code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from typebeat.hearing.networks import FARTHEST as FARTHEST  # training takes it from here
from typebeat.hearing.networks import Network, load_network
from typebeat.midi.evidence import SLOTS_PER_BAR, at_interval, other_bars

WEIGHTS_FILE = Path(__file__).with_name("note_reader.npz")
_ALIKE_TEMPERATURE = 0.1  # divides the cosine similarity of two sixteenths


@dataclass(frozen=True)
class NoteOdds:
    """Probabilities of each place, (slots, pitches) in [0, 1]."""

    begins: np.ndarray  # that a note begins there
    melody: np.ndarray  # that this note belongs to the melody and not to the chords


def read_notes(numbers: np.ndarray, slots_per_bar: int = SLOTS_PER_BAR) -> NoteOdds:
    """Rates each place by its evidence, (slots, pitches, numbers)."""
    first, second = _shipped()
    once = _by_bars(first, numbers)
    twice = _by_bars(second, np.concatenate([numbers, context(once, slots_per_bar)], axis=-1))
    return NoteOdds(twice[..., 0], twice[..., 1])


def context(once: np.ndarray, slots_per_bar: int = SLOTS_PER_BAR) -> np.ndarray:
    """Describes the surroundings of each place in the first rating (slots, pitches, 2): (slots, pitches, numbers)."""
    begins, melody = once[..., 0], once[..., 1]
    numbers = [begins, melody]
    numbers += [other_bars(begins, period, slots_per_bar) for period in (1, 2, 4)]
    # the same pitch in the sixteenths that sound most alike
    unit = begins / (np.linalg.norm(begins, axis=1, keepdims=True) + 1e-3)
    alike = np.exp((unit @ unit.T - 1) / _ALIKE_TEMPERATURE)
    np.fill_diagonal(alike, 0)
    numbers.append(alike @ begins / (alike.sum(axis=1, keepdims=True) + 1e-3))
    # the pitches that begin together with this one elsewhere
    unit = begins / (np.linalg.norm(begins, axis=0, keepdims=True) + 0.3)
    partners = unit.T @ unit
    np.fill_diagonal(partners, 0)
    numbers.append(begins @ partners / (partners.sum(axis=0, keepdims=True) + 0.1))
    chords = begins * (1 - melody)
    for each in (begins, chords):
        numbers.append(np.broadcast_to(each.sum(axis=1, keepdims=True) / 4, begins.shape))
    for slots in (slots_per_bar // 2, slots_per_bar):
        inside = chords.reshape(-1, slots, chords.shape[1]).max(axis=1)
        numbers.append(np.repeat(inside, slots, axis=0))
    numbers += [at_interval(begins, semitones) for semitones in (-24, -19, -12, 12)]
    before, after = np.zeros_like(begins), np.zeros_like(begins)
    before[1:], after[:-1] = begins[:-1], begins[1:]
    numbers += [before, after]
    higher = np.cumsum(begins[:, ::-1], axis=1)[:, ::-1] - begins  # notes above this one: the melody is on top
    numbers.append(higher / 4)
    return np.stack(numbers, axis=-1).astype(np.float32)


@cache
def _shipped() -> tuple[Network, Network]:
    """Loads the two networks that ship with the package."""
    with np.load(WEIGHTS_FILE, allow_pickle=False) as held:
        return load_network(held, "first"), load_network(held, "second")


def _by_bars(network: Network, numbers: np.ndarray) -> np.ndarray:
    """Runs a network over all places, some bars at a time so that ten minutes need no more memory than a loop."""
    return np.concatenate(
        [network(numbers[first : first + 8 * SLOTS_PER_BAR]) for first in range(0, len(numbers), 8 * SLOTS_PER_BAR)]
    )
