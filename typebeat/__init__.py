"""Typebeat: a line of text and a style in, a beat out.

The public names; each is loaded when it is first asked for, so `import typebeat` loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from typebeat.version import __version__

if TYPE_CHECKING:
    from typebeat.engines import BeatEngine, Engines, Job, Stopped, Weights, WeightsError
    from typebeat.engines.load import load_beat_engine, load_engines
    from typebeat.parts.pack import BeatPack
    from typebeat.pipeline import make_pack
    from typebeat.request.options import RequestError
    from typebeat.request.requests import BeatRequest
    from typebeat.request.settled import resolve
    from typebeat.request.styles import STYLES
    from typebeat.sound.audio import Audio

_HOMES = {
    "typebeat.sound.audio": ("Audio",),
    "typebeat.engines": ("BeatEngine", "Engines", "Job", "Stopped", "Weights", "WeightsError"),
    "typebeat.engines.load": ("load_beat_engine", "load_engines"),
    "typebeat.parts.pack": ("BeatPack",),
    "typebeat.pipeline": ("make_pack",),
    "typebeat.request.options": ("RequestError",),
    "typebeat.request.requests": ("BeatRequest",),
    "typebeat.request.settled": ("resolve",),
    "typebeat.request.styles": ("STYLES",),
}

__all__ = [  # noqa: RUF022 - the order of _HOMES
    "Audio",
    "BeatEngine",
    "Engines",
    "Job",
    "Stopped",
    "Weights",
    "WeightsError",
    "load_beat_engine",
    "load_engines",
    "BeatPack",
    "make_pack",
    "RequestError",
    "BeatRequest",
    "resolve",
    "STYLES",
    "__version__",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
