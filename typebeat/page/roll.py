"""Draws piano rolls as SVG: what a MIDI file plays, on its grid, in the page's colours."""

from __future__ import annotations

import io
import math
from html import escape

import mido

from typebeat.midi.notes import DRUM_PITCHES
from typebeat.midi.writer import DRUM_CHANNEL
from typebeat.request.words import NOTE_NAMES

WIDTH, HEIGHT = 640, 150  # of the drawing, in its own units
LEAST_PITCHES = 6  # rows at least, so that a single note does not fill the picture
DRUM_NAMES = {pitch: name.replace("_", " ") for name, pitch in DRUM_PITCHES.items()}


def roll_svg(midi: bytes, name: str) -> str:
    """Draws the content of a MIDI file; `name` says what it plays, for screen readers."""
    song = mido.MidiFile(file=io.BytesIO(midi))
    notes = notes_of(song)
    if not notes:
        return f'<p class="roll-empty">No notes in {escape(name)}.</p>'
    beats = max(end for _, end, _, _, _ in notes)
    per_bar = _beats_per_bar(song)
    bars = max(1, math.ceil(round(beats / per_bar, 3)))
    is_drums = all(channel == DRUM_CHANNEL for *_, channel in notes)
    rows = sorted({pitch for _, _, pitch, _, _ in notes})
    if not is_drums:
        rows = list(range(rows[0] - 1, max(rows[-1] + 2, rows[0] - 1 + LEAST_PITCHES)))
    place, row_height = {pitch: row for row, pitch in enumerate(reversed(rows))}, HEIGHT / len(rows)
    per_beat = WIDTH / (bars * per_bar)
    drawn = []
    for beat in range(1, math.ceil(bars * per_bar)):
        kind = "bar-line" if beat % per_bar == 0 else "beat-line"
        drawn.append(f'<path class="{kind}" d="M{beat * per_beat:.1f} 0V{HEIGHT}"/>')
    for start, end, pitch, velocity, _ in notes:
        width = min(0.25, end - start) if is_drums else end - start
        drawn.append(
            f'<rect x="{start * per_beat:.1f}" y="{place[pitch] * row_height + 0.5:.1f}" rx="1.5" '
            f'width="{max(2.0, width * per_beat - 1):.1f}" height="{max(2.0, row_height - 1):.1f}" '
            f'opacity="{0.45 + 0.55 * velocity / 127:.2f}"/>'
        )
    said = f"{name}: {len(notes)} note{'s' * (len(notes) > 1)} in {bars} bar{'s' * (bars > 1)}"
    return (
        f'<svg class="roll" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}">{"".join(drawn)}</svg>{_legend(rows, is_drums)}'
    )


def _beats_per_bar(song: mido.MidiFile) -> float:
    """Quarter notes in a bar, by the file's metre."""
    metres = (message for message in song.tracks[0] if message.type == "time_signature") if song.tracks else ()
    return next((message.numerator * 4 / message.denominator for message in metres), 4)


def _legend(rows: list[int], is_drums: bool) -> str:
    """Names the rows, from the top down."""
    if is_drums:
        names = [DRUM_NAMES.get(pitch, f"note {pitch}") for pitch in reversed(rows)]
        return f'<p class="roll-rows">{escape(" · ".join(names))}</p>'
    low, high = (f"{NOTE_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in (rows[1], rows[-2]))
    return f'<p class="roll-rows">{low} to {high}</p>'


def notes_of(song: mido.MidiFile) -> list[tuple[float, float, int, int, int]]:
    """Every note as (first beat, last beat, pitch, velocity, channel)."""
    notes = []
    for track in song.tracks:
        ticks = 0
        open_notes: dict[tuple[int, int], tuple[float, int]] = {}  # (channel, pitch) -> (first beat, velocity)
        for message in track:
            ticks += message.time
            if message.type not in ("note_on", "note_off"):
                continue
            place = (message.channel, message.note)
            if place in open_notes:
                began, velocity = open_notes.pop(place)
                notes.append((began, ticks / song.ticks_per_beat, message.note, velocity, message.channel))
            if message.type == "note_on" and message.velocity:
                open_notes[place] = (ticks / song.ticks_per_beat, message.velocity)
    return sorted(notes)
