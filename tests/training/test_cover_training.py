"""The training of the starter's cover model: encoder, tokenizer, optimiser, and one step of each trainer."""

import numpy as np
import pytest
import torch
from diffusers import AutoPipelineForText2Image

from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.art.covers import make_art
from training.starter.cover_model import (
    TOKENS,
    build_pipeline,
    build_text_encoder,
    build_tokenizer,
    build_unet,
    save_cover_model,
)
from training.starter.muon import orthogonalised
from training.starter.train_cover import CaptionedUNet, DrawingTask, encoded, tokens_of
from training.starter.train_cover_vae import LATENTS, build_vae, fit_encoder, picture_loss
from typebeat.request.words import LEXICON


@pytest.fixture(scope="module")
def art():
    return np.stack([make_art("", number).pixels for number in range(12)])


@pytest.fixture(scope="module")
def vae(art):
    torch.manual_seed(0)
    vae = build_vae()
    fit_encoder(vae, art)
    return vae


def test_the_encoder_holds_principal_components(vae, art):
    pixels = torch.from_numpy(art).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        latents = vae.encode(pixels).latents
    assert latents.shape == (12, LATENTS, 32, 32)
    flat = latents.permute(1, 0, 2, 3).flatten(1)
    assert flat.mean(1).abs().max() < 0.01
    assert (torch.corrcoef(flat) - torch.eye(LATENTS)).abs().max() < 0.02
    deviations = flat.std(1)
    assert deviations[0] == pytest.approx(1, abs=0.01)
    assert (deviations.diff() < 1e-3).all()


def test_the_matrix_of_the_encoder_does_what_its_convolutions_do(vae, art):
    pixels = torch.from_numpy(art[:2]).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        both = [vae.encode(each).latents for each in (pixels, pixels.flip(-1))]
    assert torch.allclose(encoded(vae, art[:2]).float(), torch.stack(both, dim=1), atol=5e-3)


def test_the_picture_loss_is_least_for_the_picture_itself():
    real = torch.rand(1, 3, 16, 16)
    assert picture_loss(real, real) == 0
    assert picture_loss(torch.roll(real, 1, -1), real) > picture_loss(real + 0.01, real) > 0


@pytest.mark.parametrize("is_bf16_fast", [True, False])
def test_orthogonalised_matrices_have_singular_values_near_one_however_they_are_computed(monkeypatch, is_bf16_fast):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: is_bf16_fast)
    matrices = (
        torch.randn(3, 24, 60, generator=torch.Generator().manual_seed(1)) * torch.tensor([1e-3, 1, 1e3])[:, None, None]
    )
    for each in (matrices, matrices.mT):
        values = torch.linalg.svdvals(orthogonalised(each))
        assert values.min() > 0.6
        assert values.max() < 1.3


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer(caption for number in range(12) for caption in make_art("", number).captions)


def test_each_mood_word_is_one_token_and_any_text_has_tokens(tokenizer):
    for mood in (concept for concept in LEXICON if concept.startswith("mood:")):
        for word in LEXICON[mood]:
            assert len(tokenizer(word).input_ids) == 3, word  # begin, word, end
    assert len(tokenizer("Ünknøwn 雨 🔥").input_ids) > 3
    assert tokens_of(tokenizer, ["long " * 200, ""]).shape == (2, TOKENS)


def test_a_step_of_training_changes_unet_and_text_encoder_and_its_folder_loads(
    tmp_path, vae, art, tokenizer, monkeypatch
):
    monkeypatch.setattr("training.starter.train_cover.VALIDATION", 4)
    torch.manual_seed(0)
    model = CaptionedUNet(build_unet(), build_text_encoder(tokenizer))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    tokens = tokens_of(tokenizer, ["a full moon"] * 12)[:, None]
    task = DrawingTask(model, encoded(vae, art), tokens, tokens_of(tokenizer, [""])[0], batch=2, seed=0)
    options = LoopOptions(steps=2, batch=2, micro_batch=2, lr=1e-3, warmup_steps=1, check_every=2)
    outcome = run_loop(task, options, tmp_path / "run", make_accelerator("no"))
    assert outcome.progress.step == 2
    assert np.isfinite(outcome.progress.best_loss)
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert any(name.startswith("unet.mid_block") for name in changed)
    assert any(name.startswith("text_encoder") for name in changed)

    save_cover_model(build_pipeline(model.unet, vae, model.text_encoder, tokenizer), tmp_path / "cover")
    assert all(file.stat().st_size < 10e6 for file in (tmp_path / "cover").rglob("*.*"))
    pipe = AutoPipelineForText2Image.from_pretrained(tmp_path / "cover", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    assert pipe("moon", num_inference_steps=1, output_type="np").images.shape == (1, 256, 256, 3)
