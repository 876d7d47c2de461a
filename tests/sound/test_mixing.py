"""The mix of parts, on synthesised parts of four bars."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from typebeat.sound.audio import SAMPLE_RATE, Audio, loop_length
from typebeat.sound.loops import STEP, Loop, kick_times
from typebeat.sound.mastering import BrokenAudioError, loudness_lufs, true_peak_dbtp
from typebeat.sound.mix_styles import MIX_STYLES
from typebeat.sound.mixing import mix_parts

BPM, BARS = 140, 4
LENGTH = loop_length(BARS, 4, BPM)
BEAT = 60 / BPM
KICKS = [beat * BEAT for beat in range(0, 16, 2)]


def struck(times: list[float], sound: np.ndarray) -> np.ndarray:
    """A sound at each time, round the loop."""
    samples = np.zeros(LENGTH, np.float32)
    for time in times:
        at = (round(time * SAMPLE_RATE) + np.arange(len(sound))) % LENGTH
        samples[at] += sound
    return samples


def tone(hertz: float, seconds: float, decay: float) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * hertz * time) * np.exp(-time / decay)).astype(np.float32)


def make_parts() -> dict[str, Audio]:
    rng = np.random.default_rng(3)
    kick = 0.8 * tone(55, 0.3, 0.08)
    hat = 0.15 * np.diff(rng.standard_normal(2000)).astype(np.float32) * np.exp(-np.arange(1999) / 400)
    snare = 0.3 * (tone(190, 0.2, 0.06) + rng.standard_normal(8820) * np.exp(-np.arange(8820) / 2000))
    drums = struck(KICKS, kick) + struck([each + BEAT for each in KICKS], snare)
    drums += struck([step * BEAT / 4 for step in range(64) if step % 4], hat)
    chord = sum(tone(hertz, 4 * BEAT, 2.0) for hertz in (220, 261.6, 329.6)) * 0.1
    parts = {
        "drums": drums,
        "808": struck([0.0, 4.5 * BEAT, 8 * BEAT, 13 * BEAT], 0.5 * tone(46, 2.5 * BEAT, 0.7)),
        "chords": struck([0.0, 4 * BEAT, 8 * BEAT, 12 * BEAT], chord),
        "melody": struck([beat * BEAT for beat in range(16)], 0.2 * tone(880, 0.5, 0.15)),
    }
    return {name: Audio(samples, SAMPLE_RATE) for name, samples in parts.items()}


@pytest.fixture(scope="module")
def parts():
    return make_parts()


@pytest.fixture(scope="module", params=MIX_STYLES)
def style(request):
    return request.param


@pytest.fixture(scope="module")
def mixed(parts, style):
    return mix_parts(parts, style, BPM)


def decibels(samples: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20)


def above(samples: np.ndarray, hertz: float) -> np.ndarray:
    return sosfiltfilt(butter(6, hertz, "high", fs=SAMPLE_RATE, output="sos"), samples)


def below(samples: np.ndarray, hertz: float) -> np.ndarray:
    return sosfiltfilt(butter(6, hertz, "low", fs=SAMPLE_RATE, output="sos"), samples)


def test_stems_sum_to_the_beat(mixed, parts):
    assert list(mixed.stems) == list(parts)
    total = sum(stem.samples.astype(np.float64) for stem in mixed.stems.values())
    assert np.abs(total - mixed.beat.samples).max() < 1e-6
    assert max(np.abs(stem.samples).max() for stem in mixed.stems.values()) < 1


def test_a_beat_is_stereo_as_long_as_its_parts_and_at_its_loudness(mixed):
    assert mixed.beat.samples.shape == (2, LENGTH)
    assert loudness_lufs(mixed.beat) == pytest.approx(-14, abs=0.2)
    assert true_peak_dbtp(mixed.beat) <= -1


def test_a_beat_survives_in_mono(mixed):
    left, right = mixed.beat.samples
    mono = np.stack([left + right, left + right]) / 2
    assert loudness_lufs(mixed.beat) - loudness_lufs(Audio(mono, SAMPLE_RATE)) <= 1
    assert decibels(mixed.beat.samples) - decibels(mono) <= 1
    assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.999


def test_the_low_end_is_in_the_middle(mixed):
    left, right = mixed.beat.samples
    assert decibels(below(left - right, 110)) < decibels(below(left + right, 110)) - 30
    assert np.array_equal(*mixed.stems["808"].samples)


def test_chords_melody_and_hats_are_wide(mixed):
    for name in ("chords", "melody"):
        left, right = mixed.stems[name].samples
        assert np.corrcoef(left, right)[0, 1] < 0.95
    left, right = above(mixed.stems["drums"].samples, 6000)
    assert np.corrcoef(left, right)[0, 1] < 0.98


def test_an_808_is_heard_where_a_telephone_begins(parts, mixed):
    dry = parts["808"].samples[0]
    stem = mixed.stems["808"].samples[0]
    before = decibels(above(dry, 300)) - decibels(dry)
    assert decibels(above(stem, 300)) - decibels(stem) > max(before + 6, -24)


def test_a_kick_pushes_the_808_down(parts):
    ducked = mix_parts(parts, "travis-scott", BPM, kicks=[8 * BEAT]).stems["808"].samples[0]
    free = mix_parts(parts, "travis-scott", BPM, kicks=[]).stems["808"].samples[0]
    hit = slice(round(8 * BEAT * SAMPLE_RATE), round((8 * BEAT + 0.03) * SAMPLE_RATE))
    late = slice(round(14.5 * BEAT * SAMPLE_RATE), round(15 * BEAT * SAMPLE_RATE))
    change = [decibels(ducked[where]) - decibels(free[where]) for where in (hit, late)]
    assert change[0] < change[1] - 2


def test_kicks_are_heard_in_the_drums(parts):
    loop = Loop(LENGTH, SAMPLE_RATE)
    found = np.array(kick_times(loop, loop.spectrum(parts["drums"].samples[0])))
    assert len(found) == len(KICKS)
    around = (found[:, None] - np.array(KICKS) + loop.length / SAMPLE_RATE / 2) % (LENGTH / SAMPLE_RATE)
    assert np.abs(around - LENGTH / SAMPLE_RATE / 2).min(axis=1).max() < 0.02


def test_a_loop_that_begins_elsewhere_is_mixed_alike(parts, mixed, style):
    """So nothing is cut off at the seam, and nothing begins there: tails, filters, ducking and gains go round."""
    shift = LENGTH // 2 // STEP * STEP
    rolled = {name: Audio(np.roll(part.samples, shift, axis=1), SAMPLE_RATE) for name, part in parts.items()}
    again = np.roll(mix_parts(rolled, style, BPM).beat.samples, -shift, axis=1)
    assert decibels(again - mixed.beat.samples) < decibels(mixed.beat.samples) - 35


def test_reverberation_of_the_last_chord_is_heard_at_the_start():
    late = {"chords": Audio(struck([15.8 * BEAT], 0.3 * tone(440, 0.15 * BEAT, 0.1)), SAMPLE_RATE)}
    start = mix_parts(late, "travis-scott", BPM).stems["chords"].samples[:, : SAMPLE_RATE // 2]
    assert decibels(start) > -60


def test_styles_differ(parts):
    chords = {"chords": parts["chords"]}
    tops = set()
    for style in MIX_STYLES:
        stem = mix_parts(chords, style, BPM).stems["chords"].samples[0]
        tops.add(round(decibels(above(stem, 2000)) - decibels(stem), 1))
    assert len(tops) == len(MIX_STYLES)


def test_the_same_parts_give_the_same_samples(parts):
    first, second = (mix_parts(parts, "don-toliver", BPM).beat.samples for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("names", [("drums", "bass", "other"), ("melody",), ("808",), ("drums",), ("sample", "drums")])
def test_any_parts_are_mixed(parts, names):
    alike = {"bass": "808", "other": "chords", "sample": "chords"}
    mix = mix_parts({name: parts[alike.get(name, name)] for name in names}, "kid-cudi", BPM)
    assert tuple(mix.stems) == names
    assert loudness_lufs(mix.beat) == pytest.approx(-14, abs=0.2)


def test_a_silent_part_stays_silent(parts):
    silent = Audio(np.zeros(LENGTH), SAMPLE_RATE)
    mix = mix_parts({**parts, "melody": silent}, "kid-cudi", BPM)
    assert not mix.stems["melody"].samples.any()
    assert not mix_parts({"melody": silent}, "kid-cudi", BPM).beat.samples.any()


def test_a_stereo_part_keeps_its_sides(parts):
    left = parts["melody"].samples[0]
    mix = mix_parts({"other": Audio(np.stack([left, np.zeros_like(left)]), SAMPLE_RATE)}, "kid-cudi", BPM)
    assert decibels(mix.beat.samples[0]) > decibels(mix.beat.samples[1]) + 3


def test_a_dry_mix_is_the_sum_at_its_loudness(parts):
    mix = mix_parts(parts, "kid-cudi", BPM, mode="dry")
    assert mix.beat.samples.shape == (1, LENGTH)
    assert loudness_lufs(mix.beat) == pytest.approx(-14, abs=0.2)
    total = sum(part.samples for part in parts.values())
    assert np.corrcoef(mix.beat.samples, total)[0, 1] > 0.95


def test_a_sound_that_is_not_in_parts_is_only_mastered(parts):
    whole = parts["chords"]
    mix = mix_parts({"mix": whole}, "kid-cudi", BPM)
    assert mix.beat.samples.shape == whole.samples.shape
    assert np.corrcoef(mix.beat.samples, whole.samples)[0, 1] > 0.99


def test_a_loop_of_odd_length_at_another_rate_is_mixed():
    rng = np.random.default_rng(1)
    parts = {name: Audio(0.1 * rng.standard_normal(32_000 * 2 + 17), 32_000) for name in ("drums", "melody")}
    mix = mix_parts(parts, "travis-scott", 120)
    assert mix.beat.length == 32_000 * 2 + 17
    assert np.isfinite(mix.beat.samples).all()


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({}, ValueError, "no parts"),
        ({"drums": Audio(np.ones(9000), 44_100), "808": Audio(np.ones(8000), 44_100)}, ValueError, "equally long"),
        ({"drums": Audio(np.ones((3, 9000)), 44_100)}, ValueError, "mono or stereo"),
        ({"drums": Audio(np.full(9000, np.nan), 44_100)}, BrokenAudioError, "not numbers"),
    ],
)
def test_what_cannot_be_mixed_is_refused(wrong, error, says):
    with pytest.raises(error, match=says):
        mix_parts(wrong, "kid-cudi", BPM)


def test_an_unknown_style_or_mode_is_refused(parts):
    with pytest.raises(ValueError, match="no mix for the style 'polka'; there is one for travis-scott"):
        mix_parts(parts, "polka", BPM)
    with pytest.raises(ValueError, match="finished or dry"):
        mix_parts(parts, "kid-cudi", BPM, mode="wet")
