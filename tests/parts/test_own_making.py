"""A beat around somebody's own sound: the sample stays as it is, new parts go with it; given notes reach the model."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import own_inputs as own
import pytest
import soundfile
from brought import asked, brought
from fakes import FakeEngine, PartsEngine

from typebeat.engines import Engines
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.tuning import measure_tuning
from typebeat.parts.own.arranging import arrange
from typebeat.parts.own.placing import given_notes, place_sample
from typebeat.parts.own.reading import bring
from typebeat.pipeline import make_pack
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.sound.audio import SAMPLE_RATE, Audio, resample
from typebeat.sound.mastering import loudness_lufs


def stem(pack, part):
    (path,) = [path for path in pack.files if path.parent.name == "stems" and f"_{part}_" in path.name]
    samples, rate = soundfile.read(path, always_2d=True, dtype="float32")
    return Audio(samples.T, rate)


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def test_a_sample_at_its_own_tempo_is_not_changed_at_all(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2))
    placed = place_sample(reference, asked(reference, bars=4))
    sound = resample(reference.audio, SAMPLE_RATE).samples
    assert placed.sound.length == 4 * 240 / 100 * SAMPLE_RATE
    inner = slice(SAMPLE_RATE // 20, sound.shape[1] - SAMPLE_RATE // 20)
    np.testing.assert_array_equal(placed.sound.samples[:, inner], sound[:, inner])
    again = placed.sound.samples[:, sound.shape[1] :]
    np.testing.assert_array_equal(again[:, inner], sound[:, inner])
    assert placed.speed == 1


def test_a_sample_is_stretched_to_the_tempo_that_is_asked_for_at_its_pitch(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2))
    placed = place_sample(reference, asked(reference, bpm=110, bars=2))
    assert placed.sound.length == round(2 * 240 / 110 * SAMPLE_RATE)
    assert placed.speed == pytest.approx(1.1, rel=1e-4)
    assert abs(measure_tuning(placed.sound).cents) < 3


def test_a_sample_between_silence_begins_on_its_downbeat(tmp_path):
    lead = np.zeros(round(0.437 * 22_050), np.float32)
    reference = brought(tmp_path, np.concatenate([lead, own.loop_of_chords(100, 2), lead]), reference_bpm=100)
    placed = place_sample(reference, asked(reference, bars=2))
    loud = np.abs(placed.sound.samples[0]) > 0.05
    assert np.argmax(loud) < 0.02 * SAMPLE_RATE


def test_the_pack_holds_the_sample_and_the_new_parts_and_nothing_else(tmp_path):
    stereo = np.stack([own.loop_of_chords(100, 2), 0.5 * own.loop_of_chords(100, 2)], axis=1)
    reference = brought(tmp_path, stereo)
    pack = make_pack(asked(reference), Engines(PartsEngine()), tmp_path / "out", reference=reference)
    names = sorted(path.name for path in pack.files if path.parent.name == "stems")
    assert names == ["1_drums_100bpm.wav", "2_808_100bpm.wav", "3_sample_100bpm.wav"]
    beat, _ = soundfile.read(pack.takes[0], always_2d=True, dtype="float32")
    total = sum(stem(pack, part).samples for part in ("drums", "808", "sample"))
    assert np.abs(total - beat.T).max() < 1e-3
    heard = stem(pack, "sample").samples
    placed = place_sample(reference, asked(reference)).sound.samples
    assert likeness(heard.mean(axis=0), placed.mean(axis=0)) > 0.97
    assert np.square(heard[0]).sum() > 2 * np.square(heard[1]).sum()  # its own width
    assert {name for name in pack.files if name.suffix in (".rpp", ".dawproject")}
    assert pack.recipe["reference"]["use"] == "sample"
    assert (pack.recipe["bpm"], pack.recipe["key"], pack.recipe["bars"]) == (100, "A minor", 8)


def test_the_sample_gives_way_to_the_new_kick(tmp_path):
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(round(2 * 2.4 * 22_050)) / 22_050)
    reference = brought(tmp_path, tone, reference_bpm=100)
    pack = make_pack(asked(reference, bars=2), Engines(PartsEngine()), tmp_path / "out", reference=reference)
    level = np.abs(stem(pack, "sample").samples[0])
    at = lambda second: level[round(second * SAMPLE_RATE) : round((second + 0.02) * SAMPLE_RATE)].max()  # noqa: E731
    assert at(0.61) < 0.85 * at(0.6 + 0.55)  # kicks are on each beat, 0.6 s apart


def test_new_parts_are_tuned_to_a_sample_that_is_forty_cents_sharp(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 4, cents=40), with_parts="drums,chords", reference_bpm=100)
    pack = make_pack(asked(reference, bars=4, mix="dry"), Engines(PartsEngine()), tmp_path / "out", reference=reference)
    assert measure_tuning(stem(pack, "chords")).cents == pytest.approx(40, abs=5)
    assert measure_tuning(stem(pack, "sample")).cents == pytest.approx(40, abs=5)


def test_weights_that_play_one_sound_give_their_drums_and_bass_alone(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2))
    engine = FakeEngine()
    engines = Engines(engine, stems=SoftMaskSplitter())
    pack = make_pack(asked(reference, bars=2), engines, tmp_path / "out", reference=reference)
    names = sorted(path.name.split("_")[1] for path in pack.files if path.parent.name == "stems")
    assert names == ["808", "drums", "sample"]
    assert "drums and 808 bass only, no melody" in engine.asked[0][0].caption


def test_weights_that_play_stems_give_their_drums_and_bass_and_leave_out_the_rest(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2))
    engine = PartsEngine(parts=("bass", "drums", "other"))
    pack = make_pack(asked(reference, bars=2), Engines(engine), tmp_path / "out", reference=reference)
    names = sorted(path.name.split("_")[1] for path in pack.files if path.parent.name == "stems")
    assert names == ["bass", "drums", "sample"]
    assert engine.asked[0][0].left_out == ("other",)


def test_weights_that_do_not_know_given_notes_say_so():
    reference = bring("Am F C G", ReferenceOptions())
    with pytest.raises(RequestError, match=r"fake-parts@0123456789ab\) were not taught to play given notes"):
        arrange(reference, asked(reference), Engines(PartsEngine()))


def test_chords_reach_the_model_by_name_through_the_whole_beat(tmp_path):
    reference = bring("Am F C G", ReferenceOptions())
    engine = PartsEngine(takes_notes=True)
    pack = make_pack(asked(reference, bpm=120), Engines(engine), tmp_path / "out", reference=reference)
    told = engine.asked[0][0].given
    assert list(told) == ["harmony"]
    assert told["harmony"][1] == (2.0, 4.0, 5, [5, 9, 0])
    assert told["harmony"][4][:3] == (8.0, 10.0, 9)
    assert told["harmony"][-1][0] >= 16
    assert engine.asked[0][0].left_out == ()
    assert pack.recipe["reference"]["name"] == "Am F C G"
    assert pack.recipe["key"] == "A minor"


def test_midi_reaches_the_model_in_seconds_at_the_tempo_that_is_asked_for(tmp_path):
    reference = bring(own.song(tmp_path / "song.mid"), ReferenceOptions(with_parts="chords"))
    given = given_notes(reference, asked(reference, bpm=120, bars=4))
    assert given["drums"][:2] == [(0.0, "kick", 0.79), (0.5, "kick", 0.79)]
    assert given["melody"][1] == (0.5, 1.0, 72, 0.79, None)
    assert given["808"][2][0] == 4.0  # its two bars once more
    assert set(reference.played) == {"drums", "808", "melody", "chords"}


def test_the_notes_of_a_sample_are_in_the_midi_and_reach_weights_that_know_notes(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2))
    from typebeat.engines.basic_pitch import BasicPitch

    engine = PartsEngine(takes_notes=True)
    engines = Engines(engine, pitches=BasicPitch())
    pack = make_pack(asked(reference, bars=4, parts="beat,midi"), engines, tmp_path / "out", reference=reference)
    names = sorted(Path(file["name"]).name.split("_")[0] for file in pack.recipe["files"] if file["part"] == "midi")
    assert {"all", "drums", "sample"} <= set(names)
    assert not {"melody", "chords"} & set(names)
    (path,) = [path for path in pack.files if path.name.startswith("sample_")]
    notes = [message.note for message in mido.MidiFile(file=io.BytesIO(path.read_bytes())) if message.type == "note_on"]
    assert {53, 57, 60} <= set(notes)
    assert {"chords", "harmony"} & set(engine.asked[0][0].given)
    assert engine.asked[0][0].left_out == ("chords", "melody")


@pytest.mark.parametrize("engine", [PartsEngine(), FakeEngine()])
def test_a_sound_is_continued_at_a_bar_line_at_its_own_level(engine, tmp_path):
    quiet = 0.1 * own.loop_of_chords(100, 2)
    reference = brought(tmp_path, quiet, use="continue", reference_bpm=100)
    request = asked(reference, parts="beat")
    assert (request.bpm, request.bars) == (100, 10)
    pack = make_pack(replace(request, bars=4), Engines(engine), tmp_path / "out", reference=reference)
    beat, rate = soundfile.read(pack.takes[0], always_2d=True, dtype="float32")
    assert len(beat) == 4 * 2.4 * rate
    join, kept = round(4.8 * rate), resample(reference.audio, SAMPLE_RATE).samples[0]
    assert likeness(beat[rate // 10 : join, 0], kept[rate // 10 : join]) > 0.98
    before, after = (Audio(part.T, rate) for part in (beat[:join], beat[join:]))
    assert loudness_lufs(before) == pytest.approx(loudness_lufs(after), abs=3)
    attack = np.abs(beat[join : join + rate // 50]).max()
    assert attack > 0.3 * np.abs(beat[join:]).max()


def test_a_sound_that_fills_all_bars_leaves_none_to_continue_it(tmp_path):
    reference = brought(tmp_path, own.loop_of_chords(100, 2), use="continue", reference_bpm=100)
    with pytest.raises(RequestError, match="ask for more bars"):
        arrange(reference, asked(reference, bars=2), Engines(PartsEngine()))


def test_weights_that_hear_a_tune_are_played_it_alone_at_the_tempo_that_is_asked_for(tmp_path):
    reference = bring(own.song(tmp_path / "song.mid"), ReferenceOptions(use="melody"))
    engine = FakeEngine(takes_melody=True)
    request = asked(reference, bpm=120, bars=2, parts="beat")
    make_pack(request, Engines(engine), tmp_path / "out", reference=reference)
    conditions = engine.asked[0][0]
    assert conditions.given == {}
    tune = conditions.melody
    assert tune.seconds > request.seconds
    for second, pitch in ((0.25, 69), (0.75, 72), (1.25, 76), (4.25, 69)):  # two bars, and once more
        piece = tune.samples[0, round((second - 0.2) * tune.sample_rate) : round((second + 0.2) * tune.sample_rate)]
        loudest = np.abs(np.fft.rfft(piece, 2**18)).argmax() * tune.sample_rate / 2**18
        assert loudest == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.01)
    notes = bring(own.song(tmp_path / "song.mid"), ReferenceOptions())
    with pytest.raises(RequestError, match="were not taught to play given notes"):
        arrange(notes, request, Engines(engine))
