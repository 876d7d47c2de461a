"""What somebody asks for: one frozen record, the one place of each option's default, limits, unit and help.

The page, the API and the command line are made from `BeatRequest`'s fields (`field.metadata`), so a new option is
written once, here. An invalid request cannot be built: `RequestError` names the field, what is wrong and what is
allowed. `resolve` fills what was left open. What is not done here: no captions, no audio, no files.
"""

from __future__ import annotations

import math
import random
import secrets
import unicodedata
from dataclasses import Field, dataclass, field, fields, replace
from numbers import Real
from typing import Any

from typebeat.conditioning import KEYS, canonical_key, parse_prompt
from typebeat.styles import STYLES

PROMPT_CHARACTERS = 500  # after cleaning
TITLE_CHARACTERS = 80
NO_TITLE = "-"
BPM_DECIMALS = 3  # as fine as the tempo field of a DAW
SEEDS = 2**31  # seeds are 0 .. SEEDS - 1
BEATS_PER_BAR = 4  # everything is in 4/4
PARTS = ("beat", "stems", "midi", "cover")  # what a pack can hold, in the order in which it is made
SWITCH_WORDS = {True: ("on", "true", "yes", "1"), False: ("off", "false", "no", "0")}
SHOWN_CHARACTERS = 40  # how much of a wrong value an error repeats


class RequestError(ValueError):
    """A request that cannot be built, with the `field` that is wrong and one line that says what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def option(
    default: Any,
    kind: str,
    label: str,
    help: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a record of options that carries what a door needs to offer it.

    `field.metadata` then always holds: kind ("text", "number", "whole", "choice", "list" or "switch"), label, help,
    unit, low, high, step (None where there is no limit) and choices (empty where anything goes). A default of None
    means that it is decided later, as its help says.
    """
    metadata = {"kind": kind, "label": label, "help": help, "unit": unit}
    limits = {"low": low, "high": high, "step": step, "choices": choices}
    return field(default=default, metadata={**metadata, **limits})


