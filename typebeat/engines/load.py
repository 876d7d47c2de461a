"""Loads the engines that the settings name. A model library is imported only when its engine is loaded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from typebeat.engines import (
    BeatEngine,
    CoverEngine,
    Engines,
    HubUnreachableError,
    Listeners,
    WeightsError,
    without_paths,
)
from typebeat.engines.blas import take_memory
from typebeat.request.options import PARTS
from typebeat.request.settings import Settings

if TYPE_CHECKING:
    from typebeat.engines.weights import HubEntry


def load_engines(settings: Settings, parts: Sequence[str] = PARTS) -> Engines:
    """Loads the models of some parts; this takes seconds, so do it once.

    If "auto" chose a cover model that cannot be used, `missing` says why, and beats can be made without it.

    Raises:
        WeightsError: weights that the settings name cannot be used.
    """
    cover, missing = None, {}
    if "cover" in parts:
        try:
            cover = load_cover_engine(settings.cover)
        except WeightsError as error:
            if settings.cover != "auto":
                raise
            logging.warning("no covers: %s", error)
            missing["cover"] = without_paths(str(error))
    listeners = load_listeners(settings) if {"stems", "midi"} & set(parts) else Listeners()
    return Engines(load_beat_engine(settings.beat), cover, missing, **vars(listeners))


def load_cover_engine(choice: str = "auto") -> CoverEngine:
    """Loads the cover model that `locate_cover` finds; this takes seconds, so do it once.

    Raises:
        WeightsError: its folder is missing, truncated, or holds pickles or adapters of another base.
    """
    from typebeat.engines.cover.files import locate_cover

    located = locate_cover(choice, best_device())
    from typebeat.engines.cover.loading import load_cover

    return load_cover(located.folder, located.weights, located.adapters)


def load_listeners(settings: Settings) -> Listeners:
    """Loads only what splits and hears a sound, neither a beat nor a cover model."""
    from typebeat.engines.basic_pitch import BasicPitch
    from typebeat.engines.stems import load_stem_splitter

    take_memory()
    return Listeners(stems=load_stem_splitter(settings.stems), pitches=BasicPitch())


def load_beat_engine(choice: str = "auto") -> BeatEngine:
    """Loads the beat model that `locate` finds; this takes seconds, so do it once.

    Raises:
        WeightsError: its folder is missing, truncated, of an unknown format, or holds a pickle with code in it.
    """
    from typebeat.engines.locate import locate, starter_instead_of
    from typebeat.engines.quiet import import_audiocraft

    located = locate(choice, best_device(), "beat")
    take_memory()
    import_audiocraft()
    from typebeat.engines.beat.musicgen import load_musicgen

    try:
        return load_musicgen(located.folder, located.weights)
    except HubUnreachableError as error:
        if located.weights.source != "hub":
            raise
        hub = located.weights
        located = starter_instead_of("beat", hub.name, hub.revision, hub.device, error)
        return load_musicgen(located.folder, located.weights)


def with_choice_of_weights(engines: Engines, settings: Settings) -> Engines:
    """Returns the engines with a beat engine that can change its weights."""
    from typebeat.engines.beat.shelf import BeatShelf

    shelf = BeatShelf(engines.beat, settings.beat, settings.weights)
    return replace(engines, beat=cast(BeatEngine, shelf))  # its weights change by `switch` alone


def hub_entries() -> tuple[HubEntry, ...]:
    """Returns the Hub repositories that Typebeat may fetch by itself."""
    from typebeat.engines.weights import CATALOGUE

    return CATALOGUE


def describe_weights(choice: str) -> list[str]:
    """Returns what a Hub repository or a folder is, a line each; fetches no weights.

    Raises:
        WeightsError: there is nothing of that name, or it may not be read.
    """
    from typebeat.engines.inspect import inspect_weights

    return inspect_weights(choice).lines()


def best_device() -> str:
    """Returns "cuda" if torch sees such a device, else "cpu"; importing torch takes seconds."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
