"""What is trained here, loaded by transformers: the same tokens and nearly the same sound, as model and adapter."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_models import CODEC_CONFIG, LM_CONFIG, as_if_trained, changed, load, save_model

from benchmarks.transformers_models import make_model, make_tokenizer, own_tokens, save, their_tokens
from training.beat.export import ExportError, export_beat
from training.beat.lora import add_lora, merge
from training.beat.transformers_export import export_adapter, export_transformers
from typebeat.engines.beat.conditioners import FolderT5
from typebeat.engines.beat.loading import Models, load_models

CAPTION = "dark bells over a slow 808"
KINDS = {"mono": {}, "stereo": {"stereo": True}, "melody": {"melody": True}}


def plain(folder: Path) -> Any:
    """Loads a folder the way everybody does."""
    import transformers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformers.AutoModelForTextToWaveform.from_pretrained(folder, local_files_only=True).eval()


def same_beat(folder: Path, models: Models) -> None:
    theirs, their_sound = their_tokens(plain(folder), CAPTION, 40, seed=3)
    own, own_sound = own_tokens(models, CAPTION, theirs.shape[-1], seed=3)
    assert own.tolist() == theirs.tolist()
    assert own.unique().numel() > 10
    assert (own_sound - their_sound).abs().max() < 1e-3 * their_sound.abs().max()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_finetune_of_a_model_in_transformers_format_plays_there(kind, tmp_path):
    base = save(tmp_path / "base", make_model(**kind))
    models = load_models(base, "cpu")
    with torch.no_grad():
        for layer in models.lm.transformer.layers:
            layer.linear1.weight.mul_(1.3)
    export_transformers(models, base, tmp_path / "out")
    same_beat(tmp_path / "out", models)
    again = load_models(tmp_path / "out", "cpu")
    assert all(torch.equal(tensor, again.lm.state_dict()[name]) for name, tensor in models.lm.state_dict().items())
    assert again.max_seconds == models.max_seconds


@pytest.fixture
def audiocraft_models(tmp_path: Path) -> tuple[Models, Path]:
    """A MusicGen in audiocraft's format, with a T5 of a few weights in place of one from the Hub."""
    seanet = {**CODEC_CONFIG["seanet"], "lstm": 1}
    lm_config = changed(LM_CONFIG, fuser={"prepend": []}, transformer_lm={"card": 64})
    lm_config["conditioners"] = {"description": LM_CONFIG["conditioners"]["description"]}
    base = save_model(tmp_path / "base", lm_config, changed(CODEC_CONFIG, seanet=seanet, rvq={"bins": 64}))
    models = load_models(base, "cpu")
    t5 = make_model().text_encoder
    with torch.random.fork_rng():
        torch.manual_seed(5)
        models.lm.condition_provider.conditioners["description"] = FolderT5(t5, make_tokenizer(), models.lm.dim)
        with torch.no_grad():
            for name, weight in models.lm.named_parameters():
                if weight.dim() > 1 and "out_norm" not in name:
                    weight.normal_(std=0.3)
    return models, base


def test_a_model_in_audiocrafts_format_plays_in_transformers_with_its_own_codec(audiocraft_models, tmp_path):
    models, base = audiocraft_models
    export_transformers(models, base, tmp_path / "out")
    same_beat(tmp_path / "out", models)


def test_an_export_of_a_base_in_that_format_has_it_too_and_refuses_the_base(tmp_path):
    base = save(tmp_path / "base", make_model())
    lm = load_models(base, "cpu").lm
    with pytest.raises(ExportError, match="equal those of the base"):
        export_beat(lm, base, tmp_path / "out")
    with torch.no_grad():
        lm.linears[0].weight.add_(0.01)
    assert export_beat(lm, base, tmp_path / "out").changed == 1
    assert torch.equal(load_models(tmp_path / "out", "cpu").lm.linears[0].weight, lm.linears[0].weight)


def test_pipeline_plays_it(tmp_path):
    import transformers

    base = save(tmp_path / "base", make_model())
    export_transformers(load_models(base, "cpu"), base, tmp_path / "out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = transformers.pipeline("text-to-audio", str(tmp_path / "out"), device="cpu")
        made = pipe(CAPTION, forward_params={"max_new_tokens": 30})
    assert made["audio"].size > 100
    assert made["sampling_rate"] == 16_000


def test_an_adapter_of_training_plays_on_the_base_in_transformers(tmp_path):
    from peft import PeftModel

    base = save(tmp_path / "base", make_model())
    models = load_models(base, "cpu")
    adapted = add_lora(models.lm, 4, 8, "me/base", 0, torch.float32)
    as_if_trained(adapted, seed=3)
    adapted.save_pretrained(tmp_path / "ours")
    merge(adapted)
    export_adapter(tmp_path / "ours", load_models(base, "cpu").lm, "me/base", tmp_path / "theirs")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = PeftModel.from_pretrained(make_model(), tmp_path / "theirs").merge_and_unload()
    theirs, _ = their_tokens(other, CAPTION, 40)
    own, _ = own_tokens(models, CAPTION, theirs.shape[-1])
    assert own.tolist() == theirs.tolist()


def test_a_model_that_transformers_does_not_know_is_refused_and_leaves_nothing(tmp_path):
    base = save_model(tmp_path / "base")
    with pytest.raises(ExportError, match="hears a T5 alone, this model has bpm"):
        export_transformers(load_models(base, "cpu"), base, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert load(base).max_seconds
