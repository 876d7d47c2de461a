"""What the 808's reader sees: levels at the right pitches, stretches that end with the note, what kicks share."""

from __future__ import annotations

import numpy as np
import pytest

from typebeat.hearing.strikes import FRAME_SECONDS, HEARD
from typebeat.midi import bass_reader as reader

SECONDS = 4.0


def tone(pitch: float, seconds: float = SECONDS) -> np.ndarray:
    time = np.arange(round(seconds * reader.RATE)) / reader.RATE
    return 0.5 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time).astype(np.float32)


def levels_of(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return tuple(reader.low_levels(reader.low_spectra(samples, window)) for window in reader.WINDOWS)


def nothing_sure(seconds: float = SECONDS) -> np.ndarray:
    return np.zeros((round(seconds / FRAME_SECONDS), len(HEARD)), np.float32)


@pytest.mark.parametrize("pitch", [26, 33, 45, 60])
def test_a_tone_is_loudest_at_its_pitch_and_is_heard_at_its_level(pitch):
    for levels in levels_of(tone(pitch)):
        middle = levels[len(levels) // 2].astype(float)
        assert reader.STEPS[middle.argmax()] == pytest.approx(pitch, abs=0.5)
        assert middle.max() == pytest.approx(20 * np.log10(0.5), abs=0.5)


def test_what_the_network_sees_moves_with_the_pitch():
    seen = [
        reader.seen_of_pitches(
            *reader.moment_maps(levels_of(tone(p)), nothing_sure(), np.array([1.0]), np.array([3.0]))
        )
        for p in (48, 50)
    ]
    low, high = (each[0, p - reader.LOWEST_PITCH] for each, p in zip(seen, (48, 50), strict=True))
    moved, stayed = high[:-1], seen[1][0, 48 - reader.LOWEST_PITCH][:-1]  # the last number is the pitch itself
    assert np.abs(low[:-1] - moved).mean() < 0.5 * np.abs(low[:-1] - stayed).mean()


def test_a_stretch_ends_with_the_note():
    sound = np.concatenate([tone(40, 1.2), tone(52, SECONDS - 1.2)])
    maps, numbers = reader.moment_maps(levels_of(sound), nothing_sure(), np.array([1.0, 1.0]), np.array([1.2, 3.0]))
    of_next = np.flatnonzero(reader.STEPS == 52)[0]
    last = len(reader.STRETCHES) - 1
    assert maps[0, last, of_next] < maps[1, last, of_next] - 1
    assert numbers[0].sum() < numbers[1].sum()  # fewer stretches begin before it ends


def test_what_all_kicks_share_is_told_to_kicks_alone():
    moments = np.arange(5) * 0.7 + 0.3
    sure = nothing_sure()
    for moment in moments[:4]:
        sure[round(moment / FRAME_SECONDS), HEARD.index("kick")] = 1
    maps, _ = reader.moment_maps(levels_of(tone(33)), sure, moments, moments + 0.7)
    shared = maps[:, 2 * len(reader.STRETCHES) :]
    at_tone = np.flatnonzero(reader.STEPS == 33)[0]
    assert (shared[:4, 1:, at_tone] > -0.5).all()
    assert (shared[4] == shared[4].min()).all()


def test_of_no_moments_nothing_is_read():
    none = np.zeros(0)
    assert reader.read_bass(levels_of(tone(33)), nothing_sure(), none, none).shape == (0, len(reader.PITCHES))
