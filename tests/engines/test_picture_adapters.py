"""Adapters of picture models are put on whole or refused, and found where they stand."""

from __future__ import annotations

import json

import pytest
import torch
from picture_engines import ATTENTION, PROMPT, load, refusal

from benchmarks.one_file_pictures import as_one_file
from benchmarks.tiny_covers import save_tiny
from benchmarks.tiny_pictures import as_kohya, lora_state, write_adapter
from typebeat.engines import Weights, WeightsError
from typebeat.engines.cover.files import EVERY, locate_cover
from typebeat.engines.cover.loading import load_cover
from typebeat.request.styles import STYLES


def test_half_of_an_adapter_is_never_put_on(models, unet, tmp_path):
    state = {f"unet.{name}": held for name, held in lora_state(unet, ATTENTION).items()}
    strange = {name.replace("blocks.", "blocks.7", 1): held for name, held in list(state.items())[:6]}
    told = refusal(models("sdxl"), write_adapter(tmp_path / "a", state | strange))
    assert f"6 of its {len(state) + 6} tensors have no place in sdxl" in told
    kohya = as_kohya(lora_state(unet, ATTENTION), "lora_unet_", 1.0)
    told = refusal(models("sdxl"), write_adapter(tmp_path / "b", kohya | {"lora_unet_x.diff": torch.ones(3)}))
    assert "does not fit sdxl" in told
    del state[next(name for name in state if "lora_B" in name)]
    assert "pair of matrices is not whole" in refusal(models("sdxl"), write_adapter(tmp_path / "c", state))


def test_lycoris_of_other_layers_is_counted(models, tmp_path):
    state = {f"lora_unet_nowhere.{kind}": torch.ones(2, 2) for kind in ("hada_w1_a", "hada_w1_b")}
    assert "2 of its 2 tensors have no place" in refusal(models("sdxl"), write_adapter(tmp_path / "a", state))


def test_an_adapter_of_another_width_is_counted_and_one_of_nothing_refused(models, unet, tmp_path):
    wide = {f"unet.{name}": torch.cat([held, held], -1) for name, held in lora_state(unet, ATTENTION).items()}
    told = refusal(models("sdxl"), write_adapter(tmp_path / "a", wide))
    assert "tensors have other shapes" in told
    nan = {f"unet.{name}": held * torch.nan for name, held in lora_state(unet, ATTENTION).items()}
    assert "not finite" in refusal(models("sdxl"), write_adapter(tmp_path / "b", nan))
    assert "changes nothing" in refusal(models("sdxl"), write_adapter(tmp_path / "c", {}))


def test_metadata_that_contradicts_the_base_refuses(models, unet, tmp_path):
    state = as_kohya(lora_state(unet, ATTENTION), "lora_unet_", 1.0)
    adapter = write_adapter(tmp_path / "a", state, "a.safetensors", ss_base_model_version="sd_v1")
    assert "an adapter for SD 1 (sd_v1), the model that is loaded is sdxl" in refusal(models("sdxl"), adapter)
    adapter = write_adapter(tmp_path / "b", state, "b.safetensors", modelspec__architecture="Flux.1-dev/lora")
    assert "an adapter for Flux 1 (Flux.1-dev/lora)" in refusal(models("sdxl"), adapter)


def test_another_name_of_the_same_family_is_a_notice(models, unet, tmp_path):
    state = {f"unet.{name}": held for name, held in lora_state(unet, ATTENTION).items()}
    adapter = write_adapter(tmp_path / "a", state)
    (adapter / "README.md").write_text("---\nbase_model:\n- somebody/juggernaut-sdxl\n---\n")
    notice = load(models("sdxl"), kid_cudi=adapter).weights.notice
    assert "a is an adapter for somebody/juggernaut-sdxl, which is drawn with sdxl" in notice


def test_configuration_that_asks_for_more_than_lora_is_refused(models, unet, tmp_path):
    state = {f"unet.{name}": held for name, held in lora_state(unet, ATTENTION).items()}
    for number, told in enumerate(({"unet.target_modules": "(a+)+$"}, {"unet.init_lora_weights": "pissa"})):
        metadata = {"lora_adapter_metadata": json.dumps({"unet.r": 2, "unet.lora_alpha": 2, **told})}
        adapter = write_adapter(tmp_path / str(number), state, **metadata)
        assert f"has {next(iter(told))}" in refusal(models("sdxl"), adapter)


# --- where adapters stand ---


def test_a_repository_that_is_one_adapter_serves_every_style_on_the_base_beside_it(models, unet, tmp_path):
    state = as_kohya(lora_state(unet, ATTENTION), "lora_unet_", 1.0)
    told = {"ss_base_model_version": "sdxl_base_v1-0", "modelspec__architecture": "stable-diffusion-xl-v1-base/lora"}
    adapter = write_adapter(models("sdxl").parent / "neon lights", state, "neon.safetensors", **told)
    (adapter / "README.md").write_text("---\nbase_model: sdxl\n---\n")
    located = locate_cover(str(adapter), "cpu")
    assert (located.folder, located.adapters) == (models("sdxl"), {EVERY: adapter})
    engine = load(located.folder, every=adapter)
    bare = load(models("sdxl"))
    assert all((engine.draw(PROMPT, style, [1])[0] != bare.draw(PROMPT, style, [1])[0]).any() for style in STYLES)
    assert "no adapter for" not in engine.weights.notice


def test_an_adapter_may_not_name_a_folder_of_this_machine_as_its_base(models, unet, tmp_path):
    state = as_kohya(lora_state(unet, ATTENTION), "lora_unet_", 1.0)
    adapter = write_adapter(tmp_path / "a", state)
    (adapter / "README.md").write_text(f"---\nbase_model: {models('klein')}\n---\n")
    with pytest.raises(WeightsError, match="which is no repository"):
        locate_cover(str(adapter), "cpu")


def test_two_files_in_one_folder_are_not_guessed_between(models, unet, tmp_path):
    adapter = write_adapter(tmp_path / "a", lora_state(unet, ATTENTION), "one.safetensors")
    (adapter / "two.safetensors").write_bytes((adapter / "one.safetensors").read_bytes())
    assert "2 files, one.safetensors, two.safetensors; keep the one" in refusal(models("sdxl"), adapter)


def test_a_checkpoint_in_one_file_that_is_cut_off_is_told(tmp_path, monkeypatch):
    from typebeat.engines.cover import single_file

    base = save_tiny(tmp_path / "sd")
    monkeypatch.setattr(single_file, "fetch", lambda repo, revision, patterns: base)
    file = as_one_file(base, tmp_path / "checkpoint" / "dreamy_v8.safetensors")
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(WeightsError, match="truncated"):
        load_cover(file.parent, Weights("checkpoint", "folder", "", "", "cpu", ""), {})
