"""The training of the starter's cover model: trainers learn in the loop, resume to the bit, and the folder loads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoPipelineForText2Image
from safetensors.torch import load_file

from training.runs.checkpoints import load_averaged
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter import train_art_classifier, train_cover, train_cover_loras, train_cover_vae
from training.starter.art.covers import make_art
from training.starter.art_classifier import LABELS, ArtClassifier, labels_of, load_classifier, perceptual_distance
from training.starter.cover_art import ArtCounts, all_art
from training.starter.cover_model import LATENTS, TOKENS, build_tokenizer, build_vae
from training.starter.muon import orthogonalised
from training.starter.train_cover import tokens_of
from training.starter.train_cover_vae import AutoencoderGame, AutoencoderTask, build_critic, picture_loss
from typebeat.covers.vocabulary import MORE_MOTIFS
from typebeat.engines import Weights
from typebeat.engines.cover.files import adapters_of
from typebeat.engines.cover.loading import load_cover
from typebeat.request.styles import STYLES
from typebeat.request.words import LEXICON

COUNTS = ArtCounts(8, 4)
OPTIONS = LoopOptions(
    steps=2, batch=2, micro_batch=2, lr=1e-3, warmup_steps=1, check_every=2, ema_decay=0.9, final_lr=1.0
)


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder with a little drawn art, and a classifier of two steps."""
    folder = tmp_path_factory.mktemp("covers")
    train_art_classifier.train(folder, COUNTS, OPTIONS)
    return folder


@pytest.fixture(scope="module")
def pixels(work):
    held = all_art(work, COUNTS)[""].pixels
    return torch.from_numpy(held[:2].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_labels_say_what_is_drawn():
    art = make_art("kid-cudi", 3)
    said = {name for name, true in zip(LABELS, labels_of(art.look, "kid-cudi"), strict=True) if true}
    assert {*art.look.motifs, *art.look.palette, "kid-cudi"} <= said
    assert not said & {"travis-scott", "don-toliver"}


def test_the_classifier_is_trained_and_what_it_sees_of_a_picture_differs_least_from_itself(work, pixels):
    classifier = load_classifier(work / "classifier")
    assert not torch.equal(classifier.head.weight, ArtClassifier().head.weight)
    assert perceptual_distance(classifier, pixels, pixels) == 0
    near, far = (perceptual_distance(classifier, pixels + s * torch.randn_like(pixels), pixels) for s in (0.02, 0.3))
    assert 0 < near < far


def test_the_picture_loss_is_least_for_the_picture_itself():
    real = torch.rand(1, 3, 16, 16)
    assert picture_loss(real, real) == 0
    assert picture_loss(torch.roll(real, 1, -1), real) > picture_loss(real + 0.01, real) > 0


def game(work: Path) -> AutoencoderGame:
    torch.manual_seed(0)
    return AutoencoderGame(build_vae(), build_critic(), load_classifier(work / "classifier"))


def test_the_critic_learns_from_its_own_loss_alone_and_the_autoencoder_from_being_found_out(work, pixels):
    crop = pixels[:, :, :32, :32]
    model = game(work).train()
    grads = []
    for play in (False, True):
        torch.manual_seed(1)
        model.zero_grad()
        model(crop, play).backward()
        grads.append({name: p.grad for name, p in model.named_parameters()})
    without, with_critic = grads
    assert all(without[name] is None for name in without if name.startswith("critic"))
    torch.manual_seed(1)
    latents = model.vae.encoder(crop)
    made = model.vae.decoder(latents + train_cover_vae.LATENT_NOISE * torch.randn_like(latents)).detach()
    model.critic.zero_grad()
    hinge = torch.relu(1 - model.critic(crop)).mean() + torch.relu(1 + model.critic(made)).mean()
    hinge.backward()
    for name, p in model.critic.named_parameters():
        assert torch.allclose(with_critic[f"critic.{name}"], p.grad, atol=1e-6), name
    assert not torch.equal(without["vae.decoder.layers.0.weight"], with_critic["vae.decoder.layers.0.weight"])


def test_the_autoencoder_learns_and_goes_on_to_the_same_bits(work, tmp_path, monkeypatch):
    monkeypatch.setattr(train_cover_vae, "CROP", 32)

    def run(folder, steps):
        task = AutoencoderTask(game(work), [art.pixels for art in all_art(work, COUNTS).values()], 4, 3, seed=0)
        run_loop(task, replace(OPTIONS, steps=steps, batch=4, micro_batch=4), folder, make_accelerator("no"))
        return load_averaged(folder)

    whole = run(tmp_path / "whole", 6)
    run(tmp_path / "cut", 4)
    resumed = run(tmp_path / "cut", 6)
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items())


