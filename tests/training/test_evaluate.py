"""What a finetune is worth: distances that tell sets apart, copies that are found, captions from all tracks."""

import numpy as np
import pytest

from training.data.fingerprints import match, sound_fingerprint
from training.evaluate import choose_clips
from training.quality.comparisons import is_tempo
from training.quality.kernel_distance import embed, kernel_distance
from training.starter.simple_corpus.beats import make_beat
from typebeat.sound.audio import Audio

RNG = np.random.default_rng(0)


def normal(n, mean=0.0):
    return RNG.normal(mean, 1.0, (n, 8))


def test_the_kernel_distance_is_about_nothing_for_the_same_and_grows_with_the_shift():
    same = kernel_distance(normal(60), normal(60))
    assert same.low < 0 < same.high
    near, far = kernel_distance(normal(60, 0.5), normal(60)), kernel_distance(normal(60, 2.0), normal(60))
    assert 0 < near.low < near.value < far.low
    assert (far.sounds, far.references) == (60, 60)


def test_the_kernel_distance_does_not_lean_on_the_number_of_sounds():
    few = np.mean([kernel_distance(normal(8), normal(8)).value for _ in range(30)])
    many = np.mean([kernel_distance(normal(40), normal(40)).value for _ in range(30)])
    assert few == pytest.approx(many, abs=25)


def test_the_kernel_distance_is_the_plain_double_sum():
    x, y = normal(5), normal(6, 1.0)
    spread = np.concatenate([x, y]).std(axis=0) + 1e-6
    a, b = x / spread, y / spread
    width = np.median([np.linalg.norm(b[i] - b[j]) for i in range(6) for j in range(i)])

    def kernel(p, q):
        return np.exp(-np.sum((p - q) ** 2) / (2 * width**2))

    within_a = np.mean([kernel(p, q) for i, p in enumerate(a) for j, q in enumerate(a) if i != j])
    within_b = np.mean([kernel(p, q) for i, p in enumerate(b) for j, q in enumerate(b) if i != j])
    between = np.mean([kernel(p, q) for p in a for q in b])
    assert kernel_distance(x, y).value == pytest.approx(1000 * (within_a + within_b - 2 * between))


def test_too_few_sounds_are_refused():
    with pytest.raises(ValueError, match="two sounds at least are needed on both sides, not 1 and 4"):
        kernel_distance(normal(1), normal(4))


def test_beats_of_a_style_are_nearer_to_each_other_than_to_another_style():
    def embedded(style, seeds):
        return np.stack([embed(Audio(make_beat(seed, 2, style).mix, 32_000)) for seed in seeds])

    one, again = embedded("travis-scott", range(200, 204)), embedded("travis-scott", range(204, 208))
    other = embedded("kid-cudi", range(208, 212))
    assert kernel_distance(one, again).value < kernel_distance(one, other).value


def test_loudness_does_not_count():
    beat = make_beat(3, 2).mix
    np.testing.assert_allclose(embed(Audio(beat, 32_000)), embed(Audio(beat * 0.3, 32_000)), atol=0.5)


def test_a_beat_that_is_a_stretch_of_a_training_clip_is_found():
    clip = make_beat(5, 8).mix
    copied = Audio(clip[40_000 : 40_000 + 32_000 * 6] * 0.5, 32_000)
    assert match(sound_fingerprint(copied), sound_fingerprint(Audio(clip, 32_000))).is_same


@pytest.mark.parametrize(("heard", "hit"), [(140.4, True), (70.1, True), (141.5, False), (93.3, False)])
def test_half_and_double_tempo_count_as_the_tempo(heard, hit):
    assert is_tempo(heard, 140) is hit


def test_captions_are_taken_from_all_tracks_in_turn():
    class Clip:
        def __init__(self, track_id, number):
            self.track_id, self.number = track_id, number

    clips = [Clip("a", 0), Clip("a", 1), Clip("b", 0)]
    assert [(c.track_id, c.number) for c in choose_clips(clips, 4)] == [("a", 0), ("b", 0), ("a", 1), ("a", 0)]
