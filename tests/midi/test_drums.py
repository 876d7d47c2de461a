"""Drums heard in mixes of the corpus and of sounds made here: which, when, how loud; and nothing where nothing is."""

from __future__ import annotations

import mir_eval
import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from training.starter.simple_corpus.beats import make_beat
from typebeat.hearing.grid import Grid
from typebeat.midi.drums import drum_notes, hear_drums
from typebeat.midi.notes import CLAP, CLOSED_HAT, KICK, OPEN_HAT, SNARE
from typebeat.midi.repeats import with_repeats
from typebeat.sound.audio import Audio

RATE = 44_100
DEV_SEEDS = (200_700, 200_701, 200_702)


def drums_of(samples, rate: int = RATE, grid: Grid | None = None):
    audio = Audio(samples, rate)
    return drum_notes(hear_drums(audio), grid or Grid(120, 0.0, int(audio.seconds // 2)))


def hit(seconds: float, decay: float, low: float, high: float, seed: int = 0) -> np.ndarray:
    """Noise between two frequencies that dies away."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    shaped = sosfilt(butter(2, [low, high], "bandpass", fs=RATE, output="sos"), noise)
    return shaped / np.abs(shaped).max() * np.exp(-np.arange(len(noise)) / (decay * RATE))


def kick() -> np.ndarray:
    time = np.arange(round(0.3 * RATE)) / RATE
    turns = np.cumsum(50 + 200 * np.exp(-time / 0.02)) / RATE
    return np.sin(2 * np.pi * turns) * np.exp(-time / 0.1) + 0.3 * hit(0.3, 0.003, 1000, 8000)


def hat() -> np.ndarray:
    return 0.3 * hit(0.15, 0.02, 7000, 15_000)


def track(seconds: float, *placed: tuple[np.ndarray, float, float]) -> np.ndarray:
    """Silence with sounds at (sound, moment in s, gain)."""
    out = np.zeros(round(seconds * RATE))
    for sound, at, gain in placed:
        start = round(at * RATE)
        out[start : start + len(sound)] += gain * sound[: len(out) - start]
    return 0.5 * out


@pytest.fixture(scope="module")
def beats():
    return [make_beat(seed, 8) for seed in DEV_SEEDS]


def f1(beats, drums: tuple[str, ...], pitches: tuple[int, ...]) -> float:
    scores = []
    for beat in beats:
        true = np.unique([h.onset for h in beat.truth["drums"] if h.drum in drums])
        notes = drums_of(beat.mix, beat.sample_rate, Grid(beat.score.bpm, 0.0, 8, beat.score.swing))
        heard = np.unique([note.onset for note in notes if note.pitch in pitches])
        scores.append(mir_eval.onset.f_measure(true, heard, window=0.05)[0])
    return float(np.mean(scores))


@pytest.mark.parametrize(
    ("drums", "pitches"),
    [(("kick",), (KICK,)), (("snare", "clap"), (SNARE, CLAP)), (("closed_hat", "open_hat"), (CLOSED_HAT, OPEN_HAT))],
    ids=["kick", "snare and clap", "hats"],
)
def test_most_hits_in_whole_mixes_are_heard_and_few_others(beats, drums, pitches):
    assert f1(beats, drums, pitches) > 0.8


def test_a_kick_under_a_hat_is_both():
    times = np.arange(16) * 0.5
    sound = track(8, *((kick(), t, 1.0) for t in times[::2]), *((hat(), t, 1.0) for t in times))
    notes = drums_of(sound)
    for pitch, true in ((KICK, times[::2]), (CLOSED_HAT, times)):
        heard = np.array([note.onset for note in notes if note.pitch == pitch])
        assert len(heard) == pytest.approx(len(true), abs=2)
        assert all(np.abs(heard - t).min() < 0.03 for t in true)


def test_an_open_hat_among_closed_ones_is_an_open_one():
    def open_hat() -> np.ndarray:
        return 0.3 * hit(0.5, 0.18, 6500, 15_000, seed=1)

    times = np.arange(32) * 0.25
    is_open = np.arange(32) % 8 == 6
    placed = [(open_hat() if each else hat(), t, 1.0) for t, each in zip(times, is_open, strict=True)]
    notes = drums_of(track(8.5, *placed, *((kick(), t, 1.0) for t in times[::4])))
    heard = [note.onset for note in notes if note.pitch == OPEN_HAT]
    assert mir_eval.onset.f_measure(times[is_open], np.array(heard), window=0.05)[0] > 0.7


def test_a_roll_of_thirty_seconds_at_160_bpm_keeps_its_hits():
    step = 60 / 160 / 8
    times = 0.5 + np.arange(32) * step
    heard = [note.onset for note in drums_of(track(3, *((hat(), t, 0.8) for t in times))) if note.pitch == CLOSED_HAT]
    assert mir_eval.onset.f_measure(times, np.array(heard), window=0.02)[0] > 0.9


def test_a_louder_hit_has_a_higher_velocity():
    gains = [1.0, 0.3, 1.0, 0.3, 1.0, 0.3, 1.0, 0.3]
    notes = drums_of(track(8, *((hat(), 0.5 + i, gain) for i, gain in enumerate(gains))))
    loud = [note.velocity for note in notes if round(note.onset - 0.5) % 2 == 0]
    soft = [note.velocity for note in notes if round(note.onset - 0.5) % 2 == 1]
    assert min(loud) > max(soft)
    assert all(1 <= note.velocity <= 127 for note in notes)


def test_bars_that_agree_lift_a_weak_hit_and_doubt_a_lone_one():
    grid = Grid(120, 0.0, 8)
    sure = np.zeros((3300, 1), np.float32)
    sure[np.arange(8) * 400, 0] = [0.9, 0.9, 0.9, 0.35, 0.9, 0.9, 0.9, 0.9]
    sure[1000, 0] = 0.6
    weighed = with_repeats(sure, grid)
    assert weighed[1200, 0] > 0.6
    assert weighed[1000, 0] < 0.4


def test_two_bars_are_too_few_to_doubt_a_hit():
    sure = np.full((900, 1), 0.5, np.float32)
    assert with_repeats(sure, Grid(120, 0.0, 2)) is sure


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(4 * RATE),
        np.full(4 * RATE, 0.5),
        0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE),
        np.zeros(RATE // 10),
        np.ones(1),
    ],
    ids=["silence", "direct current", "a sine", "a tenth of a second", "one sample"],
)
def test_where_nothing_is_struck_next_to_nothing_is_written(samples):
    assert len(drums_of(samples)) <= 2  # the end of a sound that does not fade is a click


def test_a_click_is_at_most_one_moment():
    assert len({round(note.onset, 1) for note in drums_of(track(4, (np.ones(1), 2.0, 1.0)))}) <= 1


def test_hissing_noise_is_not_a_drum_part():
    noise = 0.3 * np.random.default_rng(0).standard_normal(8 * RATE)
    assert len(drums_of(noise)) < 8


def test_six_channels_at_192_khz_are_heard_as_one():
    sound = np.repeat(track(2, (kick(), 0.5, 1.0), (kick(), 1.5, 1.0)), 4)  # as if 176.4 kHz
    heard = [note.onset for note in drums_of(np.tile(sound, (6, 1)), 4 * RATE) if note.pitch == KICK]
    assert heard == pytest.approx([0.5, 1.5], abs=0.03)
