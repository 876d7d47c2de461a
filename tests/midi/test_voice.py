"""A voice becomes notes: sung tones of known pitch, off tune and with a slide, on a grid and in a key."""

from __future__ import annotations

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.hearing.pitch_track import track_pitch
from typebeat.midi.voice import SungLine, SungNote, placed_notes, sung_line
from typebeat.sound.audio import Audio

RATE = 16_000


def sung(pitches, cents=0.0, seconds=0.5, gap=0.06) -> Audio:
    parts = []
    time = np.arange(round((seconds - gap) * RATE)) / RATE
    for pitch in pitches:
        bend = pitch + cents / 100 - 0.8 * np.exp(-time / 0.02) + 0.15 * np.sin(2 * np.pi * 5.5 * time)
        turns = np.cumsum(440 * 2 ** ((bend - 69) / 12)) / RATE
        tone = sum(np.sin(2 * np.pi * order * turns) / order for order in range(1, 6))
        parts += [
            tone * np.clip(time / 0.03, 0, 1) * np.clip((time[-1] - time) / 0.03, 0, 1),
            np.zeros(round(gap * RATE)),
        ]
    return Audio(0.2 * np.concatenate(parts), RATE)


def test_notes_are_heard_with_their_onsets_and_the_voices_own_tuning():
    line = sung_line(track_pitch(sung([57, 60, 60, 64, 62], cents=30)))
    assert [note.pitch for note in line.notes] == [57, 60, 60, 64, 62]
    assert all(abs(note.onset - 0.5 * place) < 0.05 for place, note in enumerate(line.notes))
    assert abs(line.tuning_cents - 30) < 8


def test_a_whistle_is_followed_in_its_own_octave():
    assert [note.pitch for note in sung_line(track_pitch(sung([88, 91, 86]))).notes] == [88, 91, 86]


def test_notes_are_moved_onto_the_grid_and_into_the_key():
    sung_notes = [SungNote(0.02, 0.4, 57.1, 90), SungNote(0.47, 0.9, 61.3, 90), SungNote(1.03, 1.4, 63.0, 90)]
    notes = placed_notes(SungLine(tuple(sung_notes), 0.0), Grid(120, 0.0, 1), "A minor")
    assert [note.onset for note in notes] == [0, 0.5, 1]
    assert [note.pitch for note in notes] == [57, 62, 63]  # what was clearly sung outside the key is left


def test_noise_and_silence_have_no_notes():
    noise = np.random.default_rng(1).standard_normal(2 * RATE) * 0.1
    assert not sung_line(track_pitch(Audio(noise, RATE))).notes
    assert not sung_line(track_pitch(Audio(np.zeros(RATE), RATE))).notes