@dataclass(frozen=True)
class BeatRequest:
    """One beat that somebody wants. Values may arrive as text; they are converted and checked."""

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
    guidance: float = option(
        3.0, "number", "Guidance", "how closely the model follows the words", low=1, high=10, step=0.1
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

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        if not self.prompt and not self.style:
            raise RequestError(
                "prompt", f"nothing is asked for: write a prompt or choose a style ({_listed(tuple(STYLES))})"
            )

    @classmethod
    def parse(cls, **raw: Any) -> BeatRequest:
        """Build a request from named values of any type, as a door gets them.

        Raises:
            RequestError: a name that is no option, or a value that is not allowed.
        """
        known = [each.name for each in fields(cls)]
        for name in raw:
            if name not in known:
                raise RequestError(name, f"there is no option {_shown(name)}; there are {', '.join(known)}")
        return cls(**raw)

    @property
    def seconds(self) -> float:
        """Exact length of the loop in seconds; the tempo must be known (`resolve`)."""
        if self.bpm is None:
            raise RequestError("bpm", "the tempo is still open: resolve the request first")
        return self.bars * BEATS_PER_BAR * 60 / self.bpm

    @property
    def take_seeds(self) -> tuple[int, ...]:
        """The seed of each take: seed, seed + 1, ... (after the last comes 0); the seed must be known (`resolve`)."""
        if self.seed is None:
            raise RequestError("seed", "the seed is still open: resolve the request first")
        return tuple((self.seed + take) % SEEDS for take in range(self.takes))


def resolve(request: BeatRequest) -> BeatRequest:
    """Fill style, tempo, key and seed where they were left open; all but the seed follow from the request and the seed.

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


# --- one check per kind of option; each returns the value in its own type ---


def checked(option: Field[Any], value: Any) -> Any:
    """Returns a value in its option's type.

    Raises:
        RequestError: it is not allowed; the line says what is.
    """
    blank = value is None or (isinstance(value, str) and not value.strip())
    if value is None or (blank and option.default in (None, "")):
        return option.default
    if option.metadata["kind"] == "text":
        return _text(option, value)
    if option.name == "style":
        return _style(value)
    if option.name == "key":
        return _key(value)
    if option.name == "parts":
        return _parts(value)
    if option.metadata["kind"] == "choice":
        return _choice(option, value)
    if option.metadata["kind"] == "switch":
        return _switch(option, value)
    return _number(option, value)


def _text(option: Field[Any], value: Any) -> str:
    """One line of text: line breaks, tabs and runs of spaces become one space; other control characters are refused."""
    name, most = option.name, option.metadata["high"]
    if not isinstance(value, str):
        raise RequestError(name, f"the {name} must be text, not {_shown(value)}")
    for position, character in enumerate(value, start=1):
        if character not in "\t\n\r" and unicodedata.category(character) in ("Cc", "Cs"):
            raise RequestError(
                name,
                f"the {name} holds a control character (U+{ord(character):04X}, character {position}); "
                "letters of any script, digits, punctuation, emoji and line breaks are allowed",
            )
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > most:
        raise RequestError(name, f"the {name} is {len(text)} characters long; {most} are allowed")
    return text


def _style(value: Any) -> str:
    slug = "-".join(value.lower().replace("_", " ").replace("-", " ").split()) if isinstance(value, str) else ""
    slug = slug.removesuffix("-beat").removesuffix("-type")
    if slug not in STYLES:
        raise RequestError("style", f"style {_shown(value)} is unknown; choose {_listed(tuple(STYLES))}")
    return slug


def _key(value: Any) -> str:
    key = canonical_key(value) if isinstance(value, str) else None
    if key is None:
        raise RequestError(
            "key",
            f"key {_shown(value)} is unknown; write a note from C to B, with # or b if needed, "
            'and minor or major, such as "F minor" or "C# major"',
        )
    return key


def _parts(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise RequestError("parts", f"parts must be names separated by commas, not {_shown(value)}; {_exists()}")
    parts = tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    if not parts:
        raise RequestError("parts", f"no part is named; {_exists()}")
    for name in parts:
        if name not in PARTS:
            raise RequestError("parts", f"part {_shown(name)} is unknown; {_exists()}")
    return tuple(part for part in PARTS if part == "beat" or part in parts)  # every pack holds the beat


def _choice(option: Field[Any], value: Any) -> str:
    choices = option.metadata["choices"]
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in choices:
        raise RequestError(option.name, f"{option.name} {_shown(value)} is unknown; choose {_listed(choices)}")
    return word


def _switch(option: Field[Any], value: Any) -> bool:
    word = value.strip().lower() if isinstance(value, str) else value
    for meaning, words in SWITCH_WORDS.items():
        if word in words or word is meaning:
            return meaning
    raise RequestError(option.name, f"{option.name} must be on or off, not {_shown(value)}")


def _number(option: Field[Any], value: Any) -> float | int:
    about = option.metadata
    whole, name = about["kind"] == "whole", option.name.replace("_", "-")
    allowed = f"{'a whole number' if whole else 'a number'} from {about['low']:g} to {_plain(about['high'])}"
    number = math.nan
    if isinstance(value, (str, Real)) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
    if not math.isfinite(number) or (whole and not number.is_integer()):
        raise RequestError(option.name, f"{name} must be {allowed}, not {_shown(value)}")
    if not about["low"] <= number <= about["high"]:
        raise RequestError(option.name, f"{name} must be {allowed}, not {_shown(value)}{_tempo_hint(option, number)}")
    return int(number) if whole else round(number, BPM_DECIMALS)


def _tempo_hint(option: Field[Any], number: float) -> str:
    if option.name != "bpm" or number <= 0:
        return ""
    for factor in (2, 0.5):
        if option.metadata["low"] <= number * factor <= option.metadata["high"]:
            return f"; a beat felt at {number:g} is written at {number * factor:g}"
    return ""


def _exists() -> str:
    return f"what exists: {', '.join(PARTS)}"


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 3]}..."
