"""The beat itself: takes of the model, measured, made again where they miss the tempo, fitted, mastered, tagged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from typebeat import __version__
from typebeat.audio import SAMPLE_RATE, Audio, WavTags, resample
from typebeat.engines import BeatConditions, BeatEngine, Hear, ShouldStop, Stopped
from typebeat.fit import Fitted, fit_loop, is_near, seconds_to_ask
from typebeat.grid import Passport, measure
from typebeat.mastering import BrokenAudioError, is_silent, loudness_lufs, master, true_peak_dbtp
from typebeat.pack import Take
from typebeat.request import BEATS_PER_BAR, SEEDS, BeatRequest
from typebeat.styles import STYLES

MOST_AGAIN = 2  # more tries for a take whose tempo is too far off

Report = Callable[[int, int, str], None]  # steps done, steps needed, what is happening
_Tried = tuple[int, Audio, Passport]  # seed, as made, what it measures


def make_takes(
    request: BeatRequest,
    caption: str,
    engine: BeatEngine,
    *,
    progress: Report | None = None,
    should_stop: ShouldStop | None = None,
    hear: Hear | None = None,
) -> tuple[Take, ...]:
    """Makes the takes of a resolved request, each from its own seed and exactly as long as its bars.

    A take whose tempo is more than 4 % off is made again from another seed, at most twice; if none is near, the nearest
    is kept as it is and its facts say so.

    Raises:
        Stopped: `should_stop` said so.
        BrokenAudioError: the model made silence, or what is no number.
        RequestError: so many takes do not fit into memory.
    """
    doing = f"Making {request.takes} takes" if request.takes > 1 else "Making the beat"

    def make(seeds: tuple[int, ...], doing: str, hear: Hear | None) -> list[_Tried]:
        sounds = engine.generate(
            BeatConditions(caption, request.bpm, request.key),
            seconds_to_ask(request.seconds),
            seeds,
            guidance=request.guidance,
            temperature=request.temperature,
            top_k=request.top_k,
            progress=progress and (lambda done, needed: progress(done, needed, doing)),
            should_stop=should_stop,
            hear=hear,
        )
        return [_measured(seed, sound, request, should_stop) for seed, sound in zip(seeds, sounds, strict=True)]

    tries = [[first] for first in make(request.take_seeds, doing, hear)]
    for again in range(1, MOST_AGAIN + 1):
        off = [each for each in tries if not is_near(each[-1][2], request.bpm)]
        if not off:
            break
        seeds = tuple(seed_again(each[0][0], again) for each in off)
        for each, tried in zip(off, make(seeds, "The tempo was off: making another beat", None), strict=True):
            each.append(tried)
    return tuple(_finish(request, number, each, engine) for number, each in enumerate(tries, start=1))


def seed_again(seed: int, again: int) -> int:
    """Returns the seed of the first, second ... try after the one from `seed`."""
    return random.Random(f"take {seed} again {again}").randrange(SEEDS)


def rank(takes: tuple[Take, ...]) -> list[int]:
    """Returns the rank of each take, 1 the best: near the tempo, then its key, then how clear tempo and key are."""

    def score(take: Take) -> tuple[bool, bool, bool, float]:
        found = take.passport
        clear = found.bpm_confidence + found.key_confidence
        return "miss" not in take.facts, bool(found.bpm_hit), bool(found.key_hit), clear

    order = sorted(range(len(takes)), key=lambda number: (score(takes[number]), -number), reverse=True)
    return [order.index(number) + 1 for number in range(len(takes))]


def _measured(seed: int, sound: Audio, request: BeatRequest, should_stop: ShouldStop | None) -> _Tried:
    if should_stop and should_stop():
        raise Stopped
    sound = resample(sound, SAMPLE_RATE)
    if not np.isfinite(sound.samples).all():
        raise BrokenAudioError("the model made samples that are not numbers")
    if is_silent(sound):
        raise BrokenAudioError(f"the model made silence from seed {seed}; try another seed")
    return seed, sound, measure(sound, bpm=request.bpm, key=request.key)


def _finish(request: BeatRequest, number: int, tries: list[_Tried], engine: BeatEngine) -> Take:
    """Fits, masters and tags the last try, or the nearest where none is near."""
    seed, sound, made = tries[-1]
    if not is_near(made, request.bpm):
        seed, sound, made = min(tries, key=lambda tried: abs(tried[2].grid.bpm / request.bpm - 1))
    fitted = fit_loop(sound, made, request.bpm, request.bars)
    loop = master(fitted.audio)
    passport = _passport_of_loop(loop, fitted, made, request)
    tags = _tags(request, number, seed, engine)
    return Take(number, seed, loop, tags, passport, _facts(request, seed, fitted, made, tries))


def _passport_of_loop(loop: Audio, fitted: Fitted, made: Passport, request: BeatRequest) -> Passport:
    """What was stretched or moved is measured anew; of what was only cut, the rest still holds."""
    if fitted.speed != 1 or fitted.moved:
        return measure(loop, bpm=request.bpm, key=request.key)
    bars = min(made.grid.bars, request.bars)
    return replace(
        made, grid=replace(made.grid, bars=bars), lufs=loudness_lufs(loop), true_peak_dbtp=true_peak_dbtp(loop)
    )


def _facts(request: BeatRequest, seed: int, fitted: Fitted, made: Passport, tries: list[_Tried]) -> dict[str, Any]:
    """What the recipe says of how a take came about."""
    facts: dict[str, Any] = {
        "made_bpm": round(made.grid.bpm, 2),
        "stretched_percent": round(100 * (fitted.speed - 1), 3),
        "moved_ms": round(1000 * fitted.moved, 1),
    }
    if rejected := [{"seed": tried[0], "bpm": round(tried[2].grid.bpm, 2)} for tried in tries if tried[0] != seed]:
        facts["rejected"] = rejected
    if not is_near(made, request.bpm):
        facts["miss"] = (
            f"asked for {request.bpm:g} BPM, measured {made.grid.bpm:.4g}: the model missed the tempo {len(tries)} "
            "times; the nearest is kept as it was made, so its bars are not on the grid"
        )
    return facts


def _tags(request: BeatRequest, number: int, seed: int, engine: BeatEngine) -> WavTags:
    facts, weights = f"{request.bpm:g} BPM, {request.key}", engine.weights
    return WavTags(
        title=f"{STYLES[request.style].name} beat, {facts}" + (f", take {number}" if number > 1 else ""),
        bpm=request.bpm,
        key=request.key,
        beats=request.bars * BEATS_PER_BAR,
        genre=STYLES[request.style].name,
        software=f"Typebeat {__version__}",
        licence=f"made with weights under the licence {weights.licence}",
        comment=f"{facts}, {request.bars} bars, seed {seed}, {weights.name}@{weights.revision}. "
        f"Made by a machine. {request.prompt}".strip(),
    )
