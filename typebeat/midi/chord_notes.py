"""Chords of a chart as notes, and transposed. Times are beats."""

from __future__ import annotations

from dataclasses import replace

from typebeat.midi.notes import Note
from typebeat.request.chord_names import Chord
from typebeat.request.chord_text import ChordChart

BASS_FROM, CHORD_FROM, VELOCITY = 36, 60, 90  # MIDI pitches


def chord_notes(chart: ChordChart) -> list[Note]:
    """Returns each chord as held notes from middle C on, with its bass two octaves below."""
    notes = []
    for chord in chart.chords:
        if chord.bass is None:
            continue
        end = chord.start + chord.beats
        notes.append(Note(chord.start, end, BASS_FROM + chord.bass, VELOCITY))
        notes += [Note(chord.start, end, CHORD_FROM + tone, VELOCITY) for tone in chord.pitch_classes]
    return notes


def transposed(chart: ChordChart, semitones: int) -> ChordChart:
    """The same chords so many semitones higher."""

    def moved(chord: Chord) -> Chord:
        if chord.root is None or chord.bass is None:
            return chord
        chord = replace(chord, root=(chord.root + semitones) % 12, bass=(chord.bass + semitones) % 12)
        return replace(chord, text=chord.name)

    return replace(chart, chords=tuple(moved(chord) for chord in chart.chords))
