"""The networks that choose drafts: what they are trained on, and that the file is one that Typebeat reads."""

from __future__ import annotations

import numpy as np
import pytest

from training.starter import train_reranker
from training.starter.corpus.render import make_beat
from training.starter.train_reranker import NAMES, examples, features_of, true_of, with_second_bars
from typebeat.hearing.parts_reranker import PARTS, PartsReranker
from typebeat.hearing.reranking import FILE, load_reranker
from typebeat.sound.audio import Audio

SEEDS = range(400, 406)  # below what anything learns from


@pytest.fixture(scope="module")
def beats():
    made = [make_beat(seed, 2, synthetic=True) for seed in SEEDS]
    sounds = [np.stack([beat.stems[name] for name in PARTS]) for beat in made]
    found = [features_of(sound, beat.score.plan) for sound, beat in zip(sounds, made, strict=True)]
    return made, [(beat.score.plan, [each, each]) for beat, each in zip(made, found, strict=True)]


def test_a_part_that_is_left_out_is_no_example(beats):
    _, described = beats
    for plan, (found, _) in described:
        assert ("melody" in found) <= ("melody" not in plan.left_out)
        assert ("drums" in found) == ("drums" not in plan.left_out)


def test_each_example_names_what_is_true_of_it(beats):
    _, described = beats
    found = examples(described, "groove")
    grooves = [plan.groove for plan, ways in described for way in ways if "drums" in way]
    assert [NAMES["groove"][row.argmax()] for row in found.true] == grooves
    assert (found.true.sum(axis=1) == 1).all()
    plan = described[0][0]
    assert true_of(plan, "instrument") == [("melody", (plan.lead,)), ("chords", (plan.chord_sound,))]


def test_grooves_are_learnt_from_either_of_their_bars_and_instruments_are_not(beats):
    _, described = beats
    found = examples(described, "groove")
    seen, true = with_second_bars(found.seen, found.true, "groove")
    assert len(seen) == len(true) == 2 * len(found.seen)
    assert not np.array_equal(seen[: len(found.seen)], seen[len(found.seen) :])
    sounds = examples(described, "instrument")
    assert with_second_bars(sounds.seen, sounds.true, "instrument")[0] is sounds.seen


def test_what_is_trained_is_read_back_and_hears_a_beat_in_parts(beats, tmp_path, monkeypatch, capsys):
    made, described = beats
    monkeypatch.setattr(train_reranker, "STEPS", 120)
    np.savez_compressed(tmp_path / FILE, **train_reranker.trained(described))
    assert "groove of" in capsys.readouterr().out
    reranker = load_reranker(tmp_path)
    assert isinstance(reranker, PartsReranker)
    beat = next(beat for beat in made if not beat.score.plan.left_out)
    parts = {name: Audio(stem[None], beat.sample_rate) for name, stem in beat.stems.items()}
    heard = reranker.hear(parts, beat.score.plan.bpm)
    assert heard.silent == ()
    assert sum(heard.lead.values()) == pytest.approx(1, abs=1e-4)
    assert set(heard.bass) == set(NAMES["bass"])
