"""Makes the takes of a beat: draws drafts, keeps the best, makes another if all miss the tempo, fits and masters."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from typebeat.engines import UNWATCHED, BeatConditions, BeatEngine, BeatSound, Job, Stems
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.hearing.reranking import Asked, nearness
from typebeat.parts.fit import Fit, Fitted, fit_loop, fit_part, is_near, seconds_to_ask
from typebeat.parts.own.arranging import ALONE, Arrangement, joined_parts, mixed
from typebeat.parts.pack import Take
from typebeat.request.requests import BEATS_PER_BAR, SEEDS
from typebeat.request.settled import CompleteRequest, SettledRequest, said_by
from typebeat.request.styles import STYLES
from typebeat.sound.audio import SAMPLE_RATE, Audio, WavTags, resample
from typebeat.sound.mastering import BrokenAudioError, is_silent, loudness_lufs, master, true_peak_dbtp
from typebeat.sound.mixing import WHOLE
from typebeat.version import __version__

DRAFTS = 4  # drafts of each take, if the weights come with a reranker
PLAYED_APART = "played apart by the model"  # how the stems of weights that know their parts came about
MOST_AGAIN = 2  # more tries for a take whose tempo is too far off


@dataclass
class Draft:
    """A beat as the model made it.

    Attributes:
        request: What was asked for.
        seed: What it was drawn from.
        audio: The sound, at `SAMPLE_RATE`.
        made: The same as the engine returned it, with its parts where it knows them.
        nearness: How near it is to the request (`reranking.py`); minus infinity where it is silent.
        measured: What it measures, once `passport` was asked for.
    """

    request: CompleteRequest
    seed: int
    audio: Audio
    made: BeatSound
    nearness: float
    measured: Passport | None = None

    @property
    def passport(self) -> Passport:
        """What it measures; this takes a moment, so only drafts that may be kept are measured."""
        self.measured = self.measured or measure(self.audio, bpm=self.request.bpm, key=self.request.key)
        return self.measured

    @property
    def is_near(self) -> bool:
        """Whether its tempo can be fitted."""
        return is_near(self.passport, self.request.bpm)


def with_defaults_of_weights(request: SettledRequest, engine: BeatEngine) -> CompleteRequest:
    """Fills in the number of drafts and the guidance if the request leaves them to the weights."""
    drafts = request.drafts or (DRAFTS if engine.reranker else 1)
    return CompleteRequest(**vars(request) | {"drafts": drafts, "guidance": request.guidance or engine.guidance})


def make_takes(
    request: CompleteRequest,
    conditions: BeatConditions,
    engine: BeatEngine,
    job: Job = UNWATCHED,
    like: Fit | None = None,
    arranged: Arrangement = ALONE,
) -> tuple[Take, ...]:
    """Makes the takes of a request, each from its own seeds and exactly as long as its bars.

    Of a take's drafts the one nearest to the request is kept, preferably one with the tempo and key asked for. If all
    drafts miss the tempo, another is made from another seed, at most twice. If that fails too, the one nearest to the
    tempo is kept as it is. `job.hear` gets the first draft of the first take. Takes with parts that were kept are
    fitted `like` the beat that these come from, so no other is made for its tempo. What they are `arranged` around is
    in them.

    Raises:
        BrokenAudioError: the model made silence, or something that is not a number.
        RequestError: so many takes do not fit into memory.
        PartMissing: the parts around a sample cannot be taken out of what the model plays.
    """
    takes = draw_takes(request, conditions, engine, job, tries=0 if like else MOST_AGAIN)
    return tuple(
        _finish(request, number, drafts, engine, like, arranged, job) for number, drafts in enumerate(takes, start=1)
    )


def draw_takes(
    request: CompleteRequest,
    conditions: BeatConditions,
    engine: BeatEngine,
    job: Job = UNWATCHED,
    *,
    tries: int = MOST_AGAIN,
) -> list[list[Draft]]:
    """Returns the drafts of each take as the model made them, the one to keep first; `tries` more if all are off."""

    def make(seeds: Sequence[int], job: Job) -> list[Draft]:
        sounds = engine.generate(
            conditions,
            seconds_to_ask(request.seconds),
            tuple(seeds),
            guidance=request.guidance,
            temperature=request.temperature,
            top_k=request.top_k,
            job=job,
        )
        return [_drafted(request, conditions, engine, *each, job) for each in zip(seeds, sounds, strict=True)]

    count = request.drafts
    seeds = [seed for first in request.take_seeds for seed in draft_seeds(first, count)]
    made = make(seeds, replace(job, doing=_doing(request)))
    takes = [_best_first(made[at : at + count]) for at in range(0, len(made), count)]
    job = replace(job, doing="The tempo was off: making another beat", hear=None)
    for again in range(1, tries + 1):
        off = [number for number, drafts in enumerate(takes) if not drafts[0].is_near]
        if not off:
            break
        seeds = [seed_again(request.take_seeds[number], again) for number in off]
        for number, another in zip(off, make(seeds, job), strict=True):
            takes[number] = _best_first([*takes[number], another])
    return takes


def draft_seeds(seed: int, count: int) -> list[int]:
    """Returns the seeds of a take's drafts; the first is the take's own."""
    return [seed, *(random.Random(f"take {seed} draft {number}").randrange(SEEDS) for number in range(1, count))]


def seed_again(seed: int, again: int) -> int:
    """Returns the seed of the first, second ... try after the drafts of the take with `seed`."""
    return random.Random(f"take {seed} again {again}").randrange(SEEDS)


def rank(takes: tuple[Take, ...]) -> list[int]:
    """Returns the rank of each take: 1 is the best in tempo, then in key, then in nearness to the request."""

    def score(take: Take) -> tuple[bool, bool, bool, float]:
        found = take.passport
        return not take.miss, bool(found.bpm_hit), bool(found.key_hit), take.nearness

    order = sorted(range(len(takes)), key=lambda number: (score(takes[number]), -number), reverse=True)
    return [order.index(number) + 1 for number in range(len(takes))]


def _doing(request: CompleteRequest) -> str:
    beats = f"the new {', '.join(request.again)}" if request.again else "the beat"
    beats = f"{request.takes} takes" if request.takes > 1 else beats
    drafts = f"{request.drafts} drafts of " if request.drafts > 1 else ""
    return f"Making {drafts}{beats}"


def _drafted(
    request: CompleteRequest, conditions: BeatConditions, engine: BeatEngine, seed: int, made: BeatSound, job: Job
) -> Draft:
    job.check()
    sound = resample(made, SAMPLE_RATE)
    if not np.isfinite(sound.samples).all():
        raise BrokenAudioError(f"the model made samples that are not numbers from seed {seed}; try another seed")
    concepts = said_by(request).words.concepts
    asked = Asked(request.bpm, request.style, conditions.caption, concepts, conditions.left_out)
    near = -np.inf if is_silent(sound) else nearness(sound, asked, engine.reranker, made.parts)
    return Draft(request, seed, sound, made, near)


def _best_first(drafts: list[Draft]) -> list[Draft]:
    """Puts the draft to keep in front: the nearest to the request among those with its tempo and, if any, its key.

    If none has the tempo, it is the one nearest to the tempo. A silent draft is never kept.
    """
    heard = sorted((each for each in drafts if each.nearness > -np.inf), key=lambda each: -each.nearness)
    if not heard:
        raise BrokenAudioError(f"the model made silence from seed {drafts[0].seed}; try another seed")
    near = (each for each in heard if each.is_near)
    best = next((each for each in heard if each.is_near and each.passport.key_hit), None) or next(near, None)
    best = best or min(heard, key=lambda each: abs(each.passport.grid.bpm / each.request.bpm - 1))
    return [best, *(each for each in drafts if each is not best)]


def _finish(
    request: CompleteRequest,
    number: int,
    drafts: list[Draft],
    engine: BeatEngine,
    like: Fit | None,
    arranged: Arrangement,
    job: Job,
) -> Take:
    """Makes a take of the draft in front: fitted, joined with what was brought, mastered and tagged."""
    draft, made = drafts[0], drafts[0].passport
    fitted = fit_loop(draft.audio, made, request.bpm, request.bars, like=like)
    parts, gain = joined_parts(_parts(draft, fitted), fitted.audio, arranged, job)
    mix = mixed(parts, arranged, request.style, request.bpm, request.mix)
    loop = mix.beat if mix else master(fitted.audio)
    if WHOLE in parts:  # of weights that know no parts; it is split like any other beat
        parts, mix = {}, None
    passport = _passport_of_loop(loop, fitted, made, request, is_new=arranged.sample is not None)
    tags = _tags(request, number, draft.seed, engine)
    nearness, miss = round(draft.nearness, 3), _miss(drafts)
    facts: dict[str, Any] = {
        "made_bpm": round(made.grid.bpm, 2),
        "stretched_percent": round(100 * (fitted.speed - 1), 3),
        "moved_ms": round(1000 * fitted.moved, 1),
        "nearness": nearness,
        **({"rejected": [_why_rejected(each) for each in drafts[1:]]} if drafts[1:] else {}),
        **({"miss": miss} if miss else {}),
    }
    method = PLAYED_APART if draft.made.parts or not arranged.splitter else arranged.splitter.method
    stems = Stems(mix.stems, method, request.mix, mix.levels_db) if mix else None
    fit, tokens = Fit(fitted.speed, fitted.moved), draft.made.tokens
    return Take(number, draft.seed, loop, tags, passport, nearness, miss, facts, parts, stems, tokens, fit, gain)


def _parts(draft: Draft, fitted: Fitted) -> dict[str, Audio]:
    """Returns the parts that the model played, fitted as the whole was, at `SAMPLE_RATE`; none where it knows none."""
    request = draft.request
    return {
        name: fit_part(resample(part, SAMPLE_RATE), fitted, request.bpm, request.bars)
        for name, part in draft.made.parts.items()
    }


def _passport_of_loop(
    loop: Audio, fitted: Fitted, made: Passport, request: CompleteRequest, *, is_new: bool
) -> Passport:
    """Measures a loop anew if it was stretched, moved or joined; if it was only cut, what was measured still holds."""
    if fitted.speed != 1 or fitted.moved or is_new:
        return measure(loop, bpm=request.bpm, key=request.key)
    bars = min(made.grid.bars, request.bars)
    return replace(
        made, grid=replace(made.grid, bars=bars), lufs=loudness_lufs(loop), true_peak_dbtp=true_peak_dbtp(loop)
    )


def _miss(drafts: list[Draft]) -> str:
    """Says why the draft in front could not be fitted to the tempo; empty if it was."""
    kept = drafts[0]
    if kept.is_near:
        return ""
    return (
        f"asked for {kept.request.bpm:g} BPM, measured {kept.passport.grid.bpm:.4g}: the model missed the tempo "
        f"{len(drafts)} times; the nearest is kept as it was made, so its bars are not on the grid"
    )


def _why_rejected(draft: Draft) -> dict[str, Any]:
    """Says of a draft that was not kept how near it is (None if silent), and its tempo if that was measured."""
    about = {"seed": draft.seed, "nearness": round(draft.nearness, 3) if draft.nearness > -np.inf else None}
    return {**about, "bpm": round(draft.measured.grid.bpm, 2)} if draft.measured else about


def _tags(request: CompleteRequest, number: int, seed: int, engine: BeatEngine) -> WavTags:
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
