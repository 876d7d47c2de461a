"""Decodes the notes of melody and chords from the odds of `note_reader.py` and from the sound.

It decides which odds suffice, which notes are the melody (one voice, on top), when a note begins and ends, how loud it
is, and which weak notes are moved into the key. It does not quantise; `quantize.py` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.midi.activations import PitchActivations, TunedSound
from typebeat.midi.chords import tones_of_key
from typebeat.midi.evidence import LOWEST_PITCH, evidence, slot_times
from typebeat.midi.note_reader import NoteOdds, read_notes
from typebeat.midi.notes import Note, without_overlaps

LIKELY_ENOUGH = 0.38  # probability from which a place holds a note, at a sensitivity of 0.5
ODDS_OF_SENSITIVITY = 4.0  # nats by which that moves as the sensitivity moves by 1
WEAK = 0.75  # probability below which a note outside the key may be moved into it
VOICES = 6  # most notes that begin together
SHORTEST_SIXTEENTHS = 0.45  # shortest note
ONSET_SECONDS = 0.03  # how far from its sixteenth a note may begin
CLEAR_ONSET = 0.3  # activation from which its frame is the onset; below, the sixteenth itself is
SOUNDING_SHARE = 0.35  # share of its first activation below which a note has ended
GAP_SECONDS = 0.06  # longest gap that does not end a note
LOUD_VELOCITY, VELOCITY_PER_DB, SOFTEST, LOUDEST = 104, 1.8, 30, 127
ATTACK_SECONDS = 0.12  # span from the onset in which a note's level is measured


def melody_and_chords(
    sound: TunedSound,
    grid: Grid,
    key: str,
    *,
    snap: bool,
    sensitivity: float = 0.5,
    levels: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Decodes the notes of melody and chords; each begins near a sixteenth of the grid.

    Args:
        sound: What was heard.
        grid: The beat's grid.
        key: Canonical key, such as "F minor"; empty if it is not known.
        snap: Whether weak notes outside the key are moved into it.
        sensitivity: 0 (only certain notes) to 1 (every possible note).
        levels: Of chords and of melody, where they were played apart, as the levels of `sound`. A note is then in the
            part that is the louder one at its pitch; the melody may have several voices.
    """
    odds = read_notes(evidence(sound, grid), grid.sixteenths_per_bar)
    threshold = _threshold(sensitivity)
    if snap and key:
        odds = _snapped(odds, key, threshold)
    chosen = _chosen(odds.begins, threshold)
    if levels:
        return _by_level(_notes(sound, grid, odds, chosen), levels, sound.rest)
    is_melody = _top_voice(odds, chosen)
    melody = _notes(sound, grid, odds, chosen & is_melody)
    chords = _notes(sound, grid, odds, chosen & ~is_melody)
    return _one_voice(melody), chords


