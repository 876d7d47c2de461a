"""The loss of a language model is the one of audiocraft, hears every item, and padding changes nothing."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import tiny_models
import torch
from torch.nn import functional as F

from training.beat.losses import Excerpt, codebook_sums, drop_texts, loss_per_codebook, use_no_dropout_of_conditions
from typebeat.engines.beat.loading import load_models


@pytest.fixture(scope="module")
def lm(tmp_path_factory):
    return load_models(tiny_models.save_model(tmp_path_factory.mktemp("tiny")), "cpu").lm


def excerpt(seed: int, frames: int = 30) -> Excerpt:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, tiny_models.CARDINALITY, (tiny_models.CODEBOOKS, frames))
    return Excerpt(codes, {"description": f"beat {seed}", "bpm": str(90 + seed)}, f"clip {seed}")


@torch.no_grad()
def test_it_is_the_loss_of_audiocrafts_predictions_with_their_mask(lm):
    from audiocraft.modules.conditioners import ConditioningAttributes

    excerpts = [excerpt(0), excerpt(1)]
    codes = torch.from_numpy(np.stack([e.codes for e in excerpts]))
    conditions = [ConditioningAttributes(text=dict(e.texts)) for e in excerpts]
    predicted = lm.compute_predictions(codes, conditions, keep_only_valid_steps=False)
    assert predicted.mask.all()
    wanted = [F.cross_entropy(predicted.logits[:, k].flatten(0, 1), codes[:, k].flatten()) for k in range(4)]
    torch.testing.assert_close(loss_per_codebook(lm, excerpts), torch.stack(wanted))


@torch.no_grad()
def test_clips_of_different_lengths_in_one_batch_count_as_they_do_alone(lm):
    excerpts = [excerpt(0, 30), excerpt(1, 17), excerpt(2, 5)]
    together, tokens = codebook_sums(lm, lm, excerpts)
    alone = sum(codebook_sums(lm, lm, [each])[0] for each in excerpts)
    torch.testing.assert_close(together, alone)
    assert tokens.tolist() == [52.0] * 4


def test_every_item_of_a_batch_counts(lm):
    excerpts = [excerpt(seed) for seed in range(3)]
    with torch.no_grad():
        whole = loss_per_codebook(lm, excerpts)
        for i in range(3):
            others = [*excerpts[:i], excerpt(9), *excerpts[i + 1 :]]
            assert not torch.equal(loss_per_codebook(lm, others), whole)


def test_some_excerpts_are_told_nothing_and_some_not_everything():
    texts = {"description": "dark bells", "key": "F minor", "grid": "140"}
    drawn = [drop_texts(texts, Random(i), 0.25, {"key": 0.5}) for i in range(400)]
    nothing = sum(not any(each.values()) for each in drawn)
    assert 70 < nothing < 130
    told = [each for each in drawn if any(each.values())]
    assert all(each["grid"] and each["description"] for each in told)
    assert 0.4 < sum(each["key"] is None for each in told) / len(told) < 0.6
    assert drop_texts(texts, Random(0), 0.0) == texts


@torch.no_grad()
def test_audiocrafts_own_dropout_of_conditions_is_off(lm):
    use_no_dropout_of_conditions(lm)
    lm.train()
    try:
        first = loss_per_codebook(lm, [excerpt(0)])
        assert all(torch.equal(loss_per_codebook(lm, [excerpt(0)]), first) for _ in range(8))
    finally:
        lm.eval()
