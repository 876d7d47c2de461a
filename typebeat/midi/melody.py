"""Melody and chords as notes: what the reader finds likely, with onset, length and velocity taken from the sound.

What is decided here: how likely is likely enough, which notes are the melody (one voice, on top), where a note ends,
how loud it was, and which weak notes are moved into the key. Nothing is quantised; quantize.py does that.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from typebeat.hearing.passport import Grid
from typebeat.midi.activations import TunedSound
from typebeat.midi.chords import tones_of_key
from typebeat.midi.evidence import LOWEST_PITCH, evidence, slot_times
from typebeat.midi.note_reader import NoteOdds, read_notes
from typebeat.midi.notes import Note, without_overlaps

LIKELY_ENOUGH = 0.38  # at a sensitivity of one half
ODDS_OF_SENSITIVITY = 4.0  # nats from one half to either end
WEAK = 0.75  # odds below which a note outside the key may be moved into it
VOICES = 6  # of a chord at most
SHORTEST_SIXTEENTHS = 0.45  # of a note
ONSET_SECONDS = 0.03  # around its sixteenth in which the network may have seen a note begin
CLEAR_ONSET = 0.3  # an activation that is believed to the frame; below it the sixteenth itself is
SOUNDING_SHARE = 0.35  # of a note's own activation, below which it has ended
GAP_SECONDS = 0.06  # of silence that a note bridges
LOUD_VELOCITY, VELOCITY_PER_DB, SOFTEST, LOUDEST = 104, 1.8, 30, 127
ATTACK_SECONDS = 0.12  # in which a note's level is taken


def melody_and_chords(
    sound: TunedSound, grid: Grid, key: str, *, snap: bool, sensitivity: float = 0.5
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Decodes the notes of melody and chords.

    Args:
        sound: What was heard.
        grid: Where the beat's sixteenths are; notes begin near one of them.
        key: Canonical key, such as "F minor"; empty where it is not known, and then nothing is snapped.
        snap: Whether weak notes outside the key are moved into it.
        sensitivity: 0 (only what is certain) to 1 (all that might be).
    """
    odds = read_notes(evidence(sound, grid))
    threshold = _threshold(sensitivity)
    if snap and key:
        odds = _snapped(odds, key, threshold)
    chosen = _chosen(odds.begins, threshold)
    is_melody = _top_voice(odds, chosen)
    melody = _notes(sound, grid, odds, chosen & is_melody)
    chords = _notes(sound, grid, odds, chosen & ~is_melody)
    return _one_voice(melody), chords


def _threshold(sensitivity: float) -> float:
    nats = np.log(LIKELY_ENOUGH / (1 - LIKELY_ENOUGH)) - ODDS_OF_SENSITIVITY * (sensitivity - 0.5)
    return float(1 / (1 + np.exp(-nats)))


def _snapped(odds: NoteOdds, key: str, threshold: float) -> NoteOdds:
    """Moves weak notes outside the key to the likelier neighbour; one that is there already takes them in."""
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
    """Which places hold a note, (slots, pitches) bool: at most `VOICES` in a slot, the likeliest."""
    kept = np.sort(begins, axis=1)[:, -VOICES - 1]
    return (begins >= threshold) & (begins >= kept[:, None])


def _top_voice(odds: NoteOdds, chosen: np.ndarray) -> np.ndarray:
    """Which of the chosen notes are the melody's: at most one at a time, the likeliest."""
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
    """When the network saw the note begin, or its sixteenth where it saw nothing clear."""
    first = max(0, round((time - ONSET_SECONDS) / frame))
    near = beginning[first : max(first, round((time + ONSET_SECONDS) / frame)) + 1]
    if len(near) and near.max() >= CLEAR_ONSET:
        return (first + int(near.argmax())) * frame
    return max(0.0, time)


def _attack_level(levels: np.ndarray, onset: float, frame: float) -> float:
    first = min(round(onset / frame), len(levels) - 1)
    return float(levels[first : first + max(1, round(ATTACK_SECONDS / frame))].max())


def _end(sounding: np.ndarray, onset: float, frame: float) -> float:
    """Where what began at `onset` has died away."""
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
