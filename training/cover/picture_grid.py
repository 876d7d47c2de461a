"""Draws a grid of pictures with a cover model, one for each prompt, always from the same seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from PIL import Image

from training.cover.networks import network_of
from training.runs.files import write_whole

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

STEPS, GUIDANCE = 20, 3.0


@torch.no_grad()
def draw_grid(pipe: DiffusionPipeline, prompts: Sequence[str], side: int, file: Path, device: torch.device) -> None:
    """Draws prompt i from seed i and writes all pictures as one PNG."""
    pipe.to(device)
    network_of(pipe).eval()
    pictures = [
        pipe(
            prompt=prompt,
            height=side,
            width=side,
            num_inference_steps=STEPS,
            guidance_scale=GUIDANCE,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]
        for seed, prompt in enumerate(prompts)
    ]
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    grid = Image.new("RGB", (columns * side, rows * side))
    for i, picture in enumerate(pictures):
        grid.paste(picture, (i % columns * side, i // columns * side))
    write_whole(file, lambda part: grid.save(part, "PNG"))
