"""Names the chord of each half bar from the notes of chords, melody and bass.

It is a hidden Markov model. Its states are triads and seventh chords on twelve roots, and "no chord"; its emissions
compare the pitch classes of a half bar with those of each chord. Changing costs more in mid-bar than at a bar line.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.midi.notes import Marker, Note
from typebeat.request.words import NOTE_NAMES

KINDS = {  # ending of the name -> semitones above the root
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
}
NO_CHORD = "N.C."
HALF_BARS = 2  # in a bar
# costs, in units of likeness
SEVENTH_COST = 0.12  # of a chord of four tones
CHANGE_COST = 0.10  # of another chord than before
MIDBAR_COST = 0.15  # of a change in mid-bar, on top
OUTSIDE_COST = 0.10  # of each tone outside the key
BASS_WEIGHT, MELODY_WEIGHT = 0.6, 0.3  # of their notes; a chord's note counts 1
LIKENESS_OF_NO_CHORD = 0.45
FLATS = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}
FLAT_MAJORS = (1, 3, 5, 6, 8, 10)  # pitch classes of the major keys that are written with flats
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}


def chord_markers(
    chords: Sequence[Note], melody: Sequence[Note], bass: Sequence[Note], grid: Grid, key: str
) -> tuple[Marker, ...]:
    """Names the chord of each half bar, with a marker wherever the name changes.

    The key, if one is given, decides between likely chords and whether roots are spelled with sharps or flats.
    """
    weighted = ((chords, 1.0), (melody, MELODY_WEIGHT), (bass, BASS_WEIGHT))
    heard = np.sum([weight * _pitch_classes(notes, grid) for notes, weight in weighted], axis=0)  # (half bars, 12)
    roots = _pitch_classes(bass, grid)
    names, tones = _states(key)
    path = _likeliest_path(_likeness(heard, roots, tones, key))
    half = grid.bar_seconds / HALF_BARS
    return (
        tuple(
            Marker(grid.downbeat + place * half, names[state])
            for place, state in enumerate(path)
            if place == 0 or state != path[place - 1]
        )
        if heard.any()
        else ()
    )


def tones_of_key(key: str) -> np.ndarray:
    """Returns which pitch classes from C on belong to a canonical key, (12,) bool."""
    tonic, mode = key.split()
    return np.isin(np.arange(12), [(NOTE_NAMES.index(tonic) + step) % 12 for step in SCALES[mode]])


def _pitch_classes(notes: Sequence[Note], grid: Grid) -> np.ndarray:
    """Measures for how much of each half bar each pitch class sounds: (half bars, 12)."""
    half = grid.bar_seconds / HALF_BARS
    out = np.zeros((max(1, grid.bars) * HALF_BARS, 12))
    for note in notes:
        begins, ends = (note.onset - grid.downbeat) / half, (note.offset - grid.downbeat) / half
        for place in range(max(0, int(begins)), min(len(out), int(np.ceil(ends)))):
            out[place, note.pitch % 12] += max(0.0, min(ends, place + 1) - max(begins, place))
    return out


def _states(key: str) -> tuple[list[str], np.ndarray]:
    """Returns the names of all states, "no chord" last, and the tones of the chords, (states - 1, 12)."""
    spelled = [_spelled(name, key) for name in NOTE_NAMES]
    names, tones = [], []
    for root, name in enumerate(spelled):
        for kind, steps in KINDS.items():
            names.append(name + kind)
            tones.append(np.isin(np.arange(12), [(root + step) % 12 for step in steps]))
    return [*names, NO_CHORD], np.array(tones, float)


def _spelled(name: str, key: str) -> str:
    if not key:
        return name
    tonic, mode = key.split()
    major = (NOTE_NAMES.index(tonic) + (3 if mode == "minor" else 0)) % 12
    return FLATS.get(name, name) if major in FLAT_MAJORS else name


def _likeness(heard: np.ndarray, roots: np.ndarray, tones: np.ndarray, key: str) -> np.ndarray:
    """Rates how well each state fits each half bar, about 0 to 1: (half bars, states)."""
    unit = heard / np.maximum(np.linalg.norm(heard, axis=1, keepdims=True), 1e-9)
    fit = unit @ (tones / np.linalg.norm(tones, axis=1, keepdims=True)).T
    root_of = np.arange(len(tones)) // len(KINDS)
    fit += 0.2 * (roots / np.maximum(roots.sum(axis=1, keepdims=True), 1e-9))[:, root_of]
    fit -= SEVENTH_COST * (tones.sum(axis=1) > 3)
    if key:
        fit -= OUTSIDE_COST * (tones @ ~tones_of_key(key))
    silent = heard.sum(axis=1, keepdims=True) < 0.1
    return np.hstack([np.where(silent, 0, fit), np.where(silent, 1, LIKENESS_OF_NO_CHORD)])


def _likeliest_path(likeness: np.ndarray) -> list[int]:
    """Finds the states that fit best when each change has a cost (Viterbi)."""
    score, back = likeness[0].copy(), []
    for place in range(1, len(likeness)):
        cost = CHANGE_COST + (MIDBAR_COST if place % HALF_BARS else 0)
        best = int(score.argmax())
        stays = score >= score[best] - cost
        back.append(np.where(stays, np.arange(len(score)), best))
        score = np.where(stays, score, score[best] - cost) + likeness[place]
    path = [int(score.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]
