"""Decides what a request leaves open: by the prompt's words, else by the seed.

`resolve` makes a `SettledRequest` of any request. A `CompleteRequest` also has what is left to the weights.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from typebeat.request.concepts import LEFT_OUT
from typebeat.request.options import RequestError, refuse_open, same_option
from typebeat.request.reading import Understood
from typebeat.request.requests import BEATS_PER_BAR, DRAWN, SEEDS, BeatRequest, chosen_text
from typebeat.request.said import Said, said_in
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS

COUNTED = ("bars", "takes")  # options whose default gives way to the prompt's words


@dataclass(frozen=True)
class SettledRequest(BeatRequest):
    """A request whose style, tempo, key and seed are decided.

    Raises:
        RequestError: one of them is missing, or a value is not allowed.
    """

    bpm: float = same_option(BeatRequest, "bpm")
    key: str = same_option(BeatRequest, "key")
    seed: int = same_option(BeatRequest, "seed")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_open(self, DRAWN)

    @property
    def seconds(self) -> float:
        """Exact length of the loop in seconds."""
        return self.bars * BEATS_PER_BAR * 60 / self.bpm

    @property
    def take_seeds(self) -> tuple[int, ...]:
        """The seed of each take: seed, seed + 1, ... (0 follows the largest)."""
        return take_seeds(self.seed, self.takes)


@dataclass(frozen=True)
class CompleteRequest(SettledRequest):
    """A request that leaves nothing open: what it left to the weights is decided too.

    Raises:
        RequestError: something is missing, or a value is not allowed.
    """

    guidance: float = same_option(BeatRequest, "guidance")
    drafts: int = same_option(BeatRequest, "drafts")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_open(self, ("guidance", "drafts"))


def take_seeds(seed: int, count: int) -> tuple[int, ...]:
    """Returns seed, seed + 1, ... (0 follows the largest)."""
    return tuple((seed + number) % SEEDS for number in range(count))


def said_by(request: BeatRequest) -> Said:
    """Returns what of a request's words can be followed."""
    return said_in(request.prompt, _LIMITS)


def resolve(request: BeatRequest, given: Collection[str] = ()) -> SettledRequest:
    """Fills in what was left open: by the prompt's words, else by the seed; only the seed is random.

    Bars and takes count as left open at their defaults, unless style, tempo, key and seed are all given, as they are
    in a recipe.

    Args:
        request: The request.
        given: Names of options that the user gave, even if they hold their defaults.

    Raises:
        RequestError: the prompt's words ask for a tempo that is not allowed, or leave out every part.
    """
    words = said_by(request).words
    if len(words.parts_left_out) == len(LEFT_OUT):
        raise RequestError("prompt", "the prompt leaves out every part of the beat; keep at least one of them")
    is_whole = all(getattr(request, name) not in (None, "") for name in DRAWN)
    values: dict[str, Any] = {
        name: getattr(words, name)
        for name in COUNTED
        if not is_whole and name not in given and getattr(request, name) == _DEFAULTS[name] and getattr(words, name)
    }
    for name in DRAWN:
        values[name] = next(
            (each for each in (getattr(request, name), getattr(words, name)) if each not in (None, "")), None
        )
    drawn = {name for name in DRAWN if values[name] is None}
    values["style"] = values["style"] or next(iter(STYLES))
    values["seed"] = secrets.randbelow(SEEDS) if values["seed"] is None else values["seed"]
    values["bpm"] = values["bpm"] or _drawn_tempo(values["style"], values["seed"], words)
    values["key"] = values["key"] or _drawn_key(values["style"], values["seed"], words)
    chosen = drawn | {name for name in request.chosen_values if getattr(words, name) is None}
    values["chosen"] = chosen_text({name: values[name] for name in chosen})
    try:
        return SettledRequest(**vars(request) | values)
    except RequestError as error:  # only the prompt's tempo has not been checked before
        raise RequestError("prompt", f"the prompt asks for {values['bpm']:g} BPM: {error}") from error


def _drawn_tempo(style: str, seed: int, words: Understood) -> float:
    """Draws a tempo of the style: from all, or from its slower or faster half."""
    low, high = STYLES[style].bpm_low, STYLES[style].bpm_high
    middle = (low + high) // 2
    low, high = {"slow": (low, middle), "fast": (middle, high)}.get(words.pace or "", (low, high))
    return random.Random(f"bpm {seed}").randint(low, high)


def _drawn_key(style: str, seed: int, words: Understood) -> str:
    """Draws a key of the style, of the mode that the words ask for; from all keys where the style has none in it."""
    rng = random.Random(f"key {seed}")
    if not words.mode:
        return rng.choice(STYLES[style].keys)
    usual = [key for key in STYLES[style].keys if key.endswith(words.mode)]
    return rng.choice(usual or [key for key in KEYS if key.endswith(words.mode)])


_DEFAULTS = {each.name: each.default for each in fields(BeatRequest)}
_LIMITS = {
    each.name: (each.metadata["low"], each.metadata["high"])
    for each in fields(BeatRequest)
    if each.name in ("bpm", "bars", "takes", "seed")
}
