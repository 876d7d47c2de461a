"""Onsets: when something begins, in which range, and in what begins nothing."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.onsets import HOP_SECONDS, LEAD, RANGES_HZ, hear_onsets, pick_onsets
from typebeat.sound.audio import Audio, mono

RATE = 44_100


def struck(times, hz, seconds=8.0):
    """A tone of `hz` struck at each time, over a little noise."""
    samples = np.random.default_rng(0).normal(0, 1e-4, round(seconds * RATE))
    since = np.arange(4_000) / RATE
    for time in times:
        at = round(time * RATE)
        samples[at : at + 4_000] += (0.5 * np.sin(2 * np.pi * hz * since) * np.exp(-since * 60))[: len(samples) - at]
    return Audio(samples, RATE)


def test_each_range_rises_most_where_it_is_struck():
    low, high = np.arange(0.25, 7.5, 1.0), np.arange(0.75, 7.5, 1.0)
    sound = Audio(struck(low, 60).samples + struck(high, 8_000).samples, RATE)
    rises = hear_onsets(sound).rises
    assert set(rises) == set(RANGES_HZ)

    def at(name, times):
        frames = LEAD + np.round(times / HOP_SECONDS).astype(int)
        return np.mean([rises[name][frame - 4 : frame + 5].max() for frame in frames])

    assert at("low", low) > 2 * at("low", high)
    assert at("hat", high) > 2 * at("hat", low)


@pytest.mark.parametrize("hz", [60, 400, 8_000])
def test_onsets_are_found_to_a_few_milliseconds(hz):
    true = np.arange(0, 7.5, 0.41)  # the first sample too
    times, weights = pick_onsets(hear_onsets(struck(true, hz)).strength)
    assert len(times) == len(weights)
    assert max(np.abs(times - time).min() for time in true) < 0.005
    assert weights.max() <= 1


def test_a_steady_tone_begins_nothing_after_its_start():
    tone = Audio(0.5 * np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE), RATE)
    times, _ = pick_onsets(hear_onsets(tone).strength)
    assert len(times) <= 2
    assert all(time < 0.1 or time > 4.9 for time in times)


def test_channels_are_averaged_and_where_they_cancel_the_first_is_heard():
    left = np.random.default_rng(0).normal(0, 0.1, 1_000).astype(np.float32)
    assert np.allclose(mono(Audio(np.stack([left, 0 * left]), RATE)).samples[0], left)  # a silent one does not count
    assert np.allclose(mono(Audio(np.stack([left, -left]), RATE)).samples[0], left)
