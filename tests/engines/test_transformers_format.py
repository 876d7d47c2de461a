"""Folders that transformers saved: the same tokens and the same sound as transformers itself, or one true line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import DARK, load, refusal

from benchmarks import transformers_models
from benchmarks.transformers_models import make_model, own_tokens, save, their_tokens
from typebeat.engines.quiet import quiet_import
from typebeat.sound.audio import Audio

with quiet_import():
    from transformers import MusicgenMelodyFeatureExtractor

CAPTION = "dark bells over a slow 808"
RATE = 16_000  # of the tune, and of the extractor that hears it
KINDS = {"mono": {}, "stereo": {"stereo": True}, "melody": {"melody": True}}
KINDS["stereo melody"] = {"melody": True, "stereo": True}


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    model = make_model(**request.param)
    return model, save(tmp_path_factory.mktemp("transformers"), model)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("mono"), make_model())


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "weights"))


def loaded(folder: Path) -> Any:
    from typebeat.engines.beat.loading import load_models

    return load_models(folder, "cpu")


@pytest.mark.parametrize("seed", [None, 5], ids=["greedy", "sampled"])
def test_tokens_and_sound_are_those_of_transformers(made, seed):
    model, folder = made
    theirs, their_sound = their_tokens(model, CAPTION, 40, seed=seed)
    own, own_sound = own_tokens(loaded(folder), CAPTION, theirs.shape[-1], seed=seed)
    assert own.tolist() == theirs.tolist()
    assert own.unique().numel() > 10
    assert own_sound.shape == their_sound.shape
    assert (own_sound - their_sound).abs().max() < 1e-4 * their_sound.abs().max()


@pytest.mark.parametrize("seconds", [0.3, 0.9, 3.0])
def test_tokens_for_a_tune_are_those_of_transformers(made, tmp_path, seconds):
    model, saved = made
    if "melody" not in model.config.model_type:
        assert not load(saved).takes_melody
        return
    hears = MusicgenMelodyFeatureExtractor(sampling_rate=RATE, n_fft=2048, hop_length=512)
    folder = Path(shutil.copytree(saved, tmp_path / "weights"))
    hears.save_pretrained(folder)
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** (np.array([0, 3, 7, 10, 5])[(time * 4).astype(int) % 5] / 12)
    tune = np.sin(2 * np.pi * np.cumsum(hertz) / RATE).astype(np.float32)
    heard = hears(tune, sampling_rate=RATE, return_tensors="pt")
    theirs, _ = their_tokens(model, CAPTION, 40, input_features=heard["input_features"])
    models = loaded(folder)
    own, _ = own_tokens(models, CAPTION, theirs.shape[-1], melody=Audio(tune[None], RATE))
    assert own.tolist() == theirs.tolist()
    assert own.tolist() != own_tokens(models, CAPTION, theirs.shape[-1])[0].tolist()  # it is heard
    assert load(folder).takes_melody


def test_the_window_and_the_guidance_are_those_of_the_generation_config(made):
    engine = load(made[1])
    assert (engine.max_seconds, engine.guidance) == (4.0, 3.0)
    audio = engine.generate(DARK, 0.5, [1])[0]
    assert audio.seconds == pytest.approx(0.5)
    assert audio.samples.shape[0] == (2 if made[0].config.decoder.audio_channels == 2 else 1)


def test_shards_half_precision_and_pickles_of_tensors_load_alike(tmp_path):
    import torch

    model = make_model()
    whole = loaded(save(tmp_path / "whole", model)).lm.state_dict()
    sharded = save(tmp_path / "sharded", model, max_shard_size="20KB")
    assert len(list(sharded.glob("*.safetensors"))) > 2
    pickled = Path(shutil.copytree(tmp_path / "whole", tmp_path / "pickled"))
    (pickled / "model.safetensors").unlink()
    torch.save(model.state_dict(), pickled / "pytorch_model.bin")
    for folder in (sharded, pickled):
        state = loaded(folder).lm.state_dict()
        assert state.keys() == whole.keys()
        assert all(torch.equal(state[name], whole[name]) for name in whole)
    half = loaded(save(tmp_path / "half", model.half())).lm.state_dict()
    assert {tensor.dtype for tensor in half.values()} == {torch.float32}
    assert all(torch.allclose(half[name], whole[name], atol=1e-3) for name in whole)


def change(folder: Path, *path: str, to: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    section = config
    for name in path[:-1]:
        section = section[name]
    section[path[-1]] = to
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (("model_type",), "bert", "is not a beat model that can be read"),
        (("text_encoder", "model_type"), "\x1b[31m<b>", "as its text_encoder; known is t5"),
        (("audio_encoder", "model_type"), "dac", "as its audio_encoder; known is encodec"),
        (("audio_encoder",), None, "as its audio_encoder; known is encodec"),
        (("decoder",), 3, "has no decoder"),
        (("decoder", "hidden_size"), 10**9, "beyond all bounds"),
        (("decoder", "hidden_size"), 64, "do not fit its config.json"),
        (("decoder", "hidden_size"), "${oc.env:HF_TOKEN}", "no numbers"),
        (("decoder", "num_hidden_layers"), 10**6, "layers of a part"),
        (("decoder", "num_codebooks"), 8, "do not fit its config.json"),
        (("decoder", "audio_channels"), 6, "MusicGen has one or two channels"),
        (("decoder", "activation_function"), "relu", "another kind"),
        (("text_encoder", "num_layers"), 10**6, "layers of a part"),
        (("text_encoder", "d_model"), 1 << 23, "do not fit"),
        (("text_encoder", "feed_forward_proj"), "\x1b[31m<b>", "text encoder that cannot be built"),
        (("audio_encoder", "num_residual_layers"), 10**6, "layers of a part"),
        (("audio_encoder", "codebook_size"), 1 << 23, "t"),
        (("audio_encoder", "upsampling_ratios"), [1 << 20] * 9, "t"),
        (("audio_encoder", "target_bandwidths"), [1e7], "layers of a part"),
        (("auto_map",), {"AutoModel": "evil.Model"}, ""),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_a_config_that_is_not_musicgens_or_does_not_fit_is_refused(folder, path, to, told, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    change(folder, *path, to=to)
    if path == ("auto_map",):  # nobody asks for it
        assert load(folder).max_seconds
        return
    message = refusal(folder)
    assert told in message
    assert not {"\x1b", "<"} & set(message)
    assert "hf_secret" not in message


def test_files_that_are_missing_cut_or_elsewhere_are_told(folder, tmp_path):
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-10])
    assert "model.safetensors is truncated" in refusal(folder)
    weights.unlink()
    assert "model.safetensors is missing" in refusal(folder)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../model.safetensors"}}))
    assert "not one beside it" in refusal(folder)
    index.unlink()
    weights.write_bytes(content)
    for name in ("tokenizer.json", "spiece.model"):
        (folder / name).unlink(missing_ok=True)
    assert "has no tokenizer.json or spiece.model" in refusal(folder)


def test_a_pickle_with_code_in_it_is_refused(folder, tmp_path):
    import torch

    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "mark",)

    (folder / "model.safetensors").unlink()
    torch.save({"a": Bomb()}, folder / "pytorch_model.bin")
    assert "contains code" in refusal(folder)
    assert not (tmp_path / "mark").exists()


def test_a_tensor_that_is_missing_or_named_otherwise_is_told(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    tensors["\x1b<b>"] = tensors.pop("decoder.lm_heads.2.weight")
    save_file(tensors, folder / "model.safetensors")
    assert "1 of " in refusal(folder)
    assert "lm_heads.2.weight, which is missing" in refusal(folder)


def test_tensors_that_have_no_place_are_refused_with_their_count(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    layer = "decoder.model.decoder.layers.0.fc1"
    for stranger in (f"{layer}.lora_A.weight", layer.replace("0", "7") + ".weight", "text_encoder.x.lora_B.weight"):
        more = {**tensors, stranger: tensors[f"{layer}.weight"].clone()}
        save_file(more, folder / "model.safetensors", metadata={"format": "pt"})
        assert f"1 of its {len(more)} tensors have no place, such as '{stranger[:20]}" in refusal(folder)


def test_a_tokenizer_that_makes_up_words_without_end_or_that_nobody_reads_is_refused(folder):
    file, words = folder / "tokenizer_config.json", folder / "tokenizer.json"
    settings = json.loads(file.read_text())
    for extra in (10**9, -1, "${oc.env:HF_TOKEN}"):
        file.write_text(json.dumps({**settings, "extra_ids": extra}))
        assert "extra_ids; up to 1,000 are usual" in refusal(folder)
    file.write_text(json.dumps(settings))
    usual = words.read_text()
    held = json.loads(usual)
    held["model"]["vocab"] += [[f"word{number}", -9.0] for number in range(40)]
    words.write_text(json.dumps(held))
    assert "its text encoder knows" in refusal(folder)
    words.write_text(usual)
    words.write_bytes(words.read_bytes() + b" " * 20_000_000)
    assert "tokenizer.json is larger than any file of its kind" in refusal(folder)


def test_a_tokenizer_that_says_it_reads_a_few_words_cuts_no_prompt(folder):
    usual = load(folder).generate(DARK, 0.4, [1])[0].samples.tolist()
    settings, words = folder / "tokenizer_config.json", folder / "tokenizer.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "model_max_length": 2}))
    short = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    words.write_text(json.dumps({**json.loads(words.read_text()), "truncation": short}))
    assert load(folder).generate(DARK, 0.4, [1])[0].samples.tolist() == usual


def test_a_model_and_an_adapter_in_one_folder_are_not_guessed_between(folder):
    (folder / "adapter_config.json").write_text("{}")
    assert load(folder).max_seconds  # no adapter yet
    (folder / "adapter_model.safetensors").write_bytes(b"")
    assert "it holds a model (model.safetensors) and an adapter (adapter_model.safetensors)" in refusal(folder)


def test_a_tensor_of_a_thousand_axes_is_told_in_one_line(folder):
    import torch
    from safetensors.torch import load_file

    tensors = load_file(folder / "model.safetensors")
    tensors["decoder.lm_heads.2.weight"] = torch.ones(60 * (1,))
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    assert "lm_heads.2.weight, which is (1, 1, 1" in refusal(folder)


def test_of_two_formats_in_one_folder_audiocrafts_is_taken(folder):
    from tiny_models import WINDOW_SECONDS, save_model

    save_model(folder)
    assert load(folder).codec.cardinality != transformers_models.CARD
    assert load(folder).max_seconds == WINDOW_SECONDS
