"""Draws pictures of text with a pipeline of diffusers and one adapter for each style.

One engine serves every text-to-image pipeline, from the starter's to those of today. Adapters are loaded once and
switched without reloading the base. Each picture is drawn alone from its own seed, so that it does not depend on what
else is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from typebeat.covers.vocabulary import Vocabulary
from typebeat.engines import UNWATCHED, Job, Weights, WeightsError
from typebeat.engines.cover.files import EVERY, SPEED
from typebeat.engines.cover.plans import Plan, arguments, taken_by

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

IN_SLICES = "memory is short, so pictures are drawn in slices, which takes longer"


class DiffusionCover:
    """A `CoverEngine` over a text-to-image pipeline; requests of several threads queue.

    Args:
        pipe: With its adapters loaded: those of styles under their slugs, one for all others as `EVERY`, a speed
            adapter as `SPEED`.
        weights: Says what the pipeline is.
        plan: Steps, guidance and size.
        adapters: Names of the loaded adapters.
    """

    def __init__(self, pipe: DiffusionPipeline, weights: Weights, plan: Plan, adapters: Collection[str]) -> None:
        self.weights = weights
        self.plan = plan
        self.adapters = frozenset(adapters)
        self._pipe = pipe
        self._takes = taken_by(pipe)
        self._in_slices = False
        self._turn = threading.Lock()

    @property
    def styles(self) -> frozenset[str]:
        """The styles that have an adapter; for the others the prompt is all there is."""
        return self.adapters - {SPEED, EVERY}

    @property
    def drafts(self) -> int:
        """How many pictures are drawn for each cover."""
        return self.plan.drafts

    @property
    def vocabulary(self) -> Vocabulary:
        """What it was taught to draw."""
        return self.plan.vocabulary

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
        name = style if style in self.styles else EVERY
        if name in self.adapters and strength > 0:
            weights_by_name[name] = strength
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
        for saving in ("enable_slicing", "enable_tiling"):
            if hasattr(self._pipe.vae, saving):
                getattr(self._pipe.vae, saving)()

    def _draw_one(self, prompt: str, seed: int, step_done: Callable[[int], None]) -> np.ndarray:
        """Returns a picture, (side, side, 3) uint8. Its noise comes from the CPU, to be the same on every device."""
        step_done(0)

        def at_step_end(_pipe: object, step: int, _timestep: object, tensors: dict) -> dict:
            step_done(step + 1)
            return tensors

        with torch.inference_mode():
            picture = self._pipe(
                **arguments(self._pipe, self.plan, prompt, self._takes),
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
