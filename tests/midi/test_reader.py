"""MIDI files that people bring: read whatever their type, mapped to parts, refused where they are no use."""

from __future__ import annotations

import io

import mido
import pytest
from raw_midi import raw_midi

from typebeat.midi import reader
from typebeat.midi.notes import CLOSED_HAT, KICK
from typebeat.midi.reader import MOST_BYTES, parse_midi, read_midi
from typebeat.request.options import RequestError

BEAT = 480


def file_of(tracks, kind=1, head=()) -> bytes:
    """A file whose tracks are (name, channel from 0, program, notes); notes are (beat, beats, pitch)."""
    file = mido.MidiFile(type=kind, ticks_per_beat=BEAT)
    for number, (name, channel, program, notes) in enumerate(tracks):
        events = [(0, 0, mido.MetaMessage("track_name", name=name))] if name else []
        if program is not None:
            events.append((0, 0, mido.Message("program_change", channel=channel, program=program)))
        if number == 0:
            events += [(round(beat * BEAT), 0, message) for beat, message in head]
        for beat, beats, pitch in notes:
            events.append((round(beat * BEAT), 2, mido.Message("note_on", channel=channel, note=pitch, velocity=90)))
            events.append((round((beat + beats) * BEAT), 1, mido.Message("note_off", channel=channel, note=pitch)))
        track, now = mido.MidiTrack(), 0
        for tick, _, message in sorted(events, key=lambda event: event[:2]):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def tempo(bpm):
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


def triads(bars=4):
    return [(4 * bar, 4, pitch) for bar in range(bars) for pitch in (57, 60, 64)]


LINE = [(beat, 0.5, 72 + beat % 5) for beat in range(16)]
LOW = [(2 * place, 1.5, 33) for place in range(8)]
DRUMS = [(beat, 0.1, 36 if beat % 2 == 0 else 38) for beat in range(16)]


def parts_of(song):
    return [voice.part for voice in song.voices]


def test_parts_are_told_by_channel_program_and_how_they_are_played():
    tracks = [("", 9, None, DRUMS), ("", 0, 38, LOW), ("", 1, 0, triads()), ("", 2, 80, LINE)]
    song = parse_midi(file_of(tracks, head=[(0, tempo(92)), (0, mido.MetaMessage("time_signature"))]))
    assert parts_of(song) == ["drums", "808", "chords", "melody"]
    assert (song.bpm, song.metre, song.bars) == (pytest.approx(92, abs=0.01), (4, 4), 4)
    assert all(voice.why for voice in song.voices)
    assert len(song.lines()) == 5


def test_parts_are_told_by_their_names():
    tracks = [("Kick", 0, None, [(0, 1, 60)]), ("HiHat", 1, None, [(0, 1, 60)]), ("Sub", 2, None, [(0, 4, 50)])]
    song = parse_midi(file_of([*tracks, ("Vocal Lead", 3, None, LINE), ("Warm Pad", 4, None, [(0, 8, 69)])]))
    assert parts_of(song) == ["drums", "drums", "808", "melody", "chords"]
    assert sorted(note.pitch for note in song.notes_of("drums")) == [KICK, CLOSED_HAT]


def test_a_piano_that_plays_a_tune_above_chords_becomes_two_voices():
    tune = [(beat + 0.5, 0.4, 76 + beat % 3) for beat in range(16)]
    song = parse_midi(file_of([("", 0, 0, [*triads(), *tune])]))
    assert parts_of(song) == ["melody", "chords"]
    assert [note.pitch for note in song.notes_of("melody")] == [pitch for _, _, pitch in tune]
    assert len(song.notes_of("chords")) == 12


def test_notes_are_played_at_the_files_tempo_map_or_at_one_tempo():
    song = parse_midi(file_of([("", 0, 80, LINE)], head=[(0, tempo(120)), (4, tempo(60))]))
    onsets = [note.onset for note in song.notes_of("melody")]
    assert onsets[:6] == pytest.approx([0, 0.5, 1, 1.5, 2, 3])
    onsets = [note.onset for note in song.notes_of("melody", bpm=100)]
    assert onsets == pytest.approx([0.6 * beat for beat in range(16)])
    assert song.bpm == pytest.approx(60)
    assert any("tempo changes" in line for line in song.remarks)


