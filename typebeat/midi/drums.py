"""Transcribes drum hits from a whole mix: peaks of certainty, checked against the other bars, with velocities.

It works on the mix, not on a drum stem, since the network of `hearing/strikes.py` was trained on mixes.
"""

from __future__ import annotations

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.hearing.strikes import BAND_HZ, FRAME_SECONDS, HEARD, Struck, hear_struck, peaks
from typebeat.midi.notes import CLOSED_HAT, DRUM_PITCHES, Note, shortened, without_overlaps
from typebeat.midi.repeats import with_repeats
from typebeat.sound.audio import Audio

THRESHOLDS = {  # certainty from which a peak is a hit; set on development beats
    "kick": 0.5,
    "snare": 0.65,
    "clap": 0.5,
    "rim": 0.6,
    "closed_hat": 0.25,
    "open_hat": 0.4,
    "crash": 0.7,
    "perc": 0.4,
}
_APART_SECONDS = {"closed_hat": 0.025, "snare": 0.035, "kick": 0.045}  # least distance of two hits; 45 ms for others
_HIT_SECONDS = 0.06  # length of a written hit
_RINGING_SECONDS = {"open_hat": 0.3, "crash": 1.0}  # length of hits that ring on
_SAME_SECONDS = 0.02  # two hits this close are simultaneous
_ONE_OF = (("closed_hat", "open_hat"), ("snare", "clap"))  # pairs of which only the surer is kept if simultaneous
_BOTH_FROM = {("snare", "clap"): 0.9}  # certainty from which both of a pair are kept
_RARE = {"open_hat": 1.5}  # factor on the certainty of a drum that is easily mistaken for a more frequent one
_BODY_HZ = {  # the range in which the energy of a hit is measured
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
_VELOCITY_DB = 30.0  # a hit this many dB softer gets a tenth of the velocity
_LOUD_PERCENTILE = 95  # of the energies of a drum's hits: what counts as loud


def hear_drums(audio: Audio, *, from_silence: bool = False) -> Struck:
    """Listens to a whole mix; this is the slow step. See `hear_struck`."""
    return hear_struck(audio, from_silence=from_silence)


def drum_notes(struck: Struck, grid: Grid) -> tuple[Note, ...]:
    """Decodes the drum hits as General MIDI notes, in order; none if no drum was heard."""
    sure = with_repeats(struck.sure, grid)
    found = {
        name: peaks(sure[:, HEARD.index(name)], THRESHOLDS[name], _APART_SECONDS.get(name, 0.045))
        for name in DRUM_PITCHES
    }
    for pair in _ONE_OF:
        _keep_one(found, pair, sure)
    notes = []
    for name, moments in found.items():
        length = _RINGING_SECONDS.get(name, _HIT_SECONDS)
        below = _below_loud(struck.levels, moments, _BODY_HZ[name])
        velocities = np.clip(np.rint(LOUD_VELOCITY * 10 ** (below / _VELOCITY_DB)), LOWEST_VELOCITY, 127)
        notes += [
            Note(float(at), float(at) + length, DRUM_PITCHES[name], int(velocity))
            for at, velocity in zip(moments, velocities, strict=True)
        ]
    return _choked(without_overlaps(notes, _SAME_SECONDS))


def _keep_one(found: dict[str, np.ndarray], pair: tuple[str, str], sure: np.ndarray) -> None:
    """Keeps the surer of two simultaneous drums, or both if both are sure enough."""
    first, second = found[pair[0]], found[pair[1]]
    both = _BOTH_FROM.get(pair, 1.1)
    near = np.abs(first[:, None] - second[None, :]) < _SAME_SECONDS
    drop_first: set[int] = set()
    drop_second: set[int] = set()
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
    """Returns how many dB each hit's energy lies below that of the loud hits (negative or 0), (hits,)."""
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
    """Ends each open hat at the next closed one."""
    closed = np.array([note.onset for note in notes if note.pitch == CLOSED_HAT])
    ended = []
    for note in notes:
        after = closed[(closed > note.onset) & (closed < note.offset)]
        is_open = note.pitch == DRUM_PITCHES["open_hat"]
        ended.append(shortened(note, float(after[0])) if is_open and len(after) else note)
    return tuple(ended)
