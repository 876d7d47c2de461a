"""The MIDI benchmark's scores: what is right counts once, and what is not does not."""

from __future__ import annotations

import pytest

from benchmarks.midi import GROUPS
from benchmarks.note_scores import Tally, matched_hits, matched_notes, one_moment
from training.starter.simple_corpus.beats import TrueNote
from typebeat.midi.notes import DRUM_PITCHES, Note


def true_note(onset: float, pitch: int, offset: float | None = None) -> TrueNote:
    return TrueNote(onset, onset + 0.5 if offset is None else offset, pitch, 1.0)


def test_every_drum_that_is_written_belongs_to_one_group():
    assert sorted(drum for group in GROUPS.values() for drum in group) == sorted(DRUM_PITCHES)


def test_a_clap_on_a_snare_is_one_moment_and_two_hits_of_a_roll_are_two():
    assert one_moment([1.0, 1.01, 1.05, 0.5]).tolist() == [0.5, 1.0, 1.05]


def test_a_hit_counts_once_and_only_within_50_ms():
    pairs = matched_hits(one_moment([1.0, 2.0]), one_moment([1.03, 1.055, 2.06]))
    assert pairs == [(0, 0)]


def test_a_note_needs_its_pitch_and_where_asked_its_end():
    true = [true_note(0.0, 60), true_note(1.0, 62)]
    heard = [Note(0.01, 0.2, 60, 90), Note(1.0, 1.5, 63, 90)]
    assert matched_notes(true, heard) == [(0, 0)]
    assert matched_notes(true, heard, with_offset=True) == []
    assert matched_notes(true, []) == []


def test_counts_are_summed_before_f1_is_formed():
    tally = Tally()
    tally.count("kick", 1, 1, 1)
    tally.count("kick", 0, 3, 0)
    tally.count("baseline_kick", 0, 0, 1)
    tally.note("right_16th", 1.0)
    tally.note("right_16th", 0.0)
    figures = tally.figures()
    assert figures["f1_kick"] == pytest.approx(0.4)
    assert (figures["precision_kick"], figures["recall_kick"]) == (0.25, 1.0)
    assert figures["baseline_f1_kick"] == 0
    assert figures["right_16th"] == 0.5
    assert "precision_baseline_kick" not in figures
