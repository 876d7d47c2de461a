"""Loudness and peaks are what is promised, and nothing else happens to the sound."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from fakes import FakeEngine

from typebeat.engines import BeatConditions
from typebeat.sound.audio import SAMPLE_RATE, Audio
from typebeat.sound.mastering import (
    LUFS_TOLERANCE,
    PEAK_CEILING_DBTP,
    TARGET_LUFS,
    BrokenAudioError,
    is_silent,
    loudness_lufs,
    master,
    true_peak_dbtp,
)


def beat(gain: float, channels: int = 1, seconds: float = 6.0) -> Audio:
    engine = FakeEngine(sample_rate=SAMPLE_RATE, channels=channels, gain=gain)
    return engine.generate(BeatConditions("", 140, "F minor"), seconds, [1])[0]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("gain", [0.01, 0.3, 1.0, 8.0])
def test_a_beat_of_any_level_comes_out_at_the_target_under_the_ceiling(gain, channels):
    mastered = master(beat(gain, channels))
    assert loudness_lufs(mastered) == pytest.approx(TARGET_LUFS, abs=LUFS_TOLERANCE)
    assert true_peak_dbtp(mastered) <= PEAK_CEILING_DBTP


def test_another_meter_finds_no_peak_above_the_ceiling_either():
    mastered = master(beat(0.5))
    between = soxr.resample(mastered.samples[0].astype(np.float64), SAMPLE_RATE, 8 * SAMPLE_RATE, quality="VHQ")
    assert 20 * np.log10(np.abs(between).max()) <= PEAK_CEILING_DBTP


def test_the_true_peak_sees_what_lies_between_samples():
    quarter_wave = np.tile(
        np.sin(np.pi / 4 + np.pi / 2 * np.arange(4)), 5_000
    )  # no sample above 0.71, the wave reaches 1
    assert true_peak_dbtp(Audio(quarter_wave, SAMPLE_RATE)) == pytest.approx(0, abs=0.2)


def test_peaks_far_above_the_rest_stay_under_the_ceiling():
    samples = 0.01 * np.random.default_rng(0).standard_normal(4 * SAMPLE_RATE)
    samples[::SAMPLE_RATE] = 1
    mastered = master(Audio(samples, SAMPLE_RATE))
    assert true_peak_dbtp(mastered) <= PEAK_CEILING_DBTP
    assert loudness_lufs(mastered) > loudness_lufs(Audio(samples, SAMPLE_RATE)) + 3


def test_a_beat_that_needs_no_limiting_only_changes_its_level():
    quiet = Audio(0.01 * np.sin(np.arange(4 * SAMPLE_RATE) / 20), SAMPLE_RATE)
    ratio = master(quiet).samples[0, 1:] / quiet.samples[0, 1:]
    assert ratio == pytest.approx(ratio[0], rel=1e-4)


def test_level_stays_even_between_channels():
    before, after = beat(1.0, channels=2), master(beat(1.0, channels=2))
    balance = np.abs(after.samples[1]).sum() / np.abs(after.samples[0]).sum()
    assert balance == pytest.approx(np.abs(before.samples[1]).sum() / np.abs(before.samples[0]).sum(), rel=1e-4)


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_not_made_louder(level):
    silence = Audio(level * np.random.default_rng(0).standard_normal((1, 2 * SAMPLE_RATE)), SAMPLE_RATE)
    assert is_silent(silence)
    assert np.array_equal(master(silence).samples, silence.samples)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_refused(value):
    samples = np.zeros(SAMPLE_RATE)
    samples[5] = value
    with pytest.raises(BrokenAudioError):
        master(Audio(samples, SAMPLE_RATE))
