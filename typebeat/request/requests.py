"""Defines `BeatRequest`, the only place for each option's default, limits, unit and help.

Page, API and command line are made from its fields (`field.metadata`), so a new option is written once, here. An
invalid request cannot be built. What it leaves open is decided in `settled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from typebeat.request.options import PARTS, RequestError, checked, listed, option, shown
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS

if TYPE_CHECKING:
    from typing_extensions import Self

PROMPT_CHARACTERS = 500  # most characters, after cleaning
TITLE_CHARACTERS = 80
CHOSEN_CHARACTERS = 200
NO_TITLE = "-"
MIXES = ("finished", "dry")
SEEDS = 2**31  # seeds are 0 .. SEEDS - 1
BEATS_PER_BAR = 4  # everything is in 4/4
DRAWN = ("style", "bpm", "key", "seed")  # options that are chosen for whoever leaves them open


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
    def parse(cls, **raw: Any) -> Self:
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
    def chosen_values(self) -> dict[str, Any]:
        """The options of `DRAWN` that hold what was chosen for the user; one that holds another value was asked for."""
        told = dict(pair.strip().split("=", 1) for pair in self.chosen.split(",") if "=" in pair)
        return {name: value for name in DRAWN if told.get(name) == _told(value := getattr(self, name))}


def chosen_text(values: Mapping[str, Any]) -> str:
    """Returns values by option as the option `chosen` holds them."""
    return ", ".join(f"{name}={_told(values[name])}" for name in DRAWN if name in values)


def _told(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, (int, float)) else str(value)
