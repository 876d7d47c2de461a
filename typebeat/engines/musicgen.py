"""Text to sound: an audiocraft language model draws tokens, an audiocraft codec turns them into audio.

One sampling loop serves the starter, MusicGen and its finetunes. It draws from a generator of its own and leaves the
model as it was, so a request changes nothing for the next. Files are read by loading.py; level, tempo and cutting to
bars belong to the pipeline. Models that want audio beside the text (melody, style) are refused by loading.py.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from typebeat.audio import Audio
from typebeat.engines import BeatConditions, Progress, ShouldStop, Stopped, Weights

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

BEATS_PER_BAR = 4
REPORT_EVERY_STEPS = 8
POLL_S = 0.1  # how often a request that waits for its turn looks whether it was stopped
UNKNOWN_TOKEN = -1  # a place of the sequence that is not drawn yet


@dataclass(frozen=True)
class Window:
    """One run of the language model, in codec frames of the song.

    Attributes:
        start: First frame that the model sees.
        prompt: How many frames from there are known already.
        end: One past the last frame that it makes.
    """

    start: int
    prompt: int
    end: int


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn."""

    guidance: float
    temperature: float
    top_k: int
    generator: torch.Generator


class MusicGenEngine:
    """A `BeatEngine` over an audiocraft `LMModel` and `CompressionModel`; requests of several threads queue.

    Args:
        lm: Language model with text conditions only.
        codec: Codec with as many codebooks, of the same size.
        max_seconds: The longest clip that the language model was trained on.
        weights: What `lm` and `codec` are.
    """

    def __init__(self, lm: LMModel, codec: CompressionModel, max_seconds: float, weights: Weights) -> None:
        self.weights = weights
        self.sample_rate = int(codec.sample_rate)
        self.max_seconds = float(max_seconds)
        self._lm = lm.eval()
        self.codec = codec.eval()
        self._device = next(lm.parameters()).device
        self._turn = threading.Lock()

    def generate(
        self,
        conditions: BeatConditions,
        seconds: float,
        seed: int,
        *,
        guidance: float = 3.0,
        temperature: float = 1.0,
        top_k: int = 250,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Audio:
        """Makes at least `seconds` of audio; the same arguments give the same samples on the same machine.

        `progress` gets (steps done, steps needed), first with 0 done, last with all.

        Raises:
            Stopped: `should_stop` turned true, while waiting for another request or at any step.
            RuntimeError: the model made something that is not a number, or too little.
        """
        sampling = Sampling(guidance, temperature, top_k, torch.Generator(self._device).manual_seed(seed))
        wait_for_turn(self._turn, should_stop)
        try:
            with torch.inference_mode():
                tokens = self._draw_song(conditions, seconds, sampling, progress, should_stop)
                stop_if(should_stop)
                samples = self.codec.decode(tokens)[0].float().cpu()  # (channels, n)
        finally:
            self._turn.release()
        return self._checked_audio(samples, seconds)

    def _draw_song(
        self,
        conditions: BeatConditions,
        seconds: float,
        sampling: Sampling,
        progress: Progress | None,
        should_stop: ShouldStop | None,
    ) -> torch.Tensor:
        """Returns tokens (1, codebooks, frames) for the whole song, window after window."""
        frame_rate = self.codec.frame_rate
        windows = plan_windows(seconds, conditions.bpm, frame_rate, self.max_seconds)
        needed = sum(count_steps(self._lm, window) for window in windows)
        done = 0

        def on_step() -> bool:
            """Counts a step; returns whether this is one of those that are reported."""
            nonlocal done
            stop_if(should_stop)
            reported = done % REPORT_EVERY_STEPS == 0
            if progress and reported:
                progress(done, needed)
            done += 1
            return reported

        song = torch.zeros((self._lm.num_codebooks, 0), dtype=torch.long, device=self._device)
        with self._autocast():
            for window in windows:
                known = song[:, window.start :]
                tensors = condition_tensors(self._lm, conditions, window.start / frame_rate)
                tokens = draw_window(self._lm, known, window, tensors, sampling, on_step)
                song = torch.cat([song, tokens[:, window.prompt :]], dim=-1)
        if progress:
            progress(needed, needed)
        return song[None]

    def _autocast(self) -> AbstractContextManager[None]:
        """Half precision where the language model's weights are, which is on CUDA alone; as audiocraft does it."""
        half = next(self._lm.transformer.parameters()).dtype == torch.float16
        return torch.autocast(self._device.type, torch.float16) if half else nullcontext()

    def _checked_audio(self, samples: torch.Tensor, seconds: float) -> Audio:
        """Returns `samples` (channels, n) as Audio within [-1, 1], or raises RuntimeError."""
        if not torch.isfinite(samples).all():
            raise RuntimeError("the codec decoded NaN or infinite samples; its weights are broken")
        wanted = math.ceil(seconds * self.sample_rate)
        if samples.shape[-1] < wanted:
            raise RuntimeError(f"the codec decoded {samples.shape[-1]} samples where {wanted} were asked for")
        peak = samples.abs().max().item()
        return Audio((samples / max(1.0, peak)).numpy(), self.sample_rate)


def load_musicgen(folder: Path, weights: Weights) -> MusicGenEngine:
    """Loads a folder of the starter's or of audiocraft's format onto `weights.device`.

    Args:
        folder: Where the files are; a snapshot of a Hub repository is such a folder too.
        weights: What is known of them. An empty revision becomes the hash of the files, an empty or unknown licence
            the one that the folder's README.md names; the precision is filled in.

    Raises:
        WeightsError: they are missing, truncated, of an unknown format, of an unfit model, or hold code.
    """
    from typebeat.engines.checkpoints import UNKNOWN_LICENCE, fingerprint, read_licence
    from typebeat.engines.loading import load_models

    models = load_models(folder, weights.device)
    half = next(models.lm.transformer.parameters()).dtype == torch.float16
    weights = replace(
        weights,
        revision=weights.revision or fingerprint(models.files),
        licence=weights.licence if weights.licence not in ("", UNKNOWN_LICENCE) else read_licence(folder),
        precision="fp16" if half else "fp32",
    )
    return MusicGenEngine(models.lm, models.codec, models.max_seconds, weights)


def plan_windows(seconds: float, bpm: float, frame_rate: float, max_seconds: float) -> list[Window]:
    """Cuts a song into windows that a model of `max_seconds` can see, each going on from the one before.

    A window begins and ends on a bar line (on a beat or anywhere, where two bars or two beats do not fit), and begins
    as many whole bars before its predecessor's end as fit into half a window. Lines are rounded to frames one by one,
    so nothing drifts.

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


def count_steps(lm: LMModel, window: Window) -> int:
    """Returns how many steps `draw_window` takes: the frames to make, and those that the codebooks' delay adds."""
    pattern = lm.pattern_provider.get_pattern(window.end - window.start)
    return len(pattern.layout) - pattern.get_first_step_with_timesteps(window.prompt)


def condition_tensors(
    lm: LMModel, conditions: BeatConditions, start_seconds: float = 0.0
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Returns what the fuser takes, in two rows: what is asked for, and nothing (for classifier-free guidance).

    A model may know some of: description, bpm, key and (the starter) grid, which tells where in the song the window
    begins. Other text conditions get nothing.
    """
    from audiocraft.modules.conditioners import ConditioningAttributes

    names = lm.condition_provider.text_conditions
    texts = {"description": conditions.caption, "bpm": f"{conditions.bpm:g}", "key": conditions.key}
    if "grid" in names:
        from typebeat.engines.starter import grid_text

        texts["grid"] = grid_text(conditions.bpm, start_seconds)
    asked = ConditioningAttributes(text={name: texts.get(name) for name in names})
    nothing = ConditioningAttributes(text=dict.fromkeys(names))
    return lm.condition_provider(lm.condition_provider.tokenize([asked, nothing]))


def draw_window(
    lm: LMModel,
    known: torch.Tensor,
    window: Window,
    tensors: dict[str, tuple[torch.Tensor, torch.Tensor]],
    sampling: Sampling,
    on_step: Callable[[], bool],
) -> torch.Tensor:
    """Returns tokens (codebooks, frames) of one window, the `known` (codebooks, window.prompt) in front.

    `on_step` is called before every step; what it raises leaves the model clean. Where it is true, logits are checked.

    Raises:
        RuntimeError: a logit was NaN or infinite.
    """
    frames = window.end - window.start
    pattern = lm.pattern_provider.get_pattern(frames)
    codes = torch.full((1, lm.num_codebooks, frames), UNKNOWN_TOKEN, dtype=torch.long, device=known.device)
    codes[0, :, : window.prompt] = known
    # (1, codebooks, steps): each codebook delayed, special tokens where the pattern has none (mask is False)
    sequence, _, mask = pattern.build_pattern_sequence(codes, lm.special_token_id)
    first = pattern.get_first_step_with_timesteps(window.prompt)
    fed = 0
    finite = torch.ones((), dtype=torch.bool, device=known.device)
    with lm.streaming():
        for step in range(first, sequence.shape[-1]):
            check = on_step()
            two_rows = sequence[..., fed:step].expand(2, -1, -1)
            asked, nothing = lm(two_rows, conditions=[], condition_tensors=tensors)[:, :, -1].float()
            logits = nothing + (asked - nothing) * sampling.guidance  # (codebooks, cardinality)
            finite &= torch.isfinite(logits).all()
            if (check or step == sequence.shape[-1] - 1) and not finite:
                raise RuntimeError("the language model gave NaN or infinite logits; its weights are broken")
            drawn = torch.where(mask[:, step], draw_tokens(torch.nan_to_num(logits), sampling), lm.special_token_id)
            place = sequence[0, :, step]
            sequence[0, :, step] = torch.where(place == UNKNOWN_TOKEN, drawn, place)
            fed = step
    return pattern.revert_pattern_sequence(sequence, special_token=UNKNOWN_TOKEN)[0][0, :, :frames]


def draw_tokens(logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """Returns one token for each row of `logits` (codebooks, cardinality); the likeliest where `top_k` is 1."""
    if sampling.top_k == 1:
        return logits.argmax(dim=-1)
    best, tokens = torch.topk(logits / sampling.temperature, min(sampling.top_k, logits.shape[-1]))
    drawn = torch.multinomial(torch.softmax(best, dim=-1), 1, generator=sampling.generator)
    return tokens.gather(-1, drawn)[:, 0]


def wait_for_turn(turn: threading.Lock, should_stop: ShouldStop | None) -> None:
    """Takes the lock, or raises Stopped if the request is stopped while it waits."""
    stop_if(should_stop)
    while not turn.acquire(timeout=POLL_S):
        stop_if(should_stop)


def stop_if(should_stop: ShouldStop | None) -> None:
    """Raises Stopped if `should_stop` is there and true."""
    if should_stop and should_stop():
        raise Stopped
