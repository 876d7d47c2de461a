"""The tiny MusicGen of benchmarks/tiny_musicgen.py, loaded as the application does, and the line for a broken one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.tiny_musicgen import (  # noqa: F401, for whoever imports this
    CARDINALITY,
    CODEBOOKS,
    CODEC_CONFIG,
    FILES,
    FRAME_RATE,
    LM_CONFIG,
    SAMPLE_RATE,
    WINDOW_SECONDS,
    changed,
    held_in,
    save_held,
    save_model,
)
from typebeat.engines import BeatConditions, Weights, WeightsError

UNLOADED = Weights("tiny", "folder", "", "", "cpu", "")
# a bar is 1.6 s: two of them fit into the window
DARK = BeatConditions("dark bells over a slow 808", 150.0, "F minor")


def load(folder: Path, weights: Weights = UNLOADED) -> Any:
    """Loads `folder` the way the application does, but keeps the language model for tests to compare with."""
    from typebeat.engines.beat.musicgen import load_musicgen

    return load_musicgen(folder, weights, keeps_lm=True)


def refusal(folder: Path) -> str:
    """What is told when `folder` is loaded; always one line."""
    with pytest.raises(WeightsError) as raised:
        load(folder)
    message = str(raised.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


def as_if_trained(adapted: Any, seed: int) -> None:
    """Gives PEFT's model of an adapter random numbers; a new one changes nothing."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for name, weight in adapted.named_parameters():
            if "lora_" in name:
                weight.data.normal_(std=0.2)
