"""Draws the tokens of a song: window after window, each of which continues the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from typebeat.engines import BeatConditions, Job
from typebeat.engines.beat.batch import Drawing, Made
from typebeat.engines.beat.conditions import condition_tensors
from typebeat.engines.beat.decoder import Decoder
from typebeat.engines.beat.sampling import Sampling, Window, WindowRun, count_steps, plan_windows
from typebeat.engines.beat.stem_prefix import StemPrefix, prefix_of

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

_READING = threading.Lock()  # the tokenizer of a text encoder may not be used by two threads at once


@dataclass(frozen=True)
class SongPlan:
    """Which windows a song is drawn in.

    Attributes:
        windows: In their order.
        prefix: Makes what a model of stems sees before each of them, if it sees anything.
    """

    windows: tuple[Window, ...]
    prefix: StemPrefix | None

    @property
    def ahead(self) -> int:
        """How many columns stand before each window."""
        return self.prefix.columns if self.prefix else 0

    @property
    def longest(self) -> int:
        """The most frames and columns that are seen at once."""
        return self.ahead + max(window.end - window.start for window in self.windows)


def plan_song(
    lm: LMModel, codec: CompressionModel, conditions: BeatConditions, seconds: float, max_seconds: float
) -> SongPlan:
    """Plans a song for a model that was trained on clips of `max_seconds`."""
    prefix = prefix_of(codec, lm, conditions.kept, max_seconds)
    longest = (prefix.frames + 0.5) / codec.frame_rate if prefix else max_seconds  # half more: rounding takes none away
    return SongPlan(tuple(plan_windows(seconds, conditions.bpm, codec.frame_rate, longest)), prefix)


def draw_song(
    decoder: Decoder,
    lm: LMModel,
    plan: SongPlan,
    song: Tensor,
    conditions: BeatConditions,
    frame_rate: float,
    sampling: Sampling,
    job: Job,
    is_due: Callable[[int], bool],
) -> Drawing:
    """Draws `song`, for a `Batch`; yields all tokens so far whenever a piece of sound is due, and at the end.

    Args:
        decoder: Made from `lm`.
        lm: The language model.
        plan: The windows.
        song: Its tokens, (takes, codebooks, frames), `UNKNOWN_TOKEN` where they are to be drawn; filled in place.
        conditions: What is asked for.
        frame_rate: Frames in a second.
        sampling: How tokens are drawn.
        job: Gets every step.
        is_due: Whether a piece of sound is due once so many frames of the song are drawn.
    """
    needed = sum(count_steps(lm, window, plan.ahead) for window in plan.windows)
    done = 0
    for window in plan.windows:
        known = song[..., window.start : window.end]
        shown = plan.prefix.before(song[..., window.start :]) if plan.prefix else None
        job.step(done, needed)
        with _READING:
            tensors = condition_tensors(lm, conditions, window.start / frame_rate)
        run = WindowRun(decoder, lm, known, window, tensors, sampling, shown)
        while True:
            logits = yield run.ask()
            if logits is None:
                raise AssertionError("a drawing is sent the logits that it asks for")
            run.take(logits)
            done += 1
            if is_due(window.start + run.frames):
                yield Made(torch.cat([song[..., : window.start], run.tokens()], dim=-1), is_last=False)
            if run.is_over:
                break
            job.step(done, needed)
        song[..., window.start : window.end] = run.tokens()
    job.step(needed, needed)
    yield Made(song, is_last=True)
