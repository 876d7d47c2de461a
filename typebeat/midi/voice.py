"""A voice as notes: where one pitch is held for a while in a track, and what the singer meant, on a grid and in a key.

Nobody hums at 440 Hz exactly: how far the whole voice lies off is found first, and notes are told against that. A note
begins where the pitch moves to another one, where the voice sets in, or where it is struck again on the same pitch.
The pitch over time is `hearing/pitch_track.py`'s job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter, minimum_filter1d

from typebeat.hearing.grid import Grid
from typebeat.hearing.pitch_track import FRAME_SECONDS, PitchTrack
from typebeat.midi.chords import tones_of_key
from typebeat.midi.notes import Note
from typebeat.midi.quantize import quantize

SHORTEST_SECONDS = 0.08  # what is shorter is no note
LOUD_VELOCITY, SOFTEST, LOUDEST, VELOCITY_PER_DB = 104, 40, 127, 1.5
INTO_KEY = 0.8  # semitones: a note outside the key is moved no further than this from where it was sung

_OFF_COST, _DEAREST_OFF = 2.5, 3.0  # nats a frame for a pitch off by a semitone (its square), and at most
_CHANGE_COST = 8.0  # nats for another note
_HELD_FRAMES, _HELD_SEMITONES = 8, 0.25  # a pitch that moves less in so many frames is held: it tells the tuning
_DIP_DB, _DIP_FRAMES = 6.0, 12  # a dip of the level this deep and this short is a note struck again
_SLIDE_FRAMES, _RISE_FRAMES, _RISE_DB = 14, 4, 3.0  # how long a voice slides into a note after its level rose so much
_BRIDGED_FRAMES = 5  # of silence inside a note
_MEDIAN_FRAMES = 5


@dataclass(frozen=True)
class SungNote:
    """A note as it was sung.

    Attributes:
        onset: Start in s.
        offset: End in s.
        sung: MIDI pitch with fractions, without the voice's own tuning.
        velocity: MIDI velocity, 40 to 127.
    """

    onset: float
    offset: float
    sung: float
    velocity: int

    @property
    def pitch(self) -> int:
        """The nearest MIDI pitch."""
        return round(self.sung)

    @property
    def note(self) -> Note:
        """The same as a note of a part."""
        return Note(self.onset, self.offset, min(127, max(0, self.pitch)), self.velocity)


@dataclass(frozen=True)
class SungLine:
    """What one voice sang.

    Attributes:
        notes: In order, one at a time.
        tuning_cents: How far the voice lies above A = 440 Hz, -50 to 50.
    """

    notes: tuple[SungNote, ...]
    tuning_cents: float


def sung_line(track: PitchTrack) -> SungLine:
    """Cuts a track into notes; a track without a voice has none."""
    pitch = _bridged(track.pitch)
    if np.isfinite(pitch).sum() * FRAME_SECONDS < SHORTEST_SECONDS:
        return SungLine((), 0.0)
    tuning = _tuning(pitch)
    path = _held_notes(pitch - tuning)
    starts = _starts(path, track.level)
    loud = float(np.percentile(track.level[np.isfinite(pitch)], 90))
    notes = []
    for first, last in starts:
        if (last - first) * FRAME_SECONDS < SHORTEST_SECONDS:
            continue
        inside = slice(first + (last - first) // 4, last)
        sung = float(np.nanmedian(pitch[inside]) - tuning)
        level = float(np.percentile(track.level[first:last], 80))
        velocity = int(np.clip(round(LOUD_VELOCITY + VELOCITY_PER_DB * (level - loud)), SOFTEST, LOUDEST))
        if abs(sung - path[first]) > 0.6:  # a slide that held nowhere near
            sung = float(path[first])
        notes.append(SungNote(first * FRAME_SECONDS, last * FRAME_SECONDS, sung, velocity))
    return SungLine(tuple(notes), 100 * tuning)


def placed_notes(line: SungLine, grid: Grid, key: str = "", feel: str = "tight") -> tuple[Note, ...]:
    """The notes on a grid and in a key, one at a time.

    Args:
        line: What was sung.
        grid: Whose sixteenths the notes are moved to.
        key: Canonical key that notes outside it are moved into, to the nearer neighbour of where they were sung; empty
            leaves them.
        feel: As in `quantize`: "tight", "groove" or "raw".
    """
    notes = [replace(each.note, pitch=_into_key(each.sung, key)) for each in line.notes]
    moved = sorted(quantize(notes, grid, feel), key=lambda note: note.onset)
    kept: list[Note] = []
    for note in moved:
        if kept and note.onset - kept[-1].onset < 1e-6:  # two notes on one place: the longer was meant
            if note.offset <= kept[-1].offset:
                continue
            kept.pop()
        if kept and kept[-1].offset > note.onset:
            kept[-1] = replace(kept[-1], offset=note.onset)
        kept.append(note)
    return tuple(kept)


def _into_key(sung: float, key: str) -> int:
    nearest = min(127, max(0, round(sung)))
    if not key or tones_of_key(key)[nearest % 12]:
        return nearest
    inside = [pitch for pitch in (nearest - 1, nearest + 1) if 0 <= pitch <= 127 and tones_of_key(key)[pitch % 12]]
    near = [pitch for pitch in inside if abs(sung - pitch) <= INTO_KEY]
    return min(near, key=lambda pitch: abs(sung - pitch)) if near else nearest


def _bridged(pitch: np.ndarray) -> np.ndarray:
    """Smooths a track a little, and fills short gaps between two like pitches."""
    heard = np.isfinite(pitch)
    if not heard.any():
        return pitch
    filled = np.interp(np.arange(len(pitch)), np.flatnonzero(heard), pitch[heard])
    smooth = median_filter(filled, _MEDIAN_FRAMES)
    edges = np.flatnonzero(np.diff(np.concatenate([[1], heard, [1]]).astype(int)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        like = first > 0 and last < len(pitch) and abs(pitch[first - 1] - pitch[last]) < 1
        if like and last - first <= _BRIDGED_FRAMES:
            heard[first:last] = True
    return np.where(heard, smooth, np.nan)


def _tuning(pitch: np.ndarray) -> float:
    """How far held pitches lie above the tempered ones, in semitones, -0.5 to 0.5."""
    filled = np.nan_to_num(pitch, nan=-1e3)
    moves = maximum_filter1d(filled, _HELD_FRAMES) - minimum_filter1d(filled, _HELD_FRAMES)
    held = pitch[np.isfinite(pitch) & (moves < _HELD_SEMITONES)]
    if not len(held):
        held = pitch[np.isfinite(pitch)]
    return float(np.angle(np.exp(2j * np.pi * held).sum()) / (2 * np.pi))


def _held_notes(pitch: np.ndarray) -> np.ndarray:
    """Viterbi: the whole pitch that each frame belongs to, NaN where nobody sings, (frames,)."""
    heard = np.isfinite(pitch)
    low, high = int(np.floor(np.nanmin(pitch))) - 1, int(np.ceil(np.nanmax(pitch))) + 1
    states = np.arange(low, high + 1)
    path = np.full(len(pitch), np.nan)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], heard, [0]]).astype(int)))
    for first, last in zip(edges[::2], edges[1::2], strict=True):  # each stretch of voice is its own
        cost = np.minimum(_OFF_COST * (pitch[first:last, None] - states) ** 2, _DEAREST_OFF)
        score, back = cost[0], np.zeros(cost.shape, int)
        for frame in range(1, len(cost)):
            best = int(score.argmin())
            stays = score <= score[best] + _CHANGE_COST
            back[frame] = np.where(stays, np.arange(len(states)), best)
            score = np.where(stays, score, score[best] + _CHANGE_COST) + cost[frame]
        state = int(score.argmin())
        for frame in range(len(cost) - 1, -1, -1):
            path[first + frame] = states[state]
            state = back[frame][state]
    return path


def _starts(path: np.ndarray, level: np.ndarray) -> list[tuple[int, int]]:
    """First frame, and one past the last, of each note: the path's runs, cut where the voice is struck again."""
    code = np.nan_to_num(path, nan=-1)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(code)) + 1, [len(code)]])
    notes: list[tuple[int, int]] = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if code[first] < 0:
            continue
        cuts = [first, *(first + cut for cut in _struck_again(level[first:last])), last]
        notes += pairwise(cuts)
    return _from_attacks(notes, level)


