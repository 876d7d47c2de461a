"""About how fast a MusicGen would be on this processor, measured in about a second without its weights.

A model of one layer and one of two layers are made of random numbers, in the real width. What the second layer adds to
a step, times the number of layers, is what a step of the whole takes: steps are bound by reading the weights.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch

from typebeat.engines.beat.decoder import Decoder
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.transformers_format import lm_config
from typebeat.engines.weights import Musicgen

FRAME_RATE = 50.0  # tokens of MusicGen for a second of sound
HEAD_WIDTH = 64
WITH_TEXT = 14 / 12  # what a layer's attention to text adds to the 12 x width² numbers that it reads otherwise
STEPS, WARM_UP = 12, 3


@lru_cache
def seconds_for_a_second(size: Musicgen) -> float:
    """Returns about how many seconds the drawing of one second of sound takes, one take at a time.

    It is measured once. Reading a text, decoding, and the caches of a long beat are left out; they add some per cent.
    """
    one = _step_seconds(replace(size, layers=1))
    two = _step_seconds(replace(size, layers=2))
    layer = max(two - one, 0.0)
    return FRAME_RATE * (one - layer + size.layers * WITH_TEXT * layer)


@torch.inference_mode()
def _step_seconds(size: Musicgen) -> float:
    """Returns the median time of a step of a model of random numbers."""
    from audiocraft.models.builders import get_lm_model
    from omegaconf import OmegaConf

    sizes = {
        "hidden_size": size.width,
        "num_attention_heads": max(1, size.width // HEAD_WIDTH),
        "num_hidden_layers": size.layers,
        "ffn_dim": 4 * size.width,
        "num_codebooks": size.codebooks,
    }
    asked = lm_config(sizes, Path("pace"), is_melody=False) | {"device": "cpu"}
    asked["fuser"] = {**asked["fuser"], "cross": []}
    with torch.random.fork_rng(devices=[]):
        lm = get_lm_model(OmegaConf.create(asked)).eval()
    decoder = Decoder(lm, best_precision(torch.float32, "cpu"))
    session = decoder.start({}, 1, STEPS + WARM_UP)
    tokens = torch.full((1, size.codebooks, 1), lm.special_token_id)
    taken = []
    for _ in range(STEPS + WARM_UP):
        began = time.perf_counter()
        decoder.step(session, tokens)
        taken.append(time.perf_counter() - began)
    return sorted(taken[WARM_UP:])[STEPS // 2]
