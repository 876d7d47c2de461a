"""Makes sound of text: an audiocraft language model draws tokens, an audiocraft codec turns them into audio.

One engine serves the starter, MusicGen and its finetunes. A request changes nothing for the next. Levels, exact tempo
and whole bars are not made here but in `typebeat/parts/`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from typebeat.engines import UNWATCHED, BeatConditions, BeatSound, Job, Weights, WeightsError
from typebeat.engines.beat.adapters import Adapter, AdapterSlot, base_name, read_adapter
from typebeat.engines.beat.admission import Admission, Claim
from typebeat.engines.beat.batch import Batch
from typebeat.engines.beat.conditions import NOTES, concept_ids, hearing
from typebeat.engines.beat.decoder import FILLED_ROWS, Decoder, UnknownModelError
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.sampling import UNKNOWN_TOKEN, Sampling
from typebeat.engines.beat.song import draw_song, plan_song
from typebeat.engines.beat.streaming import StreamDecoder
from typebeat.hearing.parts_reranker import PartsReranker
from typebeat.hearing.reranking import Reranker, load_reranker
from typebeat.request.options import RequestError
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from audiocraft.models.lm import LMModel

NON_COMMERCIAL = "-nc"  # in every Creative Commons licence that says so
MEMORY_SHARE = 0.8  # how much of the free memory the caches of requests may take
MOST_ROWS = FILLED_ROWS  # of requests that are drawn together; a step of more rows is slow on two cores


class MusicGenEngine:
    """A `BeatEngine` over an audiocraft `LMModel` and `CompressionModel`; requests of several threads share steps.

    Args:
        lm: Language model with text conditions only.
        codec: Codec with as many codebooks, of the same size.
        max_seconds: The longest clip that the language model was trained on.
        weights: Says what `lm` and `codec` are.
        reranker: Tells which of two drafts of theirs is better.
        slot: Holds the adapter that is on `lm`; None where there is none.
        files: The base's, beside which an adapter's count.
        keeps_lm: Whether `lm` stays in memory as it is, beside what the decoder makes of it. Adapters are put onto it:
            without it the first one makes the engine read `files` again.
    """

    side_by_side = True

    def __init__(
        self,
        lm: LMModel,
        codec: CompressionModel,
        max_seconds: float,
        weights: Weights,
        reranker: Reranker | PartsReranker | None = None,
        slot: AdapterSlot | None = None,
        files: Sequence[Path] = (),
        keeps_lm: bool = True,
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
        self.takes_melody = bool(hearing(lm, "melody"))
        self.takes_style = bool(hearing(lm, "style"))
        self._lm = lm.eval()
        self._device = next(lm.parameters()).device
        self._keeps_lm = keeps_lm
        self._slot = slot or AdapterSlot(lm)
        self._adapting = threading.Lock()
        self._admission = Admission(MOST_ROWS, lambda: MEMORY_SHARE * free_memory(self._device))
        self._pack()

    def put_adapter(self, adapter: Adapter | None, weights: Weights | None = None) -> None:
        """Puts an adapter onto the base in place of the one before, None for none; waits for requests that run.

        Args:
            adapter: Of `read_adapter`, for this engine's language model.
            weights: What the engine is from then on.
        """
        with self._admission.inside(Claim(kind=object()), UNWATCHED):
            if not self._keeps_lm:
                self._read_again()
            self._slot.put(adapter, 1.0)
            self._pack()
            self.weights = weights or self.weights

    def is_of(self, folder: Path) -> bool:
        """Whether a folder is that of the base."""
        return bool(self.files) and self.files[0].parent.resolve() == folder.resolve()

    def read_adapter(self, folder: Path) -> Adapter:
        """Reads an adapter for this engine's language model; raises WeightsError where it is for another."""
        return read_adapter(folder, self._lm)

    def _read_again(self) -> None:
        """Reads the base's language model again, to keep it."""
        from typebeat.engines.beat.loading import load_models

        self._lm = load_models(self.files[0].parent, self.weights.device).lm
        self._slot, self._keeps_lm = AdapterSlot(self._lm), True

    def _pack(self) -> None:
        """Makes the decoder of the weights as they are; nobody may be inside."""
        self._decoder = Decoder(self._lm, self.weights.precision, self._keeps_lm)
        self._batch = Batch(self._decoder)

    def _adapt(self, strength: float, job: Job) -> None:
        """Gives the adapter a strength, if there is one; all that are inside want the same."""
        if self._slot.adapter and self._slot.strength != strength:
            with job.turn(self._adapting):
                if self._slot.adapter and self._slot.strength != strength:
                    self._slot.put(self._slot.adapter, strength)
                    self._pack()

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
        """Makes all takes side by side, as `BeatEngine` says, and beside those of other threads.

        `job.hear` gets pieces of about a second; the result is decoded anew as a whole. A model that makes too little,
        or something that is not a number, raises RuntimeError.
        """
        generators = tuple(torch.Generator(self._device).manual_seed(seed) for seed in seeds)
        sampling = Sampling(self.guidance if guidance is None else guidance, temperature, top_k, generators)
        plan = plan_song(self._lm, self.codec, conditions, seconds, self.max_seconds)
        needed = self._decoder.bytes_needed(len(seeds), plan.longest + self._lm.num_codebooks)
        stream = StreamDecoder(self.codec, conditions.left_out) if job.hear else None
        claim = Claim(conditions.adapter_strength, 2 * len(seeds), needed, seconds)
        with self._admission.inside(claim, job):
            self._check_memory(len(seeds), needed)
            self._adapt(conditions.adapter_strength, job)
            song = self._known_tokens(conditions, len(seeds), plan.windows[-1].end)
            drawing = draw_song(
                *(self._decoder, self._lm, plan, song, conditions, self.codec.frame_rate, sampling, job),
                is_due=stream.is_due if stream else lambda frames: False,
            )
            with closing(self._batch.run(drawing)) as run:
                for made in run:
                    if job.hear and stream:
                        piece = stream.push(made.tokens[:1], is_last=made.is_last)
                        if piece is not None:
                            job.hear(Audio(piece.clip(-1, 1), self.sample_rate))
        return [self._sound(take, seconds, conditions.left_out) for take in made.tokens]

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

    def _check_memory(self, takes: int, needed: int) -> None:
        """Raises RequestError if the caches of a request do not fit into memory."""
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


def load_musicgen(folder: Path, weights: Weights, keeps_lm: bool = False) -> MusicGenEngine:
    """Loads a folder of any format of beat models onto `weights.device`.

    The precision is filled in. An empty revision becomes the hash of the files, an empty licence the one that the
    folder's README.md names. On a CPU the language model as it was read goes, unless `keeps_lm` or an adapter is on it.

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
            *(models.slot, models.base_files, keeps_lm or models.slot is not None or weights.device != "cpu"),
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
