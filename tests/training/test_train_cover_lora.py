"""A cover LoRA learns on pipelines of a few thousand weights, names its base, resumes, and diffusers loads it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler
from peft import get_peft_model_state_dict
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from benchmarks import tiny_covers, tiny_data, tiny_pictures
from training.cover.cache import encode_pictures, read_picture
from training.cover.networks import SD15, SDXL, SMALL, kind_of_base
from training.cover.task import CoverTask, add_lora, min_snr_weights
from training.data.records import CoverImage, DatasetError, read_split
from training.runs.errors import TrainingError
from training.runs.options import OptionsError
from training.runs.run_record import read_run
from training.train_cover_lora import CoverLoraOptions, load_pipeline, train_cover_lora
from typebeat.engines import Weights, WeightsError
from typebeat.engines.cover.loading import load_cover
from typebeat.engines.cover.naming import ADAPTER_FILE, stated_base

KINDS = {"sd": SMALL, "sdxl": SDXL}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("covers")
    tiny_data.save_pictures(folder / "data")
    for kind in KINDS:
        tiny_covers.save_tiny(folder / kind, kind)
    return folder


def options(folder, out, **changes) -> CoverLoraOptions:
    wanted = {"base": str(folder / "sd"), "side": tiny_covers.SIDE, "rank": 4, "batch": 4, "micro_batch": 4}
    wanted |= {"steps": 4, "lr": 1e-3, "warmup_steps": 1, "check_every": 2, "grid_prompts": 0}
    return CoverLoraOptions(data=folder / "data", out=out, cache=folder / "cache", **{**wanted, **changes})


def task_of(pipe, folder, batch, caption_dropout) -> CoverTask:
    images = read_split(folder / "data", "train", CoverImage)
    pictures = [read_picture(image, tiny_covers.SIDE) for image in images]
    encoded = encode_pictures(pipe, "sd 0", pictures, folder / "cache", torch.device("cpu"))
    noises = DDPMScheduler.from_config(pipe.scheduler.config)
    return CoverTask(pipe.unet, noises, encoded, encoded, batch, 5.0, caption_dropout, seed=0)


def silent(line: str) -> None:
    pass


@pytest.fixture(scope="module")
def one_step(folder, tmp_path_factory):
    """A run of one step, which nobody may change."""
    run = tmp_path_factory.mktemp("one") / "run"
    train_cover_lora(options(folder, run, steps=1), silent)
    return run


def test_a_lora_of_flux2s_base_is_trained_and_drawn_with_on_the_distilled_one(folder, tmp_path):
    for kind in ("klein", "klein-base"):
        tiny_pictures.save_picture_model(folder / kind, kind)
    base = str(folder / "klein-base")
    record = train_cover_lora(
        options(folder, tmp_path, base=base, side=64, steps=20, lr=1e-2, grid_prompts=1, batch=2, micro_batch=2), silent
    )
    assert record.loss_after < 0.98 * record.loss_before
    assert np.asarray(Image.open(tmp_path / "after.png")).shape == (64, 64, 3)
    adapters = {"kid-cudi": tmp_path / "adapter"}
    engine = load_cover(folder / "klein", Weights("klein", "folder", "", "", "cpu", ""), adapters)
    engine.plan = replace(engine.plan, side=64)
    assert "is an adapter for klein-base, which is drawn with klein" in engine.weights.notice
    assert (engine.draw("red", "kid-cudi", [1])[0] != engine.draw("red", "kid-cudi", [1], strength=0)[0]).any()
    with pytest.raises(TrainingError, match="distilled for few steps"):
        train_cover_lora(options(folder, tmp_path / "other", base=str(folder / "klein")), silent)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lora_of_each_kind_of_base_is_trained_and_loaded_by_diffusers(folder, tmp_path, kind):
    record = train_cover_lora(options(folder, tmp_path, base=str(folder / kind)), silent)
    assert (record.base, record.step, record.stopped) == (kind, 4, "done")
    assert record.loss_after < record.loss_before
    pipe, _ = load_pipeline(folder / kind, torch.float32)
    assert kind_of_base(pipe.unet) is KINDS[kind]

    def draw():
        generator = torch.Generator().manual_seed(1)
        drawn = pipe("red", num_inference_steps=2, height=32, width=32, generator=generator, output_type="np")
        return drawn.images[0]

    before = draw()
    pipe.load_lora_weights(tmp_path / "adapter", weight_name=ADAPTER_FILE, adapter_name="red")
    held = load_file(tmp_path / "adapter" / ADAPTER_FILE)
    loaded = get_peft_model_state_dict(pipe.unet, adapter_name="red")
    assert held.keys() == {f"unet.{name}" for name in loaded}
    assert all(torch.equal(held[f"unet.{name}"], tensor) for name, tensor in loaded.items())
    assert np.abs(draw() - before).max() > 1e-4
    pipe.set_adapters(["red"], [0.0])
    np.testing.assert_allclose(draw(), before, atol=1e-5)


def test_the_adapter_names_its_base_and_is_in_fp32_whatever_the_arithmetic(folder, tmp_path):
    train_cover_lora(options(folder, tmp_path, precision="bf16"), silent)
    with safe_open(tmp_path / "adapter" / ADAPTER_FILE, "pt") as held:
        told = json.loads(held.metadata()["lora_adapter_metadata"])
        assert {held.get_tensor(name).dtype for name in held.keys()} == {torch.float32}  # noqa: SIM118
    assert told["unet.base_model_name_or_path"] == "sd"
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "sd"
    assert config["r"] == 4


def test_the_app_draws_with_the_adapter_on_its_base_and_refuses_it_on_another(folder, one_step):
    assert stated_base(one_step / "adapter") == "sd"
    adapters = {"kid-cudi": one_step / "adapter"}
    assert load_cover(folder / "sd", Weights("sd", "folder", "", "", "cpu", ""), adapters).styles == {"kid-cudi"}
    with pytest.raises(WeightsError, match=r"tensors have no place in sdxl|does not fit sdxl"):
        load_cover(folder / "sdxl", Weights("sdxl", "folder", "", "", "cpu", ""), adapters)


def test_a_base_is_known_by_its_shape(folder):
    from diffusers import UNet2DConditionModel

    wide = {"block_out_channels": (8, 8), "norm_num_groups": 4, "attention_head_dim": 4, "layers_per_block": 1}
    blocks = {"down_block_types": ("DownBlock2D",) * 2, "up_block_types": ("UpBlock2D",) * 2}
    assert kind_of_base(UNet2DConditionModel(cross_attention_dim=768, **wide, **blocks)) is SD15


def test_a_distilled_base_is_refused(folder, tmp_path):
    from diffusers import LCMScheduler

    pipe, _ = load_pipeline(folder / "sd", torch.float32)
    pipe.scheduler = LCMScheduler.from_config(pipe.scheduler.config)
    pipe.save_pretrained(tmp_path / "turbo")
    with pytest.raises(TrainingError, match="distilled"):
        train_cover_lora(options(folder, tmp_path / "run", base=str(tmp_path / "turbo")), silent)


def test_it_learns_what_it_is_shown(folder, tmp_path):
    record = train_cover_lora(options(folder, tmp_path, steps=40, lr=1e-2, check_every=40), silent)
    assert record.loss_after < 0.8 * record.loss_before


def test_an_interrupted_run_goes_on_to_the_same_bits(folder, tmp_path):
    def stop(line):
        if line.startswith("step 2"):
            raise KeyboardInterrupt

    train_cover_lora(options(folder, tmp_path / "whole"), silent)
    with pytest.raises(KeyboardInterrupt):
        train_cover_lora(options(folder, tmp_path / "cut"), stop)
    assert read_run(tmp_path / "cut").stopped == ""
    train_cover_lora(options(folder, tmp_path / "cut"), silent)
    whole, cut = (load_file(tmp_path / name / "adapter" / ADAPTER_FILE) for name in ("whole", "cut"))
    assert whole.keys() == cut.keys()
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_a_style_is_learnt_from_its_own_pictures_alone(folder, tmp_path):
    assert train_cover_lora(options(folder, tmp_path, style="kid-cudi", steps=1), silent).clips == (3, 1)
    with pytest.raises(TrainingError, match="no picture of the style 'phonk'"):
        train_cover_lora(options(folder, tmp_path / "other", style="phonk"), silent)


def test_grids_of_the_same_prompts_and_seeds_are_drawn_before_and_after(folder, tmp_path):
    train_cover_lora(options(folder, tmp_path, grid_prompts=2, lr=0.05, precision="bf16"), silent)
    grids = [np.asarray(Image.open(tmp_path / name)) for name in ("before.png", "after.png")]
    assert grids[0].shape == (32, 64, 3)
    assert not np.array_equal(*grids)


def test_a_run_is_not_mixed_with_one_of_other_options(folder, one_step):
    with pytest.raises(TrainingError, match="begun with rank=4; train into another folder"):
        train_cover_lora(options(folder, one_step, rank=8), silent)


def test_the_cache_is_used_and_belongs_to_its_base_and_pictures(folder, one_step, tmp_path, monkeypatch):
    files = {path: path.stat().st_mtime_ns for path in (folder / "cache").iterdir()}
    monkeypatch.setattr("training.cover.cache._latents", None)  # would fail if it were called
    train_cover_lora(options(folder, tmp_path / "again", steps=1), silent)
    assert {path: path.stat().st_mtime_ns for path in (folder / "cache").iterdir()} == files
    with pytest.raises(TypeError):
        train_cover_lora(options(folder, tmp_path / "other", side=16), silent)


def test_an_adapter_gets_gradients_everywhere_and_nothing_else_does(folder):
    pipe, _ = load_pipeline(folder / "sd", torch.float32)
    add_lora(pipe.unet, 4, SMALL.targets, "sd", 0, torch.float32)
    task = task_of(pipe, folder, batch=4, caption_dropout=0.1)
    task.measure(pipe.unet, task.draw(0)).sum().backward()
    trained = {name: p for name, p in pipe.unet.named_parameters() if p.requires_grad}
    assert all("lora_" in name for name in trained)
    dead = [name for name, p in trained.items() if "lora_B" in name and (p.grad is None or not p.grad.any())]
    assert not dead
    with pytest.raises(TrainingError, match="no layers to_nowhere"):
        add_lora(pipe.unet, 4, ["to_q", "to_nowhere"], "sd", 0, torch.float32)


def test_every_picture_comes_once_an_epoch_and_steps_draw_the_same_again(folder):
    pipe, _ = load_pipeline(folder / "sd", torch.float32)
    task = task_of(pipe, folder, batch=3, caption_dropout=0.5)
    epoch = [item for step in (0, 1) for item in task.draw(step)]
    assert sorted(item.picture for item in epoch) == list(range(6))
    assert task.draw(1) == task.draw(1)
    told = [item.caption == 6 for step in range(60) for item in task.draw(step)]
    assert 0.35 < np.mean(told) < 0.65


def test_min_snr_caps_what_clean_pictures_count():
    snr = torch.tensor([0.0, 1.0, 5.0, 50.0])
    torch.testing.assert_close(min_snr_weights(snr, 5.0, "epsilon"), torch.tensor([0.0, 1.0, 1.0, 0.1]))
    torch.testing.assert_close(min_snr_weights(snr, 5.0, "v_prediction"), torch.tensor([0.0, 0.5, 5 / 6, 5 / 51]))
    assert min_snr_weights(snr, 0.0, "epsilon").tolist() == [1.0] * 4


def test_bad_input_is_told_in_one_line(folder, tmp_path):
    with pytest.raises(WeightsError, match="allowed are starter, auto"):
        train_cover_lora(options(folder, tmp_path, base="nowhere"), silent)
    with pytest.raises(DatasetError, match="is missing"):
        train_cover_lora(replace(options(folder, tmp_path), data=tmp_path), silent)
    with pytest.raises(OptionsError, match="caption_dropout"):
        options(folder, tmp_path, caption_dropout=1.0)
