"""LoRA on both paths of audiocraft's attention: everything adapted, everything learns, and the merge leaves nothing."""

from __future__ import annotations

import pytest
import tiny_models
import torch
from audiocraft.modules.conditioners import ConditioningAttributes
from peft import PeftModel

from training.beat.lora import add_lora, check_gradients, check_merged, merge
from training.beat.losses import codebook_sums
from training.runs.errors import TrainingError
from typebeat.engines.beat.loading import load_models

PATHS = {
    "bare parameters": {"memory_efficient": True},
    "bare parameters, custom": {"memory_efficient": False, "custom": True},
    "torch's attention": {"memory_efficient": False, "custom": False},
}


@pytest.fixture(scope="module", params=PATHS)
def folder(request, tmp_path_factory):
    config = tiny_models.changed(tiny_models.LM_CONFIG, transformer_lm=PATHS[request.param])
    return tiny_models.save_model(tmp_path_factory.mktemp("tiny"), config)


def fresh(folder):
    return load_models(folder, "cpu").lm


def excerpts():
    from test_losses import excerpt

    return [excerpt(0), excerpt(1)]


def loss(lm):
    return codebook_sums(lm, lm, excerpts())[0].sum() / 100


@torch.no_grad()
def logits(lm):
    codes = torch.arange(40).reshape(1, 4, 10)
    return lm.eval()(codes, [ConditioningAttributes(text={"description": "dark bells", "bpm": "140"})])


def train(lm, steps=12, half=False):
    lm.train()
    optimizer = torch.optim.AdamW([p for p in lm.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            value = loss(lm)
        value.backward()
        optimizer.step()
        losses.append(float(value.detach()))
    return losses


def test_every_place_learns_and_the_base_stays(folder):
    lm = fresh(folder)
    before = {name: value.clone() for name, value in lm.state_dict().items()}
    add_lora(lm, 4, 4, "tiny", 0, torch.float32)
    trained = [name for name, parameter in lm.named_parameters() if parameter.requires_grad]
    assert len(trained) == 2 * 2 * 6, "two matrices in each of two layers' two attentions, of two each, and two of ff"
    check_gradients(lm, loss(lm))
    assert all(parameter.grad is None for parameter in lm.parameters())
    losses = train(lm)
    assert losses[-1] < losses[0]
    base = [value for name, value in lm.named_parameters() if "lora_" not in name]
    assert len(base) == len(dict(fresh(folder).named_parameters()))
    for value, (name, was) in zip(base, before.items(), strict=False):
        # PEFT's layer for torch's attention adds and subtracts the adapter in place
        torch.testing.assert_close(value, was, atol=1e-6, rtol=0, msg=name)


def test_the_merged_model_has_the_bases_names_and_the_adapted_ones_answers(folder):
    lm = fresh(folder)
    names, untouched = set(lm.state_dict()), logits(lm)
    adapted = add_lora(lm, 4, 8, "tiny", 0, torch.float32)
    torch.testing.assert_close(logits(lm), untouched)
    train(lm)
    before = logits(lm)
    assert (before - untouched).abs().max() > 1e-2
    merged = merge(adapted)
    assert merged is lm
    check_merged(merged, names, before, logits(merged))
    torch.testing.assert_close(logits(merged), before, atol=1e-4, rtol=1e-4)
    assert not any("lora" in name for name, _ in merged.named_modules())


def test_an_adapter_is_saved_and_loaded_by_peft(folder, tmp_path):
    lm = fresh(folder)
    adapted = add_lora(lm, 4, 4, "tiny", 0, torch.float32)
    train(lm)
    adapted.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(fresh(folder), str(tmp_path))
    torch.testing.assert_close(logits(again.base_model.model), logits(lm))
    assert again.peft_config["default"].base_model_name_or_path == "tiny"


def test_a_frozen_base_in_half_precision_trains_adapters_in_fp32(folder):
    lm = fresh(folder)
    add_lora(lm, 4, 4, "tiny", 0, torch.bfloat16)
    kinds = {parameter.requires_grad: parameter.dtype for parameter in lm.parameters()}
    assert kinds == {True: torch.float32, False: torch.bfloat16}
    with torch.autocast("cpu", torch.bfloat16):
        value = loss(lm)
    check_gradients(lm, value)
    losses = train(lm, half=True)
    assert losses[-1] < losses[0]


def test_an_adapter_that_would_never_learn_is_told(folder):
    lm = fresh(folder)
    add_lora(lm, 4, 4, "tiny", 0, torch.float32)
    name = next(name for name, _ in lm.named_parameters() if "lora_B" in name)
    lm.get_parameter(name).requires_grad_(False)
    with pytest.raises(TrainingError, match="1 adapters would never learn"):
        check_gradients(lm, loss(lm))


def test_a_merge_that_leaves_something_or_answers_otherwise_is_told(folder):
    lm = fresh(folder)
    names, answers = set(lm.state_dict()), logits(lm)
    with pytest.raises(TrainingError, match="1 names that are not the base's, such as more"):
        check_merged(lm, names | {"more"}, answers, answers)
    with pytest.raises(TrainingError, match=r"logits differ by 0\.5"):
        check_merged(lm, names, answers, answers + 0.5)
    with pytest.raises(TrainingError, match="logits differ"):
        check_merged(lm, names, answers, answers * torch.nan)
