"""Draws tokens with a decoder: windows of a long song, the codebooks' delay pattern, guidance and the draw itself.

Each take of a request has a random generator of its own, so what a take becomes depends on its seed alone. The only
wait for the device is a check of the logits, once in a few steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from typebeat.engines.beat.decoder import Ask, ConditionTensors, Decoder
from typebeat.request.requests import BEATS_PER_BAR

if TYPE_CHECKING:
    from audiocraft.models.lm import LMModel

CHECK_EVERY_STEPS = 8
UNKNOWN_TOKEN = -1  # stands where no token was drawn yet


@dataclass(frozen=True)
class Window:
    """One run of the language model, in codec frames of the song.

    Attributes:
        start: First frame that the model sees.
        prompt: How many frames from there are known already.
        end: One past the last frame that the model makes.
    """

    start: int
    prompt: int
    end: int


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; one generator for each take."""

    guidance: float
    temperature: float
    top_k: int
    generators: tuple[torch.Generator, ...]


def plan_windows(seconds: float, bpm: float, frame_rate: float, max_seconds: float) -> list[Window]:
    """Cuts a song into windows that a model of `max_seconds` can see, each continuing the one before.

    A window begins and ends on a bar line; if two bars do not fit, on a beat; if two beats do not fit, anywhere. It
    overlaps its predecessor by as many whole bars as fit into half a window. Each line is rounded to a frame by itself,
    so that nothing drifts.

    Raises:
        ValueError: a window has less than two frames, or `seconds` is not positive.
    """
    total = math.ceil(seconds * frame_rate)
    window_frames = int(max_seconds * frame_rate)
    if total < 1 or window_frames < 2:
        raise ValueError(f"cannot cut {seconds:g} s into windows of {max_seconds:g} s")
    if total <= window_frames:
        return [Window(0, 0, total)]
    beat = 60 / bpm * frame_rate  # frames
    grid = next((unit for unit in (BEATS_PER_BAR * beat, beat) if 2 * unit <= window_frames), 1.0)
    seen = int(window_frames / grid)  # grid units in a window
    kept = int(window_frames / 2 / grid)
    windows: list[Window] = []
    made = first = 0
    while made < total:
        start = round(first * grid)
        end = min(round((first + seen) * grid), start + window_frames, total)
        windows.append(Window(start, made - start, end))
        made, first = end, first + seen - kept
    return windows


def count_steps(lm: LMModel, window: Window, ahead: int = 0) -> int:
    """Returns how many steps a `WindowRun` takes: one a frame, and those that the codebooks' delay adds.

    Args:
        lm: Gives the delay pattern.
        window: The frames to draw.
        ahead: Columns of the prefix, which take no steps.
    """
    pattern = lm.pattern_provider.get_pattern(ahead + window.end - window.start)
    return len(pattern.layout) - pattern.get_first_step_with_timesteps(ahead + window.prompt)


class WindowRun:
    """One window while it is drawn: `ask` says what to feed next, `take` draws tokens of the logits after it.

    Args:
        decoder: Made from `lm`.
        lm: Gives the delay pattern.
        known: The tokens that are known already, (takes, codebooks, up to all frames): what the window begins with, and
            parts that are kept. `UNKNOWN_TOKEN` where none is known.
        window: The frames to draw.
        tensors: The conditions, in two rows: what is asked for, and nothing.
        sampling: How tokens are drawn.
        prefix: Tokens that the model sees before the window, (takes, codebooks, columns), if any.

    Attributes:
        frames: All codebooks of so many first frames are known.
    """

    def __init__(
        self,
        decoder: Decoder,
        lm: LMModel,
        known: Tensor,
        window: Window,
        tensors: ConditionTensors,
        sampling: Sampling,
        prefix: Tensor | None = None,
    ) -> None:
        takes, self._ahead = len(known), 0 if prefix is None else prefix.shape[-1]
        known = F.pad(known, (0, window.end - window.start - known.shape[-1]), value=UNKNOWN_TOKEN)
        codes = known.contiguous() if prefix is None else torch.cat([prefix, known], dim=-1)
        self._pattern = lm.pattern_provider.get_pattern(codes.shape[-1])
        # (takes, codebooks, steps): each codebook delayed, special tokens where the pattern has none (mask is False)
        self._sequence, _, self._mask = self._pattern.build_pattern_sequence(codes, lm.special_token_id)
        self._special, self._sampling = lm.special_token_id, sampling
        self._steps = self._sequence.shape[-1]
        self._fed = 0
        self._step = self._first = self._pattern.get_first_step_with_timesteps(self._ahead + window.prompt)
        self._delay = self._steps - 1 - codes.shape[-1]
        self._session = decoder.start(tensors, takes, self._steps - 1)
        self._finite = torch.ones((), dtype=torch.bool, device=known.device)
        self.frames = self._prompt = window.prompt

    @property
    def is_over(self) -> bool:
        """Whether all frames are drawn."""
        return self._step == self._steps

    def ask(self) -> Ask:
        """Returns what is to be fed next."""
        return Ask(self._session, self._sequence[..., self._fed : self._step])

    def take(self, logits: Tensor) -> None:
        """Draws the next tokens of the logits (2, takes, codebooks, card) after what was fed.

        Raises:
            RuntimeError: a logit was NaN or infinite.
        """
        asked, nothing = logits
        guided = nothing + (asked - nothing) * self._sampling.guidance  # (takes, codebooks, card)
        self._finite &= torch.isfinite(guided).all()
        step, is_last = self._step, self._step == self._steps - 1
        if ((step - self._first) % CHECK_EVERY_STEPS == 0 or is_last) and not self._finite:
            raise RuntimeError("the language model gave NaN or infinite logits; its weights are broken")
        drawn = draw_tokens(torch.nan_to_num(guided), self._sampling)
        drawn = torch.where(self._mask[:, step], drawn, self._special)
        place = self._sequence[..., step]
        self._sequence[..., step] = torch.where(place == UNKNOWN_TOKEN, drawn, place)
        self._fed, self._step = step, step + 1
        self.frames = max(self._prompt, step - self._delay - self._ahead)

    def tokens(self) -> Tensor:
        """Returns the first `frames` frames, (takes, codebooks, frames), beginning with the prompt."""
        undelayed = self._pattern.revert_pattern_sequence(self._sequence, special_token=UNKNOWN_TOKEN)[0]
        return undelayed[..., self._ahead : self._ahead + self.frames]


def draw_tokens(logits: Tensor, sampling: Sampling) -> Tensor:
    """Draws one token from each row of `logits` (takes, codebooks, card); returns (takes, codebooks).

    With `top_k` 1 it is the likeliest. Else the exponential race draws it, which never waits for the device.
    """
    if sampling.top_k == 1:
        return logits.argmax(dim=-1)
    best, tokens = torch.topk(logits / sampling.temperature, min(sampling.top_k, logits.shape[-1]))
    shares = torch.softmax(best, dim=-1)
    clocks = torch.stack(
        [torch.empty_like(take).exponential_(generator=g) for take, g in zip(shares, sampling.generators, strict=True)]
    )
    return tokens.gather(-1, (shares / clocks).argmax(dim=-1, keepdim=True))[..., 0]
