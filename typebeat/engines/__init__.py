"""What the pipeline knows of models: protocols, records and one function that loads.

Importing this loads no model library. Not here: Hub names (weights.py), and how a model runs (musicgen.py and others).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from typebeat.midi.activations import PitchActivations
from typebeat.request.options import PARTS
from typebeat.request.settings import Settings
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from typebeat.engines.weights import HubEntry
    from typebeat.hearing.reranking import Reranker

Progress = Callable[[int, int], None]  # steps done, steps needed
ShouldStop = Callable[[], bool]
Hear = Callable[[Audio], None]  # gets the next piece of sound while more is made


class WeightsError(Exception):
    """Weights that cannot be used, in one line: missing, truncated, a pickle with code in it, an unknown format."""


class HubUnreachableError(WeightsError):
    """The Hub did not answer, and what it was asked for is not in its cache on this machine."""


class NoGpuError(Exception):
    """A GPU that is lent by the call and was not given, such as where a visitor's quota is used up; one line why."""


class Stopped(Exception):
    """Raised by an engine whose `should_stop` turned true; not an error, since somebody pressed Stop."""


@dataclass(frozen=True)
class Weights:
    """What is loaded, as recipe, page and command line tell it.

    Attributes:
        name: "starter", a Hub repository ("me/repo") or a folder's name.
        source: "starter", "folder" or "hub".
        revision: The Hub commit, or the first 12 digits of the SHA-256 over the folder's weight files.
        licence: An SPDX-like name, "unknown" where the folder does not say.
        device: "cpu" or "cuda".
        precision: Such as "fp32", "fp16", "int8".
        notice: What a user must know, such as why the starter stands in for the Hub's weights; empty if nothing.
    """

    name: str
    source: str
    revision: str
    licence: str
    device: str
    precision: str
    notice: str = ""


@dataclass(frozen=True)
class BeatConditions:
    """What a beat model is asked for.

    Attributes:
        caption: One line of text, made by `words.beat_caption`.
        bpm: Tempo in beats a minute.
        key: Canonical key, such as "F minor".
    """

    caption: str
    bpm: float
    key: str


class BeatEngine(Protocol):
    """A model that makes beats. One engine serves many requests; a request changes nothing in it."""

    weights: Weights
    sample_rate: int  # Hz, of what `generate` returns
    guidance: float  # that the weights were made for
    reranker: Reranker | None  # what tells the better of two drafts, where the weights come with it

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
        """Makes at least `seconds` of audio that begins on the downbeat, one take for each seed.

        The same arguments give the same samples on the same machine, and a seed the same take whatever the other seeds
        are. Guidance left out is the weights' own. `progress` gets steps done and needed; `hear` the first take, piece
        by piece, while it is made.

        Raises:
            Stopped: `should_stop` turned true.
            RequestError: this many takes of this length do not fit into memory.
        """
        ...


@dataclass(frozen=True)
class Stems:
    """A beat taken apart; the stems sum to it within 1e-3 of full scale.

    Attributes:
        sounds: "drums", "bass" and "other", each as long as the beat and at its rate.
        method: How they were split, in a few words, as recipe and page tell it.
    """

    sounds: dict[str, Audio]
    method: str


class StemSplitter(Protocol):
    """Takes a beat apart."""

    method: str  # as `Stems.method` tells it, with the weights and their licence where there are some
    device: str  # "cpu" or "cuda"

    def split(self, audio: Audio, *, should_stop: ShouldStop | None = None) -> Stems:
        """Splits a beat of any rate and channel count.

        Raises:
            Stopped: `should_stop` turned true.
        """
        ...


class PitchListener(Protocol):
    """A network that hears which pitches sound."""

    def listen(self, audio: Audio, *, should_stop: ShouldStop | None = None) -> PitchActivations:
        """Hears a sound of any rate and channel count.

        Raises:
            Stopped: `should_stop` turned true.
        """
        ...


