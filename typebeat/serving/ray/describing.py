"""What models are called and can do, without the models: what a page that holds none is told of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from typebeat.engines import BeatEngine, CoverEngine, Engines, PitchListener, StemSplitter, SwitchableBeat

_LEFT_OUT = {"reranker"}  # a network, which stays where drafts are ranked


def described(engines: Engines) -> Engines:
    """Returns the attributes that the protocols of engines name, without the models."""
    return Engines(
        _told(engines.beat, BeatEngine, SwitchableBeat),
        _told(engines.cover, CoverEngine),
        engines.missing,
        stems=_told(engines.stems, StemSplitter),
        pitches=_told(engines.pitches, PitchListener),
    )


def _told(model: Any, *protocols: type) -> Any:
    names = {name for protocol in protocols for name in _attributes(protocol)} - _LEFT_OUT
    return model and SimpleNamespace(**{name: getattr(model, name) for name in names if hasattr(model, name)})


def _attributes(protocol: type) -> set[str]:
    """Returns the names of a protocol's attributes: those with a type, and those that can only be read."""
    read_only = {name for name, value in vars(protocol).items() if isinstance(value, property)}
    return {*protocol.__annotations__, *read_only}
