"""Pipelines of pictures that ask for more than their files hold are refused before anything of that size is made."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tiny_covers import TOKENS
from benchmarks.tiny_pictures import save_picture_model
from typebeat.engines import Weights, WeightsError
from typebeat.engines.cover.loading import load_cover


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    place = tmp_path_factory.mktemp("pictures")
    return {kind: save_picture_model(place / kind, kind) or place / kind for kind in ("sdxl", "klein")}


@pytest.fixture
def copied(saved, tmp_path):
    return lambda kind: Path(shutil.copytree(saved[kind], tmp_path / kind))


def load(folder: Path) -> Any:
    return load_cover(folder, Weights(folder.name, "folder", "", "", "cpu", ""), {})


def change(file: Path, **fields: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


@pytest.mark.parametrize(
    ("kind", "file", "fields", "told"),
    [
        ("sdxl", "unet/config.json", {"block_out_channels": [1 << 22] * 2}, "numbers, its files hold"),
        ("sdxl", "unet/config.json", {"layers_per_block": 10**6}, "asks for 1000000 layers_per_block"),
        ("sdxl", "unet/config.json", {"transformer_layers_per_block": [1, 10**6]}, "transformer_layers_per_block"),
        ("sdxl", "unet/config.json", {"act_fn": "${oc.env:HF_TOKEN}"}, "describes no network that can be built"),
        ("sdxl", "vae/config.json", {"latent_channels": 10**7}, "numbers, its files hold"),
        ("sdxl", "text_encoder/config.json", {"num_hidden_layers": 10**6}, "num_hidden_layers"),
        ("sdxl", "text_encoder/config.json", {"max_position_embeddings": 10**9}, "numbers, its files hold"),
        ("sdxl", "scheduler/scheduler_config.json", {"num_train_timesteps": 10**9}, "num_train_timesteps"),
        ("klein", "transformer/config.json", {"axes_dims_rope": [10**9, 2, 2, 2]}, "axes_dims_rope"),
        ("klein", "transformer/config.json", {"num_layers": float("nan")}, "asks for nan num_layers"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_absurd_sizes_are_refused(copied, kind, file, fields, told, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    folder = copied(kind)
    change(folder / file, **fields)
    with pytest.raises(WeightsError) as caught:
        load(folder)
    assert told in str(caught.value)
    assert file in str(caught.value)
    assert "hf_secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("part", "told"), [("unet", "lacks 1 of "), ("vae", "lacks 1 of "), ("text_encoder", "of the 17,920 numbers")]
)
def test_a_part_that_lacks_a_tensor_is_refused_and_not_filled_with_noise(copied, part, told):
    from safetensors.torch import load_file, save_file

    folder = copied("sdxl")
    file = next((folder / part).glob("*.safetensors"))
    tensors = load_file(file)
    tensors.pop(next(name for name, tensor in tensors.items() if tensor.dim() > 1))
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=told):
        load(folder)


def test_a_tokenizer_pads_to_no_more_than_its_text_encoder_reads(copied):
    folder = copied("sdxl")
    usual = load(folder)._pipe.tokenizer.model_max_length
    change(folder / "tokenizer" / "tokenizer_config.json", model_max_length=10**9)
    positions = json.loads((folder / "text_encoder" / "config.json").read_text())["max_position_embeddings"]
    assert load(folder)._pipe.tokenizer.model_max_length == positions >= usual


@pytest.mark.parametrize("told", [3, 0, -5, "many", 2.5, None])
def test_a_tokenizer_that_says_it_reads_a_few_words_cuts_no_prompt(copied, told):
    folder = copied("sdxl")
    change(folder / "tokenizer" / "tokenizer_config.json", model_max_length=told)
    engine = load(folder)
    assert engine._pipe.tokenizer.model_max_length == TOKENS
    engine.plan = replace(engine.plan, side=64, steps=1)
    long, other = "dark night moon city " * 4 + "red", "dark night moon city " * 4 + "blue"
    assert (engine.draw(long, "kid-cudi", [1])[0] != engine.draw(other, "kid-cudi", [1])[0]).any()


@pytest.mark.parametrize(("kind", "part"), [("sdxl", "unet"), ("sdxl", "vae"), ("klein", "transformer")])
def test_tensors_that_a_network_has_no_place_for_are_refused_with_their_count(copied, kind, part):
    from safetensors.torch import load_file, save_file

    folder = copied(kind)
    file = next((folder / part).glob("*.safetensors"))
    tensors = load_file(file)
    name = next(iter(tensors))
    more = {**tensors, f"{name}_scale": tensors[name].clone(), "x\x1b<b>.lora_A.weight": tensors[name].clone()}
    save_file(more, file, metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=f"2 of its {len(more)} tensors have no place") as caught:
        load(folder)
    assert not {"\x1b", "<"} & set(str(caught.value))
