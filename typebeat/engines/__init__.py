"""Models as the pipeline sees them: records, errors and protocols. Importing this loads no model library.

`load` makes engines of the settings. `locate` finds or fetches their weights, `weights` lists those on the Hub, and
`inspect` tells what a repository is before it is fetched; `hub` bounds how long it may take, and `fetched` checks what
came. `checkpoints`, `foreign` and `plain_config` read strangers' files without running what is in them; `quiet` imports
model libraries without noise. `beat/` makes beats, `cover/` draws covers, `stems` (or `soft_masks`, which needs no
weights) takes a beat apart, and `basic_pitch` hears which pitches sound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from typebeat.engines.job import POLL_SECONDS as POLL_SECONDS
from typebeat.engines.job import UNWATCHED as UNWATCHED
from typebeat.engines.job import Job as Job
from typebeat.engines.job import Stopped as Stopped
from typebeat.midi.activations import PitchActivations
from typebeat.sound.audio import Audio

if TYPE_CHECKING:
    from typebeat.covers.vocabulary import Vocabulary
    from typebeat.hearing.parts_reranker import PartsReranker
    from typebeat.hearing.reranking import Reranker

_FOLDERS = re.compile(r"(?<![\w.:/@-])(?:[A-Za-z]:[\\/]|~?/)(?:[^\s/\\:;,()'\"]+[\\/])*(?=[^\s/\\]|$)")


class WeightsError(Exception):
    """Weights that cannot be used, in one line: missing, truncated, a pickle with code in it, an unknown format."""


class HubUnreachableError(WeightsError):
    """The Hub did not give what it was asked for, or gave something else, and its cache on this machine lacks it."""


class NoGpuError(Exception):
    """No GPU was given for a call, for example because a visitor's quota is used up; one line that says why."""


@dataclass(frozen=True)
class Weights:
    """Which weights are loaded, as recipe, page and command line say it.

    Attributes:
        name: "starter", a Hub repository ("me/repo") or a folder's name.
        source: "starter", "folder" or "hub".
        revision: The Hub commit, or the first 12 digits of the SHA-256 over the folder's weight files.
        licence: An SPDX-like name, "unknown" where the folder does not say.
        device: "cpu" or "cuda".
        precision: Such as "fp32", "fp16", "int8", or "fp16 weights" where a CPU computes in fp32 with such weights.
        notice: What a user must know, such as why the starter stands in for the Hub's weights; else empty.
        base: Of weights that are an adapter, their base as "name@revision"; else empty.
    """

    name: str
    source: str
    revision: str
    licence: str
    device: str
    precision: str
    notice: str = ""
    base: str = ""


