"""Melody models asked with text alone: the same tokens as audiocraft, whose conditioner hears silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_musicgen import own_greedy
from tiny_models import DARK, load, refusal, save_held

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
