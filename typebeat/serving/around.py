"""Beats around what visitors bring: it is heard first, as a job of its own, and then the beat is made around it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import aclosing
from pathlib import Path
from typing import Any

from typebeat.parts.own import CHORDS, Reference
from typebeat.parts.own.keeping import check_kept, kept_sample, options_told
from typebeat.parts.own.settling import settled_by, wish_of
from typebeat.parts.pack import BeatPack, Recipe
from typebeat.request.options import RequestError, shown
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import SettledRequest, resolve
from typebeat.serving.jobs import JobRunner
from typebeat.serving.queue import Follower
from typebeat.serving.states import Finished, States


def beat_around(
    runner: JobRunner,
    source: Path | str,
    options: ReferenceOptions,
    wish: dict[str, Any],
    stop: threading.Event,
    *,
    given: Collection[str] = (),
    aloud: bool = False,
) -> States:
    """Hears a reference, settles the wish by it, and makes the beat; the result is a `BeatPack`.

    Args:
        runner: Runs the jobs.
        source: An upload, or chords as text.
        options: How it is used.
        wish: The options of the beat.
        stop: Stops it.
        given: Names of options that count as given, even if they hold their defaults.
        aloud: Whether the sound is yielded while it is made.
    """

    def begin(reference: Reference) -> States:
        request = resolve(settled_by(reference, BeatRequest.parse(**wish_of(reference, wish)), given), given)
        return runner.beat(request, stop, aloud=aloud, reference=reference, upload=_upload_of(source))

    return _heard_first(runner.reference(source, options, Follower(stop)), begin)


def beat_again(
    runner: JobRunner, request: SettledRequest, of: Recipe, stop: threading.Event, source: Path | str | None = None
) -> States:
    """Makes parts of an earlier beat anew, around the sound that it is made around, if any; as `beat_around`."""
    kept = kept_sample(of)
    check_kept(kept, source)
    if kept is None or source is None:
        return runner.beat(request, stop, of=of, upload=_upload_of(source))

    def begin(reference: Reference) -> States:
        return runner.beat(request, stop, of=of, reference=reference, upload=_upload_of(source))

    return _heard_first(runner.reference(source, kept.options, Follower(stop)), begin)


async def _heard_first(hears: States, begin: Callable[[Reference], States]) -> States:
    """Yields what happens while a reference is heard, and then while the beat that `begin` starts is made."""
    reference = None
    async with aclosing(hears) as states:
        async for state in states:
            if isinstance(state, Finished):
                reference = state.result
            else:
                yield state
    if reference is None:
        raise AssertionError("a queue ends with Finished or raises")
    async with aclosing(begin(reference)) as states:
        async for state in states:
            yield state


def _upload_of(source: Path | str | None) -> Path | None:
    return source if isinstance(source, Path) else None


def source_of(runner: JobRunner, pack: BeatPack) -> tuple[Path | str | None, ReferenceOptions]:
    """Returns what a finished beat is made around, and how; None for a beat from words alone.

    Raises:
        RequestError: it is no longer on the server.
    """
    told = pack.recipe.get("reference")
    if told is None:
        return None, ReferenceOptions()
    if told["kind"] == CHORDS:
        return told["name"], options_told(told)
    upload = runner.upload_of(pack)
    if upload is None or not upload.is_file():
        raise RequestError(
            "reference",
            f"{shown(told['name'])}, which this beat is made around, is no longer on the server: bring it again under "
            "Start from and make a new beat",
        )
    return upload, options_told(told)
