"""Makes sound of text: an audiocraft language model draws tokens, an audiocraft codec turns them into audio.

One engine serves the starter, MusicGen and its finetunes. A request changes nothing for the next. Levels, exact tempo
and whole bars are not made here but in `typebeat/parts/`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from typebeat.engines import UNWATCHED, BeatConditions, BeatSound, Job, Weights, WeightsError
from typebeat.engines.beat.adapters import Adapter, AdapterSlot, base_name, read_adapter
from typebeat.engines.beat.conditions import NOTES, concept_ids, condition_tensors, melody_conditions
from typebeat.engines.beat.decoder import Decoder, UnknownModelError
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.sampling import UNKNOWN_TOKEN, Sampling, count_steps, draw_window, plan_windows
from typebeat.engines.beat.stem_prefix import prefix_of
from typebeat.engines.beat.streaming import StreamDecoder
from typebeat.hearing.parts_reranker import PartsReranker
from typebeat.hearing.reranking import Reranker, load_reranker
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

NON_COMMERCIAL = "-nc"  # in every Creative Commons licence that says so
MEMORY_SHARE = 0.8  # how much of the free memory a request's caches may take


class MusicGenEngine:
    """A `BeatEngine` over an audiocraft `LMModel` and `CompressionModel`; requests of several threads queue.

    Args:
        lm: Language model with text conditions only.
        codec: Codec with as many codebooks, of the same size.
        max_seconds: The longest clip that the language model was trained on.
        weights: Says what `lm` and `codec` are.
        reranker: Tells which of two drafts of theirs is better.
        slot: Holds the adapter that is on `lm`; None where there is none.
        files: The base's, beside which an adapter's count.
    """

    def __init__(
        self,
        lm: LMModel,
        codec: CompressionModel,
        max_seconds: float,
        weights: Weights,
        reranker: Reranker | PartsReranker | None = None,
        slot: AdapterSlot | None = None,
        files: Sequence[Path] = (),
    ) -> None:
        self.weights = weights
        self.files = tuple(files)
        self.reranker = reranker
        self.sample_rate = int(codec.sample_rate)
        self.max_seconds = float(max_seconds)
        self.guidance = float(lm.cfg_coef)
        self.codec = codec.eval()
        self.parts = part_names(codec)
        self.concepts = concept_ids(lm)
        self.takes_notes = NOTES in lm.condition_provider.text_conditions
        self.takes_melody = bool(melody_conditions(lm))
        self._lm = lm.eval()
        self._device = next(lm.parameters()).device
        self._decoder = Decoder(lm, weights.precision)
        self._turn = threading.Lock()
        self._slot = slot or AdapterSlot(lm)

    def put_adapter(self, adapter: Adapter | None, weights: Weights | None = None) -> None:
        """Puts an adapter onto the base in place of the one before, None for none; waits for requests that run.

        Args:
            adapter: Of `read_adapter`, for this engine's language model.
            weights: What the engine is from then on.
        """
        with self._turn:
            self._put(adapter, 1.0)
            self.weights = weights or self.weights

    def is_of(self, folder: Path) -> bool:
        """Whether a folder is that of the base."""
        return bool(self.files) and self.files[0].parent.resolve() == folder.resolve()

    def read_adapter(self, folder: Path) -> Adapter:
        """Reads an adapter for this engine's language model; raises WeightsError where it is for another."""
        return read_adapter(folder, self._lm)

    def _put(self, adapter: Adapter | None, strength: float) -> None:
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
        job: Job = UNWATCHED,
    ) -> list[BeatSound]:
        """Makes all takes in one batch, as `BeatEngine` says.

        `job.hear` gets pieces of about a second; the result is decoded anew as a whole. A model that makes too little,
        or something that is not a number, raises RuntimeError.
        """
        generators = tuple(torch.Generator(self._device).manual_seed(seed) for seed in seeds)
        sampling = Sampling(self.guidance if guidance is None else guidance, temperature, top_k, generators)
        with job.turn(self._turn):
            hear = job.hear
            if self._slot.adapter and self._slot.strength != conditions.adapter_strength:
                self._put(self._slot.adapter, conditions.adapter_strength)
            stream = StreamDecoder(self.codec, conditions.left_out) if hear else None
            for tokens in self._draw_song(conditions, seconds, sampling, job, stream):
                if hear and stream and (piece := stream.push(tokens[:1])) is not None:
                    hear(Audio(piece.clip(-1, 1), self.sample_rate))
            return [self._sound(take, seconds, conditions.left_out) for take in tokens]

    def _draw_song(
        self,
        conditions: BeatConditions,
        seconds: float,
        sampling: Sampling,
        job: Job,
        stream: StreamDecoder | None,
    ) -> Iterator[torch.Tensor]:
        """Yields all tokens so far, (takes, codebooks, frames), whenever a piece of sound is due and at the end."""
        frame_rate, takes, done = self.codec.frame_rate, len(sampling.generators), 0
        prefix = prefix_of(self.codec, self._lm, conditions.kept, self.max_seconds)
        longest = (prefix.frames + 0.5) / frame_rate if prefix else self.max_seconds  # not a frame less by rounding
        windows, ahead = plan_windows(seconds, conditions.bpm, frame_rate, longest), prefix.columns if prefix else 0
        self._check_memory(takes, ahead + max(window.end - window.start for window in windows))
        needed = sum(count_steps(self._lm, window, ahead) for window in windows)
        song = self._known_tokens(conditions, takes, windows[-1].end)
        for window in windows:
            known = song[..., window.start : window.end]
            with torch.inference_mode():
                tensors = condition_tensors(self._lm, conditions, window.start / frame_rate)
            shown = prefix.before(song[..., window.start :]) if prefix else None
            drawing = draw_window(self._decoder, self._lm, known, window, tensors, sampling, shown)
            for _ in range(count_steps(self._lm, window, ahead)):
                job.step(done, needed)
                with torch.inference_mode():
                    drawn = next(drawing)
                    done += 1
                    due = stream and stream.is_due(window.start + drawn.frames)
                    now = torch.cat([song[..., : window.start], drawn.tokens()], dim=-1) if due else None
                if now is not None:
                    yield now
            song[..., window.start : window.end] = drawn.tokens()
        job.step(needed, needed)
        if stream:
            stream.end()
        yield song

    def _known_tokens(self, conditions: BeatConditions, takes: int, frames: int) -> torch.Tensor:
        """Returns (takes, codebooks, frames): the tokens of kept parts, `UNKNOWN_TOKEN` for all that is to be made.

        Raises:
            RequestError: a kept part is none of the weights' own, or does not have that many frames.
        """
        song = torch.full((takes, self._lm.num_codebooks, frames), UNKNOWN_TOKEN, device=self._device)
        for part, tokens in conditions.kept.items():
            if part not in self.parts:
                raise RequestError("again", f"these weights know no part {part!r}; they know {', '.join(self.parts)}")
            rows = self._rows_of(part)
            if tokens.size and (tokens.min() < 0 or tokens.max() >= self._lm.card):
                raise RequestError("of", f"the tokens of the {part} are none of these weights; the recipe was edited")
            if tokens.shape != (rows.stop - rows.start, frames):
                raise RequestError("of", f"the {part} of that beat are not as long as the beat that is asked for")
            song[:, rows] = torch.from_numpy(tokens.astype(np.int64)).to(self._device)
        return song

    def _rows_of(self, part: str) -> slice:
        """Returns which codebooks are a part's."""
        at = self.parts.index(part)
        first = sum(self.codec.books[:at])
        return slice(first, first + self.codec.books[at])

    def part_tokens(self, tokens: np.ndarray, part: str) -> np.ndarray:
        """Returns a part's tokens (codebooks of the part, frames) of a beat's (codebooks, frames)."""
        return tokens[self._rows_of(part)]

    @torch.inference_mode()
    def _sound(self, tokens: torch.Tensor, seconds: float, left_out: Sequence[str]) -> BeatSound:
        """Decodes one take's tokens (codebooks, frames)."""
        held = tokens.cpu().numpy().astype(np.int16)
        if not self.parts:
            whole = self._checked(self.codec.decode(tokens[None])[0].float().cpu(), seconds)
            return BeatSound(whole.numpy(), self.sample_rate, tokens=held)
        played = self.codec.decode_parts(tokens[None])[0].float().cpu()  # (parts, 1, n)
        played *= torch.tensor([part not in left_out for part in self.parts])[:, None, None]
        whole = self._checked(played.sum(dim=0), seconds)
        sounds = (Audio(sound.numpy(), self.sample_rate) for sound in played)
        return BeatSound(whole.numpy(), self.sample_rate, dict(zip(self.parts, sounds, strict=True)), held)

    def _check_memory(self, takes: int, frames: int) -> None:
        """Raises RequestError if the caches do not fit into memory."""
        needed = self._decoder.bytes_needed(takes, frames + self._lm.num_codebooks)
        free = free_memory(self._device)
        if needed > MEMORY_SHARE * free:
            raise RequestError(
                "takes",
                f"{takes} beats of this length at once need {needed / 1e9:.1f} GB beside the model and "
                f"{free / 1e9:.1f} GB are free; ask for fewer takes or drafts, or run it on a machine with more memory",
            )

    def _checked(self, samples: torch.Tensor, seconds: float) -> torch.Tensor:
        """Returns `samples` (channels, n) within [-1, 1], or raises RuntimeError."""
        if not torch.isfinite(samples).all():
            raise RuntimeError("the codec decoded NaN or infinite samples; its weights are broken")
        wanted = math.ceil(seconds * self.sample_rate)
        if samples.shape[-1] < wanted:
            raise RuntimeError(f"the codec decoded {samples.shape[-1]} samples where {wanted} were asked for")
        return samples / max(1.0, samples.abs().max().item())


