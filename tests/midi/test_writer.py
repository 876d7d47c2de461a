"""The MIDI writer, read back by mido: what DAWs rely on."""

from __future__ import annotations

import io

import mido
import pytest

from typebeat.hearing.grid import Grid
from typebeat.midi.notes import KICK, Marker, MidiPart, Note
from typebeat.midi.writer import key_signature, midi_bytes
from typebeat.request.words import KEYS

GRID = Grid(bpm=140, downbeat=0.5, bars=2)
BAR_TICKS = 4 * 480


def at(beat: float) -> float:
    return GRID.downbeat + beat * 60 / GRID.bpm


def note(beat: float, beats: float, pitch: int, velocity: int = 100, **glide) -> Note:
    return Note(at(beat), at(beat + beats), pitch, velocity, **glide)


def read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data))


def timed(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    now, events = 0, []
    for message in track:
        now += message.time
        events.append((now, message))
    return events


def sounding(track: mido.MidiTrack) -> list[tuple[int, int, int]]:
    """(start, stop, pitch) of each note; fails on a note that begins while its pitch sounds, or that never ends."""
    began, notes = {}, []
    for tick, message in timed(track):
        if message.type == "note_on" and message.velocity:
            assert message.note not in began, "two notes of one pitch at once"
            began[message.note] = tick
        elif message.type in ("note_on", "note_off"):
            notes.append((began.pop(message.note), tick, message.note))
    assert not began, "a note never ends"
    return sorted(notes)


PARTS = (
    MidiPart("drums", (note(0, 0.1, KICK), note(4, 0.1, KICK))),
    MidiPart("808", (note(0, 4, 29),)),
    MidiPart("melody", (note(6, 1, 72),)),
    MidiPart("chords", (), "no chords were heard"),
)


def test_a_file_has_a_tempo_track_and_one_track_a_part():
    file = read(midi_bytes(PARTS, GRID, "F minor", title="Dark trap"))
    assert (file.type, file.ticks_per_beat) == (1, 480)
    assert [track.name for track in file.tracks] == ["Dark trap", "Drums", "808", "Melody", "Chords"]
    metas = {message.type: message for message in file.tracks[0]}
    assert mido.tempo2bpm(metas["set_tempo"].tempo) == pytest.approx(140, abs=0.001)
    assert (metas["time_signature"].numerator, metas["time_signature"].denominator) == (4, 4)
    assert metas["key_signature"].key == "Fm"


def test_each_part_has_a_channel_of_its_own_and_the_drums_have_the_tenth():
    file = read(midi_bytes(PARTS, GRID, "F minor"))
    channels = [{m.channel for m in track if not m.is_meta} for track in file.tracks[1:]]
    assert [len(each) for each in channels] == [1, 1, 1, 1]
    assert channels[0] == {9}
    assert len(set.union(*channels)) == 4


def test_each_part_has_an_event_on_tick_0_even_if_it_enters_late():
    for track in read(midi_bytes(PARTS, GRID, "F minor")).tracks[1:]:
        assert "program_change" in [m.type for tick, m in timed(track) if tick == 0]


@pytest.mark.parametrize("bars", [1, 2, 8])
def test_every_track_ends_exactly_on_the_bar(bars):
    late = MidiPart("melody", (Note(0.5, 99.0, 60, 90), Note(98.0, 99.0, 62, 90)))
    file = read(midi_bytes([*PARTS, late], Grid(140, 0.5, bars), "F minor"))
    assert [timed(track)[-1] for track in file.tracks] == [
        (bars * BAR_TICKS, mido.MetaMessage("end_of_track", time=track[-1].time)) for track in file.tracks
    ]


def test_bar_1_is_the_downbeat_and_what_lies_before_it_is_left_out():
    part = MidiPart("melody", (note(-2, 1, 60), note(-0.05, 1, 62), note(1, 1, 64)))
    assert [(start, pitch) for start, _, pitch in sounding(read(midi_bytes([part], GRID, "C major")).tracks[1])] == [
        (0, 62),
        (480, 64),
    ]


def test_notes_of_one_pitch_never_overlap_and_of_two_at_once_the_louder_stays():
    part = MidiPart("drums", (note(0, 2, KICK, 50), note(0, 1, KICK, 90), note(0.5, 1, KICK, 70), note(3, 0, KICK)))
    track = read(midi_bytes([part], GRID, "C major")).tracks[1]
    assert sounding(track) == [(0, 240, KICK), (240, 720, KICK), (1440, 1441, KICK)]
    assert [m.velocity for m in track if m.type == "note_on"] == [90, 70, 100]


GLIDE = MidiPart("808", (note(0, 2, 29, glide_to=41, glide_at=at(1)), note(2, 2, 31)))


def test_a_glide_is_a_second_note_that_overlaps_the_first_a_little():
    first, second, third = sounding(read(midi_bytes([GLIDE], GRID, "F minor")).tracks[1])
    assert (first[2], second[2], third[2]) == (29, 41, 31)
    assert 0 < first[1] - second[0] <= 0.02 * 140 / 60 * 480
    assert second[1] == third[0] == 960


def test_a_glide_as_bend_sets_its_range_reaches_the_pitch_and_returns_to_0():
    file = read(midi_bytes([GLIDE], GRID, "F minor", bends=True))
    events = timed(file.tracks[1])
    controls = [(m.control, m.value) for _, m in events if m.type == "control_change"]
    assert controls == [(101, 0), (100, 0), (6, 12), (38, 0), (101, 127), (100, 127)]
    bends = [(tick, m.pitch) for tick, m in events if m.type == "pitchwheel"]
    assert max(bends, key=lambda bend: bend[1])[1] == 8191  # twelve semitones of twelve
    assert bends[-1] == (960, 0)
    kinds = [m.type for tick, m in events if tick == 960]
    assert kinds == ["note_off", "pitchwheel", "note_on"]
    assert sounding(file.tracks[1]) == [(0, 960, 29), (960, 1920, 31)]


def test_markers_stand_in_the_first_track():
    data = midi_bytes(PARTS, GRID, "F minor", [Marker(at(0), "Fm"), Marker(at(4), "D♭"), Marker(at(99), "late")])
    marks = [(tick, m.text) for tick, m in timed(read(data).tracks[0]) if m.type == "marker"]
    assert [tick for tick, _ in marks] == [0, BAR_TICKS]
    assert marks[1][1].encode("latin-1").decode() == "D♭"


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_signature_that_midi_knows(key):
    assert mido.MetaMessage("key_signature", key=key_signature(key))


def test_a_sound_without_a_key_has_no_signature():
    assert "key_signature" not in [m.type for m in read(midi_bytes([], GRID, "")).tracks[0]]


def test_the_same_notes_give_the_same_bytes():
    assert midi_bytes(PARTS, GRID, "A# minor") == midi_bytes(PARTS, GRID, "A# minor")


def test_a_file_of_nothing_is_a_bar_long():
    file = read(midi_bytes([], Grid(90, 0, 0), "C major"))
    assert timed(file.tracks[0])[-1][0] == BAR_TICKS
