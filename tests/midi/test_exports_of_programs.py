"""MIDI files as programs export them: whose notes they are is told as a producer would, and nothing is misread."""

from __future__ import annotations

import io
from collections.abc import Sequence

import mido
import pytest

from typebeat.midi.notes import CLOSED_HAT, KICK, OPEN_HAT, SNARE
from typebeat.midi.reader import MidiSong, parse_midi

BEAT = 96  # ticks
Track = tuple[str, int, int | None, Sequence[int]]  # name, channel from 1 on, program, keys: one a beat


def export(tracks: Sequence[Track], *, kind: int = 1, title: str = "") -> MidiSong:
    """Reads a file of tracks that was just written."""
    file = mido.MidiFile(type=kind, ticks_per_beat=BEAT)
    for name, channel, program, keys in tracks:
        track = file.tracks[0] if kind == 0 and file.tracks else mido.MidiTrack()
        if track not in file.tracks:
            file.tracks.append(track)
            if name or title:
                track.append(mido.MetaMessage("track_name", name=(title or name).encode().decode("latin-1")))
        if program is not None:
            track.append(mido.Message("program_change", channel=channel - 1, program=program))
        for key in keys:
            track.append(mido.Message("note_on", channel=channel - 1, note=key, velocity=90))
            track.append(mido.Message("note_off", channel=channel - 1, note=key, time=BEAT))
    written = io.BytesIO()
    file.save(file=written)
    return parse_midi(written.getvalue())


def parts(song: MidiSong) -> list[str]:
    """Returns the part of each voice."""
    return [voice.part for voice in song.voices]


@pytest.mark.parametrize("name", ["Мелодия", "ピアノメロディ", "사랑노래", "🔥🔥🔥"])
def test_a_track_may_be_named_in_any_script(name):
    song = export([(name, 1, None, [60, 64, 67])])
    assert len(song.voices[0].notes) == 3


def test_tracks_that_share_a_channel_keep_their_own_programs():
    song = export([("", 1, 33, [36, 36]), ("", 1, 80, [72, 74])])
    assert parts(song) == ["808", "melody"]


def test_the_title_of_a_song_in_one_track_names_no_channel():
    song = export([("", 1, None, [72, 74]), ("", 2, None, [36, 38])], kind=0, title="Trap Beat")
    assert parts(song) == ["melody", "808"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *((name, "drums") for name in ("hats_01", "oh_1", "Batería", "Schlagzeug", "Caja", "TR-808", "FPC", "Ride")),
        *((name, "808") for name in ("Sub_1", "808", "Reese Bass", "Synthbass", "Bajo", "ベース")),
        *((name, "melody") for name in ("Prime", "Grime Lead", "Marimba", "Percy", "Sub Melody", "My Beat Melody")),
        *((name, "melody") for name in ("Bassoon", "Heartbeat Lead", "Steel Drums", "Tambura")),
    ],
)
def test_a_name_says_a_part_only_with_whole_words(name, part):
    assert parts(export([(name, 1, None, [72, 74, 76])])) == [part]


def test_a_kit_on_its_usual_keys_is_drums_without_a_name():
    file = mido.MidiFile(type=0, ticks_per_beat=BEAT)
    track = mido.MidiTrack()
    file.tracks.append(track)
    for keys in ([36, 42], [42], [38, 42], [42]):
        track += [mido.Message("note_on", note=key, velocity=90) for key in keys]
        track += [mido.Message("note_off", note=key, time=BEAT * (key == keys[0])) for key in keys]
    written = io.BytesIO()
    file.save(file=written)
    song = parse_midi(written.getvalue())
    assert parts(song) == ["drums"]
    assert {note.pitch for note in song.notes_of("drums")} == {KICK, SNARE, CLOSED_HAT}


@pytest.mark.parametrize(
    ("name", "channel", "keys", "drums"),
    [
        ("Kick", 10, [60], {KICK}),
        ("Kicks", 1, [24, 48, 50], {KICK}),
        ("Hi Hat", 1, [60, 62, 49], {CLOSED_HAT}),
        ("Hi Hat", 1, [42, 46], {CLOSED_HAT, OPEN_HAT}),
        ("Kick Snare", 1, [36, 38], {KICK, SNARE}),
        ("Percussion", 10, [36, 38, 42], {KICK, SNARE, CLOSED_HAT}),
        ("Percussion", 10, [36, 42], {KICK, CLOSED_HAT}),
    ],
)
def test_a_drum_track_plays_the_drums_in_its_name(name, channel, keys, drums):
    assert {note.pitch for note in export([(name, channel, None, keys)]).notes_of("drums")} == drums


def test_a_file_in_a_riff_wrapper_is_read():
    file = mido.MidiFile(ticks_per_beat=BEAT)
    file.tracks.append(mido.MidiTrack([mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=BEAT)]))
    written = io.BytesIO()
    file.save(file=written)
    content = written.getvalue()
    wrapped = b"RIFF" + (len(content) + 12).to_bytes(4, "little") + b"RMIDdata" + len(content).to_bytes(4, "little")
    assert len(parse_midi(wrapped + content).voices) == 1
