"""Draws pictures of text with a pipeline of diffusers and one LoRA for each style.

One engine serves the starter, SDXL and finetunes of either. Adapters are loaded once and switched without reloading the
base. Each picture is drawn alone from its own seed, so that it does not depend on what else is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from typebeat.engines import UNWATCHED, Job, Weights, WeightsError
from typebeat.engines.cover.files import SPEED

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

# what a picture must not show; told only to text encoders whose vocabulary is large enough to hold these words
NOT_WANTED = "text, letters, words, watermark, signature, logo, portrait, face, blurry, low quality"
LARGE_VOCABULARY = 10_000
IN_SLICES = "memory is short, so pictures are drawn in slices, which takes longer"


@dataclass(frozen=True)
class Plan:
    """How a pipeline is run."""

    steps: int  # denoising steps for each picture
    guidance: float  # scale of classifier-free guidance; 1 is none


SMALL_PLAN = Plan(steps=20, guidance=3.0)  # the starter and its like
LARGE_PLAN = Plan(steps=25, guidance=6.0)  # Stable Diffusion with DPM++
SPEED_PLAN = Plan(steps=6, guidance=1.5)  # with a consistency adapter or model, and LCM


class DiffusionCover:
    """A `CoverEngine` over a text-to-image pipeline; requests of several threads queue.

    Args:
        pipe: Pipeline with its adapters loaded: those of styles under their slugs, a speed adapter as `SPEED`.
        weights: Says what the pipeline is.
        plan: Steps and guidance.
        adapters: Names of the loaded adapters.
    """

    def __init__(self, pipe: DiffusionPipeline, weights: Weights, plan: Plan, adapters: Collection[str]) -> None:
        self.weights = weights
        self.plan = plan
        self.adapters = frozenset(adapters)
        self._pipe = pipe
        self._not_wanted = NOT_WANTED if len(pipe.tokenizer) >= LARGE_VOCABULARY else ""
        self._in_slices = False
        self._turn = threading.Lock()

    @property
    def styles(self) -> frozenset[str]:
        """The styles that have an adapter; for the others the prompt is all there is."""
        return self.adapters - {SPEED}

    def draw(
        self,
        prompt: str,
        style: str,
        seeds: Sequence[int],
        *,
        strength: float = 1.0,
        job: Job = UNWATCHED,
    ) -> list[np.ndarray]:
        with job.turn(self._turn):
            self.use_adapter(style, strength)
            pictures = []
            for number, seed in enumerate(seeds):

                def step_done(step: int, done: int = number * self.plan.steps) -> None:
                    job.step(done + step, len(seeds) * self.plan.steps)

                pictures.append(self._draw_with_little_memory(prompt, seed, step_done))
            return pictures

    def use_adapter(self, style: str, strength: float) -> None:
        """Switches to a style's adapter with a weight of 0 (off) or more; a speed adapter stays on."""
        weights_by_name = {name: 1.0 for name in self.adapters & {SPEED}}
        if style in self.styles and strength > 0:
            weights_by_name[style] = strength
        if weights_by_name:
            self._pipe.enable_lora()
            self._pipe.set_adapters(list(weights_by_name), list(weights_by_name.values()))
        elif self.adapters:
            self._pipe.disable_lora()

    def _draw_with_little_memory(self, prompt: str, seed: int, step_done: Callable[[int], None]) -> np.ndarray:
        """Draws a picture; if memory does not suffice, notes that in `weights` and tries once more in slices."""
        try:
            return self._draw_one(prompt, seed, step_done)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if self._in_slices:
                name = self.weights.name
                raise WeightsError(f"memory does not suffice to draw with {name}, not even in slices") from error
        self.draw_in_slices()
        return self._draw_with_little_memory(prompt, seed, step_done)

    def draw_in_slices(self) -> None:
        """Makes attention and the decoder work piece by piece from now on."""
        self._in_slices = True
        self.weights = replace(self.weights, notice="; ".join(filter(None, (self.weights.notice, IN_SLICES))))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._pipe.enable_attention_slicing()
        self._pipe.vae.enable_slicing()
        self._pipe.vae.enable_tiling()

    def _draw_one(self, prompt: str, seed: int, step_done: Callable[[int], None]) -> np.ndarray:
        """Returns a picture, (side, side, 3) uint8. Its noise comes from the CPU, to be the same on every device."""
        step_done(0)

        def at_step_end(_pipe: object, step: int, _timestep: object, tensors: dict) -> dict:
            step_done(step + 1)
            return tensors

        with torch.inference_mode():
            picture = self._pipe(
                prompt,
                negative_prompt=self._not_wanted,
                num_inference_steps=self.plan.steps,
                guidance_scale=self.plan.guidance,
                generator=torch.Generator("cpu").manual_seed(seed),
                output_type="np",
                callback_on_step_end=at_step_end,
            ).images[0]
        if not np.isfinite(picture).all():
            raise WeightsError(f"{self.weights.name} drew what is no picture (not a number) from seed {seed}")
        return np.round(picture * 255).astype(np.uint8)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on a GPU or on the CPU."""
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "allocate memory" in str(error).lower()