@dataclass(frozen=True)
class BeatConditions:
    """What a beat model is asked for. Weights that know no parts take no notice of anything but the first three.

    Attributes:
        caption: One line of text, made by `words.beat_caption`.
        bpm: Tempo in beats a minute.
        key: Canonical key, such as "F minor".
        sections: The song form in bars: name, first bar, length; empty for a loop that is complete throughout.
        given: For each part whose notes are given, its notes, as `engines.beat.roll.notes_text` takes them.
        left_out: Parts that stay silent.
        kept: For each part that is kept, its tokens (codebooks, frames) from an earlier beat.
        melody: A tune alone, from the beat's first bar on, for weights that hear one; None for no tune.
        style: A sound that it is to sound like, for weights that hear a style; None for none.
        adapter_strength: Of the adapter on the weights, 0 (nothing) to 2; without one it counts for nothing.
    """

    caption: str
    bpm: float
    key: str
    sections: tuple[tuple[str, float, float], ...] = ()
    given: Mapping[str, Sequence[Sequence]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    kept: Mapping[str, np.ndarray] = field(default_factory=dict)
    adapter_strength: float = 1.0
    melody: Audio | None = None
    style: Audio | None = None


@dataclass(frozen=True)
class BeatSound(Audio):
    """A beat as a model made it: a sound that may know its parts.

    Attributes:
        parts: Each part's sound as it was played; their sum, turned down where it is too loud, is the beat. Empty where
            the weights know no parts.
        tokens: What it was decoded from, (codebooks, frames) int16; None where the engine draws no tokens.
    """

    parts: Mapping[str, Audio] = field(default_factory=dict)
    tokens: np.ndarray | None = None


class BeatEngine(Protocol):
    """A model that makes beats. One engine serves many requests; a request changes nothing in it."""

    weights: Weights
    sample_rate: int  # Hz, of what `generate` returns
    guidance: float  # the strength of guidance that the weights were made for
    reranker: Reranker | PartsReranker | None  # tells which of two drafts is better; not all weights come with one
    parts: tuple[str, ...]  # names of the parts that the weights play apart; empty for one sound
    concepts: tuple[str, ...]  # ids by which the weights are told what is asked for; empty where they read words
    takes_notes: bool  # whether the weights were taught to play the notes that they are given
    side_by_side: bool  # whether requests of several threads are drawn at once
    takes_melody: bool  # whether the weights hear a tune and play it anew
    takes_style: bool  # whether the weights hear how a sound sounds

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
        """Makes at least `seconds` of audio that begins on the downbeat, one take for each seed.

        The same arguments give the same samples on the same machine, and a seed gives the same take whatever the other
        seeds are. Without `guidance` the weights' own is used. `job.hear` gets the first take, piece by piece.

        Raises:
            RequestError: this many takes of this length do not fit into memory.
        """
        ...

    def part_tokens(self, tokens: np.ndarray, part: str) -> np.ndarray:
        """Returns the rows of a beat's tokens (codebooks, frames) that hold one of `parts`."""
        ...


@dataclass(frozen=True)
class Stems:
    """A beat taken apart; the stems sum to it within 1e-3 of full scale.

    Attributes:
        sounds: "drums", "bass" and "other", or the parts that the model knows; each as long as the beat, at its rate.
        method: How they came about, in a few words for recipe and page.
        mode: How they were mixed, as `BeatRequest.mix`; empty for a beat that was split.
        levels_db: By how many dB the mix changed each part.
    """

    sounds: dict[str, Audio]
    method: str
    mode: str = ""
    levels_db: Mapping[str, float] = field(default_factory=dict)


class StemSplitter(Protocol):
    """Takes a beat apart."""

    method: str  # as in `Stems`, with the weights and their licence if there are any
    device: str  # "cpu" or "cuda"

    def split(self, audio: Audio, job: Job = UNWATCHED) -> Stems:
        """Splits a beat of any rate and channel count."""
        ...


class PitchListener(Protocol):
    """A network that hears which pitches sound."""

    def listen(self, audio: Audio, job: Job = UNWATCHED) -> PitchActivations:
        """Hears a sound of any rate and channel count."""
        ...


@dataclass(frozen=True)
class WeightChoice:
    """Beat weights that can be chosen while the page runs.

    Attributes:
        choice: As `TYPEBEAT_BEAT` takes it.
        name: For people.
        licence: As the Hub spells it; empty where only the files say it.
        gigabytes: About how much is fetched or read; 0 where that is not known.
        why_not: Why it cannot be played here; empty where it can.
    """

    choice: str
    name: str
    licence: str = ""
    gigabytes: float = 0.0
    why_not: str = ""


class SwitchableBeat(BeatEngine, Protocol):
    """A `BeatEngine` whose weights can be changed between two requests."""

    choice: str  # which of `choices` plays
    choices: tuple[WeightChoice, ...]

    def switch(self, choice: str, job: Job = UNWATCHED) -> Weights:
        """Loads other weights, and fetches them if need be; where that fails, those of before play on.

        Raises:
            WeightsError: it is none of `choices`, or cannot be used.
        """
        ...

    def pace(self, choice: str) -> float | None:
        """Returns about how many seconds of work a second of sound takes; None where nothing can be said."""
        ...


class CoverEngine(Protocol):
    """A diffusion model with one adapter for each style.

    Attributes:
        weights: Which they are.
        drafts: How many pictures are drawn for each cover, of which the best is kept.
        vocabulary: What it was taught to draw, in which prompts are worded.
    """

    @property
    def weights(self) -> Weights: ...

    @property
    def drafts(self) -> int: ...

    @property
    def vocabulary(self) -> Vocabulary: ...

    def draw(
        self,
        prompt: str,
        style: str,
        seeds: Sequence[int],
        *,
        strength: float = 1.0,
        job: Job = UNWATCHED,
    ) -> list[np.ndarray]:
        """Draws a square picture for each seed, (side, side, 3) uint8; the same arguments draw the same picture.

        Args:
            prompt: One line, made by `looks.cover_prompt`.
            style: A slug of `STYLES`, whose adapter is used.
            seeds: One for each picture.
            strength: Weight of the style's adapter, 0 (off) to 2.
            job: Gets the steps of all pictures.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """The models that take a sound apart and hear its notes; what needs one that is None is named as missing."""

    stems: StemSplitter | None = None
    pitches: PitchListener | None = None


@dataclass(frozen=True)
class Engines(Listeners):
    """The models that a job may use. A part whose model is None is left out and named as missing."""

    beat: BeatEngine
    cover: CoverEngine | None = None
    missing: dict[str, str] = field(default_factory=dict)  # part -> why it has no model

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user must know of the models, one line each."""
        lines = [model.weights.notice for model in (self.beat, self.cover) if model]
        return tuple(filter(None, (*lines, *(f"no {part}: {why}" for part, why in self.missing.items()))))


def without_paths(message: str) -> str:
    """Returns a message for visitors, who need not know where things stand on this machine: files by name alone."""
    return _FOLDERS.sub("", message)
