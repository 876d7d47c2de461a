"""Makes single parts of an earlier beat anew: reads what stays from the recipe that the beat came with.

A recipe holds the tokens of its best take. Kept parts are decoded from the same tokens, so they are the same samples
before the mix. A recipe is only read as data: no path or name in it is followed.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from typebeat.engines import BeatEngine
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest

MOST_TOKENS = 64 * 30_000  # codebooks times frames that are read from a recipe
INHERITED = ("style", "bpm", "key", "bars")  # options that all parts of a beat share


@dataclass(frozen=True)
class Parent:
    """An earlier beat whose parts are kept.

    Attributes:
        request: What it was asked for, with everything settled.
        tokens: What its best take was decoded from, (codebooks, frames) int16.
        again: The parts of it that were made anew themselves.
        weights: Name and revision of the weights that drew them.
        parents: The beats that it came from itself, oldest first.
    """

    request: dict[str, Any]
    tokens: np.ndarray
    again: tuple[str, ...]
    weights: str
    parents: tuple[str, ...]

    @property
    def name(self) -> str:
        """How a recipe names it among its parents: style, tempo, key, bars and seed."""
        told = self.request
        return f"{told['style']} {told['bpm']:g} BPM {told['key']} {told['bars']} bars seed {told.get('seed')}"


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
        raw = unpack.decompress(base64.b64decode(data, validate=True), 2 * codebooks * frames)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(str(error)) from error
    if len(raw) != 2 * codebooks * frames or unpack.unconsumed_tail:
        raise ValueError("there are not as many tokens as it says")
    return np.frombuffer(raw, "<i2").reshape(codebooks, frames).astype(np.int16)


def parent_of(request: BeatRequest, of: Mapping[str, Any] | None) -> Parent | None:
    """Returns the earlier beat of a request that makes parts anew; None for a request that makes all of them.

    Raises:
        RequestError: only one of the two is there, or the recipe cannot be used.
    """
    if not request.again and of is None:
        return None
    if of is None:
        raise RequestError("again", "say of which beat the other parts are kept: the recipe or the folder of its pack")
    if not request.again:
        raise RequestError("again", "say which parts to make anew, such as melody; without any, all of them would stay")
    return read_parent(of)


def lineage(parent: Parent | None, request: BeatRequest) -> dict[str, Any]:
    """Returns what a recipe says of where kept parts come from; the same when a beat is made once more from its own."""
    if parent is None:
        return {}
    is_itself = (parent.again, parent.request.get("seed")) == (request.again, request.seed)
    return {"parents": list(parent.parents if is_itself else (*parent.parents, parent.name))}


def read_parent(recipe: Mapping[str, Any]) -> Parent:
    """Reads what can be kept of a beat from its recipe.

    Raises:
        RequestError: the recipe holds no beat in parts, or was damaged.
    """
    try:
        weights = recipe["weights"]["beat"]
        made_by = f"{weights['name']}@{weights['revision']}"
        request = {name: recipe[name] for name in (*INHERITED, "prompt", "seed", "mix", "chosen") if name in recipe}
        earlier = tuple(str(name)[:120] for name in recipe.get("parents", ()))
        again = tuple(str(part) for part in recipe.get("again", ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise RequestError("of", "this is no recipe of a beat; give a pack or its recipe.json") from error
    if not isinstance(recipe.get("tokens"), str):
        raise RequestError("of", "this beat was made without parts that can be kept; make a new one with the starter")
    try:
        tokens = read_tokens(recipe["tokens"])
    except ValueError as error:
        raise RequestError("of", "the tokens in this recipe are damaged; use the recipe as it was written") from error
    return Parent(request, tokens, again, made_by, earlier)


def settled_with(parent: Parent, request: BeatRequest) -> BeatRequest:
    """Returns the request with what all parts of the beat share taken from the earlier one.

    Raises:
        RequestError: the request asks for another tempo, length, key or style than the parts that are kept have.
    """
    try:
        earlier = BeatRequest.parse(**parent.request)
    except RequestError as error:
        raise RequestError("of", f"the recipe was edited: {error}") from error
    fresh = BeatRequest(prompt=request.prompt or earlier.prompt or "again")
    taken = {}
    for name in INHERITED:
        asked, kept = getattr(request, name), getattr(earlier, name)
        if asked not in (getattr(fresh, name), kept, "", None):
            raise RequestError(name, f"the parts that are kept have {name} {kept}; leave it out, or keep no part")
        taken[name] = kept
    return replace(request, prompt=request.prompt or earlier.prompt, chosen=earlier.chosen, **taken)


def kept_tokens(parent: Parent, again: tuple[str, ...], engine: BeatEngine) -> dict[str, np.ndarray]:
    """Returns the tokens of each part that stays.

    Raises:
        RequestError: the weights know no such parts, are others than drew them, or no part would be made anew.
    """
    weights = engine.weights
    if not engine.parts:
        raise RequestError(
            "again", f"{weights.name} plays one sound, not parts; the starter and MusicGen-Stem can make a part anew"
        )
    unknown = [part for part in again if part not in engine.parts]
    if unknown or not again:
        named = f"there is no part {unknown[0]!r}" if unknown else "no part is named"
        raise RequestError("again", f"{named}; these weights play {', '.join(engine.parts)}")
    if parent.weights != f"{weights.name}@{weights.revision}":
        raise RequestError(
            "of",
            f"that beat was made with {parent.weights[:80]}, and {weights.name}@{weights.revision} is loaded; "
            "only the weights that drew its parts can keep them",
        )
    if len(parent.tokens) != sum(len(engine.part_tokens(parent.tokens, part)) for part in engine.parts):
        raise RequestError("of", "the tokens in this recipe are not those of these weights")
    return {part: engine.part_tokens(parent.tokens, part) for part in engine.parts if part not in again}
