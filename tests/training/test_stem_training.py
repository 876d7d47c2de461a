"""Finetuning a model of stems: masked stems and their loss as its makers have them, and an export that is played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import tiny_models
import torch
from torch.nn import functional as F

from benchmarks import tiny_data
from benchmarks.tiny_stems import save_stems
from training.beat.export import ExportError
from training.beat.export_run import export_run
from training.beat.losses import Excerpt, codebook_sums, loss_per_codebook
from training.beat.models import trained_model
from training.beat.stem_masking import masking_for
from training.beat.task import BeatTask
from training.beat.token_cache import TokenClip, encode
from training.beat.transformers_export import export_transformers
from training.data.records import read_split
from training.data.stems import write_stems
from training.finetune_musicgen import FinetuneOptions, finetune
from training.runs.errors import TrainingError
from typebeat.engines.beat.formats import STEM_CODEC_FILES, STEMS
from typebeat.engines.beat.loading import load_models
from typebeat.sound.audio import Audio

WINDOW = int(tiny_models.WINDOW_SECONDS * tiny_models.FRAME_RATE)
BEHIND, COLUMNS = 166, 35  # of a window of 200 frames
STREAMS = {"bass": [0], "drums": [1], "other": [2, 3, 4, 5]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stems")
    save_stems(folder / "base")
    tiny_data.save_beats(folder / "data")
    for split in ("train", "validation"):
        for clip in read_split(folder / "data", split):
            sound = clip.audio()
            noise = 0.05 * np.random.default_rng(len(clip.track_id)).standard_normal(sound.length)
            write_stems(clip.path, Audio(np.stack([0.3 * sound.samples[0], noise, 0.7 * sound.samples[0]]), 16_000))
    return folder


@pytest.fixture(scope="module")
def models(folder):
    return load_models(folder / "base", "cpu")


@pytest.fixture(scope="module")
def masking(models):
    return masking_for(models)


def excerpt(seed: int, frames: int = WINDOW) -> Excerpt:
    codes = np.random.default_rng(seed).integers(0, tiny_models.CARDINALITY, (6, frames))
    return Excerpt(codes, {"description": f"beat {seed}"}, f"clip {seed}")


def masked_stems(shown: Excerpt) -> set[str]:
    """The stems that a prefix hides; it hides all streams of a stem or none."""
    hidden = {stream for stream in range(6) if (shown.prefix[stream] == tiny_models.CARDINALITY).all()}
    found = {stem for stem, streams in STREAMS.items() if set(streams) <= hidden}
    assert hidden == {stream for stem in found for stream in STREAMS[stem]}
    return found


def test_a_prefix_shows_every_fifth_frame_of_one_or_two_stems(masking, models):
    seen: set[frozenset[str]] = set()
    for seed in range(40):
        shown = masking.masked(excerpt(seed), Random(seed))
        hidden = masked_stems(shown)
        seen.add(frozenset(hidden))
        assert shown.prefix.shape == (6, COLUMNS)
        assert shown.codes.tolist() == excerpt(seed).codes[:, :BEHIND].tolist()
        assert (shown.prefix[:, -1] == tiny_models.CARDINALITY).all()
        for stem in set(STEMS) - hidden:
            rows = STREAMS[stem]
            assert shown.prefix[rows, :-1].tolist() == shown.codes[rows][:, ::5].tolist()
    assert {len(stems) for stems in seen} == {1, 2}
    assert len(seen) == 6
    short = masking.masked(excerpt(0, 50), Random(0))
    filled = short.prefix[STREAMS["bass"][0] if "bass" not in masked_stems(short) else 1, 10:-1]
    assert set(filled.tolist()) <= {*masking.silence.tolist(), tiny_models.CARDINALITY}
    assert short.codes.shape == (6, 50)


def test_half_of_the_excerpts_are_masked(masking):
    rng = Random(0)
    masked = [masking.sometimes(excerpt(0, 10), rng).prefix is not None for _ in range(400)]
    assert 0.4 < np.mean(masked) < 0.6


def test_a_model_of_whole_mixes_has_nothing_to_mask(tmp_path):
    assert masking_for(load_models(tiny_models.save_model(tmp_path), "cpu")) is None


@torch.no_grad()
def test_the_loss_behind_a_prefix_is_that_of_audiocrafts_predictions_with_the_makers_mask(models, masking):
    from audiocraft.modules.conditioners import ConditioningAttributes

    lm = models.lm
    shown = [masking.masked(excerpt(seed), Random(seed)) for seed in (1, 2)]
    codes = torch.from_numpy(np.stack([np.concatenate([e.prefix, e.codes], axis=1) for e in shown]))
    counts = torch.zeros_like(codes, dtype=torch.bool)
    counts[..., -BEHIND:] = True
    conditions = [ConditioningAttributes(text=dict(e.texts)) for e in shown]
    predicted = lm.compute_predictions(codes, conditions, keep_only_valid_steps=False)
    wanted = [F.cross_entropy(predicted.logits[:, k][counts[:, k]], codes[:, k][counts[:, k]]) for k in range(6)]
    torch.testing.assert_close(loss_per_codebook(lm, shown), torch.stack(wanted))


@torch.no_grad()
def test_masked_and_plain_excerpts_in_one_batch_count_as_they_do_alone(models, masking):
    lm = models.lm
    excerpts = [excerpt(0, 60), masking.masked(excerpt(1), Random(1)), masking.masked(excerpt(2, 40), Random(2))]
    together, tokens = codebook_sums(lm, lm, excerpts)
    torch.testing.assert_close(together, sum(codebook_sums(lm, lm, [each])[0] for each in excerpts))
    assert tokens.tolist() == [60.0 + BEHIND + 40] * 6


def test_the_same_step_draws_the_same_masks_and_validation_hears_both_ways(models, folder):
    clips = read_split(folder / "data", "validation")
    held = [TokenClip(clip, encode(models.codec, clip).astype(np.int16)) for clip in clips]
    task = BeatTask(models.lm, held, held, WINDOW, 50.0, 8, 0.1, 0.0, 7, masking_for(models))
    prefixes = [each.prefix for each in task.draw(3)]
    assert len({prefix is None for prefix in prefixes}) == 2
    for one, other in zip(prefixes, (each.prefix for each in task.draw(3)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [each.prefix is not None for each in task.validation()] == [False] * 2 + [True] * 2


def test_clips_are_encoded_stem_by_stem(models, folder):
    (clip, *_) = read_split(folder / "data", "train")
    codes = encode(models.codec, clip)
    assert codes.shape == (6, WINDOW)
    sound = torch.from_numpy(clip.audio().samples)[None]
    bass, _ = models.codec.codecs[0].encode(0.3 * sound)
    assert (torch.from_numpy(codes[:1]) == bass[0]).float().mean() > 0.98  # but for what 24 bits round


def options(folder: Path, out: Path, **changes) -> FinetuneOptions:
    wanted = {"base": str(folder / "base"), "steps": 12, "batch": 4, "micro_batch": 2, "lr": 3e-3, "samples": 1}
    wanted |= {"warmup_steps": 1, "check_every": 6, "rank": 4, "alpha": 4, "data": folder / "data"}
    return FinetuneOptions(**{"out": out, "cache": folder / "cache", **wanted, **changes})


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_finetune_learns_is_exported_in_its_makers_format_and_makes_a_stem_anew(folder, tmp_path, method):
    record = finetune(options(folder, tmp_path, method=method), lambda _: None)
    assert record.loss_after < record.loss_before
    assert (tmp_path / "samples" / "after_1.wav").is_file()
    _, change = export_run(tmp_path)
    assert change.changed > 0
    exported = tmp_path / "export"
    for name in STEM_CODEC_FILES.values():
        assert (exported / name).read_bytes() == (folder / "base" / name).read_bytes()
    engine = tiny_models.load(exported)
    (beat,) = engine.generate(tiny_models.DARK, 2.0, [7])
    assert tuple(beat.parts) == STEMS
    kept = {part: engine.part_tokens(beat.tokens, part) for part in ("bass", "drums")}
    (again,) = engine.generate(replace(tiny_models.DARK, kept=kept), 2.0, [8])
    np.testing.assert_array_equal(again.parts["drums"].samples, beat.parts["drums"].samples)
    assert not np.array_equal(again.parts["other"].samples, beat.parts["other"].samples)
    models, base = trained_model(tmp_path)
    with pytest.raises(ExportError, match="transformers' MusicGen"):
        export_transformers(models, base.folder, tmp_path / "transformers")


def test_a_dataset_without_stems_trains_nothing_and_says_why(folder, tmp_path):
    tiny_data.save_beats(tmp_path / "data")
    said: list[str] = []
    with pytest.raises(TrainingError, match="none of the 4 clips can be used"):
        finetune(options(folder, tmp_path / "run", data=tmp_path / "data"), said.append)
    assert "has no stems; a model of stems learns from what prepare_beats --stems made" in said[0]