def _from_attacks(notes: list[tuple[int, int]], level: np.ndarray) -> list[tuple[int, int]]:
    """Moves each start back to where the level begins to rise, since a voice slides into its note after that."""
    moved: list[tuple[int, int]] = []
    for first, last in notes:
        begin = max(0, first - _SLIDE_FRAMES, moved[-1][0] + 2 * _RISE_FRAMES if moved else 0)
        before = level[begin : first + 1]
        start = first
        if len(before) > 1:
            lowest = begin + int(before.argmin())
            after = level[lowest : first + _RISE_FRAMES]
            if after.max() - level[lowest] >= _RISE_DB:
                start = min(first, lowest + int(np.argmax(after - level[lowest] >= _RISE_DB)))
        if moved and moved[-1][1] > start:
            moved[-1] = (moved[-1][0], start)
        moved.append((start, last))
    return moved


def _struck_again(level: np.ndarray) -> list[int]:
    """The frames of a held pitch at which its level comes back out of a short dip."""
    if len(level) < 2 * _DIP_FRAMES:
        return []
    before = maximum_filter1d(level, _DIP_FRAMES, origin=_DIP_FRAMES // 2 - 1)
    after = maximum_filter1d(level, _DIP_FRAMES, origin=-(_DIP_FRAMES // 2))
    depth = np.minimum(before, after) - level
    shortest = round(SHORTEST_SECONDS / FRAME_SECONDS)
    lowest = (depth >= _DIP_DB) & (depth == maximum_filter1d(depth, 2 * shortest + 1))
    return [cut + 1 for cut in np.flatnonzero(lowest).tolist() if shortest <= cut < len(level) - shortest]
