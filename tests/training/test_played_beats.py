"""Beats to learn from as they are played and recorded: hits stay where they sound, and drums share moments."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from training.starter.listening.gm_beats import has_fonts
from training.starter.listening.played_beats import BARS, groove, make_played_beat, recorded
from training.starter.listening.sampled_sounds import DRUMKITS, RECORDINGS
from training.starter.simple_corpus.kit import DRUMS
from training.starter.simple_corpus.synth import SAMPLE_RATE

needs_sounds = pytest.mark.skipif(
    not (RECORDINGS.is_dir() and DRUMKITS.is_dir() and has_fonts()) or shutil.which("fluidsynth") is None,
    reason="needs Debian's sonic-pi-samples, hydrogen-drumkits, fluidsynth and soundfonts",
)


def test_grooves_have_layers_ghost_strokes_and_beats_without_hats():
    layered, ghosts, bare = 0, 0, 0
    for seed in range(60):
        hits = groove(100, np.random.default_rng(seed))
        assert set(hits) == set(DRUMS)
        assert all(0 <= at < BARS * 2.4 + 0.05 and 0 < velocity <= 1 for each in hits.values() for at, velocity in each)
        backbeat = [at for at, velocity in hits["snare"] + hits["clap"] if velocity > 0.5]
        kicks = np.array([at for at, _ in hits["kick"]])
        layered += np.mean([np.abs(kicks - at).min() < 0.02 for at in backbeat]) > 0.8 if backbeat else 0
        ghosts += any(velocity < 0.5 for _, velocity in hits["snare"])
        bare += not hits["closed_hat"] and not hits["open_hat"]
    assert min(layered, ghosts, bare) > 3


def test_a_recorded_click_stays_where_it_is():
    for seed in range(20):
        clicks = np.zeros(2 * SAMPLE_RATE)
        clicks[SAMPLE_RATE] = 1
        sound = recorded(clicks, np.random.default_rng(seed))
        assert len(sound) == len(clicks)
        assert np.isfinite(sound).all()
        power = np.convolve(sound**2, np.ones(160), "same")
        assert np.argmax(power) == pytest.approx(SAMPLE_RATE, abs=0.01 * SAMPLE_RATE)


@needs_sounds
def test_a_seed_gives_one_played_beat_whose_hits_lie_inside_it():
    alone = 0
    for seed in range(1_700_000, 1_700_008):
        beat, again = make_played_beat(seed), make_played_beat(seed)
        assert beat.hits == again.hits
        assert np.allclose(beat.mix, again.mix, atol=1e-4)
        assert 0.2 < np.abs(beat.mix).max() <= 1
        times = [at for each in beat.hits.values() for at, _ in each] + [note.onset for note in beat.bass]
        assert len(times) > 8
        assert all(0 <= at < len(beat.mix) / SAMPLE_RATE + 0.05 for at in times)
        alone += not beat.bass
    assert 0 < alone < 8
