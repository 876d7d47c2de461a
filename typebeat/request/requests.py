"""Defines `BeatRequest`, the only place for each option's default, limits, unit and help.

Page, API and command line are made from its fields (`field.metadata`), so a new option is written once, here. An
invalid request cannot be built. `resolve` fills in what was left open, by the prompt's words and by the seed.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from typebeat.request.concepts import LEFT_OUT
from typebeat.request.options import PARTS, RequestError, checked, listed, option, shown
from typebeat.request.reading import Understood
from typebeat.request.said import Said, said_in
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS

PROMPT_CHARACTERS = 500  # most characters, after cleaning
TITLE_CHARACTERS = 80
CHOSEN_CHARACTERS = 200
NO_TITLE = "-"
MIXES = ("finished", "dry")
SEEDS = 2**31  # seeds are 0 .. SEEDS - 1
BEATS_PER_BAR = 4  # everything is in 4/4
DRAWN = ("style", "bpm", "key", "seed")  # options that are chosen for whoever leaves them open
COUNTED = ("bars", "takes")  # options whose default gives way to the prompt's words


@dataclass(frozen=True)
class BeatRequest:
    """A request for a beat. Values may be text; they are converted and checked.

    Raises:
        RequestError: a value is not allowed, or there is neither a prompt nor a style.
    """

    prompt: str = option(
        "",
        "text",
        "Prompt",
        "what the beat should sound like, in your words",
        unit="characters",
        high=PROMPT_CHARACTERS,
    )
    style: str = option(
        "",
        "choice",
        "Style",
        "type of beat; left out, the prompt's words decide, else the first",
        choices=tuple(STYLES),
    )
    bpm: float | None = option(
        None,
        "number",
        "Tempo",
        "tempo; left out, the prompt's words decide, else the style and the seed",
        unit="BPM",
        low=70,
        high=170,
        step=1,
    )
    key: str | None = option(
        None,
        "choice",
        "Key",
        'key such as "F minor", Fm or "C# major"; left out, the prompt\'s words decide, else the seed',
        choices=KEYS,
    )
    bars: int = option(8, "whole", "Bars", "length of the loop, in bars of 4/4", unit="bars", low=1, high=64, step=1)
    takes: int = option(1, "whole", "Takes", "how many different beats to make", unit="takes", low=1, high=4, step=1)
    seed: int | None = option(
        None,
        "whole",
        "Seed",
        "the same seed makes the same beat; left out, one is drawn and written into the recipe",
        low=0,
        high=SEEDS - 1,
        step=1,
    )
    guidance: float | None = option(
        None,
        "number",
        "Guidance",
        "how closely the model follows the words; left out, as its weights say (MusicGen 3, the starter 2)",
        low=1,
        high=10,
        step=0.1,
    )
    temperature: float = option(
        1.0, "number", "Temperature", "how adventurous the model is", low=0.1, high=2, step=0.05
    )
    top_k: int = option(
        250, "whole", "Top-k", "among how many likely tokens each step draws", unit="tokens", low=1, high=2048, step=1
    )
    parts: tuple[str, ...] = option(
        PARTS, "list", "Parts", "what the pack holds beside the beat, separated by commas", choices=PARTS
    )
    title: str = option(
        "",
        "text",
        "Title",
        f'title on the cover; left out, made from the prompt; "{NO_TITLE}" for a cover without any type',
        unit="characters",
        high=TITLE_CHARACTERS,
    )
    cover_strength: float = option(
        1.0, "number", "Cover style", "how strongly the style's own look shapes the cover", low=0, high=2, step=0.1
    )
    drafts: int | None = option(
        None,
        "whole",
        "Drafts",
        "how many drafts of each take are made, of which the one nearest to the request is kept; left out, 4 where "
        "the weights come with what tells the better one (the starter does), else 1",
        unit="drafts",
        low=1,
        high=8,
        step=1,
    )
    mix: str = option(
        "finished",
        "choice",
        "Mix",
        "finished: in stereo, with effects; dry: as the model plays it; for weights that know their parts",
        choices=MIXES,
    )
    again: tuple[str, ...] = option(
        (), "list", "Again", "parts to make anew, separated by commas; the others stay as they are in the beat of --of"
    )
    chosen: str = option(
        "",
        "text",
        "Chosen",
        'values above that nobody asked for, as a recipe tells them, such as "bpm=140, key=F minor"',
        unit="characters",
        high=CHOSEN_CHARACTERS,
    )
    adapter_strength: float = option(
        1.0,
        "number",
        "Adapter",
        "how strongly an adapter changes the weights that it is put on; without an adapter it counts for nothing",
        low=0,
        high=2,
        step=0.1,
    )

    def __post_init__(self) -> None:
        if isinstance(self.chosen, Mapping):  # as it stands in a recipe
            object.__setattr__(self, "chosen", chosen_text(self.chosen))
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        if not self.prompt and not self.style:
            raise RequestError(
                "prompt", f"nothing is asked for: write a prompt or choose a style ({listed(tuple(STYLES))})"
            )

    @classmethod
    def parse(cls, **raw: Any) -> BeatRequest:
        """Builds a request from named values of any type.

        Raises:
            RequestError: a name is no option, or a value is not allowed.
        """
        known = [each.name for each in fields(cls)]
        for name in raw:
            if name not in known:
                raise RequestError(name, f"there is no option {shown(name)}; there are {', '.join(known)}")
        return cls(**raw)

    @property
    def seconds(self) -> float:
        """Exact length of the loop in seconds; the request must be resolved."""
        if self.bpm is None:
            raise RequestError("bpm", "the tempo is still open: resolve the request first")
        return self.bars * BEATS_PER_BAR * 60 / self.bpm

    @property
    def take_seeds(self) -> tuple[int, ...]:
        """The seed of each take: seed, seed + 1, ... (0 follows the largest); the request must be resolved."""
        if self.seed is None:
            raise RequestError("seed", "the seed is still open: resolve the request first")
        return tuple((self.seed + take) % SEEDS for take in range(self.takes))

    @property
    def chosen_values(self) -> dict[str, Any]:
        """The options of `DRAWN` that hold what was chosen for the user; one that holds another value was asked for."""
        told = dict(pair.strip().split("=", 1) for pair in self.chosen.split(",") if "=" in pair)
        return {name: value for name in DRAWN if told.get(name) == _told(value := getattr(self, name))}


def chosen_text(values: Mapping[str, Any]) -> str:
    """Returns values by option as the option `chosen` holds them."""
    return ", ".join(f"{name}={_told(values[name])}" for name in DRAWN if name in values)


def _told(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, (int, float)) else str(value)


def said_by(request: BeatRequest) -> Said:
    """Returns what of a request's words can be followed."""
    return said_in(request.prompt, _LIMITS)


def resolve(request: BeatRequest, given: Collection[str] = ()) -> BeatRequest:
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
        return replace(request, **values)
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
