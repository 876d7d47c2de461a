"""Which pitch each note of a bass line has, from all of the line: what hides one note does not hide its fellows.

Evidence is added as logarithms: what is likely of the note by itself and at the same place of the loop; the pitches of
the whole line; and the pitch classes of the note's bar, since an 808 stays on its chord.
"""

from __future__ import annotations

import numpy as np

from typebeat.hearing.passport import Grid
from typebeat.midi.bass_reader import PITCHES

_LOOP_BARS = 4
_SAME_SECONDS = 0.03  # two notes this near, some loops apart, are at one place
_LOOP, _LINE, _CLASSES, _BAR = 0.4, 0.5, 0.3, 1.0  # weights of the evidence
_UNLIKELY = 1e-3


def pooled(odds: np.ndarray, onsets: np.ndarray, grid: Grid) -> np.ndarray:
    """How likely each note has each pitch, (notes, PITCHES) in [0, 1], weighed with the same place of the loop."""
    heard = np.log(odds + _UNLIKELY)
    bars = _bars(onsets, grid)
    places = onsets - bars * grid.bar_seconds
    out = np.empty_like(heard)
    for i in range(len(heard)):
        same = (np.abs(places - places[i]) < _SAME_SECONDS) & ((bars - bars[i]) % _LOOP_BARS == 0)
        out[i] = (1 - _LOOP) * heard[i] + _LOOP * heard[same].mean(axis=0)
    return np.exp(out)


def line_pitches(odds: np.ndarray, onsets: np.ndarray, grid: Grid) -> np.ndarray:
    """The MIDI pitch of each note, (notes,).

    Args:
        odds: (notes, PITCHES), how likely each note has each pitch.
        onsets: (notes,) s.
        grid: Says which notes share a bar.
    """
    score = np.log(odds + _UNLIKELY)
    likely = odds * (odds.max(axis=1) / (odds.sum(axis=1) + 1e-9))[:, None]
    total = likely.sum() + 1e-9
    score += _LINE * np.log(likely.sum(axis=0) / total + 0.01)
    classes = np.stack([likely[:, each == PITCHES % 12].sum(axis=1) for each in range(12)], axis=1)  # (notes, 12)
    score += _CLASSES * np.log(classes.sum(axis=0) / total + 0.01)[PITCHES % 12]
    bars = _bars(onsets, grid)
    for bar in np.unique(bars):
        of_bar = classes[bars == bar].sum(axis=0)
        score[bars == bar] += _BAR * np.log(of_bar / (of_bar.sum() + 1e-9) + 0.03)[PITCHES % 12]
    return PITCHES[score.argmax(axis=1)]


def _bars(onsets: np.ndarray, grid: Grid) -> np.ndarray:
    return np.floor((onsets - grid.downbeat) / grid.bar_seconds + 0.01).astype(int)