def test_type_0_is_split_by_channel():
    file = mido.MidiFile(type=0, ticks_per_beat=BEAT)
    track = mido.MidiTrack()
    for beat in range(4):
        track.append(mido.Message("note_on", channel=9, note=36, velocity=90, time=0))
        track.append(mido.Message("note_on", channel=1, note=72 + beat, velocity=90, time=0))
        track.append(mido.Message("note_on", channel=9, note=36, velocity=0, time=BEAT // 2))
        track.append(mido.Message("note_off", channel=1, note=72 + beat, time=BEAT // 2))
    file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    song = parse_midi(out.getvalue())
    assert sorted(parts_of(song)) == ["drums", "melody"]
    assert [len(voice.notes) for voice in song.voices] == [4, 4]


def test_the_patterns_of_type_2_are_played_one_after_another_from_a_bar_on():
    song = parse_midi(file_of([("", 0, 80, LINE[:6]), ("", 0, 80, LINE[:4])], kind=2))
    assert [voice.notes[0].beat for voice in song.voices] == [0, 8]
    assert any("type 2" in line for line in song.remarks)


def test_running_status_is_read():
    events = bytes([0, 0x90, 60, 90, 0x60, 60, 0, 0, 62, 90, 0x60, 62, 0]) + b"\0\xff\x2f\0"
    song = parse_midi(raw_midi(events, division=96))
    assert [(note.beat, note.beats, note.pitch) for note in song.voices[0].notes] == [(0, 1, 60), (1, 1, 62)]


def test_thirty_tracks_are_mapped_and_can_be_corrected():
    song = parse_midi(file_of([(f"Track {n}", n % 9, None, LINE) for n in range(30)]))
    assert len(song.voices) == 30
    song = song.corrected({2: "chords", **dict.fromkeys(range(3, 31), "")})
    assert parts_of(song) == ["melody", "chords", *[""] * 28]
    with pytest.raises(RequestError, match="no voice 31"):
        song.corrected({31: "chords"})
    with pytest.raises(RequestError, match="part 'bells' is unknown"):
        song.corrected({1: "bells"})


def test_a_note_without_an_end_lasts_to_the_end_of_its_track():
    events = bytes([0, 0x90, 60, 90, 0x60, 0x90, 64, 90, 0x60, 0x80, 64, 0]) + b"\0\xff\x2f\0"
    song = parse_midi(raw_midi(events, division=96))
    assert [note.beats for note in song.voices[0].notes] == [2, 1]
    assert any("a note has no end" in line for line in song.remarks)


def test_what_cannot_be_used_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MOST_NOTES", 100)
    good = file_of([("", 0, None, LINE)])
    film = good[:12] + b"\xe7\x28" + good[14:]
    many = file_of([("", 0, None, [(n / 100, 0.01, 60) for n in range(101)])])
    for content, part in (
        (b"RIFF1234", "is no MIDI file"),
        (b"", "is no MIDI file"),
        (b"MThd", "damaged or cut off"),
        (good[: len(good) // 2], "damaged or cut off"),
        (file_of([("Empty", 0, None, [])]), "holds no notes"),
        (film, "film frames"),
        (many, "101 notes; up to 100"),
        (good + bytes(MOST_BYTES), "MB of events"),
    ):
        path = tmp_path / "song.mid"
        path.write_bytes(content)
        with pytest.raises(RequestError) as error:
            read_midi(path)
        assert part in str(error.value)
        assert "\n" not in str(error.value)
        assert error.value.field == "file"
    with pytest.raises(RequestError, match="there is no file"):
        read_midi(tmp_path / "none.mid")


def test_a_voice_named_after_a_part_is_that_part_and_stays_whole():
    tune = [(beat, 1, 84 + beat % 3) for beat in range(16)]
    song = parse_midi(file_of([("Chords", 0, 0, [*triads(), *tune]), ("808", 1, 81, [(0, 16, 80)])]))
    assert [(voice.part, len(voice.notes)) for voice in song.voices] == [("chords", 12 + 16), ("808", 1)]


def test_silent_bars_at_the_end_of_a_clip_count_if_it_ends_on_a_bar_line():
    track = mido.MidiTrack([mido.Message("note_on", note=60, velocity=90), mido.Message("note_off", note=60, time=480)])
    for more, bars in ((480 * 15, 4), (480 * 15 + 1, 1), (480 * (64 * 4 + 3), 1)):
        file = mido.MidiFile(ticks_per_beat=480)
        file.tracks.append(mido.MidiTrack([*track, mido.MetaMessage("end_of_track", time=more)]))
        out = io.BytesIO()
        file.save(file=out)
        assert parse_midi(out.getvalue()).bars == bars
