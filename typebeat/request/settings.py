"""Reads the environment variables, which hold for the whole installation, into one record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """How this installation runs."""

    # `TYPEBEAT_BEAT`: "starter", "auto" (the default: the Hub's weights if there is a CUDA device, else the
    # starter), a local folder, or a Hub repository "owner/name[@revision]"
    beat: str = "auto"
    # `TYPEBEAT_WEIGHTS`: further beat weights that the page offers to whoever runs it, separated by commas: folders,
    # Hub repositories, adapters
    weights: tuple[str, ...] = ()
    cover: str = "auto"  # `TYPEBEAT_COVER`: the same choices for the cover model
    # `TYPEBEAT_STEMS`: "auto" (the default: the Hub's weights if they can be loaded), "starter" (no weights
    # at all), a local folder or a Hub repository
    stems: str = "auto"
    # `TYPEBEAT_TRACEBACK`: 1 shows the traceback of an unexpected error, whose text may quote what a visitor wrote
    traceback: bool = False
    metrics: bool = False  # `TYPEBEAT_METRICS`: 1 serves figures for Prometheus at /metrics
    # `TYPEBEAT_RAY`: empty (the default: the models are in this process), "local" (in processes of this machine),
    # "auto" (on the Ray cluster that this machine is part of), or where that cluster's head is, as host:port
    ray: str = ""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings from `os.environ` or another mapping; unset and blank variables keep their defaults."""
    environment = os.environ if environment is None else environment
    return Settings(
        beat=environment.get("TYPEBEAT_BEAT", "").strip() or Settings.beat,
        weights=tuple(filter(None, map(str.strip, environment.get("TYPEBEAT_WEIGHTS", "").split(",")))),
        cover=environment.get("TYPEBEAT_COVER", "").strip() or Settings.cover,
        stems=environment.get("TYPEBEAT_STEMS", "").strip() or Settings.stems,
        traceback=_is_on(environment, "TYPEBEAT_TRACEBACK"),
        metrics=_is_on(environment, "TYPEBEAT_METRICS"),
        ray=environment.get("TYPEBEAT_RAY", "").strip(),
    )


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip() not in ("", "0")
