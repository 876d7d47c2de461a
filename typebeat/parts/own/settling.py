"""Fills in what a request leaves open by what was brought: tempo, key and length of the beat."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import Field, fields, replace
from typing import Any

from typebeat.parts.own import Reference
from typebeat.request.options import RequestError
from typebeat.request.reference import CONTINUE
from typebeat.request.requests import DRAWN, BeatRequest
from typebeat.request.settled import said_by

OCTAVES = (1.0, 2.0, 0.5)  # beats of the request for one of the reference
MOST_OWN_BARS = 16  # of a longer reference no more are taken unless they are asked for

_OPTIONS: dict[str, Field[Any]] = {each.name: each for each in fields(BeatRequest)}
_BARS: int = BeatRequest.bars


def settled_by(reference: Reference, request: BeatRequest, given: Collection[str] = ()) -> BeatRequest:
    """Returns the request with the reference's tempo, key and length where words and options say none.

    Args:
        reference: What was brought.
        request: What is asked for.
        given: Names of options that the user gave, even if they hold their defaults.

    Raises:
        RequestError: its tempo cannot be that of a beat.
    """
    words = said_by(request).words
    values: dict[str, Any] = {}
    if request.bpm is None and words.bpm is None and reference.bpm is not None:
        values["bpm"] = beat_tempo(reference.bpm)
    if request.key is None and words.key is None and words.mode is None and reference.key:
        values["key"] = reference.key
    is_whole = all(getattr(request, name) not in (None, "") for name in DRAWN)
    is_open = request.bars == _BARS and "bars" not in given and words.bars is None
    if is_open and not is_whole:
        values["bars"] = _bars(reference, values.get("bpm") or request.bpm or words.bpm)
    return replace(request, **values)


def wish_of(reference: Reference, options: dict[str, Any]) -> dict[str, Any]:
    """Returns named options with a style, if neither words nor a style say what to make."""
    if options.get("prompt") or options.get("style"):
        return options
    return {**options, "style": _OPTIONS["style"].metadata["choices"][0]}


def octave(own: float, asked: float) -> float:
    """How many beats of the request one of the reference is, so that its tempo changes least."""
    return min(OCTAVES, key=lambda factor: max(own * factor / asked, asked / (own * factor)))


def beat_tempo(own: float) -> float:
    """The tempo of a beat that is as fast as the reference, or an octave away where no beat can be that fast."""
    low, high = _OPTIONS["bpm"].metadata["low"], _OPTIONS["bpm"].metadata["high"]
    for factor in OCTAVES:
        if low <= own * factor <= high:
            return round(own * factor, 3)
    raise RequestError("reference", f"it is heard at {own:.4g} BPM; say a tempo of {low:g} to {high:g} BPM (bpm)")


def _bars(reference: Reference, bpm: float | None) -> int:
    """The reference's own bars, repeated until there are about as many as a beat has."""
    own = reference.bars * (octave(reference.bpm, bpm) if reference.bpm and bpm else 1)
    if reference.use == CONTINUE:
        return min(_OPTIONS["bars"].metadata["high"], math.ceil(own) + _BARS)
    if own >= MOST_OWN_BARS:
        return MOST_OWN_BARS
    times = max(1, round(_BARS / own))
    return max(1, round(own * times))
