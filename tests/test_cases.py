"""Sounds as people bring them: no stated tempo is overruled, no bar is lost, and drums have no chords and no key."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from typebeat.engines import Listeners
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.grid import Stated
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.midi.notes import CLAP, KICK, SNARE
from typebeat.parts.midi import MidiOfFile, midi_of_file
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio
from typebeat.sound.files import read_audio

CASES = Path(__file__).parent / "cases"
ENGINES = Listeners(stems=SoftMaskSplitter(), pitches=BasicPitch())


def sound(name: str) -> Audio:
    return read_audio(CASES / f"{name}.flac")


def measured(name: str, **said) -> Passport:
    return measure(sound(name), stated=Stated(**said))


def written(file: Path, out: Path, **said) -> MidiOfFile:
    return midi_of_file(file, MidiOptions(**said), ENGINES, out)


def notes_of(made: MidiOfFile, part: str) -> list:
    return list(next(each.notes for each in made.transcript.parts if each.name == part))


@pytest.mark.parametrize(
    ("name", "bpm", "bars"),
    [
        ("triplet_hats_140", 140.0, 4),
        ("triplet_hats_70", 70.0, 2),
        ("metronome_120", 120.0, 5),
        ("cc0_loop_mehackit1", 97.0, 1),
        ("cc0_loop_mehackit2", 97.0, 1),
        ("cc0_loop_perc2", 97.0, 1),
        ("cc0_loop_compus", 148.0, 4),
        ("cc0_loop_safari", 120.0, 4),
        ("hats_only_140", 140.0, 4),
    ],
)
def test_a_loop_of_a_stated_tempo_keeps_it_and_all_its_bars_from_the_first_sample(name, bpm, bars):
    found = measured(name, bpm=bpm)
    facts = found.facts()
    assert (facts["bpm"], facts["downbeat_seconds"], facts["bars"]) == (bpm, 0, bars)
    assert (facts["midi_zero_seconds"], facts["bars_written"], facts["left_out"]) == (0, bars, "")


def test_a_stated_tempo_is_kept_to_the_last_decimal_and_noise_has_it_too():
    assert measured("hiss", bpm=100.0).facts()["bpm"] == 100
    assert MidiOptions(bpm="96.123456").bpm == 96.123456
    found = measured("triplet_hats_140", bpm=139.871234)
    assert found.facts()["bpm"] == found.midi_grid.bpm == 139.871234


def test_another_tempo_that_is_heard_is_told_and_not_applied():
    assert any("105" in doubt for doubt in measured("triplet_hats_140", bpm=140.0).doubts())


def test_the_clicks_of_a_metronome_are_its_beats_and_the_octave_is_doubted():
    found = measured("metronome_120")
    assert (found.grid.bpm, found.or_bpm) == (120, 60)
    assert any("60 BPM" in line for line in found.lines())


def test_bar_1_metre_and_number_of_bars_are_kept():
    found = measured("pickup_140", bpm=140.0, downbeat=0.5, bars=2, metre="3/4")
    assert (found.grid.downbeat, found.grid.bars, found.grid.metre) == (0.5, 2, "3/4")
    assert "after the last bar" in found.written.left_out
    assert measured("cc0_loop_safari", bars=4).grid.bpm == pytest.approx(120, abs=0.2)


def test_a_clip_that_stops_inside_a_bar_is_written_to_the_end_of_that_bar():
    whole = sound("jersey_140")
    for bars, begun in ((1.9, 2), (2.95, 3), (3.4, 4)):
        clip = Audio(whole.samples[:, : round(bars * 240 / 140 * whole.sample_rate)], whole.sample_rate)
        facts = measure(clip, stated=Stated(bpm=140.0)).facts()
        assert (facts["bars_written"], facts["left_out"]) == (begun, "")
        assert facts["midi_zero_seconds"] == pytest.approx(0, abs=0.005)


def test_a_pickup_is_bar_0_and_its_snares_are_written(tmp_path):
    made = written(CASES / "pickup_140.flac", tmp_path)
    facts = made.facts()["passport"]
    assert (facts["first_bar"], facts["bars_written"]) == (0, 5)
    assert facts["bar_1_seconds"] == pytest.approx(3 / 7, abs=0.01)
    assert facts["midi_zero_seconds"] == pytest.approx(3 / 7 - 240 / 140, abs=0.01)
    early = [note for note in notes_of(made, "drums") if note.pitch in (SNARE, CLAP) and note.onset < 0.4]
    assert len(early) == 4
    song = mido.MidiFile(made.files["all"])
    assert max(sum(message.time for message in track) for track in song.tracks) == 5 * 4 * 480


def test_silence_in_front_has_no_downbeat():
    loop = sound("jersey_140")
    silence = np.zeros((loop.samples.shape[0], 5 * loop.sample_rate), np.float32)
    late = Audio(np.concatenate([silence, loop.samples], axis=1), loop.sample_rate)
    for said in (Stated(), Stated(bpm=140.0)):
        found = measure(late, stated=said)
        assert found.grid.downbeat == pytest.approx(5, abs=0.02)
        assert found.facts()["midi_zero_seconds"] == pytest.approx(5, abs=0.02)
        assert "silence" in found.written.left_out


def test_three_four_is_heard_and_written_with_its_first_kick(tmp_path):
    made = written(CASES / "three_four_90.flac", tmp_path)
    assert (made.passport.grid.metre, made.passport.grid.bpm, made.passport.grid.bars) == ("3/4", 90, 4)
    assert min(note.onset for note in notes_of(made, "drums") if note.pitch == KICK) < 0.03
    song = mido.MidiFile(made.files["all"])
    metre = next(message for message in song.tracks[0] if message.type == "time_signature")
    assert (metre.numerator, metre.denominator) == (3, 4)
    assert max(sum(message.time for message in track) for track in song.tracks) == 4 * 3 * 480


def test_a_changing_tempo_is_told_and_written_as_a_map(tmp_path):
    made = written(CASES / "tempo_change_140_150.flac", tmp_path)
    assert any("not constant" in line for line in made.passport.lines())
    song = mido.MidiFile(made.files["all"])
    tempos = [mido.tempo2bpm(message.tempo) for message in song.tracks[0] if message.type == "set_tempo"]
    assert tempos == pytest.approx([140, 150], abs=0.5)


def test_knowing_the_tempo_is_no_worse_than_not_knowing_it(tmp_path):
    blind = written(CASES / "hats_only_140.flac", tmp_path / "blind")
    known = written(CASES / "hats_only_140.flac", tmp_path / "known", bpm=140)
    assert len(notes_of(known, "drums")) >= len(notes_of(blind, "drums")) >= 34
    assert (known.passport.grid.swing, known.passport.key) == (0.5, "")


@pytest.mark.parametrize(
    ("name", "bpm"), [("cc0_loop_compus", 148), ("hiss", 100), ("kick_only_140", 140), ("cc0_loop_perc2", 97)]
)
def test_drums_and_noise_have_no_chords_no_melody_and_no_key(name, bpm, tmp_path):
    made = written(CASES / f"{name}.flac", tmp_path, bpm=bpm)
    assert not notes_of(made, "chords")
    assert not notes_of(made, "melody")
    assert "chords" in made.missing["chords"]
    assert made.transcript.key == ""
    for file in made.files.values():
        assert file.stem.endswith(f"_{bpm}bpm")
        assert not [message for message in mido.MidiFile(file).tracks[0] if message.type == "key_signature"]


def test_phase_a_silent_channel_and_an_offset_make_no_difference(tmp_path):
    plain = sound("jersey_140").samples[0] * 0.5
    heard = []
    for number, channels in enumerate(([plain], [plain, -plain], [0 * plain, plain], [plain + 0.2, plain + 0.2])):
        file = tmp_path / f"{number}.wav"
        soundfile.write(file, np.stack(channels, axis=1), sound("jersey_140").sample_rate, subtype="FLOAT")
        made = written(file, tmp_path / str(number), bpm=140)
        heard.append([len(part.notes) for part in made.transcript.parts])
    assert heard[0] == heard[1] == heard[2]
    assert heard[3] == pytest.approx(heard[0], abs=2)


def test_aiff_and_caf_are_read_and_m4a_is_told_how_to_convert(tmp_path):
    phone = read_audio(CASES / "phone.aiff")
    soundfile.write(tmp_path / "phone.caf", phone.samples.T, phone.sample_rate)
    assert read_audio(tmp_path / "phone.caf").length == phone.length
    with pytest.raises(RequestError, match=r"convert it first.*ffmpeg -i phone\.m4a phone\.wav") as refused:
        read_audio(CASES / "phone.m4a")
    assert (refused.value.field, "\n" in str(refused.value)) == ("file", False)
