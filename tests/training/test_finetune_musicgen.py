"""Finetuning on models of a few thousand weights: MusicGen's shape, the starter's, by LoRA and in full."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tiny_models
import torch
from tiny_codec import TINY_CODEC

from benchmarks import tiny_data
from training import finetune_musicgen
from training.beat import memory, token_cache
from training.beat.export import export_beat
from training.beat.losses import Excerpt, codebook_sums
from training.beat.memory import estimate_memory
from training.beat.models import trained_model
from training.data.records import DatasetError, read_split, write_split
from training.finetune_musicgen import FinetuneOptions, finetune
from training.runs.errors import TrainingError
from training.runs.options import OptionsError
from training.runs.run_record import read_run
from typebeat.engines import BeatConditions, WeightsError
from typebeat.engines.beat.codec import StarterCodec
from typebeat.engines.beat.conditions import condition_texts
from typebeat.engines.beat.loading import load_models
from typebeat.engines.beat.starter import build_lm, save_starter
from typebeat.request.words import CONCEPTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finetune")
    tiny_data.save_beats(folder / "data")
    tiny_models.save_model(folder / "musicgen")
    codec = StarterCodec(TINY_CODEC).eval()
    sizes = {"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_starter(folder / "starter", codec, build_lm(sizes, codec, list(CONCEPTS), 4.0), sizes, 4.0)
    return folder


def options(folder: Path, out: Path, **changes) -> FinetuneOptions:
    wanted = {"base": str(folder / "musicgen"), "steps": 4, "batch": 4, "micro_batch": 2, "lr": 3e-3, "samples": 0}
    wanted |= {"warmup_steps": 1, "check_every": 2, "rank": 4, "alpha": 4}
    return FinetuneOptions(data=folder / "data", out=out, cache=folder / "cache", **{**wanted, **changes})


def silent(line: str) -> None:
    pass


def state(models) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in models.lm.state_dict().items()}


@pytest.fixture(scope="module")
def one_step(folder, tmp_path_factory):
    """A run of one step, which nobody may change."""
    run = tmp_path_factory.mktemp("one") / "run"
    finetune(options(folder, run, steps=1), silent)
    return run


@pytest.mark.parametrize("method", ["lora", "full"])
@pytest.mark.parametrize("base", ["musicgen", "starter"])
def test_a_finetune_learns_is_exported_and_played(folder, tmp_path, base, method):
    record = finetune(options(folder, tmp_path / "run", base=str(folder / base), method=method, steps=12), silent)
    assert (record.base, record.method, record.clips, record.step) == (base, method, (4, 2), 12)
    assert record.loss_after < record.loss_before
    models, found = trained_model(tmp_path / "run")
    untrained = state(load_models(folder / base, "cpu"))
    trained = state(models)
    assert trained.keys() == untrained.keys()
    changed = [name for name in trained if not torch.equal(trained[name], untrained[name])]
    assert changed
    if method == "lora":
        assert all(".layers." in name for name in changed), "conditions, embeddings and heads stay the base's"
    export_beat(models.lm, found.folder, tmp_path / "exported")
    again = tiny_models.load(tmp_path / "exported")
    (audio,) = again.generate(tiny_models.DARK, 2.0, [7])
    assert audio.seconds >= 2.0


def test_what_validation_measured_is_what_is_kept(folder, tmp_path):
    record = finetune(options(folder, tmp_path, ema_decay=0.5), silent)
    models, _ = trained_model(tmp_path)
    losses = []
    with torch.no_grad():
        for clip in read_split(folder / "data", "validation"):
            losses.append(codebook_sums(models.lm, models.lm, [excerpt(models, clip)]))
    sums, counts = (torch.stack(each).sum(dim=0) for each in zip(*losses, strict=True))
    assert float((sums / counts).mean()) == pytest.approx(record.loss_after, abs=1e-4)


def excerpt(models, clip):
    codes = token_cache.encode(models.codec, clip)
    texts = condition_texts(models.lm, BeatConditions(clip.caption, clip.bpm, clip.key))
    assert texts == {"description": clip.caption, "bpm": f"{clip.bpm:g}"}, "in the words of serving"
    return Excerpt(codes, texts)


def test_a_run_that_was_interrupted_goes_on_to_the_same_bits(folder, tmp_path):
    def stop(line):
        if line.startswith("step 2"):
            raise KeyboardInterrupt

    finetune(options(folder, tmp_path / "whole"), silent)
    with pytest.raises(KeyboardInterrupt):
        finetune(options(folder, tmp_path / "cut"), stop)
    assert read_run(tmp_path / "cut").step == 2
    finetune(options(folder, tmp_path / "cut"), silent)
    whole, cut = (state(trained_model(tmp_path / name)[0]) for name in ("whole", "cut"))
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_the_same_prompts_and_seeds_are_played_before_and_after_on_a_page(folder, tmp_path):
    lines = []
    finetune(options(folder, tmp_path, samples=2, method="full", lr=0.05), lines.append)
    sounds = {path.name: soundfile.read(path)[0] for path in (tmp_path / "samples").iterdir()}
    assert sorted(sounds) == ["after_1.wav", "after_2.wav", "before_1.wav", "before_2.wav"]
    for i in (1, 2):
        before, after = sounds[f"before_{i}.wav"], sounds[f"after_{i}.wav"]
        assert before.shape == after.shape
        assert not np.array_equal(before, after)
    page = (tmp_path / "samples.html").read_text()
    assert all(f'src="samples/{name}"' in page for name in sounds)
    assert "phonk type beat, 120 bpm, F minor, dark bells" in page
    assert any("GB are needed" in line for line in lines), "the estimate comes before the start"


def test_tokens_are_made_once(folder, one_step, tmp_path, monkeypatch):
    monkeypatch.setattr("training.beat.token_cache.encode", None)  # would fail if it were called
    finetune(options(folder, tmp_path, steps=1, method="full"), silent)


def test_a_corrupt_clip_is_named_left_out_and_counted(folder, tmp_path):
    tiny_data.save_beats(tmp_path / "data")
    (tmp_path / "data" / "train" / "track1_0.flac").write_bytes(b"no sound")
    soundfile.write(tmp_path / "data" / "train" / "track2_0.flac", np.zeros(800), 16_000)
    lines = []
    record = finetune(replace(options(folder, tmp_path / "run", steps=1), data=tmp_path / "data"), lines.append)
    assert record.clips == (2, 2)
    assert any("track1_0.flac cannot be read" in line for line in lines)
    assert any("track2_0.flac is only" in line for line in lines)
    assert "2 of 4 clips were left out" in lines
    for path in (tmp_path / "data" / "train").glob("*.flac"):
        path.write_bytes(b"no sound")
    with pytest.raises(TrainingError, match="none of the 4 clips"):
        finetune(replace(options(folder, tmp_path / "other"), data=tmp_path / "data"), silent)


@pytest.mark.parametrize("seconds", [4.0, 9.0])
def test_clips_as_long_as_the_window_and_longer_are_learnt_from_and_validated_whole(folder, tmp_path, seconds):
    tiny_data.save_beats(tmp_path / "data", seconds)
    drawn = []

    def remember(task, *rest):
        drawn.extend([task.draw(step) for step in range(20)])
        drawn.append(task.validation())
        raise KeyboardInterrupt

    def encode_at_random(codec, clip):
        rng, frames = np.random.default_rng(0), round(clip.seconds * tiny_models.FRAME_RATE)
        return rng.integers(0, tiny_models.CARDINALITY, (tiny_models.CODEBOOKS, frames))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_cache, "encode", encode_at_random)
        patch.setattr(finetune_musicgen, "run_loop", remember)
        with pytest.raises(KeyboardInterrupt):
            finetune(replace(options(folder, tmp_path / "run"), data=tmp_path / "data", cache=tmp_path), silent)
    *steps, held_out = drawn
    window = int(tiny_models.WINDOW_SECONDS * tiny_models.FRAME_RATE)
    assert all(each.codes.shape[1] == window for step in steps for each in step)
    assert sum(each.codes.shape[1] for each in held_out) == 2 * round(seconds * tiny_models.FRAME_RATE)
    if seconds > tiny_models.WINDOW_SECONDS:
        assert len({each.codes[0, :20].tobytes() for step in steps for each in step}) > 4, "from different places"


def test_one_track_and_clips_without_words_are_enough(folder, tmp_path):
    tiny_data.save_beats(tmp_path / "data")
    for split in ("train", "validation"):
        clip = replace(read_split(tmp_path / "data", split)[0], caption="", words="")
        write_split(tmp_path / "data", split, [clip])
    record = finetune(replace(options(folder, tmp_path / "run", batch=2), data=tmp_path / "data"), silent)
    assert record.clips == (1, 1)
    assert record.loss_after < record.loss_before


def test_gradient_checkpointing_changes_the_memory_and_not_the_losses(folder, tmp_path):
    plain = finetune(options(folder, tmp_path / "plain"), silent)
    frugal = finetune(options(folder, tmp_path / "frugal", gradient_checkpointing=True), silent)
    for one, other in zip(plain.history, frugal.history, strict=True):
        assert one.get("loss", 0.0) == pytest.approx(other.get("loss", 0.0), abs=1e-5)
    lm = load_models(folder / "musicgen", "cpu").lm
    kept = estimate_memory(lm, 1500, 8, averaged=False, half=False)
    lm.transformer.checkpointing = "torch"
    assert estimate_memory(lm, 1500, 8, averaged=False, half=False).activations < kept.activations
    assert estimate_memory(lm, 1500, 8, averaged=True, half=True).optimizer > kept.optimizer


def test_too_little_memory_is_told_before_the_start(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda device: 1000)
    with pytest.raises(TrainingError, match=r"GB are needed beside the model.*--micro-batch"):
        finetune(options(folder, tmp_path), silent)


def test_musicgens_t5_is_told_the_captions_and_stays_as_it_is(folder, tmp_path, monkeypatch):
    with_t5(monkeypatch)
    conditioners = {"args": {}, "description": {"model": "t5", "t5": {"name": "t5-small", "finetune": False}}}
    config = tiny_models.changed(tiny_models.LM_CONFIG, fuser={"prepend": [], "cross": ["description"]})
    config = {**config, "conditioners": conditioners}
    tiny_models.save_model(tmp_path / "base", config)
    record = finetune(options(folder, tmp_path / "run", base=str(tmp_path / "base"), precision="bf16"), silent)
    assert record.loss_after < record.loss_before
    full = finetune(options(folder, tmp_path / "full", base=str(tmp_path / "base"), method="full"), silent)
    assert full.trained_parameters == sum(p.numel() for p in load_models(tmp_path / "base", "cpu").lm.parameters())


def with_t5(monkeypatch) -> None:
    """Stands in for the Hub: a T5 of random weights, and a tokenizer of letters."""
    from audiocraft.modules import conditioners
    from transformers import BatchEncoding, T5Config, T5EncoderModel

    class Letters:
        def __call__(self, texts, **kwargs):
            rows = [[3 + ord(letter) % 90 for letter in text] + [1] for text in texts]
            longest = max(map(len, rows))
            ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
            return BatchEncoding({"input_ids": ids, "attention_mask": (ids > 0).long()})

    torch.manual_seed(0)
    t5 = T5EncoderModel(T5Config(vocab_size=100, d_model=512, d_ff=16, d_kv=8, num_heads=2, num_layers=1))
    monkeypatch.setattr(conditioners.T5Tokenizer, "from_pretrained", lambda name: Letters())
    monkeypatch.setattr(conditioners.T5EncoderModel, "from_pretrained", lambda name: t5)


def test_bad_options_bases_and_runs_are_told(folder, one_step, tmp_path):
    with pytest.raises(OptionsError, match="method is 'dora'"):
        options(folder, tmp_path, method="dora")
    with pytest.raises(WeightsError, match="allowed are starter"):
        finetune(options(folder, tmp_path, base="./nowhere"), silent)
    with pytest.raises(DatasetError, match="is missing"):
        finetune(replace(options(folder, tmp_path / "run"), data=tmp_path), silent)
    with pytest.raises(TrainingError, match="begun with rank=4"):
        finetune(options(folder, one_step, steps=1, rank=8), silent)
    with pytest.raises(TrainingError, match="is not a training run"):
        trained_model(tmp_path)


def test_a_base_that_changed_since_is_told(one_step, tmp_path):
    run = shutil.copytree(one_step, tmp_path / "run")
    replace(read_run(run), base_revision="another").write(run)
    with pytest.raises(TrainingError, match="by now"):
        trained_model(run)
