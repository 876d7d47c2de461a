"""Beats to learn hearing from: what is said to sound does, what is not said does not; the same seed, the same beat."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from training.starter.listening.gm_beats import has_fonts
from training.starter.listening.sampled_sounds import DRUMKITS, GENERAL_MIDI, RECORDINGS, sampled_drums
from training.starter.listening.voices import voice
from training.starter.listening.wide_bass import _KINDS, _MAKERS, _moved_line, _random_line
from training.starter.listening.wide_beats import BARS, make_wide_beat
from training.starter.listening.wide_kit import _MAKERS as DRUM_MAKERS
from training.starter.simple_corpus.beats import make_beat
from training.starter.simple_corpus.synth import SAMPLE_RATE
from typebeat.midi.bass_reader import HIGHEST_PITCH, LOWEST_PITCH

needs_sounds = pytest.mark.skipif(
    not (RECORDINGS.is_dir() and DRUMKITS.is_dir() and has_fonts()) or shutil.which("fluidsynth") is None,
    reason="needs Debian's sonic-pi-samples, hydrogen-drumkits, fluidsynth and soundfonts",
)


@pytest.fixture(scope="module")
def beat():
    return make_beat(1_000_000, BARS)


@pytest.mark.parametrize("name", sorted(DRUM_MAKERS))
def test_every_made_drum_begins_at_once_and_dies_away(name):
    for seed in range(12):
        hit = np.abs(DRUM_MAKERS[name](np.random.default_rng(seed)))
        assert np.isfinite(hit).all()
        loud = np.flatnonzero(hit > 0.1 * hit.max())
        assert loud[0] < 0.03 * SAMPLE_RATE
        assert hit[-len(hit) // 10 :].max() < 0.7 * hit.max()


@pytest.mark.parametrize("kind", sorted(set(_MAKERS)))
def test_every_made_bass_sounds_at_its_pitch_for_its_length(kind):
    assert kind in _KINDS
    for seed in range(6):
        sound = _MAKERS[kind](np.random.default_rng(seed))(40, 0.6, None)
        assert 0.55 * SAMPLE_RATE < len(sound) < 0.7 * SAMPLE_RATE
        late = sound[SAMPLE_RATE // 10 : SAMPLE_RATE // 2] * np.hanning(SAMPLE_RATE // 2 - SAMPLE_RATE // 10)
        hz = np.fft.rfftfreq(8 * len(late), 1 / SAMPLE_RATE)
        spectrum = np.abs(np.fft.rfft(late, 8 * len(late)))
        lowest = hz[(spectrum > 0.05 * spectrum.max()) & (hz > 40)][0]  # a shaper may leave an offset
        assert lowest == pytest.approx(82.4, abs=6)  # E2, less half a lobe


def test_bass_lines_stay_in_range_and_in_order(beat):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        for line in (_random_line(beat, BARS, rng), _moved_line(beat, rng)):
            onsets = [note.onset for note in line]
            assert onsets == sorted(onsets)
            assert all(LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH and note.offset > note.onset for note in line)


def test_a_voice_has_pauses_and_hisses():
    sound = voice(6 * SAMPLE_RATE, np.random.default_rng(3))
    assert np.abs(sound).max() == pytest.approx(1)
    frames = np.abs(sound[: len(sound) // 320 * 320].reshape(-1, 320)).max(axis=1)
    assert 0.05 < (frames < 0.02).mean() < 0.8


@needs_sounds
def test_recorded_and_soundfont_drums_are_of_every_kind_and_begin_at_once():
    drums = sampled_drums()
    assert set(drums) == set(GENERAL_MIDI)
    for hits in drums.values():
        assert len(hits) > 1
        assert all(np.abs(hit).max() == pytest.approx(1) for hit in hits)
        assert all(np.flatnonzero(np.abs(hit) > 0.02)[0] < 0.002 * SAMPLE_RATE for hit in hits)


@needs_sounds
def test_a_seed_gives_one_beat_and_what_is_struck_is_in_it():
    quiet = 0
    for seed in range(1_200_000, 1_200_006):
        beat, again = make_wide_beat(seed), make_wide_beat(seed)
        assert np.array_equal(beat.mix, again.mix)
        assert beat.hits == again.hits
        assert 0.2 < np.abs(beat.mix).max() <= 1
        times = [at for each in beat.hits.values() for at, _ in each] + [note.onset for note in beat.bass]
        assert all(0 <= at < len(beat.mix) / SAMPLE_RATE + 0.1 for at in times)
        quiet += not times
    assert quiet < 4
