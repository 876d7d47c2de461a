"""Writes MIDI files that DAWs import well: type 1, 480 ticks a quarter note, a track for each part, whole bars.

Bar 1 is the grid's first downbeat; notes before it and after the last bar are left out. Notes are not moved here;
`quantize.py` does that.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import mido

from typebeat.hearing.grid import Grid
from typebeat.midi.notes import Marker, MidiPart, Note, without_overlaps

TICKS_PER_BEAT = 480
DRUM_CHANNEL = 9  # channel 10, counted from 0
_CHANNELS = {"drums": DRUM_CHANNEL, "808": 0, "melody": 1, "chords": 2, "sample": 3}
# standard kit, synth bass, square lead, warm pad, electric piano
_PROGRAMS = {"drums": 0, "808": 38, "melody": 80, "chords": 88, "sample": 4}
_TRACK_NAMES = {"drums": "Drums", "808": "808", "melody": "Melody", "chords": "Chords", "sample": "Sample"}
_EARLY_TICKS = TICKS_PER_BEAT // 8  # a note this little before bar 1 is moved to its first tick
LEGATO_SECONDS = 0.015  # overlap of a glide's two notes, which makes a mono synth slide
GLIDE_SECONDS = 0.12  # length of a pitch bend
_BEND_STEPS, _FULL_BEND = 16, 8191
_STEPS = range(1, _BEND_STEPS + 1)
_SIGNATURES = {  # keys that need flats, since with sharps they would have more than six accidentals
    "C# major": "Db",
    "D# major": "Eb",
    "G# major": "Ab",
    "A# major": "Bb",
    "D# minor": "Ebm",
    "A# minor": "Bbm",
}
_FIRST, _SECOND, _THIRD = range(3)  # order of events on one tick: notes end, controls move, notes begin

_Event = tuple[int, int, mido.Message]  # tick, rank among the events on that tick, message


def midi_bytes(
    parts: Sequence[MidiPart],
    grid: Grid,
    key: str,
    markers: Sequence[Marker] = (),
    *,
    title: str = "",
    bends: bool = False,
) -> bytes:
    """Encodes one part or more as a MIDI file; the same notes give the same bytes.

    Args:
        parts: Each gets a track and a channel, in this order; a part without notes gets an empty track.
        grid: Tempo, first downbeat and number of bars; at least one bar is written.
        key: Canonical key, such as "F minor"; empty if nothing has a pitch.
        markers: Texts in the first track, such as chord names.
        title: Name of the first track.
        bends: Whether glides become pitch bends; otherwise a second note overlaps the first a little.
    """
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    end = _end_tick(grid)
    file.tracks.append(_tempo_track(grid, key, markers, title, end))
    for part in parts:
        file.tracks.append(_part_track(part, grid, bends, end))
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def key_signature(key: str) -> str:
    """Returns MIDI's name of a canonical key: "Fm" for "F minor", "Bbm" for "A# minor"."""
    note, mode = key.split()
    return _SIGNATURES.get(key, note + ("m" if mode == "minor" else ""))


def _tempo_track(grid: Grid, key: str, markers: Sequence[Marker], title: str, end: int) -> mido.MidiTrack:
    count, unit = map(int, grid.metre.split("/"))
    events = [
        (0, _FIRST, mido.MetaMessage("track_name", name=_text(title))),
        *(
            (tick, _FIRST, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(section.bpm)))
            for tick, section in _starts(grid)
        ),
        (0, _FIRST, mido.MetaMessage("time_signature", numerator=count, denominator=unit)),
    ]
    if key:
        events.append((0, _FIRST, mido.MetaMessage("key_signature", key=key_signature(key))))
    for marker in markers:
        tick = _tick(marker.at, grid)
        if 0 <= tick < end:
            events.append((tick, _SECOND, mido.MetaMessage("marker", text=_text(marker.text))))
    return _track(events, end)