def load_musicgen(folder: Path, weights: Weights) -> MusicGenEngine:
    """Loads a folder of the starter's or of audiocraft's format onto `weights.device`.

    The precision is filled in. An empty revision becomes the hash of the files, an empty licence the one that the
    folder's README.md names.

    Raises:
        WeightsError: files are missing or truncated, hold code, or are of an unknown format or an unfit model.
    """
    from typebeat.engines.beat.loading import load_models
    from typebeat.engines.checkpoints import fingerprint

    models = load_models(folder, weights.device)
    weights = replace(
        weights,
        revision=weights.revision or fingerprint(models.files),
        licence=licence_of(folder, weights, models.base.licence if models.base else ""),
        base=base_name(models.base, models.base_files) if models.base else "",
        precision=best_precision(next(models.lm.transformer.parameters()).dtype, weights.device),
    )
    try:
        return MusicGenEngine(
            *(models.lm, models.codec, models.max_seconds, weights, load_reranker(folder)),
            *(models.slot, models.base_files),
        )
    except UnknownModelError as error:
        raise WeightsError(f"{folder}: {error}") from error
    except ValueError as error:
        raise WeightsError(str(error)) from error


def licence_of(folder: Path, weights: Weights, base_licence: str) -> str:
    """Returns the licence of what a folder's weights make; an adapter's own cannot allow what its base's forbids."""
    from typebeat.engines.checkpoints import UNKNOWN_LICENCE, read_licence

    if base_licence == UNKNOWN_LICENCE or NON_COMMERCIAL in base_licence:
        return base_licence
    return weights.licence if weights.licence not in ("", UNKNOWN_LICENCE) else read_licence(folder)


def part_names(codec: CompressionModel) -> tuple[str, ...]:
    """Returns the parts that a codec plays apart; none for a codec of whole mixes."""
    return getattr(codec, "parts", ())


def free_memory(device: torch.device) -> int:
    """Returns how many bytes are free on `device`."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    import psutil

    return psutil.virtual_memory().available
