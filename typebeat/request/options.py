"""Describes an option once, as the field of a record, and checks values against that description.

`BeatRequest`, `CoverRequest` and `MidiOptions` consist of such fields. `RequestError` names the field, what is wrong
and what is allowed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import Field, field, fields
from numbers import Real
from typing import Any

from typebeat.request.styles import STYLES
from typebeat.request.words import canonical_key

BPM_DECIMALS = 3  # as fine as the tempo field of a DAW
PARTS = ("beat", "stems", "midi", "cover")  # what a pack can hold, in the order in which it is made
SWITCH_WORDS = {True: ("on", "true", "yes", "1"), False: ("off", "false", "no", "0")}
MOST_NAMES = 16  # in a list of names
SHOWN_CHARACTERS = 40  # how much of a wrong value an error repeats


class RequestError(ValueError):
    """A request is invalid; `field` is the wrong option, and the message says in one line what is allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field

    def __reduce__(self) -> Any:  # so that it can be sent to another process
        return type(self), (self.field, str(self)), vars(self)


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
    decimals: int = BPM_DECIMALS,
    choices: tuple[str, ...] = (),
) -> Any:
    """Makes a dataclass field whose metadata holds all that page, API and command line need to offer it.

    `kind` is "text", "number", "whole", "choice", "list" or "switch". `low`, `high` and `step` are None if there is no
    limit; `choices` is empty if anything is allowed. A default of None means that the value is decided later, as
    `help` says.
    """
    metadata = {"kind": kind, "label": label, "help": help, "unit": unit, "decimals": decimals}
    limits = {"low": low, "high": high, "step": step, "choices": choices}
    return field(default=default, metadata={**metadata, **limits})


def same_option(record: type, name: str) -> Any:
    """Makes the same field as an option of another record is."""
    option = next(each for each in fields(record) if each.name == name)
    return field(default=option.default, metadata=option.metadata)


def refuse_open(record: Any, names: Iterable[str]) -> None:
    """Raises RequestError if one of these options of a record holds no value."""
    for name in names:
        if getattr(record, name) in (None, ""):
            raise RequestError(name, f"{name} is missing")


def checked(option: Field[Any], value: Any) -> Any:
    """Converts a value to its option's type.

    Raises:
        RequestError: the value is not allowed.
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
    if option.metadata["kind"] == "list":
        return _parts(option, value) if option.name == "parts" else _names(option, value)
    if option.metadata["kind"] == "choice":
        return _choice(option, value)
    if option.metadata["kind"] == "switch":
        return _switch(option, value)
    return _number(option, value)


def _text(option: Field[Any], value: Any) -> str:
    """Cleans text: line breaks, tabs and runs of spaces become one space; other control characters are refused."""
    name, most = option.name, option.metadata["high"]
    if not isinstance(value, str):
        raise RequestError(name, f"the {name} must be text, not {shown(value)}")
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
        raise RequestError("style", f"style {shown(value)} is unknown; choose {listed(tuple(STYLES))}")
    return slug


def _key(value: Any) -> str:
    key = canonical_key(value) if isinstance(value, str) else None
    if key is None:
        raise RequestError(
            "key",
            f"key {shown(value)} is unknown; write a note from C to B, with # or b if needed, "
            'and minor or major, such as "F minor" or "C# major"',
        )
    return key


def _names(option: Field[Any], value: Any) -> tuple[str, ...]:
    """Splits names at commas, each once, in lower case."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        known = f"; {_exists()}" if option.metadata["choices"] else ""
        raise RequestError(option.name, f"{option.name} must be names separated by commas, not {shown(value)}{known}")
    if any(len(name) > SHOWN_CHARACTERS for name in names) or len(names) > MOST_NAMES:
        raise RequestError(option.name, f"{option.name} takes at most {MOST_NAMES} short names, not {shown(value)}")
    return tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))


def _parts(option: Field[Any], value: Any) -> tuple[str, ...]:
    parts = _names(option, value)
    if not parts:
        raise RequestError("parts", f"no part is named; {_exists()}")
    for name in parts:
        if name not in PARTS:
            raise RequestError("parts", f"part {shown(name)} is unknown; {_exists()}")
    return tuple(part for part in PARTS if part == "beat" or part in parts)  # every pack holds the beat


def _choice(option: Field[Any], value: Any) -> str:
    choices = option.metadata["choices"]
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in choices:
        raise RequestError(option.name, f"{option.name} {shown(value)} is unknown; choose {listed(choices)}")
    return word


def _switch(option: Field[Any], value: Any) -> bool:
    word = value.strip().lower() if isinstance(value, str) else value
    for meaning, words in SWITCH_WORDS.items():
        if word in words or word is meaning:
            return meaning
    raise RequestError(option.name, f"{option.name} must be on or off, not {shown(value)}")


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
        raise RequestError(option.name, f"{name} must be {allowed}, not {shown(value)}")
    if not about["low"] <= number <= about["high"]:
        raise RequestError(option.name, f"{name} must be {allowed}, not {shown(value)}{_tempo_hint(option, number)}")
    return int(number) if whole else round(number, about["decimals"])


def _tempo_hint(option: Field[Any], number: float) -> str:
    if option.name != "bpm" or number <= 0:
        return ""
    for factor in (2, 0.5):
        if option.metadata["low"] <= number * factor <= option.metadata["high"]:
            return f"; a beat felt at {number:g} is written at {number * factor:g}"
    return ""


def _exists() -> str:
    return f"what exists: {', '.join(PARTS)}"


def listed(names: Iterable[str], word: str = "or") -> str:
    """Joins names, at least one, as a sentence does: "a, b or c"."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def shown(value: Any) -> str:
    """Formats a wrong value for an error message: one line, shortened if it is long."""
    try:
        text = repr(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    except (RecursionError, ValueError):  # a list in lists without end, or a number of thousands of digits
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 3]}..."
