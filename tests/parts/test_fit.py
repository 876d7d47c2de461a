"""A loop that fits: exact tempo, downbeat first, whole bars, no seam; and what is right already is left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.parts.fit import FIT_WITHIN, fit_loop, is_near, seconds_to_ask
from typebeat.sound.audio import SAMPLE_RATE, Audio, loop_length

BPM, BARS = 100.0, 2
LOOP = loop_length(BARS, 4, BPM)


def passport(bpm=BPM, downbeat=0.0, bpm_confidence=1.0, downbeat_confidence=1.0):
    grid = Grid(bpm, downbeat, BARS)
    return Passport(grid, bpm_confidence, "A minor", 1, (), -14, -1, downbeat_confidence=downbeat_confidence)


def hits(bpm=BPM, first=0.0, seconds=5.2, hz=110.0):
    """A tone that is struck on each beat, from `first` seconds on, twice as hard on each fourth."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE - first
    beat = np.floor(time * bpm / 60)
    since = time - beat * 60 / bpm
    return Audio(np.where(beat % 4 == 0, 0.8, 0.4) * np.sin(2 * np.pi * hz * since) * np.exp(-since * 6), SAMPLE_RATE)


def attack(audio: Audio, near: float) -> float:
    """Seconds from `near` to the steepest rise of level around it."""
    at = round(near * audio.sample_rate)
    around = np.abs(audio.samples[0, at - 1_500 : at + 1_500])
    level = np.cumsum(np.pad(around, 1))
    rise = level[882:] - 2 * level[441:-441] + level[:-882]  # 10 ms after less 10 ms before
    return (rise.argmax() + 441 - 1_500) / audio.sample_rate


def test_an_exact_take_is_cut_to_the_sample_and_otherwise_left():
    made = hits()
    fitted = fit_loop(made, passport(BPM + 0.02), BPM, BARS)
    assert (fitted.speed, fitted.moved, fitted.audio.length) == (1, 0, LOOP)
    assert np.array_equal(fitted.audio.samples[:, 400:], made.samples[:, 400:LOOP])
    np.testing.assert_allclose(fitted.audio.samples, made.samples[:, :LOOP], atol=0.05)


@pytest.mark.parametrize("bpm", [96.5, 99.0, 103.8])
def test_a_take_within_four_percent_gets_the_exact_tempo_at_its_pitch(bpm):
    made = hits(bpm, seconds=seconds_to_ask(LOOP / SAMPLE_RATE))
    fitted = fit_loop(made, passport(bpm), BPM, BARS)
    assert fitted.audio.length == LOOP
    assert fitted.speed == pytest.approx(BPM / bpm)
    for beat in range(1, 8):
        assert attack(fitted.audio, beat * 60 / BPM) == pytest.approx(0, abs=0.006)
    spectrum = np.abs(np.fft.rfft(fitted.audio.samples[0]))
    assert spectrum[: round(400 * LOOP / SAMPLE_RATE)].argmax() * SAMPLE_RATE / LOOP == pytest.approx(110, abs=1)


def test_a_late_downbeat_becomes_the_start_and_what_came_before_it_the_end():
    made = hits(first=0.6)
    fitted = fit_loop(made, passport(downbeat=0.6), BPM, BARS)
    assert fitted.moved == pytest.approx(0.6)
    start = fitted.audio.samples[0, : SAMPLE_RATE // 20]
    assert np.abs(start).max() > 0.6
    assert np.abs(fitted.audio.samples[0, :60]).max() < 0.2  # the attack itself is not cut


def test_a_downbeat_just_before_the_end_of_a_bar_counts_as_early():
    bar = 240 / BPM
    assert fit_loop(hits(), passport(downbeat=bar - 0.01), BPM, BARS).moved == 0
    assert fit_loop(hits(), passport(downbeat=bar - 0.1), BPM, BARS).moved == pytest.approx(-0.1)


def test_a_doubtful_downbeat_moves_nothing_and_no_beat_stretches_nothing():
    assert fit_loop(hits(), passport(downbeat=0.6, downbeat_confidence=0.6), BPM, BARS).moved == 0
    fitted = fit_loop(hits(), passport(98, 0.6, bpm_confidence=0.1), BPM, BARS)
    assert (fitted.speed, fitted.moved) == (1, 0)


def test_the_loop_goes_on_over_its_seam_as_the_take_did():
    drone = Audio(0.5 * np.cos(2 * np.pi * 60.1 * np.arange(LOOP + 2_000) / SAMPLE_RATE), SAMPLE_RATE)
    loop = fit_loop(drone, passport(), BPM, BARS).audio.samples[0]
    usual = np.abs(np.diff(drone.samples[0])).max()
    assert abs(loop[0] - loop[-1]) <= usual
    assert abs(drone.samples[0, 0] - drone.samples[0, LOOP - 1]) > 10 * usual  # a plain cut would click


def test_equal_hits_at_both_ends_of_the_seam_do_not_get_louder():
    made = hits()
    loop = fit_loop(made, passport(), BPM, BARS).audio.samples[0]
    assert np.abs(loop[:400]).max() <= 1.02 * np.abs(made.samples[0, :400]).max()


def test_what_is_asked_for_is_enough_for_the_slowest_take_that_fits():
    slow = BPM * (1 - FIT_WITHIN) + 0.01
    made = hits(slow, seconds=seconds_to_ask(LOOP / SAMPLE_RATE))
    assert is_near(passport(slow), BPM)
    assert fit_loop(made, passport(slow), BPM, BARS).audio.length == LOOP


def test_only_a_clear_other_tempo_is_too_far():
    assert not is_near(passport(105), BPM)
    assert is_near(passport(105, bpm_confidence=0.1), BPM)
    assert fit_loop(hits(105), passport(105), BPM, BARS).speed == 1


def test_too_short_a_take_is_refused():
    with pytest.raises(ValueError, match="needed"):
        fit_loop(hits(seconds=4), passport(), BPM, BARS)


def test_channels_stay_together():
    mono = hits(98)
    stereo = Audio(np.concatenate([mono.samples, 0.5 * mono.samples]), SAMPLE_RATE)
    left, right = fit_loop(stereo, passport(98), BPM, BARS).audio.samples
    np.testing.assert_allclose(0.5 * left, right, atol=0.02)


def test_measured_and_fitted_agree():
    made = hits(97.3, seconds=20)
    found = replace(measure(made, bpm=BPM), bpm_confidence=1.0)
    fitted = fit_loop(made, found, BPM, 7)
    assert measure(fitted.audio, bpm=BPM).grid.bpm == pytest.approx(BPM, abs=0.1)
