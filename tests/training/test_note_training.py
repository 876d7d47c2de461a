"""Training of the note reader: lessons that are true, a network that learns them, weights that come back as saved."""

from __future__ import annotations

import numpy as np
import pytest

from training.starter.listening.gm_beats import BARS, DRUM_CHANNEL, _song, compose_gm
from training.starter.listening.train_notes import Lesson, examples_of, figures, save, train, with_context
from typebeat.hearing.grid import Grid
from typebeat.midi.activations import PitchActivations, TunedSound
from typebeat.midi.evidence import LOWEST_PITCH
from typebeat.midi.note_reader import load_network

GRID = Grid(120.0, 0.0, 8)
FRAME = 0.0116


def lesson(seed: int) -> Lesson:
    """Random notes that a perfect listener heard."""
    rng = np.random.default_rng(seed)
    frames = round(GRID.end / FRAME)
    on, body = np.zeros((frames, 88), np.float32), np.zeros((frames, 88), np.float32)
    notes = []
    for slot in range(0, GRID.bars * 16, 2):
        pitch, onset = int(rng.integers(45, 80)), slot * GRID.sixteenth_seconds
        frame = round(onset / FRAME)
        on[frame : frame + 3, pitch - 21] = 0.9
        body[frame : frame + 15, pitch - 21] = 0.8
        notes.append((onset, pitch, pitch >= 64))
    heard = PitchActivations(body, on, FRAME)
    return Lesson(seed, TunedSound(heard, heard, 40 * body - 60), GRID, tuple(notes))


def test_what_is_true_stands_at_its_sixteenth_and_pitch():
    taught = lesson(0)
    numbers, truth = taught.example(GRID)
    assert numbers.shape[:2] == truth.shape[:2]
    places = {(slot, pitch + LOWEST_PITCH) for slot, pitch in zip(*np.nonzero(truth[..., 0]), strict=True)}
    assert places == {(round(onset / GRID.sixteenth_seconds), pitch) for onset, pitch, _ in taught.notes}
    assert truth[..., 1].sum() == sum(is_melody for _, _, is_melody in taught.notes)


def test_a_grid_that_is_off_still_holds_the_notes_of_its_bars():
    rng = np.random.default_rng(0)
    for seed in range(4):
        _, (_, truth) = examples_of(lesson(seed), rng)
        assert truth[..., 0].sum() >= 40


def test_a_network_learns_and_its_saved_weights_read_the_same(tmp_path):
    examples = [lesson(seed).example(GRID) for seed in range(4)]
    first = train(examples, seed=0)
    second = train([(with_context(numbers, first), truth) for numbers, truth in examples], seed=1)
    numbers, truth = lesson(9).example(GRID)
    assert figures(second(with_context(numbers, first)), truth, 0.5)[2] > 0.6
    save({"first": first, "second": second}, tmp_path / "notes.npz")
    with np.load(tmp_path / "notes.npz", allow_pickle=False) as held:
        again = load_network(held, "first")
    assert again(numbers) == pytest.approx(first(numbers), abs=0.02)


def test_gm_beats_follow_from_their_seed_and_are_played_on_their_channels():
    for seed in range(12):
        beat = compose_gm(seed)
        assert beat == compose_gm(seed)
        assert beat.chords
        assert max(start for start, *_ in (*beat.melody, *beat.chords, *beat.bass, *beat.drums)) < BARS * 4
        song = _song(beat)
        channels = {message.channel for message in song.tracks[0] if message.type == "note_on"}
        assert DRUM_CHANNEL in channels
        assert (2 in channels) == (not beat.sine_bass)
        assert all(message.time >= 0 for message in song.tracks[0])
    assert len({compose_gm(seed).bpm for seed in range(12)}) > 6
