"""What a sample plays, as notes: for the model, which plays around them, and for the pack's MIDI."""

from __future__ import annotations

from typebeat.engines import UNWATCHED, Job, PitchListener
from typebeat.hearing.grid import Grid
from typebeat.midi.activations import TunedSound, holds_tones, pitch_levels
from typebeat.midi.chords import NO_CHORD, chord_markers
from typebeat.midi.melody import melody_and_chords
from typebeat.midi.notes import Marker, Note
from typebeat.parts.own.placing import Given, PlacedSample, repeated, told, tuned_to
from typebeat.request.chord_names import read_chord
from typebeat.sound.audio import Audio


def hear_notes(sample: PlacedSample, pitches: PitchListener, job: Job = UNWATCHED) -> TunedSound | None:
    """Listens to one turn of a sample; None if no pitch is held in it."""
    turn = Audio(sample.sound.samples[:, : round(sample.period * sample.sound.sample_rate)], sample.sound.sample_rate)
    turn = tuned_to(turn, -sample.cents)
    heard = pitches.listen(turn, job)
    return TunedSound(heard, heard, pitch_levels(turn, heard)) if holds_tones(heard) else None


def sample_notes(
    heard: TunedSound, sample: PlacedSample, bpm: float, key: str
) -> tuple[list[Note], list[Note], tuple[Marker, ...]]:
    """Returns melody, chords and the chords' names of a sample over the whole loop, times in s."""
    bar = 240 / bpm
    grid = Grid(bpm, 0.0, max(1, round(sample.period / bar)))
    melody, chords = melody_and_chords(heard, grid, key, snap=True)
    markers = chord_markers(chords, melody, (), grid, key)
    until = sample.sound.seconds
    turns = [turn.onset for turn in repeated([Note(0.0, sample.period, 0, 1)], sample.period, until)]
    placed = tuple(Marker(turn + mark.at, mark.text) for turn in turns for mark in markers if turn + mark.at < until)
    return repeated(melody, sample.period, until), repeated(chords, sample.period, until), placed


def given_by_sample(melody: list[Note], chords: list[Note], markers: tuple[Marker, ...], until: float) -> Given:
    """What of a sample's notes a model is told, so that it plays around them."""
    ends = [*(mark.at for mark in markers[1:]), until]
    harmony = []
    for mark, end in zip(markers, ends, strict=True):
        chord = read_chord(mark.text) if mark.text != NO_CHORD else None
        if chord and chord.bass is not None:
            harmony.append((mark.at, end, chord.bass, list(chord.pitch_classes)))
    given = {"melody": told("melody", melody), "chords": told("chords", chords), "harmony": harmony}
    return {part: notes for part, notes in given.items() if notes}
