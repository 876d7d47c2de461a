"""Piano rolls show every note where it plays."""

from __future__ import annotations

import io
import re

import mido
import pytest

from typebeat.page.roll import HEIGHT, WIDTH, roll_svg


def midi(*notes: tuple[int, float, float], channel: int = 0) -> bytes:
    """A file of (pitch, first beat, last beat) in 480 ticks a beat."""
    song, track = mido.MidiFile(), mido.MidiTrack()
    events = [
        (at, kind, pitch) for pitch, *ends in notes for at, kind in zip(ends, ("note_on", "note_off"), strict=True)
    ]
    before = 0.0
    for beat, kind, pitch in sorted(events):
        ticks = round((beat - before) * 480)
        track.append(mido.Message(kind, note=pitch, velocity=100, time=ticks, channel=channel))
        before = beat
    song.tracks.append(track)
    file = io.BytesIO()
    song.save(file=file)
    return file.getvalue()


def test_notes_stand_at_their_beats_and_higher_ones_higher() -> None:
    svg = roll_svg(midi((60, 0, 1), (72, 4, 6)), "melody")
    boxes = [tuple(map(float, box)) for box in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)".*?width="([\d.]+)"', svg)]
    assert len(boxes) == 2
    assert boxes[0][0] == 0
    assert boxes[1][0] == pytest.approx(WIDTH / 2, abs=1)
    assert boxes[1][1] < boxes[0][1] < HEIGHT
    assert boxes[1][2] == pytest.approx(WIDTH / 4, abs=2)
    assert 'aria-label="melody: 2 notes in 2 bars"' in svg
    assert "C4 to C5" in svg


def test_drums_are_rows_with_names() -> None:
    svg = roll_svg(midi((36, 0, 0.1), (38, 1, 1.1), (42, 0.5, 0.6), (49, 0, 1), channel=9), "drums")
    assert "crash · closed hat · snare · kick" in svg


def test_a_file_without_notes_says_so_and_names_are_escaped() -> None:
    assert "No notes in &lt;b&gt;" in roll_svg(midi(), "<b>")
