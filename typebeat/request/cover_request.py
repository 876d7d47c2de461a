"""Defines `CoverRequest`, the options of a cover alone; those that a beat has too are taken from `BeatRequest`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial

from typebeat.request.options import checked, option, refuse_open, same_option
from typebeat.request.requests import DRAWN, BeatRequest
from typebeat.request.settled import resolve, take_seeds

SIDES = (1400, 3000)  # pixels: the size that stores show, and the size that they ask for

_same = partial(same_option, BeatRequest)


@dataclass(frozen=True)
class CoverRequest:
    """A request for up to four covers. Values may be text; they are converted and checked.

    Raises:
        RequestError: a value is not allowed, or there is neither a prompt nor a style.
    """

    prompt: str = _same("prompt")
    style: str = _same("style")
    bpm: float | None = _same("bpm")
    key: str | None = _same("key")
    title: str = _same("title")
    strength: float = _same("cover_strength")
    size: str = option(
        str(SIDES[0]), "choice", "Size", "side of the square in pixels", choices=tuple(str(side) for side in SIDES)
    )
    variations: int = option(1, "whole", "Variations", "how many different covers", low=1, high=4, step=1)
    seed: int | None = _same("seed")

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        self._beat()

    def resolved(self) -> SettledCoverRequest:
        """Fills in style, tempo, key and seed if they were left open, as for a beat.

        Raises:
            RequestError: the prompt's words ask for a tempo that is not allowed.
        """
        beat = resolve(self._beat())
        return SettledCoverRequest(**vars(self) | {name: getattr(beat, name) for name in DRAWN})

    def _beat(self) -> BeatRequest:
        return BeatRequest(prompt=self.prompt, style=self.style, bpm=self.bpm, key=self.key, seed=self.seed)


@dataclass(frozen=True)
class SettledCoverRequest(CoverRequest):
    """A request for covers whose style, tempo, key and seed are decided.

    Raises:
        RequestError: one of them is missing, or a value is not allowed.
    """

    bpm: float = _same("bpm")
    key: str = _same("key")
    seed: int = _same("seed")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_open(self, DRAWN)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each variation: seed, seed + 1, ..."""
        return take_seeds(self.seed, self.variations)
