"""Text to sound: an audiocraft language model draws tokens, an audiocraft codec turns them into audio.

One engine serves the starter, MusicGen and its finetunes: decoder.py runs the network, sampling.py draws, streaming.py
makes sound before the end is known. A request changes nothing for the next. Files are read by loading.py; level, tempo
and cutting to bars belong to the pipeline. Models that want audio beside the text are refused by loading.py.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from typebeat.engines import BeatConditions, Hear, Progress, ShouldStop, Weights, WeightsError
from typebeat.engines.beat.adapters import Adapter, AdapterSlot
from typebeat.engines.beat.decoder import Decoder, UnknownModelError
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.sampling import Sampling, count_steps, draw_window, plan_windows
from typebeat.engines.beat.streaming import PieceDecoder
from typebeat.engines.turns import stop_if, wait_for_turn
from typebeat.hearing.reranking import Reranker, load_reranker
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

REPORT_EVERY_STEPS = 8
POSITION = "grid"  # the condition that tells where in the song a window begins, and at which tempo
NON_COMMERCIAL = "-nc"  # in every Creative Commons licence that says so
MEMORY_SHARE = 0.8  # of what is free, that a request's caches may take


class MusicGenEngine:
    """A `BeatEngine` over an audiocraft `LMModel` and `CompressionModel`; requests of several threads queue.

    Args:
        lm: Language model with text conditions only.
        codec: Codec with as many codebooks, of the same size.
        max_seconds: The longest clip that the language model was trained on.
        weights: What `lm` and `codec` are.
        reranker: What tells the better of two drafts of them.
    """

    def __init__(
        self,
        lm: LMModel,
        codec: CompressionModel,
        max_seconds: float,
        weights: Weights,
        reranker: Reranker | None = None,
    ) -> None:
        self.weights = weights
        self.reranker = reranker
        self.sample_rate = int(codec.sample_rate)
        self.max_seconds = float(max_seconds)
        self.guidance = float(lm.cfg_coef)
        self.codec = codec.eval()
        self._lm = lm.eval()
        self._device = next(lm.parameters()).device
        self._decoder = Decoder(lm, weights.precision)
        self._turn = threading.Lock()
        self._slot = AdapterSlot(lm)

    def put_adapter(self, adapter: Adapter | None, strength: float = 1.0) -> None:
        """Puts an adapter onto the base in place of the one before, None for none; waits for requests that run.

        Args:
            adapter: Of `read_adapter`, for this engine's language model.
            strength: 0 (nothing) to 2.
        """
        with self._turn:
            self._slot.put(adapter, strength)
            self._decoder = Decoder(self._lm, self.weights.precision)

    def generate(
        self,
        conditions: BeatConditions,
        seconds: float,
        seeds: Sequence[int],
        *,
        guidance: float | None = None,
        temperature: float = 1.0,
        top_k: int = 250,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        hear: Hear | None = None,
    ) -> list[Audio]:
        """Makes at least `seconds` of audio for each seed, all in one batch.

        The same arguments give the same samples on the same machine, and a seed the same take whatever the other seeds
        are. `progress` gets (steps done, steps needed), first with 0 done, last with all. `hear` gets the first take in
        pieces of about a second while it is made; they join to one sound, which the result decodes anew as a whole.

        Raises:
            Stopped: `should_stop` turned true, while waiting for another request or at any step.
            RequestError: the takes' caches do not fit into memory.
            RuntimeError: the model made something that is not a number, or too little.
        """
        stream = self.stream(
            conditions, seconds, seeds, guidance, temperature, top_k, progress, should_stop, bool(hear)
        )
        while True:
            try:
                piece = next(stream)
            except StopIteration as end:
                return end.value
            hear(piece)

    def stream(
        self,
        conditions: BeatConditions,
        seconds: float,
        seeds: Sequence[int],
        guidance: float | None = None,
        temperature: float = 1.0,
        top_k: int = 250,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        in_pieces: bool = True,
    ) -> Generator[Audio, None, list[Audio]]:
        """Yields the first take in pieces while the tokens are drawn, and returns all takes; arguments as `generate`.

        Closing the generator ends the request and frees its memory.
        """
        generators = tuple(torch.Generator(self._device).manual_seed(seed) for seed in seeds)
        sampling = Sampling(self.guidance if guidance is None else guidance, temperature, top_k, generators)
        wait_for_turn(self._turn, should_stop)
        try:
            pieces = PieceDecoder(self.codec) if in_pieces else None
            tokens = None
            for tokens in self._draw_song(conditions, seconds, sampling, progress, should_stop, pieces):
                if pieces and (piece := pieces.push(tokens[:1])) is not None:
                    yield Audio(piece.clip(-1, 1), self.sample_rate)
            stop_if(should_stop)
            with torch.inference_mode():
                takes = [self.codec.decode(take[None])[0].float().cpu() for take in tokens]  # (channels, n) each
        finally:
            self._turn.release()
        return [self._checked_audio(samples, seconds) for samples in takes]

    def _draw_song(
        self,
        conditions: BeatConditions,
        seconds: float,
        sampling: Sampling,
        progress: Progress | None,
        should_stop: ShouldStop | None,
        pieces: PieceDecoder | None,
    ) -> Iterator[torch.Tensor]:
        """Yields the tokens (takes, codebooks, frames) so far whenever a piece of sound is due, and all at last."""
        frame_rate, takes = self.codec.frame_rate, len(sampling.generators)
        windows = plan_windows(seconds, conditions.bpm, frame_rate, self.max_seconds)
        self._check_memory(takes, max(window.end - window.start for window in windows))
        needed = sum(count_steps(self._lm, window) for window in windows)
        done = 0
        song = torch.zeros((takes, self._lm.num_codebooks, 0), dtype=torch.long, device=self._device)
        for window in windows:
            known = song[..., window.start :]
            with torch.inference_mode():
                tensors = condition_tensors(self._lm, conditions, window.start / frame_rate)
            drawing = draw_window(self._decoder, self._lm, known, window, tensors, sampling)
            for _ in range(count_steps(self._lm, window)):
                stop_if(should_stop)
                if progress and done % REPORT_EVERY_STEPS == 0:
                    progress(done, needed)
                with torch.inference_mode():
                    drawn = next(drawing)
                    done += 1
                    due = pieces and pieces.is_due(window.start + drawn.frames)
                    now = torch.cat([song[..., : window.start], drawn.tokens()], dim=-1) if due else None
                if now is not None:
                    yield now
            song = torch.cat([song[..., : window.start], drawn.tokens()], dim=-1)
        if progress:
            progress(needed, needed)
        if pieces:
            pieces.end()
        yield song

    def _check_memory(self, takes: int, frames: int) -> None:
        """Raises RequestError if the caches of `takes` takes of `frames` frames do not fit."""
        needed = self._decoder.bytes_needed(takes, frames + self._lm.num_codebooks)
        free = free_memory(self._device)
        if needed > MEMORY_SHARE * free:
            raise RequestError(
                "takes",
                f"{takes} beats of this length at once need {needed / 1e9:.1f} GB beside the model and "
                f"{free / 1e9:.1f} GB are free; ask for fewer takes or drafts, or run it on a machine with more memory",
            )

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
    from typebeat.engines.beat.loading import load_models
    from typebeat.engines.checkpoints import UNKNOWN_LICENCE, fingerprint, read_licence

    models = load_models(folder, weights.device)
    licence = weights.licence if weights.licence not in ("", UNKNOWN_LICENCE) else read_licence(folder)
    if models.base_licence == UNKNOWN_LICENCE or NON_COMMERCIAL in models.base_licence:
        licence = models.base_licence  # an adapter's own cannot allow what its base's forbids
    weights = replace(
        weights,
        revision=weights.revision or fingerprint(models.files),
        licence=licence,
        precision=best_precision(next(models.lm.transformer.parameters()).dtype, weights.device),
    )
    try:
        return MusicGenEngine(models.lm, models.codec, models.max_seconds, weights, load_reranker(folder))
    except UnknownModelError as error:
        raise WeightsError(f"{folder}: {error}") from error
    except ValueError as error:
        raise WeightsError(str(error)) from error


def condition_texts(lm: LMModel, conditions: BeatConditions, start_seconds: float = 0.0) -> dict[str, str | None]:
    """Returns what each text condition of the model is told; serving and training word it alike.

    A model may know some of: description, bpm, key and (the starter) grid, which tells where in the song the window
    begins. Other text conditions get nothing.
    """
    names = lm.condition_provider.text_conditions
    texts = {"description": conditions.caption, "bpm": f"{conditions.bpm:g}", "key": conditions.key}
    if POSITION in names:
        from typebeat.engines.beat.starter import grid_text

        texts[POSITION] = grid_text(conditions.bpm, start_seconds)
    return {name: texts.get(name) for name in names}


def condition_tensors(
    lm: LMModel, conditions: BeatConditions, start_seconds: float = 0.0
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Returns what the fuser takes, in two rows: what is asked for, and nothing (for classifier-free guidance).

    The position in the bar is no wish but a fact, so the second row knows it too: guidance away from a row without it
    would press on the rhythm, and on all that hangs on it, instead of on the words.
    """
    from audiocraft.modules.conditioners import ConditioningAttributes

    texts = condition_texts(lm, conditions, start_seconds)
    nothing = {name: text if name == POSITION else None for name, text in texts.items()}
    rows = [ConditioningAttributes(text=texts), ConditioningAttributes(text=nothing)]
    return lm.condition_provider(lm.condition_provider.tokenize(rows))


def free_memory(device: torch.device) -> int:
    """Returns the bytes that a request may still take on `device`."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    import psutil

    return psutil.virtual_memory().available