def _part_track(part: MidiPart, grid: Grid, bends: bool, end: int) -> mido.MidiTrack:
    """Makes a part's track; name and program stand on tick 0, since FL Studio would cut off an empty start."""
    channel = _CHANNELS[part.name]
    events: list[_Event] = [
        (0, _FIRST, mido.MetaMessage("track_name", name=_TRACK_NAMES[part.name])),
        (0, _FIRST, mido.Message("program_change", channel=channel, program=_PROGRAMS[part.name])),
    ]
    notes = _in_ticks(part.notes, grid, end)
    glides = [(note, glide) for note in notes if (glide := note.glide)]
    if bends and glides:
        reach = max(12, *(abs(to - note.pitch) for note, (to, _) in glides))
        events += _bend_range(reach, channel)
        for note, (to, at) in glides:
            events += _bend(note, to, int(at), _ticks(GLIDE_SECONDS, grid), reach, channel)
    else:
        notes = [half for note in notes for half in _legato(note, _ticks(LEGATO_SECONDS, grid))]
    for note in without_overlaps(notes, nearest=1):
        began = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        ended = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
        events += [(int(note.onset), _THIRD, began), (int(note.offset), _FIRST, ended)]
    return _track(events, end)


def _in_ticks(notes: Sequence[Note], grid: Grid, end: int) -> list[Note]:
    """Converts times to ticks and drops notes that begin outside the grid's bars."""
    placed = []
    for note in notes:
        start = _tick(note.onset, grid)
        if -_EARLY_TICKS <= start < end:
            start = max(0, start)
            stop = min(max(start + 1, _tick(note.offset, grid)), end)
            glide = None if note.glide_at is None else min(max(start, _tick(note.glide_at, grid)), stop - 1)
            placed.append(replace(note, onset=start, offset=stop, glide_at=glide))
    return placed


def _legato(note: Note, overlap: int) -> list[Note]:
    """Splits a note that glides into two overlapping ones; times are in ticks."""
    if note.glide is None:
        return [note]
    to, at = note.glide
    first = replace(note, offset=min(note.offset, at + overlap), glide_to=None, glide_at=None)
    return [first, replace(first, onset=at, offset=note.offset, pitch=to)]


def _bend_range(semitones: int, channel: int) -> list[_Event]:
    """Sets the range of a full bend (RPN 0), then deselects the parameter (null RPN)."""
    steps = ((101, 0), (100, 0), (6, semitones), (38, 0), (101, 127), (100, 127))
    return [
        (0, _FIRST, mido.Message("control_change", channel=channel, control=control, value=value))
        for control, value in steps
    ]


def _bend(note: Note, to: int, at: int, length: int, reach: int, channel: int) -> list[_Event]:
    """Bends a note in ticks to the pitch `to` from tick `at` on, and resets the bend at its end."""
    end = int(note.offset)
    length = min(length, end - at)
    target = (to - note.pitch) / reach * _FULL_BEND
    places = [(at + length * step // _BEND_STEPS, target * step / _BEND_STEPS) for step in _STEPS]
    places = [*(place for place in places if place[0] < end), (end, 0)]
    return [(at, _SECOND, mido.Message("pitchwheel", channel=channel, pitch=round(bend))) for at, bend in places]


def _track(events: list[_Event], end: int) -> mido.MidiTrack:
    """Makes a track that ends on tick `end`, with the times of events relative to the event before."""
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=end - now))
    return track


def _starts(grid: Grid) -> list[tuple[int, Grid]]:
    """Returns the first tick of each stretch of one tempo, and that stretch."""
    starts, tick = [], 0
    for section in grid.sections:
        starts.append((tick, section))
        tick += _bar_ticks(section) * section.bars
    return starts


def _bar_ticks(grid: Grid) -> int:
    return round(grid.beats_per_bar * TICKS_PER_BEAT)


def _end_tick(grid: Grid) -> int:
    """Returns the tick on which the file ends: whole bars, at least one."""
    tick, last = _starts(grid)[-1]
    return max(tick + _bar_ticks(last) * last.bars, _bar_ticks(grid))


def _tick(seconds: float, grid: Grid) -> int:
    tick, now = 0, grid
    for start, section in _starts(grid)[1:]:
        if seconds >= section.downbeat - section.sixteenth_seconds / 4:
            tick, now = start, section
    return tick + _ticks(seconds - now.downbeat, now)


def _ticks(seconds: float, grid: Grid) -> int:
    return round(seconds / grid.beat_seconds * TICKS_PER_BEAT)


def _text(text: str) -> str:
    """Prepares text to be written as UTF-8: mido encodes it as Latin-1, which keeps each byte."""
    return text.encode().decode("latin-1")
