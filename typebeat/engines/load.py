"""Loads the engines that the settings name. A model library is imported only where its engine is loaded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from typebeat.engines import BeatEngine, CoverEngine, Engines, HubUnreachableError, WeightsError, without_paths
from typebeat.request.options import PARTS
from typebeat.request.settings import Settings

if TYPE_CHECKING:
    from typebeat.engines.weights import HubEntry


def load_engines(settings: Settings, parts: Sequence[str] = PARTS) -> Engines:
    """Loads every model that the settings name; this takes seconds, so do it once.

    A cover model that "auto" chose and that cannot be used is named in `missing`; it keeps nobody from making beats.

    Args:
        settings: Which weights to use.
        parts: The parts that are wanted; models of others are not loaded.

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
    listeners = load_listeners(settings) if {"stems", "midi"} & set(parts) else Engines(beat=None)
    return replace(listeners, beat=load_beat_engine(settings.beat), cover=cover, missing=missing)


def load_cover_engine(choice: str = "auto") -> CoverEngine:
    """Loads the cover model; this takes seconds, so do it once.

    Args:
        choice: "starter"; "auto" (with a CUDA device the Hub's weights, else the starter); a local folder in diffusers'
            layout, or with adapters alone; or a Hub repository of either kind. Where the Hub cannot be reached the
            starter is loaded and `weights.notice` says so.

    Raises:
        WeightsError: a folder is missing, truncated, holds pickles, or adapters of another base.
    """
    from typebeat.engines.cover.files import locate_cover

    located = locate_cover(choice, best_device())
    from typebeat.engines.cover.loading import load_cover

    return load_cover(located.folder, located.weights, located.adapters)


def load_listeners(settings: Settings) -> Engines:
    """Loads only what splits and hears a sound: no beat and no cover model.

    Raises:
        WeightsError: weights that the settings name cannot be used.
    """
    from typebeat.engines.basic_pitch import BasicPitch
    from typebeat.engines.stems import load_stem_splitter

    return Engines(beat=None, stems=load_stem_splitter(settings.stems), pitches=BasicPitch())


def load_beat_engine(choice: str = "auto") -> BeatEngine:
    """Loads the beat model; this takes seconds, so do it once.

    Args:
        choice: "starter"; "auto" (with a CUDA device the Hub's weights, else the starter); a local folder; or a Hub
            repository "owner/name" or "owner/name@revision". Where the Hub cannot be reached the starter is loaded
            and `weights.notice` says so.

    Raises:
        WeightsError: a folder is missing, truncated, of an unknown format or holds a pickle with code in it.
    """
    from typebeat.engines.quiet import import_audiocraft
    from typebeat.engines.weights import locate_beat, starter_instead_of

    located = locate_beat(choice, best_device())
    import_audiocraft()
    from typebeat.engines.beat.musicgen import load_musicgen

    try:
        return load_musicgen(located.folder, located.weights)
    except HubUnreachableError:
        if located.weights.source != "hub":
            raise
        located = starter_instead_of(located.weights.name, located.weights.revision, located.weights.device)
        return load_musicgen(located.folder, located.weights)


def hub_entries() -> tuple[HubEntry, ...]:
    """Returns every Hub repository that Typebeat may fetch by itself, with its licence and purpose."""
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