@pytest.mark.parametrize("is_bf16_fast", [True, False])
def test_orthogonalised_matrices_have_singular_values_near_one_however_they_are_computed(monkeypatch, is_bf16_fast):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: is_bf16_fast)
    sizes = torch.tensor([1e-3, 1, 1e3])[:, None, None]
    matrices = sizes * torch.randn(3, 24, 60, generator=torch.Generator().manual_seed(1))
    for each in (matrices, matrices.mT):
        values = torch.linalg.svdvals(orthogonalised(each))
        assert values.min() > 0.6
        assert values.max() < 1.3


def test_each_word_for_a_mood_or_a_motif_is_one_token_and_any_text_has_tokens():
    tokenizer = build_tokenizer(caption for number in range(6) for caption in make_art("", number).captions)
    words = [w for c in LEXICON if c.startswith("mood:") for w in LEXICON[c]] + [
        w for _, ws in MORE_MOTIFS.values() for w in ws
    ]
    for word in words:
        assert len(tokenizer(word).input_ids) == 3, word  # begin, word, end
    assert len(tokenizer("Ünknøwn 雨 🔥").input_ids) > 3
    assert tokens_of(tokenizer, ["long " * 200, ""]).shape == (2, TOKENS)


@pytest.fixture(scope="module")
def cover(work):
    """The folder of a cover model of two steps, with one adapter."""
    patch = pytest.MonkeyPatch()
    patch.setattr(train_cover, "VALIDATION", 4)
    torch.manual_seed(0)
    build_vae().save_pretrained(work / "vae")
    train_cover.train(work, work / "cover", 8, OPTIONS)
    options = replace(train_cover_loras.lora_options("kid-cudi", work, 0, "no", steps=2), batch=2, micro_batch=2)
    train_cover_loras.train_style("kid-cudi", work, work / "cover", 4, options)
    patch.undo()
    return work / "cover"


def test_diffusers_loads_the_trained_folder_and_draws_by_flow_matching(cover):
    pipe = AutoPipelineForText2Image.from_pretrained(cover, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    assert pipe.scheduler.config.prediction_type == "flow_prediction"
    assert pipe.unet.config.in_channels == LATENTS
    drawn = pipe("moon", num_inference_steps=2, output_type="np").images
    assert drawn.shape == (1, 256, 256, 3)
    assert np.isfinite(drawn).all()


def test_it_is_small_enough_to_ship(cover):
    files = [file for file in cover.rglob("*") if file.is_file()]
    adapter = sum(f.stat().st_size for f in (cover / "lora" / "kid-cudi").iterdir())
    assert max(file.stat().st_size for file in files) < 10e6
    assert sum(file.stat().st_size for file in files) + 2 * adapter < 40e6


def test_the_app_draws_with_the_folder_and_its_adapter_at_strength_one(cover):
    engine = load_cover(cover, Weights("cover", "folder", "", "", "cpu", "fp32"), adapters_of(cover))
    assert engine.styles == {"kid-cudi"}
    assert set(adapters_of(cover)) <= set(STYLES)
    engine.plan = replace(engine.plan, steps=2)
    assert engine.draw("a full moon", "kid-cudi", [1])[0].shape == (256, 256, 3)
    held = load_file(cover / "lora" / "kid-cudi" / "pytorch_lora_weights.safetensors")
    assert {tensor.dtype for tensor in held.values()} == {torch.float16}