def _by_level(
    notes: tuple[Note, ...], levels: Mapping[str, np.ndarray], heard: PitchActivations
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Divides notes between the parts, melody and chords, by which of them is louder where a note begins."""

    def loudest_in(note: Note) -> str:
        column = note.pitch - heard.lowest_pitch
        return max(levels, key=lambda part: _attack_level(levels[part][:, column], note.onset, heard.frame_seconds))

    parts = [loudest_in(note) for note in notes]
    melody, chords = (
        tuple(note for note, part in zip(notes, parts, strict=True) if part == name) for name in ("melody", "chords")
    )
    return melody, chords


def _threshold(sensitivity: float) -> float:
    nats = np.log(LIKELY_ENOUGH / (1 - LIKELY_ENOUGH)) - ODDS_OF_SENSITIVITY * (sensitivity - 0.5)
    return float(1 / (1 + np.exp(-nats)))


def _snapped(odds: NoteOdds, key: str, threshold: float) -> NoteOdds:
    """Moves weak notes outside the key to the likelier neighbour in the key, merging them with a note there."""
    outside = ~tones_of_key(key)[(np.arange(odds.begins.shape[1]) + LOWEST_PITCH) % 12]
    begins, melody = odds.begins.copy(), odds.melody.copy()
    for slot, pitch in zip(*np.nonzero((begins >= threshold) & (begins < WEAK) & outside), strict=True):
        neighbours = [p for p in (pitch - 1, pitch + 1) if 0 <= p < begins.shape[1] and not outside[p]]
        if neighbours:
            target = max(neighbours, key=lambda p: odds.begins[slot, p])
            if begins[slot, pitch] > begins[slot, target]:
                begins[slot, target], melody[slot, target] = begins[slot, pitch], melody[slot, pitch]
        begins[slot, pitch] = 0
    return NoteOdds(begins, melody)


def _chosen(begins: np.ndarray, threshold: float) -> np.ndarray:
    """Marks the places that hold a note, (slots, pitches) bool: the likeliest `VOICES` of a slot at most."""
    kept = np.sort(begins, axis=1)[:, -VOICES - 1]
    return (begins >= threshold) & (begins >= kept[:, None])


def _top_voice(odds: NoteOdds, chosen: np.ndarray) -> np.ndarray:
    """Marks the chosen notes that are the melody: the likeliest of each slot, if it is likely."""
    melody = np.where(chosen, odds.melody, 0)
    best = melody.argmax(axis=1)
    out = np.zeros_like(chosen)
    out[np.arange(len(out)), best] = melody[np.arange(len(out)), best] >= 0.5
    return out


def _notes(sound: TunedSound, grid: Grid, odds: NoteOdds, chosen: np.ndarray) -> tuple[Note, ...]:
    """Gives each chosen place its onset, its end and its velocity."""
    heard, frame = sound.rest, sound.rest.frame_seconds
    times = slot_times(grid)
    shortest = SHORTEST_SIXTEENTHS * grid.sixteenth_seconds
    slots, pitches = np.nonzero(chosen)
    columns = pitches + LOWEST_PITCH - heard.lowest_pitch
    onsets = [_onset(heard.beginning[:, c], times[s], frame) for s, c in zip(slots, columns, strict=True)]
    levels = [_attack_level(sound.levels[:, c], onset, frame) for c, onset in zip(columns, onsets, strict=True)]
    loud = np.percentile(levels, 95) if levels else 0.0
    notes = []
    for onset, pitch, column, level in zip(onsets, pitches, columns, levels, strict=True):
        offset = max(onset + shortest, _end(heard.sounding[:, column], onset, frame))
        velocity = int(np.clip(round(LOUD_VELOCITY + VELOCITY_PER_DB * (level - loud)), SOFTEST, LOUDEST))
        notes.append(
            Note(float(onset), float(min(offset, max(grid.end, onset + shortest))), int(pitch) + LOWEST_PITCH, velocity)
        )
    return without_overlaps(notes, shortest)


def _onset(beginning: np.ndarray, time: float, frame: float) -> float:
    """Returns when the network saw the note begin, or the sixteenth itself if it saw no clear onset."""
    first = max(0, round((time - ONSET_SECONDS) / frame))
    near = beginning[first : max(first, round((time + ONSET_SECONDS) / frame)) + 1]
    if len(near) and near.max() >= CLEAR_ONSET:
        return (first + int(near.argmax())) * frame
    return max(0.0, time)


def _attack_level(levels: np.ndarray, onset: float, frame: float) -> float:
    first = min(round(onset / frame), len(levels) - 1)
    return float(levels[first : first + max(1, round(ATTACK_SECONDS / frame))].max())


def _end(sounding: np.ndarray, onset: float, frame: float) -> float:
    """Returns when the note that began at `onset` has died away."""
    first = min(round(onset / frame), len(sounding) - 1)
    body = sounding[first : first + max(1, round(ATTACK_SECONDS / frame))].max()
    silent = sounding[first:] < SOUNDING_SHARE * body
    silent[: max(1, round(ATTACK_SECONDS / frame))] = False
    gap = max(1, round(GAP_SECONDS / frame))
    runs = np.convolve(silent, np.ones(gap), "valid") >= gap
    return (first + (int(runs.argmax()) if runs.any() else len(silent))) * frame


def _one_voice(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """Ends each note where the next one begins."""
    ends = [after.onset for after in notes[1:]] + [np.inf] * bool(notes)
    return tuple(
        replace(note, offset=min(note.offset, end)) if end > note.onset else note
        for note, end in zip(notes, ends, strict=True)
    )
