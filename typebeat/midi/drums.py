"""Drum hits from what is heard to be struck: peaks, weighed against the other bars of the loop, with velocities.

No stem is needed: the network was trained on mixes, and the whole mix is what it should be given.
"""

from __future__ import annotations

import numpy as np

from typebeat.hearing.passport import Grid
from typebeat.hearing.strikes import BAND_HZ, FRAME_SECONDS, HEARD, Struck, hear_struck, peaks
from typebeat.midi.folding import folded
from typebeat.midi.notes import CLOSED_HAT, DRUM_PITCHES, Note, shortened, without_overlaps
from typebeat.sound.audio import Audio

DrumActivations = Struck

THRESHOLDS = {  # of certainty, set on development beats
    "kick": 0.5,
    "snare": 0.65,
    "clap": 0.5,
    "rim": 0.6,
    "closed_hat": 0.25,
    "open_hat": 0.4,
    "crash": 0.7,
    "perc": 0.4,
}
_APART_SECONDS = {"closed_hat": 0.025, "snare": 0.035, "kick": 0.045}  # of two hits, at least; 45 ms for the others
_HIT_SECONDS = 0.06  # length of a written hit
_RINGING_SECONDS = {"open_hat": 0.3, "crash": 1.0}  # and of what rings until it is choked
_SAME_SECONDS = 0.02  # two hits this near are one moment
_ONE_OF = (("closed_hat", "open_hat"), ("snare", "clap"))  # at one moment the weaker is an echo of the other,
_BOTH_FROM = {("snare", "clap"): 0.9}  # unless both are this sure
_RARE = {"open_hat": 1.5}  # its certainty counts so many times: it is rarer than what it is taken for
_BODY_HZ = {  # where the energy of a hit is measured
    "kick": (30, 180),
    "snare": (180, 9000),
    "clap": (700, 8000),
    "rim": (400, 8000),
    "closed_hat": (5500, 16_000),
    "open_hat": (5500, 16_000),
    "crash": (3000, 16_000),
    "perc": (200, 6000),
}
LOUD_VELOCITY, LOWEST_VELOCITY = 112, 30
_VELOCITY_DB = 30.0  # by how many dB a hit falls while its velocity falls to a tenth
_LOUD_PERCENTILE = 95


def hear_drums(audio: Audio) -> DrumActivations:
    """Listens to a whole mix of any rate and channel count; the slow part."""
    return hear_struck(audio)


def drum_notes(activations: DrumActivations, grid: Grid) -> tuple[Note, ...]:
    """The drum hits as General MIDI notes, in order; empty where no drum was heard."""
    sure = folded(activations.sure, grid)
    found = {
        name: peaks(sure[:, HEARD.index(name)], THRESHOLDS[name], _APART_SECONDS.get(name, 0.045))
        for name in DRUM_PITCHES
    }
    for pair in _ONE_OF:
        _keep_one(found, pair, sure)
    notes = []
    for name, moments in found.items():
        length = _RINGING_SECONDS.get(name, _HIT_SECONDS)
        below = _below_loud(activations.levels, moments, _BODY_HZ[name])
        velocities = np.clip(np.rint(LOUD_VELOCITY * 10 ** (below / _VELOCITY_DB)), LOWEST_VELOCITY, 127)
        notes += [
            Note(float(at), float(at) + length, DRUM_PITCHES[name], int(velocity))
            for at, velocity in zip(moments, velocities, strict=True)
        ]
    return _choked(without_overlaps(notes, _SAME_SECONDS))


def _keep_one(found: dict[str, np.ndarray], pair: tuple[str, str], sure: np.ndarray) -> None:
    """Of two names at one moment the surer stays, or both where both are sure enough."""
    first, second = found[pair[0]], found[pair[1]]
    both = _BOTH_FROM.get(pair, 1.1)
    near = np.abs(first[:, None] - second[None, :]) < _SAME_SECONDS
    drop_first, drop_second = set(), set()
    for i, j in zip(*np.nonzero(near), strict=True):
        of_first = _at(sure[:, HEARD.index(pair[0])], first[i]) * _RARE.get(pair[0], 1)
        of_second = _at(sure[:, HEARD.index(pair[1])], second[j]) * _RARE.get(pair[1], 1)
        if min(of_first, of_second) < both:
            (drop_first if of_first < of_second else drop_second).add(i if of_first < of_second else j)
    found[pair[0]] = np.delete(first, sorted(drop_first))
    found[pair[1]] = np.delete(second, sorted(drop_second))


def _at(column: np.ndarray, moment: float) -> float:
    frame = round(moment / FRAME_SECONDS)
    return float(column[max(0, frame - 1) : frame + 2].max())


def _below_loud(levels: np.ndarray, moments: np.ndarray, body_hz: tuple[float, float]) -> np.ndarray:
    """How many dB the energy that each hit brings within 40 ms lies below that of the loud ones; (hits,)."""
    low, high = body_hz
    energy = levels[:, (low <= BAND_HZ) & (high > BAND_HZ)].sum(axis=1)
    brought = []
    for moment in moments:
        frame = round(moment / FRAME_SECONDS)
        before = energy[max(0, frame - 6) : max(1, frame - 2)].mean()
        brought.append(max(energy[frame : frame + 8].max(initial=0.0) - before, 1e-12))
    decibels = 10 * np.log10(np.array(brought))
    return decibels - np.percentile(decibels, _LOUD_PERCENTILE) if brought else decibels


def _choked(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """A closed hat ends an open one."""
    closed = np.array([note.onset for note in notes if note.pitch == CLOSED_HAT])
    ended = []
    for note in notes:
        after = closed[(closed > note.onset) & (closed < note.offset)]
        is_open = note.pitch == DRUM_PITCHES["open_hat"]
        ended.append(shortened(note, float(after[0])) if is_open and len(after) else note)
    return tuple(ended)
