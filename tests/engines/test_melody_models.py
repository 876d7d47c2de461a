"""Melody models asked with text alone: the same tokens as audiocraft, whose conditioner hears silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_musicgen import own_greedy
from tiny_models import DARK, SAMPLE_RATE, load, refusal, save_held

from benchmarks.audiocraft_kinds import STEREO, save_melody, tokens_without_melody


@pytest.fixture(params=[{}, STEREO], ids=["mono", "stereo"])
def theirs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Path]:
    """audiocraft's own model and its folder."""
    from demucs import pretrained

    lm = save_melody(tmp_path / "weights", **request.param)
    monkeypatch.setattr(pretrained, "get_model", lambda name: pytest.fail("it was about to fetch a separator"))
    return lm, tmp_path / "weights"


def test_tokens_for_text_alone_are_those_of_audiocraft(theirs):
    import torch

    lm, folder = theirs
    assert any(".self_wav.chroma." in name for name in lm.state_dict())
    expected = tokens_without_melody(lm, DARK.caption, 50)
    engine = load(folder)
    own = own_greedy(engine, 50, 3.0, torch.zeros((lm.n_q, 0), dtype=torch.long))
    assert own.tolist() == expected.tolist()
    assert own.unique().numel() > 10
    assert engine.generate(DARK, 0.3, [1])[0].samples.shape[0] == (2 if lm.n_q == 8 else 1)


def test_a_melody_that_the_file_has_no_projection_for_is_refused(theirs):
    from tiny_models import held_in

    held = held_in(theirs[1] / "state_dict.bin")
    del held["best_state"]["condition_provider.conditioners.self_wav.output_proj.weight"]
    save_held(theirs[1] / "state_dict.bin", held)
    assert "self_wav.output_proj.weight, which is missing" in refusal(theirs[1])


@pytest.mark.parametrize("seconds", [0.4, 1.7, 5.0])
def test_tokens_for_a_melody_are_those_of_audiocraft(theirs, monkeypatch, seconds):
    import numpy as np
    import torch
    from audiocraft.modules.conditioners import ConditioningAttributes, WavCondition

    from typebeat.sound.audio import Audio

    lm, folder = theirs
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 440 * 2 ** (np.array([0, 3, 7, 10, 5])[(time * 4).astype(int) % 5] / 12)
    tune = np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE)[None].astype(np.float32)
    melody = lm.condition_provider.conditioners["self_wav"]
    monkeypatch.setattr(melody, "_get_stemmed_wav", lambda wav, rate: wav)  # a tune alone needs no separator
    wav = WavCondition(torch.from_numpy(tune)[None], torch.tensor([tune.shape[1]]), [SAMPLE_RATE], [None], [0.0])
    asked = ConditioningAttributes(text={"description": DARK.caption}, wav={"self_wav": wav})
    expected = lm.generate(None, [asked], max_gen_len=50, use_sampling=False, cfg_coef=3.0)[0]

    engine = load(folder)
    assert engine.takes_melody
    known = torch.zeros((lm.n_q, 0), dtype=torch.long)
    drawn = own_greedy(engine, 50, 3.0, known, conditions=replace(DARK, melody=Audio(tune, SAMPLE_RATE)))
    assert drawn.tolist() == expected.tolist()
    assert drawn.tolist() != own_greedy(engine, 50, 3.0, known).tolist()  # it is heard
