"""Defines `BeatRequest`, the only place for each option's default, limits, unit and help.

Page, API and command line are made from its fields (`field.metadata`), so a new option is written once, here. An
invalid request cannot be built. `resolve` fills in what was left open.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, fields, replace
from typing import Any

from typebeat.request.options import PARTS, RequestError, checked, listed, option, shown
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, parse_prompt

PROMPT_CHARACTERS = 500  # most characters, after cleaning
TITLE_CHARACTERS = 80
NO_TITLE = "-"
MIXES = ("finished", "dry")
SEEDS = 2**31  # seeds are 0 .. SEEDS - 1
BEATS_PER_BAR = 4  # everything is in 4/4


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

    def __post_init__(self) -> None:
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


def resolve(request: BeatRequest) -> BeatRequest:
    """Fills in style, tempo, key and seed if they were left open; only the seed is random.

    Raises:
        RequestError: the prompt's words ask for a tempo that is not allowed.
    """
    facts = parse_prompt(request.prompt)
    seed = secrets.randbelow(SEEDS) if request.seed is None else request.seed
    style = request.style or facts.style or next(iter(STYLES))
    drawn_bpm = random.Random(f"bpm {seed}").randint(STYLES[style].bpm_low, STYLES[style].bpm_high)
    drawn_key = random.Random(f"key {seed}").choice(STYLES[style].keys)
    bpm = next(value for value in (request.bpm, facts.bpm, drawn_bpm) if value is not None)
    try:
        return replace(request, style=style, bpm=bpm, key=request.key or facts.key or drawn_key, seed=seed)
    except RequestError as error:  # only the prompt's tempo has not been checked before
        raise RequestError("prompt", f"the prompt asks for {bpm:g} BPM: {error}") from error
