"""What the pipeline knows of models: records, errors and protocols. Importing this loads no model library.

`load` makes engines of the settings; `weights` says which weights there are and fetches them, the only place where a
Hub id stands; `inspect` tells what a repository is before it is fetched; `checkpoints`, `foreign` and `plain_config`
read strangers' files without running what is in them or looking anything up for it; `quiet` imports model libraries
without noise, and `turns` lets one request at a time onto a model. `beat/` makes beats, `cover/` draws covers, `stems`
(or `soft_masks`, which needs no weights) takes a beat apart, and `basic_pitch` hears which pitches sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from typebeat.midi.activations import PitchActivations
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from typebeat.hearing.reranking import Reranker

Progress = Callable[[int, int], None]  # steps done, steps needed
ShouldStop = Callable[[], bool]
Hear = Callable[[Audio], None]  # gets the next piece of sound while more is made

_FOLDERS = re.compile(r"(?<![\w.:/@-])(?:[A-Za-z]:[\\/]|~?/)(?:[^\s/\\:;,()'\"]+[\\/])*(?=[^\s/\\]|$)")


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


def without_paths(message: str) -> str:
    """Returns a message for visitors, who need not know where things stand on this machine: files by name alone."""
    return _FOLDERS.sub("", message)
