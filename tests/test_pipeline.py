"""The whole job with an engine that plays real signal."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from fakes import FAKE_WEIGHTS, BrokenEngine, FakeEngine, SilentEngine

from typebeat import pipeline
from typebeat.engines import Engines, Job, Stems, Stopped
from typebeat.parts import MadePart
from typebeat.parts.beat import draft_seeds, seed_again
from typebeat.parts.pack import BeatPack
from typebeat.pipeline import analyze_file, make_pack
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.sound.audio import SAMPLE_RATE, Audio
from typebeat.sound.mastering import BrokenAudioError, loudness_lufs, true_peak_dbtp

ASKED = BeatRequest(prompt="dark bells", style="travis-scott", bpm=140, key="F minor", bars=2, seed=7)


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> BeatPack:
    """What an engine that does all right makes of `ASKED`; nobody may change it."""
    return make_pack(ASKED, Engines(FakeEngine()), tmp_path_factory.mktemp("asked"))


@pytest.mark.parametrize(("bpm", "bars"), [(70, 1), (92.5, 3), (140, 1), (170, 3)])
def test_a_beat_is_exactly_as_long_as_its_bars(tmp_path, bpm, bars):
    pack = make_pack(BeatRequest(style="kid-cudi", bpm=bpm, bars=bars, seed=1), Engines(FakeEngine()), tmp_path)
    samples, rate = soundfile.read(pack.takes[0])
    assert rate == SAMPLE_RATE
    assert len(samples) == round(bars * 4 * 60 / bpm * SAMPLE_RATE)
    assert pack.recipe["files"][0]["samples"] == len(samples)


@pytest.mark.parametrize("engine", [FakeEngine(), FakeEngine(sample_rate=48_000, channels=2, gain=4.0)])
def test_a_beat_has_the_promised_loudness_and_peaks(tmp_path, engine):
    samples, rate = soundfile.read(make_pack(ASKED, Engines(engine), tmp_path).takes[0], always_2d=True)
    written = Audio(samples.T, rate)
    assert samples.shape[1] == engine.channels
    assert loudness_lufs(written) == pytest.approx(-14, abs=0.2)
    assert true_peak_dbtp(written) <= -1


def test_the_first_sample_is_still_on_the_downbeat(asked):
    samples, _ = soundfile.read(asked.takes[0])
    attack = np.abs(samples[: SAMPLE_RATE // 100]).max()
    assert attack > 0.3 * np.abs(samples).max()


def test_the_model_is_asked_in_words_for_what_was_resolved(tmp_path):
    engine = FakeEngine()
    make_pack(ASKED, Engines(engine), tmp_path)
    conditions, seconds, seeds = engine.asked[0]
    assert (conditions.bpm, conditions.key, seeds) == (140, "F minor", (7,))
    assert "dark bells" in conditions.caption
    assert seconds >= resolve(ASKED).seconds


def test_the_same_request_makes_the_same_bytes(asked, tmp_path):
    assert make_pack(ASKED, Engines(FakeEngine()), tmp_path).zip.read_bytes() == asked.zip.read_bytes()


def test_takes_are_different_beats_from_seeds_in_a_row(tmp_path):
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=1, seed=7, takes=3)
    pack = make_pack(request, Engines(FakeEngine()), tmp_path)
    assert [path.name for path in pack.takes] == [f"beat_100bpm_Amin{take}.wav" for take in ("", "_take2", "_take3")]
    assert [file["seed"] for file in pack.recipe["files"]] == [7, 8, 9]
    assert len({path.read_bytes() for path in pack.takes}) == 3


def test_a_take_alone_is_what_it_was_among_others(tmp_path):
    together = make_pack(
        BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=1, seed=7, takes=2), Engines(FakeEngine()), tmp_path
    )
    alone = make_pack(
        BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=1, seed=8), Engines(FakeEngine()), tmp_path
    )
    samples = [soundfile.read(path)[0] for path in (together.takes[1], alone.takes[0])]
    assert np.array_equal(*samples)


def test_the_recipe_says_all_that_was_decided(tmp_path):
    pack = make_pack(BeatRequest(prompt="🎹 warm keys at 84 bpm in A minor"), Engines(FakeEngine()), tmp_path)
    recipe = json.loads((pack.folder / "recipe.json").read_text(encoding="utf-8"))
    assert recipe == pack.recipe
    assert recipe["prompt"].startswith("🎹")
    assert (recipe["bpm"], recipe["key"], recipe["bars"], recipe["takes"]) == (84, "A minor", 8, 1)
    assert (recipe["guidance"], recipe["temperature"], recipe["top_k"]) == (FakeEngine.guidance, 1.0, 250)
    assert recipe["drafts"] == 1
    assert recipe["asked"] == {"bpm": 84, "key": "A minor"}
    assert 0 <= recipe["seed"] < 2**31
    assert recipe["weights"]["beat"] == vars(FAKE_WEIGHTS)
    assert set(recipe["versions"]) == {"typebeat", "torch", "audiocraft", "diffusers"}
    assert "not installed" not in recipe["versions"].values()
    assert [missing["part"] for missing in recipe["missing"]] == ["stems", "midi", "cover"]


def test_a_recipe_can_be_made_again_from_its_own_options(tmp_path):
    first = make_pack(BeatRequest(prompt="bells", bars=1), Engines(FakeEngine()), tmp_path)
    options = {name: first.recipe[name] for name in BeatRequest.__dataclass_fields__}
    again = make_pack(BeatRequest.parse(**options), Engines(FakeEngine()), tmp_path / "again")
    assert again.zip.read_bytes() == first.zip.read_bytes()


def test_tags_say_what_the_beat_is(asked):
    with soundfile.SoundFile(asked.takes[0]) as file:
        tags = file.copy_metadata()
    assert tags["title"] == "Travis Scott type beat, 140 BPM, F minor"
    assert "seed 7" in tags["comment"]
    assert "mit" in tags["copyright"]


def test_progress_counts_the_steps_of_the_batch_and_never_goes_back(tmp_path):
    seen = []
    request = BeatRequest(style="kid-cudi", bpm=100, bars=1, seed=7, takes=2, parts="beat")
    make_pack(request, Engines(FakeEngine()), tmp_path, Job(lambda *step: seen.append(step)))
    done = [step[0] for step in seen]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == seen[-1][1]
    assert len({step[1] for step in seen}) == 1
    assert list(dict.fromkeys(step[2] for step in seen)) == ["Making 2 takes"]


@pytest.mark.parametrize("asked_before", [0, 30])
def test_stop_leaves_nothing(tmp_path, asked_before):
    asked = itertools.count()
    with pytest.raises(Stopped):
        make_pack(ASKED, Engines(FakeEngine()), tmp_path, Job(should_stop=lambda: next(asked) >= asked_before))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("engine", [SilentEngine(), BrokenEngine()])
def test_silence_and_what_is_no_number_reach_nobody(tmp_path, engine):
    with pytest.raises(BrokenAudioError, match="the model made"):
        make_pack(ASKED, Engines(engine), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_output_folder_and_the_prompt_are_checked_before_the_engine_works(tmp_path):
    engine = FakeEngine()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="cannot be written"):
        make_pack(ASKED, Engines(engine), tmp_path / "file")
    with pytest.raises(RequestError, match="20 BPM"):
        make_pack(BeatRequest(prompt="20 bpm"), Engines(engine), tmp_path)
    assert not engine.asked


def test_a_take_at_its_tempo_is_not_touched_and_says_what_it_measures(asked):
    beat = asked.recipe["files"][0]
    assert (beat["stretched_percent"], beat["moved_ms"], beat["rank"]) == (0, 0, 1)
    assert beat["measured"]["bpm"] == pytest.approx(140, abs=0.1)
    assert (beat["measured"]["bpm_hit"], beat["measured"]["asked_bpm"]) == (True, 140)
    assert beat["measured"]["asked_key"] == "F minor"
    assert "rejected" not in beat


@pytest.mark.parametrize("speed", [0.965, 1.035])
def test_a_take_a_little_off_is_stretched_to_the_exact_tempo(tmp_path, speed):
    request = BeatRequest(style="travis-scott", bpm=140, key="F minor", bars=4, seed=7, parts="beat")
    pack = make_pack(request, Engines(FakeEngine(speed=speed)), tmp_path)
    beat = pack.recipe["files"][0]
    assert beat["made_bpm"] == pytest.approx(140 * speed, abs=0.2)
    assert beat["stretched_percent"] == pytest.approx(100 * (1 / speed - 1), abs=0.2)
    assert soundfile.info(pack.takes[0]).frames == round(4 * 4 * 60 / 140 * SAMPLE_RATE)
    assert analyze_file(pack.takes[0]).grid.bpm == pytest.approx(140, abs=0.2)
    assert beat["measured"]["bpm_hit"]


def test_a_take_too_far_off_is_made_again_from_a_derived_seed(tmp_path):
    engine = FakeEngine(speeds={8: 1.1})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, takes=2, parts="beat")
    pack = make_pack(request, Engines(engine), tmp_path)
    first, second = pack.recipe["files"][:2]
    again = seed_again(8, 1)
    assert (first["seed"], second["seed"]) == (7, again)
    assert [asked[2] for asked in engine.asked] == [(7, 8), (again,)]
    (rejected,) = second["rejected"]
    assert (rejected["seed"], rejected["bpm"]) == (8, pytest.approx(110, abs=0.3))
    assert second["measured"]["bpm_hit"]
    assert "tempo" not in str(pack.recipe["missing"])


def test_a_model_that_always_misses_the_tempo_is_asked_three_times_and_the_pack_says_so(tmp_path):
    engine = FakeEngine(speed=1.15)
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, parts="beat")
    pack = make_pack(request, Engines(engine), tmp_path)
    assert len(engine.asked) == 3
    beat = pack.recipe["files"][0]
    assert beat["measured"]["bpm_hit"] is False
    assert beat["stretched_percent"] == 0
    told = {each["part"]: each["why"] for each in pack.recipe["missing"]}["tempo of take 1"]
    assert told.startswith("asked for 100 BPM, measured 115")
    assert soundfile.info(pack.takes[0]).frames == round(2 * 4 * 60 / 100 * SAMPLE_RATE)


def test_the_best_take_ranks_first(tmp_path):
    engine = FakeEngine(speeds={seed: 1.15 for seed in (7, seed_again(7, 1), seed_again(7, 2))})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, takes=2, parts="beat")
    files = make_pack(request, Engines(engine), tmp_path).recipe["files"]
    assert [file["rank"] for file in files[:2]] == [2, 1]


def test_of_several_drafts_the_one_with_a_snare_on_the_backbeat_is_kept_and_the_recipe_tells_of_the_others(tmp_path):
    seeds = draft_seeds(7, 3)
    engine = FakeEngine(without_snare={seeds[0], seeds[2]})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, parts="beat", drafts=3)
    pack = make_pack(request, Engines(engine), tmp_path)
    assert [asked[2] for asked in engine.asked] == [tuple(seeds)]
    beat = pack.recipe["files"][0]
    assert beat["seed"] == seeds[1]
    assert {each["seed"] for each in beat["rejected"]} == {seeds[0], seeds[2]}
    assert all(each["nearness"] < beat["nearness"] for each in beat["rejected"])


def test_a_draft_off_the_tempo_is_kept_by_nobody_while_another_is_near(tmp_path):
    seeds = draft_seeds(7, 2)
    engine = FakeEngine(without_snare={seeds[1]}, speeds={seeds[0]: 1.15})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, parts="beat", drafts=2)
    beat = make_pack(request, Engines(engine), tmp_path).recipe["files"][0]
    assert (beat["seed"], beat["measured"]["bpm_hit"], len(engine.asked)) == (seeds[1], True, 1)


def test_a_draft_that_was_kept_can_be_made_alone_from_its_seed(tmp_path):
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, parts="beat", drafts=3)
    engine = FakeEngine(without_snare={7})
    kept = make_pack(request, Engines(engine), tmp_path)
    seed = kept.recipe["files"][0]["seed"]
    alone = make_pack(replace(request, seed=seed, drafts=1), Engines(engine), tmp_path)
    assert seed != 7
    assert alone.takes[0].read_bytes() == kept.takes[0].read_bytes()


def test_silent_drafts_are_passed_over(tmp_path):
    engine = FakeEngine(silent={7})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=1, seed=7, parts="beat", drafts=2)
    beat = make_pack(request, Engines(engine), tmp_path).recipe["files"][0]
    assert beat["seed"] == draft_seeds(7, 2)[1]
    assert beat["rejected"] == [{"seed": 7, "nearness": None}]


def test_what_a_pack_holds_beside_the_takes_is_made_from_the_best_of_them(tmp_path, monkeypatch):
    heard = []
    monkeypatch.setattr(pipeline, "stems_of", lambda take, *rest: heard.append(take.audio) or Stems({}, "none"))
    monkeypatch.setattr(pipeline, "make_stems", lambda *stems: MadePart({}))
    engine = FakeEngine(without_snare={7})
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=2, seed=7, takes=2, parts="beat,stems")
    pack = make_pack(request, Engines(engine), tmp_path)
    second, _ = soundfile.read(pack.takes[1], always_2d=True)
    assert pack.recipe["best_take"] == 2
    assert np.abs(heard[0].samples.T - second).max() < 1e-4
    project = (pack.folder / "beat_100bpm_Amin.rpp").read_text()
    assert project.index("beat_100bpm_Amin_take2") < project.index('NAME "beat_100bpm_Amin"')


@pytest.mark.parametrize("bpm", ["fast", "0", "-5", "nan", "1e9"])
def test_a_tempo_that_no_file_has_is_refused(asked, bpm):
    with pytest.raises(RequestError, match="from 40 to 240"):
        analyze_file(asked.takes[0], MidiOptions(bpm=bpm))
