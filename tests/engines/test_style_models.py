"""Style models: the same tokens as audiocraft, asked with text alone and with a sound that they are to sound like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_musicgen import own_greedy
from tiny_models import DARK, SAMPLE_RATE, held_in, load, refusal, save_held

from benchmarks.audiocraft_kinds import save_style, tokens_without_melody
from typebeat.sound.audio import Audio


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """audiocraft's own model and its folder."""
    folder = tmp_path_factory.mktemp("style") / "weights"
    return save_style(folder), folder


def drawn(folder: Path, lm: Any, **asked: Any) -> list[list[int]]:
    import torch

    known = torch.zeros((lm.n_q, 0), dtype=torch.long)
    return own_greedy(load(folder), 50, 3.0, known, conditions=replace(DARK, **asked)).tolist()


def test_tokens_for_text_alone_are_those_of_audiocraft(theirs):
    lm, folder = theirs
    assert drawn(folder, lm) == tokens_without_melody(lm, DARK.caption, 50).tolist()


@pytest.mark.parametrize("seconds", [0.6, 1.3])
def test_tokens_for_a_style_are_those_of_audiocraft(theirs, seconds):
    import torch
    from audiocraft.modules.conditioners import ConditioningAttributes, WavCondition

    lm, folder = theirs
    sound = np.random.default_rng(3).standard_normal((1, round(seconds * SAMPLE_RATE))).astype(np.float32)
    wav = WavCondition(torch.from_numpy(sound)[None], torch.tensor([sound.shape[1]]), [SAMPLE_RATE], [None], [0.0])
    asked = ConditioningAttributes(text={"description": DARK.caption}, wav={"self_wav": wav})
    expected = lm.generate(None, [asked], max_gen_len=50, use_sampling=False, cfg_coef=3.0)[0].tolist()
    assert load(folder).takes_style
    assert drawn(folder, lm, style=Audio(sound, SAMPLE_RATE)) == expected
    assert drawn(folder, lm) != expected  # it is heard


def test_a_short_sound_is_repeated(theirs):
    lm, folder = theirs
    short = np.sin(np.arange(2_000) / 9)[None].astype(np.float32)
    assert drawn(folder, lm, style=Audio(short, SAMPLE_RATE)) != drawn(folder, lm)


@pytest.mark.parametrize("section", [None, {"model_name": "encodec"}, {"transformer_scale": "vast"}])
def test_a_broken_style_section_is_refused(theirs, tmp_path, section):
    from omegaconf import OmegaConf

    held = held_in(theirs[1] / "state_dict.bin")
    config = OmegaConf.create(held["xp.cfg"])
    named = {"encodec_checkpoint": config.compression_model_checkpoint}
    config.conditioners.self_wav = {"model": "style", **({"style": {**named, **section}} if section else {})}
    save_held(tmp_path / "state_dict.bin", {**held, "xp.cfg": OmegaConf.to_yaml(config)})
    (tmp_path / "compression_state_dict.bin").write_bytes((theirs[1] / "compression_state_dict.bin").read_bytes())
    assert "a broken style section" in refusal(tmp_path)


def test_a_model_that_hears_by_a_network_with_code_plays_with_text_alone(theirs, tmp_path):
    import torch
    from omegaconf import OmegaConf

    lm, folder = theirs
    other = tmp_path / "weights"
    other.mkdir()
    (other / "compression_state_dict.bin").write_bytes((folder / "compression_state_dict.bin").read_bytes())
    held = held_in(folder / "state_dict.bin")
    config = OmegaConf.create(held["xp.cfg"])
    config.conditioners.self_wav.style.model_name = "mert"
    prefix = "condition_provider.conditioners.self_wav.embed."
    state = {name: tensor for name, tensor in held["best_state"].items() if not name.startswith(prefix)}
    state |= {f"{prefix}weight": torch.zeros(256, 768), f"{prefix}bias": torch.zeros(256)}
    save_held(other / "state_dict.bin", {"best_state": state, "xp.cfg": OmegaConf.to_yaml(config)})
    assert not load(other).takes_style
    assert drawn(other, lm) == drawn(folder, lm)
