"""Draws covers: a picture by a diffusion model that belongs to a beat, with the title set in type.

`make_cover` makes the one of a pack, `draw_covers` those that somebody asks for alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from random import Random
from typing import Any

import numpy as np

from typebeat.covers.choosing import best_of
from typebeat.covers.finish import finish, png_bytes
from typebeat.covers.looks import cover_look, cover_prompt, cover_title, left_out
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
    title = request.title if printable(request.title, DISPLAY[request.style]) else ""
    title = title or cover_title(request.prompt, request.bpm, request.key, engine.vocabulary, request.seed)
    covers: list[Cover] = []
    for caption, seeds in groupby(request.seeds, lambda seed: _caption(request, seed, engine)):
        alike = tuple(seeds)
        drawn = _drawn(request, caption, alike, engine, _part_of(job, len(covers), len(alike), len(request.seeds)))
        for seed, picture in zip(alike, drawn, strict=True):
            job.check()
            covers.append(_finished(request, picture, "" if title == NO_TITLE else title, caption, seed, engine))
    return covers


def _caption(request: SettledCoverRequest, seed: int, engine: CoverEngine) -> str:
    """Words the prompt of a seed; another seed shows other things where the user's prompt leaves that open."""
    asked = (request.prompt, request.style, request.bpm, request.key)
    return cover_prompt(*asked, vocabulary=engine.vocabulary, turn=seed)


def _drawn(
    request: SettledCoverRequest, caption: str, seeds: Sequence[int], engine: CoverEngine, job: Job
) -> list[np.ndarray]:
    """Draws the drafts of each seed and keeps the best; the first draft is drawn from the seed itself."""
    drafts = [[seed, *_further(seed, engine.drafts - 1)] for seed in seeds]
    every = [each for one in drafts for each in one]
    pictures = engine.draw(caption, request.style, every, strength=request.strength, job=job)
    if engine.drafts == 1:
        return pictures
    groups = [pictures[i : i + engine.drafts] for i in range(0, len(pictures), engine.drafts)]
    kept = []
    for seed, group in zip(seeds, groups, strict=True):
        look = cover_look(request.prompt, request.bpm, request.key, engine.vocabulary, seed)
        kept.append(group[best_of(group, request.style, look)])
    return kept


def _further(seed: int, count: int) -> list[int]:
    rng = Random(f"cover {seed} drafts")
    return [rng.randrange(2**31) for _ in range(count)]


def _part_of(job: Job, first: int, count: int, of: int) -> Job:
    """Returns a job for `count` of the covers, which reports its steps as part of all of them."""
    if job.report is None or count == of:
        return job
    report = job.report

    def part(done: int, needed: int, doing: str) -> None:
        each = needed // count
        report(first * each + done, of * each, doing)

    return replace(job, report=part)


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
    if said := left_out(request.prompt):
        recipe["left_out"] = said
    return Cover(png_bytes(pixels, title, recipe), title, seed, recipe)
