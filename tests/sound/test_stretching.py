"""Stretching: exact lengths, hits that stay in their place, pitches to the cent, joins without a click."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.sound.audio import Audio
from typebeat.sound.stretching import fitted, joined, stretched, whole_loop

RATE = 22_050


def tone(hz: float, seconds: float = 2.0) -> Audio:
    time = np.arange(round(seconds * RATE)) / RATE
    return Audio(np.stack([0.3 * np.sin(2 * np.pi * hz * time)] * 2), RATE)


def clicks(every: float, count: int) -> Audio:
    samples = np.zeros(round(every * count * RATE), np.float32)
    burst = np.random.default_rng(1).standard_normal(600) * np.exp(-np.arange(600) / 100)
    for number in range(count):
        at = round(number * every * RATE)
        samples[at : at + 600] += burst.astype(np.float32)[: len(samples) - at]
    return Audio(samples, RATE)


def pitch(audio: Audio) -> float:
    middle = audio.samples[0, audio.length // 4 : audio.length // 4 + 16_384]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 20))
    return float(spectrum.argmax() * audio.sample_rate / (1 << 20))


@pytest.mark.parametrize("speed", [0.7, 0.93, 1.08, 1.6])
def test_a_stretched_sound_has_its_length_its_pitch_and_its_hits_in_place(speed):
    loop = clicks(0.5, 6)
    length = round(loop.length / speed) + 1
    made = stretched(loop, length)
    assert made.length == length
    level = np.convolve(np.abs(made.samples[0]), np.ones(32) / 32, "same")
    for number in range(6):
        at = round(number * 0.5 / speed * RATE)
        near = level[max(0, at - 1000) : at + 1000]
        begins = np.flatnonzero(near > 0.3 * near.max())[0] - min(at, 1000)
        assert abs(begins) < 0.004 * RATE
    assert abs(1200 * np.log2(pitch(stretched(tone(220), round(2 * RATE / speed))) / 220)) < 1


@pytest.mark.parametrize(("semitones", "cents"), [(2, 0), (0, -40), (-5, 30), (12, 0)])
@pytest.mark.parametrize("hz", [110, 440])
def test_a_transposed_sound_is_right_to_two_cents_and_as_long_as_asked(hz, semitones, cents):
    made = stretched(tone(hz), 40_000, semitones=semitones, cents=cents)
    assert made.length == 40_000
    assert abs(1200 * np.log2(pitch(made) / hz) - 100 * semitones - cents) < 2


def test_what_is_right_already_is_left_and_the_same_asked_twice_is_the_same():
    loop = tone(200)
    assert stretched(loop, loop.length) is loop
    assert np.array_equal(stretched(loop, 40_000).samples, stretched(loop, 40_000).samples)


@pytest.mark.parametrize("change", [{"length": 10_000}, {"length": 0}, {"length": 44_100, "semitones": 13}])
def test_too_much_is_refused(change):
    with pytest.raises(ValueError, match=r"semitones|stretched"):
        stretched(tone(200), **change)


def test_a_loop_is_repeated_to_a_length_without_a_click():
    sound = tone(201.3, 3.0)
    made = whole_loop(sound, 500, 30_000, 100_000)
    assert made.length == 100_000
    assert np.abs(np.diff(made.samples)).max() < 1.3 * np.abs(np.diff(sound.samples)).max()
    exact = whole_loop(clicks(0.5, 4), 0, 2 * RATE, 5 * RATE)
    assert np.array_equal(exact.samples[:, :RATE], exact.samples[:, 2 * RATE : 3 * RATE])


def test_a_sound_is_cut_or_filled_up_to_a_length():
    assert fitted(tone(200), 10_000).length == 10_000
    longer = fitted(tone(200), 50_000)
    assert longer.length == 50_000
    assert not longer.samples[:, 44_100:].any()


def test_two_sounds_are_joined_with_a_fade():
    made = joined(tone(200, 1.0), tone(200, 1.0), seconds=0.01)
    assert made.length == 2 * RATE - round(0.01 * RATE)
    with pytest.raises(ValueError, match="one rate"):
        joined(tone(200), Audio(np.ones((2, 100)), 8_000))
