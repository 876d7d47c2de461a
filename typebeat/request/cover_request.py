"""Defines `CoverRequest`, the options of a cover alone; those that a beat has too are taken from `BeatRequest`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from typebeat.request.options import RequestError, checked, option
from typebeat.request.requests import SEEDS, BeatRequest, resolve

SIDES = (1400, 3000)  # pixels: the size that stores show, and the size that they ask for

_OF_A_BEAT = {each.name: each for each in fields(BeatRequest)}


def _same(name: str) -> Any:
    """Returns an option of `BeatRequest`."""
    return field(default=_OF_A_BEAT[name].default, metadata=_OF_A_BEAT[name].metadata)


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

    def resolved(self) -> CoverRequest:
        """Fills in style, tempo, key and seed if they were left open, as for a beat.

        Raises:
            RequestError: the prompt's words ask for a tempo that is not allowed.
        """
        beat = resolve(self._beat())
        return replace(self, style=beat.style, bpm=beat.bpm, key=beat.key, seed=beat.seed)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each variation: seed, seed + 1, ...; the request must be `resolved`."""
        if self.seed is None:
            raise RequestError("seed", "the seed is still open: resolve the request first")
        return tuple((self.seed + number) % SEEDS for number in range(self.variations))

    def _beat(self) -> BeatRequest:
        return BeatRequest(prompt=self.prompt, style=self.style, bpm=self.bpm, key=self.key, seed=self.seed)
