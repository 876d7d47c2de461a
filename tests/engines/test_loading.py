"""Folders to models: both formats load quietly, and what does not fit is told in one clear line."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from tiny_models import DARK, LM_CONFIG, changed, held_in, load, refusal, save_held, save_model

from benchmarks.audiocraft_kinds import NAMED_CARD, T5_NAME, save_codec, save_t5
from typebeat.engines import BeatConditions, Weights
from typebeat.engines.beat.linear import FP16_WEIGHTS, has_fbgemm, has_int8

PRECISION = "int8" if has_int8() else FP16_WEIGHTS if has_fbgemm() else "fp32"


def test_a_folder_in_audiocrafts_format_is_loaded_and_told_of(folder):
    (folder / "README.md").write_text("---\ntags:\n- music\nlicense: cc-by-nc-4.0\n---\n# Beats\nlicense: mit\n")
    engine = load(folder)
    told = engine.weights
    assert (told.name, told.source, told.device, told.precision) == ("tiny", "folder", "cpu", PRECISION)
    assert told.licence == "cc-by-nc-4.0"
    assert len(told.revision) == 12
    assert int(told.revision, 16) >= 0
    assert engine.max_seconds == tiny_models.WINDOW_SECONDS
    assert engine.generate(DARK, 0.5, [1])[0].seconds == pytest.approx(0.5)


def test_what_the_locator_knows_already_stands(folder):
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    known = Weights("me/repo", "hub", "c0ffee", "cc-by-nc-4.0", "cpu", "", "a notice")
    assert load(folder, known).weights == Weights(
        "me/repo", "hub", "c0ffee", "cc-by-nc-4.0", "cpu", PRECISION, "a notice"
    )


def test_loading_says_nothing_and_leaves_random_numbers_as_they_were(folder, capfd, recwarn):
    import torch

    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tobytes()
    load(folder)
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tobytes()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]
    assert capfd.readouterr() == ("", "")
    assert not list(recwarn)


def test_weights_saved_in_half_precision_run_in_full_precision_on_a_cpu(folder):
    import torch

    held = held_in(folder / "state_dict.bin")
    held["best_state"] = {name: value.half() for name, value in held["best_state"].items()}
    save_held(folder / "state_dict.bin", held)
    engine = load(folder)
    assert {weight.dtype for weight in engine._lm.parameters()} == {torch.float32}
    assert engine.generate(DARK, 0.2, [1])[0].length


def test_two_channels_come_of_a_stereo_finetune(tmp_path):
    stereo = changed(
        LM_CONFIG,
        transformer_lm={"n_q": 8},
        codebooks_pattern={"modeling": "delay", "delay": {"delays": [0, 0, 1, 1, 2, 2, 3, 3]}},
        interleave_stereo_codebooks={"use": True},
    )
    audio = load(save_model(tmp_path, stereo)).generate(DARK, 1.0, [1])[0]
    assert audio.samples.shape == (2, tiny_models.SAMPLE_RATE)
    assert not np.array_equal(audio.samples[0], audio.samples[1])


def test_a_missing_folder_a_missing_file_and_an_empty_folder_are_told(folder, tmp_path):
    assert "there is no weights folder" in refusal(tmp_path / "nowhere")
    assert "there is no weights folder" in refusal(folder / "state_dict.bin")
    (folder / "compression_state_dict.bin").unlink()
    assert "compression_state_dict.bin is missing" in refusal(folder)
    (folder / "state_dict.bin").unlink()
    assert "it is empty" in refusal(folder)


def test_other_formats_are_told_with_what_is_wanted(folder):
    for file in folder.iterdir():
        file.unlink()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(b"")
    told = refusal(folder)
    assert "it holds config.json, model.safetensors" in told
    assert "wanted are state_dict.bin and compression_state_dict.bin" in told
    (folder / "config.json").write_text('{"format": ')
    assert "config.json is truncated" in refusal(folder)


def test_a_model_that_wants_audio_beside_the_text_is_refused_before_it_is_built(folder):
    config = changed(LM_CONFIG, conditioners={"self_wav": {"model": "clap", "clap": {}}})
    held = held_in(folder / "state_dict.bin")
    from omegaconf import OmegaConf

    save_held(folder / "state_dict.bin", {**held, "xp.cfg": OmegaConf.to_yaml(OmegaConf.create(config))})
    assert "wants clap audio beside the text (self_wav)" in refusal(folder)


def test_a_model_for_which_audiocraft_would_install_a_package_is_refused(folder, monkeypatch):
    import spacy.cli
    import spacy.util
    from omegaconf import OmegaConf

    monkeypatch.setattr(spacy.cli, "download", lambda *_: pytest.fail("it was about to install something"))
    monkeypatch.setattr(spacy.util, "is_package", lambda name: False)
    words = {"model": "lut", "lut": {"n_bins": 128, "dim": 16, "tokenizer": "whitespace"}}
    config = OmegaConf.to_yaml(OmegaConf.create(changed(LM_CONFIG, conditioners={"description": words})))
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "xp.cfg": config})
    assert "python -m spacy download en_core_web_sm" in refusal(folder)


def test_tensors_of_another_size_and_a_codec_of_another_size_are_told(tmp_path):
    smaller = changed(LM_CONFIG, transformer_lm={"card": 24})
    folder = save_model(tmp_path / "a", smaller)
    assert "makes 4 x 24 tokens, the codec decodes 4 x 48" in refusal(folder)
    held = held_in(folder / "state_dict.bin")
    save_model(folder)
    save_held(folder / "state_dict.bin", {**held_in(folder / "state_dict.bin"), "best_state": held["best_state"]})
    assert "its tensors do not fit its xp.cfg" in refusal(folder)


@pytest.fixture
def text_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: Path) -> Path:
    """A T5 of one layer in the working folder, under a name that audiocraft takes."""
    monkeypatch.chdir(tmp_path)
    return save_t5(tmp_path / T5_NAME)


T5_CONFIG = changed(
    LM_CONFIG,
    conditioners={
        "description": {"model": "t5", "t5": {"name": T5_NAME, "finetune": False, "word_dropout": 0.3}},
    },
)


def test_a_model_with_a_t5_text_encoder_hears_the_caption_and_loads_without_a_word(text_encoder, tmp_path, capfd):
    folder = save_model(tmp_path / "weights", T5_CONFIG)
    capfd.readouterr()
    engine = load(folder)
    assert capfd.readouterr() == ("", "")
    dark = engine.generate(DARK, 0.5, [1])[0].samples
    assert dark.tobytes() == engine.generate(DARK, 0.5, [1])[0].samples.tobytes()
    assert (
        dark.tobytes() != engine.generate(BeatConditions("warm keys", 140.0, "F minor"), 0.5, [1])[0].samples.tobytes()
    )


def test_a_text_encoder_that_is_not_here_while_the_hub_is_out_of_reach_is_told_at_once(
    text_encoder, tmp_path, monkeypatch
):
    from huggingface_hub import constants

    folder = save_model(tmp_path / "weights", T5_CONFIG)
    shutil.rmtree(text_encoder)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    told = refusal(folder)
    assert "wants its text encoder or codec from the Hub" in told
    assert "load it once while connected" in told
    assert not constants.HF_HUB_OFFLINE


def test_a_codec_that_is_named_is_taken_from_the_hubs_cache(folder, tmp_path, monkeypatch, capfd):
    from typebeat.engines.beat import loading

    named = save_codec(tmp_path / "codec")
    save_model(folder, changed(LM_CONFIG, transformer_lm={"card": NAMED_CARD}))
    save_held(folder / "compression_state_dict.bin", {"pretrained": str(named), "exported": True})
    assert f"names the codec {str(named)[:80]!r}" in refusal(folder)
    monkeypatch.setattr(loading, "BEAT_CODEC", type("Entry", (), {"repo": str(named)}))
    capfd.readouterr()
    engine = load(folder)
    assert capfd.readouterr() == ("", "")
    assert engine.generate(DARK, 0.5, [1])[0].seconds == pytest.approx(0.5)


@pytest.fixture
def starter_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: Path) -> Path:
    """A folder in the starter's format, and in place of the starter's loader one that gives the tiny models."""
    import torch
    from safetensors.torch import save_file

    from typebeat.engines.beat import starter
    from typebeat.engines.beat.loading import load_models

    folder = tmp_path / "beat"
    folder.mkdir()
    (folder / "config.json").write_text('{"format": "typebeat-starter-1"}')
    shards = [f"lm-0000{i}-of-00002.safetensors" for i in (1, 2)]
    for shard in (*shards, "codec.safetensors"):
        save_file({"weight": torch.ones(64)}, folder / shard)
    index = {"weight_map": {"a": shards[0], "b": shards[1]}}
    (folder / "lm.safetensors.index.json").write_text(json.dumps(index))
    tiny = load_models(saved, "cpu")
    monkeypatch.setattr(starter, "load_starter", lambda folder, device: (tiny.codec, tiny.lm, 2.5))
    return folder


def test_the_starter_goes_through_the_same_engine(starter_folder):
    engine = load(starter_folder)
    assert engine.max_seconds == 2.5
    assert (engine.weights.precision, len(engine.weights.revision)) == (PRECISION, 12)
    assert engine.generate(DARK, 3.0, [1])[0].seconds == pytest.approx(3.0)


@pytest.mark.parametrize("name", ["codec.safetensors", "lm-00002-of-00002.safetensors"])
@pytest.mark.parametrize("left", [0, 5, 100])
def test_a_truncated_starter_is_told_by_file(starter_folder, name, left):
    file = starter_folder / name
    file.write_bytes(file.read_bytes()[:left])
    assert f"{file} is truncated" in refusal(starter_folder)


def test_a_starter_with_a_file_missing_is_told_by_file(starter_folder):
    (starter_folder / "lm-00002-of-00002.safetensors").unlink()
    assert refusal(starter_folder).endswith("lm-00002-of-00002.safetensors is missing")
    (starter_folder / "lm.safetensors.index.json").write_text("{")
    assert "index.json" in refusal(starter_folder)
    for file in starter_folder.glob("*.safetensors*"):
        file.unlink()
    assert "has no *.safetensors" in refusal(starter_folder)


def test_a_starter_whose_tensors_are_others_is_told(starter_folder, monkeypatch):
    from typebeat.engines.beat import starter

    def wrong(folder: Path, device: str):
        raise RuntimeError("Error(s) in loading state_dict for LMModel:\n\tMissing key(s)")

    monkeypatch.setattr(starter, "load_starter", wrong)
    assert "its tensors do not fit its config.json (RuntimeError: Error(s) in loading" in refusal(starter_folder)
