"""Draws covers: a picture by a diffusion model that belongs to a beat, with the title set in type.

`make_cover` makes the one of a pack, `draw_covers` those that somebody asks for alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from typebeat.covers.finish import finish, png_bytes
from typebeat.covers.looks import cover_prompt, cover_title
from typebeat.covers.typesetting import DISPLAY, printable
from typebeat.engines import UNWATCHED, CoverEngine, Engines, Job
from typebeat.parts import MadePart, PartMissing
from typebeat.request.cover_request import SettledCoverRequest
from typebeat.request.requests import NO_TITLE
from typebeat.request.settled import SettledRequest
from typebeat.request.styles import DISCLAIMER, STYLES
from typebeat.version import __version__

COVER_FILE = "cover.png"


@dataclass(frozen=True)
class Cover:
    """A finished cover.

    Attributes:
        png: The file.
        title: The text on it; empty for none.
        seed: The seed it was drawn from.
        recipe: Everything that makes it again; the file holds it too.
    """

    png: bytes
    title: str
    seed: int
    recipe: dict[str, Any]


def make_cover(request: SettledRequest, engines: Engines, job: Job = UNWATCHED) -> MadePart:
    """Draws the cover of a beat; raises PartMissing if there is no cover model."""
    if engines.cover is None:
        raise PartMissing(engines.missing.get("cover", "no cover model is loaded"))
    asked = SettledCoverRequest(
        prompt=request.prompt,
        style=request.style,
        bpm=request.bpm,
        key=request.key,
        title=request.title,
        strength=request.cover_strength,
        seed=request.seed,
    )
    cover = draw_covers(asked, engines.cover, job)[0]
    facts = {name: cover.recipe[name] for name in ("title", "caption", "weights")}
    return MadePart({COVER_FILE: cover.png}, facts)


def draw_covers(request: SettledCoverRequest, engine: CoverEngine, job: Job = UNWATCHED) -> list[Cover]:
    """Draws and finishes the covers of a request, each from its own seed.

    Raises:
        WeightsError: the model cannot draw, for want of memory or of sound weights.
    """
    caption = cover_prompt(request.prompt, request.style, request.bpm, request.key)
    title = request.title if printable(request.title, DISPLAY[request.style]) else ""
    title = title or cover_title(request.prompt, request.bpm, request.key)
    pictures = engine.draw(caption, request.style, request.seeds, strength=request.strength, job=job)
    covers = []
    for seed, picture in zip(request.seeds, pictures, strict=True):
        job.check()
        covers.append(_finished(request, picture, "" if title == NO_TITLE else title, caption, seed, engine))
    return covers


def _finished(
    request: SettledCoverRequest, picture: np.ndarray, title: str, caption: str, seed: int, engine: CoverEngine
) -> Cover:
    facts = (STYLES[request.style].name, f"{request.bpm:g} BPM", request.key)
    pixels = finish(picture, request.style, title, facts, int(request.size))
    recipe = {
        **asdict(request),
        "title": title or NO_TITLE,
        "seed": seed,
        "variations": 1,
        "caption": caption,
        "drawn_at": len(picture),
        "weights": asdict(engine.weights),
        "typebeat": __version__,
        "about": f"Made by a machine. {DISCLAIMER}",
    }
    return Cover(png_bytes(pixels, title, recipe), title, seed, recipe)
