"""Loads small picture models, and adapters on them, as the app does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from diffusers import AutoPipelineForText2Image
from torch import nn

from benchmarks.tiny_pictures import SIDE
from typebeat.engines import Weights, WeightsError
from typebeat.engines.cover.drawing import DiffusionCover
from typebeat.engines.cover.loading import load_cover

PROMPT, STYLE = "album cover art, a full moon, black and red palette", "kid-cudi"
STEPS = 2  # that the tests draw with
ATTENTION = ("attn.to_q", "attn.to_k", "attn.to_v", "attention.to_q", "attention.to_v", "attn1.to_q", "attn2.to_v")


def load(folder: Path, **adapters: Path) -> DiffusionCover:
    """A model that draws small pictures in few steps; adapters by style, with underscores."""
    held = {name.replace("_", "-"): path for name, path in adapters.items()}
    engine = load_cover(folder, Weights(folder.name, "folder", "", "", "cpu", ""), held)
    engine.plan = replace(engine.plan, side=SIDE, steps=min(engine.plan.steps, STEPS))
    return engine


def network_of(folder: Path) -> nn.Module:
    """What an adapter is put on."""
    pipe = AutoPipelineForText2Image.from_pretrained(folder)
    return pipe.unet if hasattr(pipe, "unet") else pipe.transformer


def refusal(folder: Path, adapter: Path) -> str:
    """Why an adapter is refused, in one line."""
    with pytest.raises(WeightsError) as error:
        load(folder, kid_cudi=adapter)
    assert "\n" not in str(error.value)
    return str(error.value)
