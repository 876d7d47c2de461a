"""Chord names: what is played is named as players of its key would, and changes where it changes."""

from __future__ import annotations

from typebeat.hearing.grid import Grid
from typebeat.midi.chords import NO_CHORD, chord_markers
from typebeat.midi.notes import Note

GRID = Grid(120.0, 0.5, 4)  # a bar lasts 2 s


def held(bar: float, length: float, *pitches: int) -> list[Note]:
    start = GRID.downbeat + bar * GRID.bar_seconds
    return [Note(start, start + length * GRID.bar_seconds, pitch, 90) for pitch in pitches]


def named(chords, melody=(), bass=(), key="F minor") -> list[tuple[float, str]]:
    markers = chord_markers(chords, melody, bass, GRID, key)
    return [((marker.at - GRID.downbeat) / GRID.bar_seconds, marker.text) for marker in markers]


def test_a_loop_of_triads_is_named_with_the_flats_of_its_key():
    loop = held(0, 1, 53, 56, 60) + held(1, 1, 49, 53, 56) + held(2, 1, 51, 55, 58) + held(3, 1, 56, 60, 63)
    assert named(loop) == [(0, "Fm"), (1, "Db"), (2, "Eb"), (3, "Ab")]


def test_a_key_of_sharps_spells_sharps():
    assert named(held(0, 4, 54, 57, 61), key="F# minor") == [(0, "F#m")]


def test_a_seventh_is_named_when_it_is_held_and_inversions_keep_their_root():
    assert named(held(0, 4, 53, 56, 60, 63)) == [(0, "Fm7")]
    assert named(held(0, 4, 56, 60, 65)) == [(0, "Fm")]


def test_a_chord_may_change_in_the_middle_of_a_bar():
    assert named(held(0, 0.5, 53, 56, 60) + held(0.5, 3.5, 48, 51, 55))[:2] == [(0, "Fm"), (0.5, "Cm")]


def test_the_bass_decides_between_chords_that_share_notes():
    assert named(held(0, 4, 56, 60), bass=held(0, 4, 29)) == [(0, "Fm")]
    assert named(held(0, 4, 56, 60), bass=held(0, 4, 32)) == [(0, "Ab")]


def test_a_passing_melody_does_not_change_the_name():
    melody = [note for eighth in range(32) for note in held(eighth / 8, 1 / 8, 72 + (0, 1, 3, 5)[eighth % 4])]
    assert named(held(0, 4, 53, 56, 60), melody) == [(0, "Fm")]


def test_bars_without_chords_say_so_and_silence_has_no_names():
    assert named(held(0, 2, 53, 56, 60)) == [(0, "Fm"), (2, NO_CHORD)]
    assert named([]) == []
