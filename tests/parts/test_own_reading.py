"""What somebody brings is told apart, heard and corrected; what cannot be used is refused in one line that helps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import own_inputs as own
import pytest
from brought import Ear

from typebeat.parts.own.reading import bring, file_or_chords, transposed_key
from typebeat.parts.own.settling import beat_tempo, octave, settled_by
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest

LOOP = Path(__file__).parents[2] / "docs" / "samples" / "loop.ogg"
CASES = Path(__file__).parents[1] / "cases"


def refusal(source, **options) -> str:
    with pytest.raises(RequestError) as refused:
        bring(file_or_chords(str(source)), ReferenceOptions(**options), Ear(0.1))
    line = str(refused.value)
    assert "\n" not in line
    assert refused.value.field in ("reference", "use")
    return line


def test_a_loop_is_a_sample_with_its_tempo_bars_and_key(tmp_path):
    brought = bring(own.sound(tmp_path / "loop.wav", own.loop_of_chords()), ReferenceOptions(), Ear(0.9))
    assert (brought.use, brought.kind, brought.name, brought.bars) == ("sample", "sound", "loop.wav", 4)
    assert brought.bpm == pytest.approx(97.3, rel=1e-4)
    assert brought.key == "A minor"
    assert brought.played == ("drums", "808")
    assert brought.audio.sample_rate == own.RATE


def test_the_guitar_of_the_readme_is_heard_as_its_licence_says():
    brought = bring(LOOP.with_name("guitar.ogg"), ReferenceOptions(), Ear(1.0))
    assert (brought.bpm, brought.bars, brought.key) == (120, 2, "E minor")
    assert brought.audio.samples.shape == (2, 4 * 44_100)
    assert "neither drums nor an 808 were heard in it" in brought.lines
    assert LOOP.with_name("guitar.ogg").stat().st_size <= 300_000


def test_corrections_settle_tempo_downbeat_and_key(tmp_path):
    file = own.sound(tmp_path / "loop.wav", own.loop_of_chords(100))
    options = ReferenceOptions(reference_bpm=100, reference_tempo="/2", reference_shift=1, transpose=-2)
    brought = bring(file, options, Ear(0.9))
    assert (brought.bpm, brought.key) == (50, "G minor")
    assert brought.sample.grid.downbeat == pytest.approx(1.2)
    assert any("-2 semitones" in line for line in brought.lines)


def test_the_reference_settles_only_what_words_and_options_leave_open(tmp_path):
    brought = bring(
        own.sound(tmp_path / "loop.wav", own.loop_of_chords(50, 2)), ReferenceOptions(reference_bpm=50), Ear(0.9)
    )
    free = settled_by(brought, BeatRequest("hard drums"))
    assert (free.bpm, free.key, free.bars) == (100, "A minor", 8)
    said = settled_by(brought, BeatRequest("hard drums, 140 bpm, C minor, 2 bars"))
    assert (said.bpm, said.key, said.bars) == (None, None, 8)
    given = settled_by(brought, BeatRequest("hard drums", bpm=93, key="D minor", bars=8), ["bars"])
    assert (given.bpm, given.key, given.bars) == (93, "D minor", 8)


def test_tempos_that_no_beat_has_are_counted_an_octave_away():
    assert [beat_tempo(bpm) for bpm in (46.5, 93, 180)] == [93, 93, 90]
    assert [octave(46.5, 93), octave(180, 90), octave(100, 110)] == [2, 0.5, 1]


def test_a_midi_file_gives_its_notes_by_part_in_beats(tmp_path):
    brought = bring(own.song(tmp_path / "song.mid"), ReferenceOptions())
    assert (brought.use, brought.bars, brought.bpm) == ("notes", 2, pytest.approx(93, abs=0.01))
    assert {part: len(notes) for part, notes in brought.notes.items()} == {"drums": 8, "808": 2, "melody": 8}
    assert [note.onset for note in brought.notes["melody"]] == list(range(8))
    assert brought.key == "A minor"
    moved = bring(own.song(tmp_path / "song.mid"), ReferenceOptions(transpose=3, reference_tempo="x2"))
    assert moved.notes["melody"][1].onset == 2
    assert [note.pitch for note in moved.notes["drums"]] == [36] * 8
    assert moved.key == "C minor"


def test_chords_are_read_transposed_and_tell_their_key():
    brought = bring("Am F C G", ReferenceOptions(transpose=2))
    assert [chord.name for chord in brought.chart.chords] == ["Bm", "G", "D", "A"]
    assert (brought.use, brought.bars, brought.bpm) == ("notes", 4, None)
    assert bring("Fm7 | Db | Ab Eb", ReferenceOptions()).key == "F minor"


def test_a_hum_becomes_notes_where_a_melody_is_played(tmp_path):
    time, beat = np.arange(8 * own.RATE) / own.RATE, 0.6
    pitches = [45, 48, 52, 50, 48, 47, 45, 45]
    hum = np.zeros(len(time))
    for number, pitch in enumerate(pitches):
        inside = (time >= 0.5 + number * beat) & (time < 0.5 + number * beat + 0.5)
        hz = 440 * 2 ** ((pitch - 69) / 12)
        hum += inside * sum(np.sin(2 * np.pi * hz * order * time) / order for order in range(1, 6))
    brought = bring(own.sound(tmp_path / "hum.wav", 0.2 * hum), ReferenceOptions(use="melody"))
    notes = brought.notes["melody"]
    assert [note.pitch for note in notes] == [pitch + 12 for pitch in pitches]
    assert [round(note.onset * 4) / 4 for note in notes] == list(range(8))
    assert brought.bpm == pytest.approx(100, rel=0.02)


def test_six_channels_and_eight_kilohertz_are_used_and_said(tmp_path):
    mono = own.loop_of_chords(100)
    six = bring(own.sound(tmp_path / "six.wav", np.stack([mono] * 6, axis=1)), ReferenceOptions(), Ear(0.9))
    assert any("6 channels" in line for line in six.lines)
    dull = bring(own.sound(tmp_path / "dull.wav", mono[::2], own.RATE // 2), ReferenceOptions(), Ear(0.9))
    assert any("11.025 kHz" in line for line in dull.lines)


def test_noise_and_speech_are_told_from_music(tmp_path):
    noise = 0.1 * np.random.default_rng(3).standard_normal(5 * own.RATE)
    assert "noise or speech" in refusal(own.sound(tmp_path / "noise.wav", noise))


def test_sounds_that_no_beat_goes_with_are_refused(tmp_path):
    assert "only drums were heard" in refusal(CASES / "hats_only_140.flac")
    assert "3/4" in refusal(CASES / "three_four_90.flac")
    assert "140 to 150 BPM" in refusal(CASES / "tempo_change_140_150.flac")
    assert "is silent" in refusal(own.sound(tmp_path / "silent.wav", np.zeros(3 * own.RATE)))
    assert "0.3 s long" in refusal(own.sound(tmp_path / "short.wav", own.loop_of_chords()[: round(0.3 * own.RATE)]))
    assert "11.0 minutes" in refusal(own.sound(tmp_path / "long.wav", np.zeros(11 * 60 * 8000), 8000))
    short = own.loop_of_chords(100, 1)[: round(1.3 * own.RATE)]
    assert "shorter than a bar" in refusal(own.sound(tmp_path / "half.wav", short), reference_bpm=100)


def test_drums_alone_are_used_once_it_is_said_what_plays_with_them():
    brought = bring(CASES / "hats_only_140.flac", ReferenceOptions(with_parts="808,chords"), Ear(0.0))
    assert (brought.played, brought.key) == (("808", "chords"), "")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x10\0\x90", "damaged or cut off"),
        (b"MThd" + b"\0" * 1_100_000, "1.1 MB of events"),
        (b"no midi", "is no MIDI file"),
    ],
)
def test_midi_that_cannot_be_read_is_refused(content, line, tmp_path):
    file = tmp_path / "song.mid"
    file.write_bytes(content)
    assert line in refusal(file)


def test_midi_in_another_metre_or_without_notes_is_refused(tmp_path):
    assert "it is in 3/4" in refusal(own.song(tmp_path / "waltz.mid", metre=(3, 4)))
    assert "holds no notes" in refusal(own.song(tmp_path / "empty.mid", notes=False))


@pytest.mark.parametrize(
    ("chords", "line"),
    [
        ("H", "the German H is written B"),
        ("C/x", "must be a note"),
        ("Am " * 1667, "1,000 are allowed"),
        ("loop", "'loop' is no chord"),
        ("loop.wav", "there is no file 'loop.wav'"),
        ("", "no chord"),
    ],
)
def test_chords_that_are_none_are_refused(chords, line):
    assert line in refusal(chords)


def test_a_text_is_never_taken_for_a_file_but_at_a_terminal(tmp_path):
    file = own.sound(tmp_path / "loop.wav", own.loop_of_chords())
    with pytest.raises(RequestError, match="is no chord"):
        bring(str(file), ReferenceOptions())
    assert file_or_chords(str(file)) == file


def test_uses_that_do_not_go_with_what_was_brought_are_refused(tmp_path):
    file = own.song(tmp_path / "song.mid")
    assert "a MIDI file cannot be used as sample" in refusal(file, use="sample")
    assert "a MIDI file cannot be used as style" in refusal(own.song(tmp_path / "a.mid"), use="style")
    with pytest.raises(RequestError, match="choose drums, 808, chords or melody"):
        ReferenceOptions(with_parts="bells")


def test_keys_are_transposed_round_the_octave():
    assert transposed_key("B minor", 1) == "C minor"
    assert transposed_key("C major", -1) == "B major"
    assert transposed_key("", 5) == ""


def test_the_parts_of_a_midi_files_voices_can_be_corrected_and_are_told(tmp_path):
    file = own.song(tmp_path / "song.mid")
    told = {voice["number"]: voice for voice in bring(file, ReferenceOptions()).facts()["voices"]}
    assert [(each["name"], each["part"]) for each in told.values()] == [
        ("Bass", "808"),
        ("Lead", "melody"),
        ("Drums", "drums"),
    ]
    brought = bring(file, ReferenceOptions(voices="2 = chords, 3=None"))
    assert {part: len(notes) for part, notes in brought.notes.items()} == {"808": 2, "chords": 8}
    assert brought.facts()["options"]["voices"] == "2 = chords, 3=None"
    assert "2. Lead (channel 2, 8 notes): chords (as you said)" in brought.lines


@pytest.mark.parametrize(
    ("source", "voices", "line"),
    [
        ("song.mid", "9=melody", "there is no voice 9; there are 1 to 3"),
        ("song.mid", "1=none,2=none,3=none", "none of its voices was taken for a part of a beat; say which one is"),
        ("song.mid", "2=bells", "voices must be such as 3=melody"),
        ("song.mid", "melody", "voices must be such as 3=melody"),
        ("Am F", "1=melody", "voices are those of a MIDI file"),
    ],
)
def test_voices_that_cannot_be_corrected_so_are_refused(source, voices, line, tmp_path):
    own.song(tmp_path / "song.mid")
    with pytest.raises(RequestError, match=line):
        bring(tmp_path / source if source.endswith("mid") else source, ReferenceOptions(voices=voices))
