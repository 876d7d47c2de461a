"""Packs of a model that plays bass, drums and other: exact stems, one of them made anew, MIDI heard from each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes import FAKE_WEIGHTS, FakeEngine, PartsEngine
from tiny_models import load

from benchmarks.tiny_stems import save_stems
from training.starter.simple_corpus.beats import make_beat
from typebeat.engines import Engines
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.hearing.measuring import measure
from typebeat.midi.transcript import write_down
from typebeat.parts.again import settle
from typebeat.parts.midi import hear_parts
from typebeat.parts.pack import BeatPack
from typebeat.parts.stems import part_of
from typebeat.pipeline import make_pack
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.settled import resolve
from typebeat.request.understanding import left_out, not_silenced, silenced
from typebeat.sound.audio import SAMPLE_RATE, Audio, resample

STEMS = ("bass", "drums", "other")
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 1, "seed": 7}
WISH |= {"parts": "beat,stems"}


@pytest.fixture(scope="module")
def engines(tmp_path_factory) -> Engines:
    return Engines(load(save_stems(tmp_path_factory.mktemp("stems"))))


@pytest.fixture(scope="module")
def pack(engines, tmp_path_factory) -> BeatPack:
    return make_pack(settle(WISH), engines, tmp_path_factory.mktemp("first"))


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, always_2d=True)[0].T


def stems_of(pack: BeatPack) -> dict[str, np.ndarray]:
    paths = [path for path in pack.files if path.parent.name == "stems"]
    return {part_of(f"stems/{path.name}"): read(path) for path in paths}


def test_the_stems_of_a_pack_are_what_the_model_played_and_sum_to_the_beat(pack):
    stems = stems_of(pack)
    assert list(stems) == ["drums", "bass", "other"]
    np.testing.assert_allclose(sum(stems.values()), read(pack.takes[0]), atol=1e-4)
    assert pack.recipe["stems"]["method"] == "played apart by the model"
    assert set(pack.recipe["stems"]["dry_sha256"]) == set(STEMS)
    assert pack.recipe["tokens"].startswith("6x")


def test_again_on_one_stem_keeps_the_others_before_the_mix(engines, pack, tmp_path):
    made = make_pack(settle({"again": "other", "seed": 99}, pack.recipe), engines, tmp_path, of=pack.recipe)
    before, now = (each.recipe["stems"]["dry_sha256"] for each in (pack, made))
    assert {part for part in STEMS if before[part] == now[part]} == {"bass", "drums"}
    assert made.recipe["parents"] == ["travis-scott 140 BPM F minor 1 bars seed 7"]


def test_a_part_that_these_weights_do_not_know_is_refused(engines, pack, tmp_path):
    with pytest.raises(RequestError, match="no part 'melody'; these weights play bass, drums, other"):
        make_pack(settle({"again": "melody"}, pack.recipe), engines, tmp_path, of=pack.recipe)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "silent", "told"),
    [
        ("no drums", ["drums"], {}),
        ("no 808", ["bass"], {}),
        ("no melody", [], {"melody": "these weights play it within other"}),
        ("no melody, no chords", ["other"], {}),
    ],
)
def test_parts_that_the_words_want_silent_are_found_in_the_stems(words, silent, told):
    request = resolve(settle({**WISH, "prompt": f"dark, {words}"}))
    assert list(silenced(left_out(request), STEMS)) == silent
    assert not_silenced(request, STEMS) == told
    assert not silenced(left_out(request), ())
    assert not not_silenced(request, PartsEngine().parts)
    assert "one sound" in next(iter(not_silenced(request, FakeEngine(FAKE_WEIGHTS).parts).values()))


def test_midi_is_heard_from_each_stem():
    beat = make_beat(200_009, bars=4)
    sounds = {name: resample(Audio(stem[None], beat.sample_rate), SAMPLE_RATE) for name, stem in beat.stems.items()}
    other = Audio(sounds["chords"].samples + sounds["melody"].samples, SAMPLE_RATE)
    parts = {"bass": sounds["808"], "drums": sounds["drums"], "other": other}
    heard = hear_parts(parts, Engines(None, pitches=BasicPitch()))
    grid = measure(Audio(beat.mix[None], beat.sample_rate), bpm=beat.score.bpm).grid
    written = {
        part.name: part.notes for part in write_down(heard, grid, beat.score.key, MidiOptions(bpm=beat.score.bpm)).parts
    }

    def share(truth, notes) -> float:
        hits = sum(any(n.pitch == t.pitch and abs(n.onset - t.onset) < 0.06 for n in notes) for t in truth)
        return 2 * hits / (len(notes) + len(truth))

    tuned = [*beat.truth["melody"], *beat.truth["chords"]]
    assert share(tuned, [*written["melody"], *written["chords"]]) > 0.6
    assert written["melody"]
    assert written["chords"]
    assert share(beat.truth["808"], written["808"]) > 0.6
    assert len(written["drums"]) > 0.6 * len(beat.truth["drums"])


def test_a_stem_in_which_nothing_is_played_is_told_and_the_others_are_written():
    beat = make_beat(200_009, bars=2)
    sounds = {name: resample(Audio(stem[None], beat.sample_rate), SAMPLE_RATE) for name, stem in beat.stems.items()}
    silence = Audio(np.zeros_like(sounds["drums"].samples), SAMPLE_RATE)
    heard = hear_parts(
        {"bass": silence, "drums": sounds["drums"], "other": silence}, Engines(None, pitches=BasicPitch())
    )
    assert heard.silent == dict.fromkeys(("808", "melody", "chords"), "nothing is played in it")
    assert heard.drums is not None
    assert heard.tuned is heard.bass is None
