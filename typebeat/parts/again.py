"""Makes single parts of an earlier beat anew: reads what stays from the recipe that the beat came with.

A recipe holds the tokens of its best take and how that take was fitted to its bars. Kept parts are decoded from the
same tokens and fitted alike, so they are the same samples before the mix. A recipe is only read as data: no path or
name in it is followed.
"""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from typebeat.engines import BeatEngine
from typebeat.parts.fit import FIT_WITHIN, Fit
from typebeat.parts.own.keeping import KeptSample, kept_sample
from typebeat.request.options import RequestError, shown
from typebeat.request.requests import BEATS_PER_BAR, BeatRequest
from typebeat.request.settled import SettledRequest, resolve
from typebeat.version import __version__

MOST_CODEBOOKS = 64
MOST_TOKENS = MOST_CODEBOOKS * 30_000  # that are read from a recipe
MOST_PARENTS, LONGEST_NAME = 64, 120  # of beats that a recipe names as its parents, and the characters of a name
INHERITED = ("style", "bpm", "key", "bars")  # options that all parts of a beat share
OWN = ("seed", "takes", "again")  # options that are not taken over from an earlier beat
NO_PARENT = "say of which beat the other parts are kept: its pack's folder or ZIP, or its recipe.json"


@dataclass(frozen=True)
class Parent:
    """An earlier beat whose parts are kept.

    Attributes:
        request: What it was asked for.
        tokens: What its best take was decoded from, (codebooks, frames) int16.
        fit: How that take was fitted to its bars.
        weights: Name and revision of the weights that drew them.
        parents: The beats that it came from itself, oldest first.
        sample: The sound that it is made around, if it holds one.
    """

    request: SettledRequest
    tokens: np.ndarray
    fit: Fit
    weights: str
    parents: tuple[str, ...]
    sample: KeptSample | None = None

    @property
    def name(self) -> str:
        """How a recipe names it among its parents: style, tempo, key, bars and seed."""
        told = self.request
        return f"{told.style} {told.bpm:g} BPM {told.key} {told.bars} bars seed {told.seed}"


def tokens_text(tokens: np.ndarray) -> str:
    """Returns tokens (codebooks, frames) as a recipe holds them: "13x348:" and compressed base64."""
    packed = zlib.compress(np.ascontiguousarray(tokens, dtype="<i2").tobytes(), 9)
    return f"{tokens.shape[0]}x{tokens.shape[1]}:{base64.b64encode(packed).decode()}"


