"""Pictures of parts: notes stand where they are on the grid, in colours that can be seen on their ground."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from typebeat.grid import Grid
from typebeat.midi.notes import CLOSED_HAT, KICK, Marker, MidiPart, Note
from typebeat.midi.picture import DARK, LIGHT, MARGINS, draw_part

GRID = Grid(120.0, 0.5, 4)
MELODY = MidiPart("melody", (Note(0.5, 2.5, 60, 100), Note(6.5, 8.5, 64, 100)))


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def columns_in(content: bytes, colour: str) -> np.ndarray:
    """Which columns of the plot, as a share of its width, hold that colour or nearly."""
    picture = pixels(content)
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    near = (np.abs(picture - wanted).sum(axis=2) < 90).any(axis=0)
    inside = np.flatnonzero(near) / picture.shape[1]
    return (inside - MARGINS["left"]) / (MARGINS["right"] - MARGINS["left"])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("dark", [False, True])
def test_notes_stand_in_their_bars(dark):
    colours = DARK if dark else LIGHT
    at = columns_in(draw_part(MELODY, GRID, dark=dark), colours.notes["melody"])
    at = at[(at >= -0.01) & (at <= 1.01)]
    assert at.min() == pytest.approx(0, abs=0.01)
    assert at.max() == pytest.approx(1, abs=0.01)
    assert not np.any((at > 0.26) & (at < 0.74))


def test_hits_stand_on_their_beats_in_a_lane_each():
    part = MidiPart("drums", (Note(0.5, 0.56, KICK, 120), Note(4.5, 4.56, CLOSED_HAT, 60)))
    at = columns_in(draw_part(part, GRID), LIGHT.notes["drums"])
    assert at.min() == pytest.approx(0, abs=0.01)
    assert np.any(np.abs(at - 0.5) < 0.01)
    assert not np.any((at > 0.05) & (at < 0.48))


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_texts_and_notes_can_be_read_on_their_ground(colours):
    for colour in (colours.text, *colours.notes.values()):
        for ground in (colours.ground, colours.lane):
            lighter, darker = sorted((luminance(colour), luminance(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_same_part_draws_the_same_bytes_and_chord_names_show():
    plain, named = draw_part(MELODY, GRID), draw_part(MELODY, GRID, [Marker(0.5, "Fm")])
    assert plain == draw_part(MELODY, GRID)
    assert plain != named


def test_an_empty_part_says_why_and_odd_parts_can_be_drawn():
    empty = MidiPart("chords", (), "no chords were heard")
    assert draw_part(empty, GRID) != draw_part(MidiPart("chords", (), ""), GRID)
    glide = Note(0.5, 2.5, 33, 100, glide_to=45, glide_at=1.5)
    for part in (MidiPart("808", (glide,)), MidiPart("drums", (Note(0.5, 0.6, 99, 1),))):
        assert pixels(draw_part(part, Grid(120.0, 0.0, 0))).shape[2] == 3
