"""The grid of a hummed line: its tempo, where the onsets agree best with eighths and sixteenths, and its bars.

Nobody hums a kick on 1, so the first note is taken for the first downbeat. numpy only.
"""

from __future__ import annotations

import math

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.midi.voice import SungLine
from typebeat.request.requests import BEATS_PER_BAR

SLOWEST_BPM, FASTEST_BPM, STEP_BPM = 70.0, 160.0, 0.5
_USUAL_BPM, _USUAL_COST = 100.0, 0.08  # how much an octave further away must fit better
_UNITS = (0.5, 0.25)  # beats
_OVER_BEATS = 0.5  # of a last note that is held into another bar


def grid_of_line(line: SungLine, bpm: float | None = None) -> Grid:
    """Returns the grid of a line with at least one note; `bpm` is kept where it is known."""
    onsets = np.array([note.onset for note in line.notes])
    tempo = _tempo(onsets) if bpm is None else bpm
    beat = 60 / tempo
    first = float(onsets[0] + _off(onsets, beat * _UNITS[0], onsets[0]))
    beats = (max(note.offset for note in line.notes) - first) / beat
    return Grid(tempo, first, max(1, math.ceil((beats - _OVER_BEATS) / BEATS_PER_BAR)))


def _tempo(onsets: np.ndarray) -> float:
    tempos = np.arange(SLOWEST_BPM, FASTEST_BPM + STEP_BPM, STEP_BPM)
    agree = [np.mean([_agreement(onsets, 60 / bpm * unit) for unit in _UNITS]) for bpm in tempos]
    return float(tempos[np.argmax(agree - _USUAL_COST * np.abs(np.log2(tempos / _USUAL_BPM)))])


def _agreement(onsets: np.ndarray, unit: float) -> float:
    """0 (anywhere) to 1 (all onsets a whole number of units apart)."""
    return float(np.abs(np.exp(2j * np.pi * onsets / unit).mean()))


def _off(onsets: np.ndarray, unit: float, at: float) -> float:
    """By how much the grid through most onsets is later than a moment, at most half a unit."""
    phase = np.angle(np.exp(2j * np.pi * onsets / unit).mean()) / (2 * np.pi) * unit
    return float((phase - at + unit / 2) % unit - unit / 2)
