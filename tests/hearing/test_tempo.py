"""Tempo, swing and how sure both are, in corpus beats (seeds that no benchmark uses) and in what is no beat."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.onsets import hear_onsets
from typebeat.hearing.tempo import find_pulse
from typebeat.sound.audio import Audio

SEEDS = range(200_000, 200_008)
RATE = 44_100


@cache
def heard(seed):
    beat = make_beat(seed, bars=4)
    return beat.score, hear_onsets(Audio(beat.mix, beat.sample_rate))


def clicks(times, seconds=12.0, seed=0):
    """Short noises at `times`, over a little noise."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 1e-3, round(seconds * RATE))
    for time in times:
        at = round(time * RATE)
        hit = rng.standard_normal(2_000) * np.exp(-np.arange(2_000) / 300)
        samples[at : at + 2_000] += 0.5 * hit[: len(samples) - at]
    return Audio(samples, RATE)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_known_tempo_is_measured_to_a_tenth(seed):
    score, onsets = heard(seed)
    pulse = find_pulse(onsets, score.bpm * 1.02)  # what is asked for need not be what is played
    assert pulse.bpm == pytest.approx(score.bpm, abs=0.1)
    assert pulse.confidence > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_an_unknown_tempo_is_found_within_one_an_octave_apart_allowed(seed):
    score, onsets = heard(seed)
    pulse = find_pulse(onsets)
    assert min(abs(pulse.bpm * octave - score.bpm) for octave in (0.5, 1, 2)) < 1


def test_a_tempo_far_from_the_one_asked_for_is_not_talked_into_it():
    score, onsets = heard(SEEDS[0])
    for asked in (score.bpm * 1.1, score.bpm * 0.8):
        assert find_pulse(onsets, asked).bpm == pytest.approx(score.bpm, abs=0.2)


def test_the_octave_is_that_of_the_tempo_asked_for():
    score, onsets = heard(SEEDS[0])
    for octave in (0.5, 1, 2):
        assert find_pulse(onsets, score.bpm * octave).bpm == pytest.approx(score.bpm * octave, abs=0.2)


@pytest.mark.parametrize("bpm", [66, 144, 92])
def test_rap_is_written_between_85_and_170_where_quick_notes_say_so(bpm):
    sixteenth = 15 / (bpm if bpm > 85 else 2 * bpm)
    pulse = find_pulse(hear_onsets(clicks(np.arange(0, 11.5, sixteenth))))
    assert pulse.bpm == pytest.approx(15 / sixteenth, abs=0.1)


@pytest.mark.parametrize("swing", [0.5, 0.58, 2 / 3])
def test_swing_is_heard(swing):
    pair = 2 * 15 / 90
    times = np.sort(np.r_[np.arange(0, 11, pair), np.arange(0, 11, pair) + swing * pair])
    pulse = find_pulse(hear_onsets(clicks(times)), 90)
    assert pulse.bpm == pytest.approx(90, abs=0.1)
    assert pulse.swing == pytest.approx(swing, abs=0.02)


def test_a_tempo_that_walks_is_flagged_and_a_constant_one_is_not():
    even = np.arange(0, 11.5, 15 / 140)
    walking = even + 0.03 * np.sin(np.pi * even / 12)  # 30 ms behind in the middle
    assert find_pulse(hear_onsets(clicks(even)), 140).drift < 0.004
    assert find_pulse(hear_onsets(clicks(walking)), 140).drift > 0.015


@pytest.mark.parametrize("seconds", [5, 20])
def test_noise_and_random_hits_give_no_confidence(seconds):
    rng = np.random.default_rng(1)
    noise = Audio(rng.normal(0, 0.2, seconds * RATE), RATE)
    hits = clicks(np.sort(rng.uniform(0, seconds - 0.1, 5 * seconds)), seconds)
    assert find_pulse(hear_onsets(noise)).confidence < 0.1
    assert find_pulse(hear_onsets(hits)).confidence < 0.3


def test_a_single_click_and_silence_have_no_pulse():
    click = np.zeros(4 * RATE)
    click[RATE] = 1
    assert find_pulse(hear_onsets(Audio(click, RATE))) is None
    assert find_pulse(hear_onsets(Audio(np.zeros(RATE), RATE))) is None