def read_tokens(text: str) -> np.ndarray:
    """Returns the tokens (codebooks, frames) int16 that `tokens_text` wrote.

    Raises:
        ValueError: the text is truncated, edited or too long.
    """
    shape, _, data = text.partition(":")
    codebooks, frames = (int(size) for size in shape.split("x"))
    if not (codebooks > 0 and frames > 0 and codebooks * frames <= MOST_TOKENS):
        raise ValueError(f"{shape[:20]} is no size of tokens")
    unpack = zlib.decompressobj()
    try:
        raw = unpack.decompress(base64.b64decode(data, validate=True), 2 * codebooks * frames + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from error
    if len(raw) != 2 * codebooks * frames or not unpack.eof or unpack.unused_data:
        raise ValueError("there are not as many tokens as it says")
    return np.frombuffer(raw, "<i2").reshape(codebooks, frames).astype(np.int16)


def settle(options: Mapping[str, Any], of: Mapping[str, Any] | None = None) -> SettledRequest:
    """Returns the resolved request of named options; what they leave out is as in the earlier beat `of`, if any.

    Raises:
        RequestError: an option is not allowed, or does not go with the earlier beat.
    """
    if of is None:
        if options.get("again"):
            raise RequestError("again", NO_PARENT)
        return resolve(BeatRequest.parse(**options))
    parent = read_parent(of)
    if not BeatRequest.parse(**{"style": parent.request.style, **options}).again:
        raise RequestError("again", "say which parts are made anew, such as melody; all others stay as they are")
    for name in INHERITED:
        asked, kept = options.get(name), getattr(parent.request, name)
        if (
            asked is not None
            and getattr(BeatRequest.parse(**{"style": parent.request.style, name: asked}), name) != kept
        ):
            raise _differs(name, kept)
    taken = {name: value for name, value in asdict(parent.request).items() if name not in OWN}
    return resolve(BeatRequest.parse(**{**taken, **options}))


def parent_of(request: BeatRequest, of: Mapping[str, Any] | None) -> Parent | None:
    """Returns the earlier beat of a request that makes parts anew; None for a request that makes all of them.

    Raises:
        RequestError: only one of the two is there, or the recipe cannot be used.
    """
    if not request.again and of is None:
        return None
    if of is None:
        raise RequestError("again", NO_PARENT)
    return read_parent(of)


def lineage(parent: Parent | None, request: SettledRequest) -> dict[str, Any]:
    """Returns what a recipe says of where kept parts come from; the same when a beat is made once more from its own."""
    if parent is None:
        return {}
    is_itself = (parent.request.again, parent.request.seed) == (request.again, request.seed)
    return {"parents": list(parent.parents if is_itself else (*parent.parents, parent.name))[-MOST_PARENTS:]}


def read_parent(recipe: Mapping[str, Any]) -> Parent:
    """Reads what can be kept of a beat from its recipe.

    Raises:
        RequestError: the recipe holds no beat in parts, was damaged, or is of a later version.
    """
    try:
        weights = recipe["weights"]["beat"]
        made_by = _line(f"{weights['name']}@{weights['revision']}")
        version = _line(str(recipe["versions"]["typebeat"]))
        parents = tuple(_line(str(name)[:LONGEST_NAME]) for name in recipe.get("parents", ()))[-MOST_PARENTS:]
    except (KeyError, TypeError, AttributeError) as error:
        raise RequestError("of", "this is no recipe of a beat; give a pack or its recipe.json") from error
    if _numbers(version) > _numbers(__version__):
        raise RequestError(
            "of", f"that beat was made by Typebeat {version[:20]}, and {__version__} runs here; bring it up to date"
        )
    sample = kept_sample(recipe)
    if not isinstance(recipe.get("tokens"), str):
        raise RequestError("of", "this beat was made without parts that can be kept; make a new one with the starter")
    names = [option.name for option in fields(BeatRequest)]
    try:
        request = SettledRequest.parse(**{name: recipe[name] for name in names if name in recipe})
    except RequestError as error:
        raise RequestError("of", f"the recipe was edited: {error}") from error
    try:
        tokens = read_tokens(recipe["tokens"])
    except ValueError as error:
        raise RequestError("of", "the tokens in this recipe are damaged; use the recipe as it was written") from error
    return Parent(request, tokens, _read_fit(recipe.get("fit"), request), made_by, parents, sample)


def settled_with(parent: Parent, request: BeatRequest) -> BeatRequest:
    """Returns the request with what all parts of the beat share taken from the earlier one.

    Raises:
        RequestError: the request asks for another tempo, length, key or style than the parts that are kept have.
    """
    earlier = parent.request
    fresh = BeatRequest(prompt=request.prompt or earlier.prompt or "again")
    taken = {}
    for name in INHERITED:
        asked, kept = getattr(request, name), getattr(earlier, name)
        if asked not in (getattr(fresh, name), kept, "", None):
            raise _differs(name, kept)
        taken[name] = kept
    return replace(request, prompt=request.prompt or earlier.prompt, chosen=earlier.chosen, **taken)


def why_not_again(recipe: Mapping[str, Any], engine: BeatEngine) -> str:
    """Returns why no part of the beat with this recipe can be made anew by these weights; empty where it can."""
    try:
        if not engine.parts:
            raise _one_sound(engine)
        kept_tokens(read_parent(recipe), engine.parts[:1], engine)
    except RequestError as why:
        return str(why)
    return ""


def kept_tokens(parent: Parent, again: tuple[str, ...], engine: BeatEngine) -> dict[str, np.ndarray]:
    """Returns the tokens of each part that stays.

    Raises:
        RequestError: the weights know no such parts, are others than drew them, or no part would be made anew.
    """
    weights = engine.weights
    if not engine.parts:
        raise _one_sound(engine)
    unknown = [part for part in again if part not in engine.parts]
    if unknown or not again:
        named = f"there is no part {shown(unknown[0])}" if unknown else "no part is named"
        raise RequestError("again", f"{named}; these weights play {', '.join(engine.parts)}")
    if parent.weights != f"{weights.name}@{weights.revision}":
        raise RequestError(
            "of",
            f"that beat was made with {parent.weights[:80]}, and {weights.name}@{weights.revision} is loaded; "
            "only the weights that drew its parts can keep them",
        )
    codebooks = np.arange(MOST_CODEBOOKS)[:, None]
    if len(parent.tokens) != sum(len(engine.part_tokens(codebooks, part)) for part in engine.parts):
        raise RequestError("of", "the tokens in this recipe are not those of these weights")
    return {part: engine.part_tokens(parent.tokens, part) for part in engine.parts if part not in again}


def _one_sound(engine: BeatEngine) -> RequestError:
    why = f"{engine.weights.name} plays one sound, not parts; the starter and MusicGen-Stem can make a part anew"
    return RequestError("again", why)


def _differs(name: str, kept: Any) -> RequestError:
    return RequestError(name, f"the parts that are kept have {name} {kept}; leave it out, or keep no part")


def _read_fit(told: Any, request: SettledRequest) -> Fit:
    bar = BEATS_PER_BAR * 60 / request.bpm
    try:
        speed, moved = float(told["speed"]), float(told["moved"])
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise RequestError("of", "the recipe does not say how its parts lie on the bars; it was edited") from error
    if not (math.isfinite(speed + moved) and abs(speed - 1) <= 2 * FIT_WITHIN and abs(moved) <= bar):
        raise RequestError("of", "the recipe was edited: its parts cannot lie on the bars as it says")
    return Fit(speed, moved)


def _line(text: str) -> str:
    """Returns a text from a recipe as one line without control characters: it may stand on somebody's terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _numbers(version: str) -> tuple[int, ...]:
    """Returns what versions are compared by: 0.1 before 0.2."""
    return tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in version[:20].split(".")[:2])
