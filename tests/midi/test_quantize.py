"""Quantising: what is meant is found, and the groove is kept."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.grid import Grid
from typebeat.midi.notes import CLOSED_HAT, KICK, Note
from typebeat.midi.quantize import fit_swing, quantize

GRID = Grid(bpm=140, downbeat=0.25, bars=4)


def hits(beats, pitch: int = CLOSED_HAT, jitter: float = 0.008, grid: Grid = GRID) -> list[Note]:
    """Hits at these beats, each off by up to `jitter` seconds."""
    rng = np.random.default_rng(0)
    onsets = grid.downbeat + np.asarray(beats, float) * grid.beat_seconds + rng.uniform(-jitter, jitter, len(beats))
    return [Note(t, t + 0.06, pitch, 90) for t in onsets]


def beats_of(notes, grid: Grid = GRID) -> list[float]:
    return [(note.onset - grid.downbeat) / grid.beat_seconds for note in notes]


def swung(sixteenths: int, swing: float) -> list[float]:
    return [(i // 2) / 2 + (swing if i % 2 else 0) / 2 for i in range(sixteenths)]


@pytest.mark.parametrize(
    "beats",
    [
        np.arange(0, 8, 0.25),
        [0, 0.25, 0.5, 0.75, *(1 + np.arange(8) / 8), 2, 2.5],  # a roll of thirty-seconds
        [0, 0.5, *(1 + np.arange(6) / 6), 2, 2.5],  # sixteenth triplets
        [0, *(1 + np.arange(3) / 3), 2, 3],  # eighth triplets
        [0, 1 / 6, 2 / 6, 0.5, 0.75, 1],  # triplets in one half of a beat only
    ],
    ids=["sixteenths", "thirty-seconds", "sixteenth triplets", "eighth triplets", "half a beat of triplets"],
)
def test_tight_finds_what_was_meant(beats):
    assert beats_of(quantize(hits(beats), GRID, "tight")) == pytest.approx(list(beats), abs=1e-6)


@pytest.mark.parametrize("bpm", [60, 90, 120, 160])
def test_rolls_of_thirty_seconds_survive_at_every_tempo(bpm):
    grid = Grid(bpm, 0.0, 4)
    beats = np.arange(16) / 8
    assert beats_of(quantize(hits(beats, grid=grid, jitter=0.004), grid, "tight"), grid) == pytest.approx(list(beats))


def test_a_roll_of_the_hat_leaves_the_kick_where_it_is():
    kicks, roll = hits([1.25], KICK), hits(1 + np.arange(6) / 6)
    placed = quantize([*kicks, *roll], GRID, "tight")
    assert beats_of([note for note in placed if note.pitch == KICK]) == pytest.approx([1.25])


@pytest.mark.parametrize("swing", [0.5, 0.56, 0.62, 0.667])
def test_swing_is_fitted_and_kept(swing):
    beats = swung(32, swing)
    notes = hits(beats)
    assert fit_swing([note.onset for note in notes], GRID) == pytest.approx(swing, abs=0.02)
    assert beats_of(quantize(notes, GRID, "tight")) == pytest.approx(beats, abs=0.01)


def test_swing_of_a_part_with_few_notes_is_the_grids():
    assert fit_swing([0.25], Grid(140, 0.25, 4, swing=0.6)) == 0.6


def test_groove_moves_half_the_way_and_raw_not_at_all():
    late = GRID.downbeat + GRID.beat_seconds + 0.02
    note = Note(late, late + 0.3, 40, 90)
    (tight,), (groove,), (raw,) = (quantize([note], GRID, feel) for feel in ("tight", "groove", "raw"))
    assert late - tight.onset == pytest.approx(0.02)
    assert late - groove.onset == pytest.approx(0.01)
    assert raw == note
    assert tight.offset - tight.onset == pytest.approx(0.3)


def test_a_glide_moves_with_its_note():
    note = Note(0.26, 1.0, 30, 90, glide_to=42, glide_at=0.8)
    (moved,) = quantize([note], GRID, "tight")
    assert moved.glide_at - moved.onset == pytest.approx(0.54)


def test_notes_of_one_pitch_do_not_overlap_and_a_chord_stays_together():
    long = [Note(0.25, 2.0, 60, 80), Note(0.26, 2.0, 64, 80), Note(0.68, 2.0, 60, 80)]
    placed = quantize(long, GRID, "tight")
    first, chord_tone, second = placed
    assert first.onset == chord_tone.onset
    assert first.offset <= second.onset


def test_nothing_is_moved_before_the_sound_begins():
    grid = Grid(140, 0.0, 1)
    (note,) = quantize([Note(0.0, 0.1, 36, 90)], grid, "tight")
    assert note.onset == 0


def test_no_notes_stay_no_notes():
    assert quantize([], GRID, "tight") == ()