class CoverEngine(Protocol):
    """A diffusion model with one adapter for each style."""

    weights: Weights

    def draw(
        self,
        prompt: str,
        style: str,
        seeds: Sequence[int],
        *,
        strength: float = 1.0,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[np.ndarray]:
        """Draws a square picture for each seed, (side, side, 3) uint8; the same arguments draw the same picture.

        Args:
            prompt: One line, made by `looks.cover_prompt`.
            style: A slug of `STYLES`; its adapter is used.
            seeds: One a picture.
            strength: Weight of the style's adapter, 0 (off) to 2.
            progress: Gets steps done and steps needed.
            should_stop: Asked between steps.

        Raises:
            Stopped: `should_stop` turned true.
            WeightsError: the style's adapter cannot be used.
        """
        ...


@dataclass(frozen=True)
class Engines:
    """The models that a job may use; None for one that is not there, whose part is then named as missing.

    Attributes:
        missing: Why a part has no model, by the part's name.
    """

    beat: BeatEngine | None
    cover: CoverEngine | None = None
    stems: StemSplitter | None = None
    pitches: PitchListener | None = None
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user must know of the models, a line each."""
        told = [model.weights.notice for model in (self.beat, self.cover) if model]
        return tuple(filter(None, (*told, *(f"no {part}: {why}" for part, why in self.missing.items()))))


def load_engines(settings: Settings, parts: Sequence[str] = PARTS) -> Engines:
    """Loads every model that the settings name; this takes seconds, so do it once.

    A cover model that "auto" chose and that cannot be used is named in `missing`; it keeps nobody from making beats.

    Args:
        settings: Which weights to use.
        parts: The parts that are wanted; models of others are not loaded.

    Raises:
        WeightsError: weights that the settings name cannot be used.
    """
    cover, missing = None, {}
    if "cover" in parts:
        try:
            cover = load_cover_engine(settings.cover)
        except WeightsError as error:
            if settings.cover != "auto":
                raise
            missing["cover"] = str(error)
    listeners = load_listeners(settings) if {"stems", "midi"} & set(parts) else Engines(beat=None)
    return replace(listeners, beat=load_beat_engine(settings.beat), cover=cover, missing=missing)


def load_cover_engine(choice: str = "auto") -> CoverEngine:
    """Loads the cover model; this takes seconds, so do it once.

    Args:
        choice: "starter"; "auto" (with a CUDA device the Hub's weights, else the starter); a local folder in diffusers'
            layout, or with adapters alone; or a Hub repository of either kind. Where the Hub cannot be reached the
            starter is loaded and `weights.notice` says so.

    Raises:
        WeightsError: a folder is missing, truncated, holds pickles, or adapters of another base.
    """
    from typebeat.engines.cover_files import locate_cover

    located = locate_cover(choice, best_device())
    from typebeat.engines.cover_loading import load_cover

    return load_cover(located.folder, located.weights, located.adapters)


def load_listeners(settings: Settings) -> Engines:
    """Loads only what splits and hears a sound: no beat and no cover model.

    Raises:
        WeightsError: weights that the settings name cannot be used.
    """
    from typebeat.engines.stems import load_stem_splitter
    from typebeat.engines.transcriber import BasicPitch

    return Engines(beat=None, stems=load_stem_splitter(settings.stems), pitches=BasicPitch())


def load_beat_engine(choice: str = "auto") -> BeatEngine:
    """Loads the beat model; this takes seconds, so do it once.

    Args:
        choice: "starter"; "auto" (with a CUDA device the Hub's weights, else the starter); a local folder; or a Hub
            repository "owner/name" or "owner/name@revision". Where the Hub cannot be reached the starter is loaded
            and `weights.notice` says so.

    Raises:
        WeightsError: a folder is missing, truncated, of an unknown format or holds a pickle with code in it.
    """
    from typebeat.engines.quiet import import_audiocraft
    from typebeat.engines.weights import locate_beat, starter_instead_of

    located = locate_beat(choice, best_device())
    import_audiocraft()
    from typebeat.engines.musicgen import load_musicgen

    try:
        return load_musicgen(located.folder, located.weights)
    except HubUnreachableError:
        if located.weights.source != "hub":
            raise
        located = starter_instead_of(located.weights.name, located.weights.revision, located.weights.device)
        return load_musicgen(located.folder, located.weights)


def hub_entries() -> tuple[HubEntry, ...]:
    """Returns every Hub repository that Typebeat may fetch by itself, with its licence and purpose."""
    from typebeat.engines.weights import CATALOGUE

    return CATALOGUE


def best_device() -> str:
    """Returns "cuda" if torch sees such a device, else "cpu"; importing torch takes seconds."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
