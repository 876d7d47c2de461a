"""The grid, the passport, and what is measured in sounds whose truth is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.sound.audio import Audio, resample
from typebeat.sound.mastering import master


def passport(**changes):
    facts = {
        "grid": Grid(140.0, 0.25, 8),
        "bpm_confidence": 0.9,
        "key": "F minor",
        "key_confidence": 0.7,
        "next_keys": (("G# major", 0.2), ("C minor", 0.05)),
        "lufs": -14.0,
        "true_peak_dbtp": -1.3,
    }
    return Passport(**facts | changes)


def test_a_grid_knows_its_seconds():
    grid = Grid(bpm=120, downbeat=0.5, bars=4)
    assert (grid.beat_seconds, grid.bar_seconds, grid.sixteenth_seconds, grid.end) == (0.5, 2.0, 0.125, 8.5)


def test_half_time_is_said_in_words():
    assert passport().tempo_words == "140 BPM, felt at 70"
    assert passport(grid=Grid(92.5, 0, 8)).tempo_words == "92.5 BPM"


def test_asked_and_measured_stand_side_by_side_and_a_miss_is_a_miss():
    assert (passport().bpm_hit, passport().key_hit) == (None, None)
    hit = passport(asked_bpm=140, asked_key="F minor")
    assert (hit.bpm_hit, hit.key_hit) == (True, True)
    miss = passport(asked_bpm=141, asked_key="C minor")
    assert (miss.bpm_hit, miss.key_hit) == (False, False)
    assert passport(asked_bpm=140, bpm_confidence=0.1).bpm_hit is None  # a guess neither hits nor misses
    assert (miss.facts()["asked_bpm"], miss.facts()["bpm"]) == (141, 140)


def test_plain_words_tell_a_guess_from_a_measurement_and_a_walking_tempo():
    sure = "\n".join(passport(asked_bpm=150, asked_key="F minor").lines())
    assert "140 BPM, felt at 70 (confidence 0.90, asked for 150 BPM)" in sure
    assert "F minor (confidence 0.70, as asked); next G# major (0.20), C minor (0.05)" in sure
    assert "swing:     straight" in sure
    unsure = "\n".join(passport(bpm_confidence=0.1, key_confidence=0.1, drift_seconds=0.03).lines())
    assert "no steady beat was heard" in unsure
    assert "hardly a key was heard" in unsure
    assert "beats walk by 30 ms" in unsure
    assert "downbeat" not in unsure
    assert "nothing in it has a pitch" in "\n".join(passport(key="", lufs=float("-inf")).lines())


@pytest.mark.parametrize("level", [-14.0, float("-inf")])
def test_facts_are_plain_json(level):
    facts = passport(lufs=level).facts()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def late(audio: Audio, seconds: float) -> Audio:
    """The same without its first seconds."""
    return Audio(audio.samples[:, round(seconds * audio.sample_rate) :], audio.sample_rate)


@pytest.fixture(scope="module")
def beats():
    made = [make_beat(seed, bars=4) for seed in range(200_020, 200_024)]
    return [(beat.score, Audio(beat.mix, beat.sample_rate)) for beat in made]


def test_a_whole_loop_has_its_bars_and_begins_on_the_downbeat(beats):
    for score, audio in beats:
        grid = measure(audio, bpm=score.bpm).grid
        assert grid.bpm == pytest.approx(score.bpm, abs=0.2)
        assert (grid.bars, round(grid.downbeat, 2)) == (4, 0)
        assert grid.swing == pytest.approx(score.swing, abs=0.03)


def test_the_downbeat_of_a_beat_that_begins_anywhere_is_found(beats):
    for score, audio in beats:
        bar = 240 / score.bpm
        for cut_off in (0.2 * bar, 0.7 * bar):
            grid = measure(late(audio, cut_off), bpm=score.bpm).grid
            assert grid.downbeat == pytest.approx(bar - cut_off, abs=0.02)
            assert grid.bars == 3


def test_level_rate_and_channels_do_not_matter(beats):
    score, audio = beats[0]
    stereo = resample(Audio(np.tile(audio.samples * 0.1, (2, 1)), audio.sample_rate), 48_000)
    assert measure(stereo).grid.bpm == pytest.approx(measure(audio).grid.bpm, abs=0.05)
    upside_down = Audio(np.concatenate([audio.samples, -audio.samples]), audio.sample_rate)  # mono is silent
    assert measure(upside_down, bpm=score.bpm).grid.bpm == pytest.approx(score.bpm, abs=0.2)


def test_a_measured_sound_knows_its_levels(beats):
    _, audio = beats[0]
    found = measure(master(audio))
    assert found.lufs == pytest.approx(-14, abs=0.3)
    assert found.true_peak_dbtp <= -1


@pytest.mark.parametrize("seconds", [1, 12])
def test_noise_a_click_a_sine_and_silence_are_measured_without_pretending(seconds):
    n = seconds * 44_100
    noise = np.random.default_rng(0).normal(0, 0.1, n)
    sine, click = 0.5 * np.sin(2 * np.pi * 440 * np.arange(n) / 44_100), np.zeros(n)
    click[n // 3] = 1
    for samples in (noise, sine, click, np.zeros(n)):
        found = measure(Audio(samples, 44_100))
        assert found.bpm_confidence < 0.2
        assert found.key_confidence < 0.5
        json.dumps(found.facts(), allow_nan=False)
    assert measure(Audio(np.zeros(n), 44_100)).key == ""
