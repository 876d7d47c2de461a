"""Which of several drafts in parts is nearest to what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from typebeat.hearing.part_features import (
    PATTERN_SIZE,
    SOUND_SIZE,
    STEPS,
    part_levels,
    pattern_features,
    pattern_from_second_bar,
    sound_features,
)
from typebeat.hearing.parts_reranker import PARTS, Listener, PartsReranker
from typebeat.hearing.reranking import FILE, Asked, load_reranker, nearness
from typebeat.sound.audio import Audio

RATE, BPM = 32_000, 120.0
SIXTEENTH = round(RATE * 15 / BPM)
NAMES = {
    "instrument": ("flute", "piano"),
    "groove": ("trap", "drill"),
    "bass": ("long", "glide"),
    "style": ("travis-scott", "kid-cudi"),
}
SIZES = {"instrument": SOUND_SIZE, "groove": PATTERN_SIZE + SOUND_SIZE, "bass": SOUND_SIZE}
SURE = 4.0  # how far the first name's output lies above the second's


def listener(kind: str) -> Listener:
    """Always hears the first name."""
    size = SIZES.get(kind, PATTERN_SIZE + SOUND_SIZE)
    layer = (np.zeros((size, 2), np.float32), np.array([SURE / 2, -SURE / 2], np.float32))
    return Listener(np.zeros(size, np.float32), np.ones(size, np.float32), (layer,), NAMES[kind])


@pytest.fixture
def reranker() -> PartsReranker:
    return PartsReranker({kind: listener(kind) for kind in NAMES})


@pytest.fixture
def parts() -> dict[str, Audio]:
    rng = np.random.default_rng(0)
    return {name: Audio(0.2 * rng.standard_normal((1, 2 * RATE)).astype(np.float32), RATE) for name in PARTS}


def near(reranker: PartsReranker, parts: dict[str, Audio], *concepts: str, left_out: tuple[str, ...] = ()) -> float:
    return reranker.nearness(parts, BPM, "travis-scott", concepts, left_out)


def silent(part: Audio) -> Audio:
    return replace(part, samples=0 * part.samples)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("lead:flute", "lead:piano"),
        ("chords:flute", "chords:piano"),
        ("groove:trap", "groove:drill"),
        ("bass:long", "bass:glide"),
    ],
)
def test_what_is_heard_in_its_part_is_near_and_what_is_not_is_far(reranker, parts, right, wrong):
    assert near(reranker, parts, right) > near(reranker, parts, wrong) + 1
    assert near(reranker, parts, right) <= near(reranker, parts)


def test_words_that_no_network_knows_change_nothing(reranker, parts):
    assert near(reranker, parts, "mood:dark", "lead:theremin", "section:hook") == near(reranker, parts)


def test_a_missing_part_counts_against_a_draft_unless_it_was_to_be_left_out(reranker, parts):
    without = parts | {"melody": silent(parts["melody"])}
    assert near(reranker, without) < near(reranker, parts) - 3
    assert near(reranker, without, left_out=("melody",)) == near(reranker, parts)
    assert near(reranker, parts, left_out=("melody",)) == near(reranker, without)


def test_a_silent_melody_is_no_flute(reranker, parts):
    without = parts | {"melody": silent(parts["melody"])}
    assert near(reranker, without, "lead:flute") < near(reranker, without)
    assert reranker.hear(without, BPM).silent == ("melody",)


def test_nothing_but_silence_breaks_nothing(reranker, parts):
    assert np.isfinite(near(reranker, {name: silent(part) for name, part in parts.items()}, "lead:flute"))


def clicks(steps: list[int], bars: int = 2) -> np.ndarray:
    """Strokes of noise on sixteenths."""
    sound, noise = np.zeros(16 * bars * SIXTEENTH, np.float32), np.random.default_rng(1).standard_normal(800)
    for step in steps:
        at = step * SIXTEENTH
        sound[at : at + 800] = (0.5 * noise * np.exp(-np.arange(800) / 150))[: len(sound) - at]
    return sound


def strengths(sound: np.ndarray) -> np.ndarray:
    """How strongly each sixteenth of two bars is struck, over all ranges."""
    features = pattern_features(part_levels(Audio(sound[None], RATE)), BPM)
    return features[: STEPS * 5].reshape(STEPS, 5).mean(axis=1)


def test_strokes_are_found_on_their_sixteenths():
    struck = [4, 11, 22]
    assert sorted(np.argsort(strengths(clicks(struck)))[-3:].tolist()) == struck
    assert strengths(clicks(struck))[[0, 8, 16]].max() < 0.1


def test_a_pattern_counted_from_its_second_bar_is_that_of_a_beat_that_begins_there():
    early, late = clicks([4, 11, 22, 36, 43, 54], bars=4), clicks([6, 20, 27, 38, 52, 59], bars=4)
    first, second = (pattern_features(part_levels(Audio(each[None], RATE)), BPM) for each in (early, late))
    assert np.abs(pattern_from_second_bar(first) - second)[: STEPS * 5].max() < 0.1


@pytest.mark.parametrize("length", [10, 400, 4_000])
def test_sounds_too_short_for_a_note_are_measured_all_the_same(length):
    levels = part_levels(Audio(np.full((1, length), 0.1, np.float32), RATE))
    assert np.isfinite(sound_features(levels)).all()
    assert np.isfinite(pattern_features(levels, BPM)).all()


def test_a_file_for_parts_is_read_and_hears_parts_where_there_are_some(reranker, parts, tmp_path):
    arrays = {}
    for kind, each in reranker.listeners.items():
        arrays |= {f"{kind}.mean": each.mean, f"{kind}.spread": each.spread, f"{kind}.names": np.array(each.names)}
        arrays |= {f"{kind}.weight0": each.layers[0][0], f"{kind}.bias0": each.layers[0][1]}
    np.savez(tmp_path / FILE, **arrays)
    read = load_reranker(tmp_path)
    assert isinstance(read, PartsReranker)
    asked = Asked(BPM, "travis-scott", "", ("lead:flute",))
    mix = Audio(np.sum([part.samples for part in parts.values()], axis=0), RATE)
    assert nearness(mix, asked, read, parts) == pytest.approx(near(reranker, parts, "lead:flute"))
    assert nearness(mix, asked, read) == nearness(mix, asked, None)  # one sound: only its backbeat counts
