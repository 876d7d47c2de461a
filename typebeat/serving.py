"""Beats for visitors: one at a time, first come first served, each in its own folder, each stoppable.

The web page and the API drain the same generator. It does not know how a beat is made (`pipeline.py`) nor how a page
looks (`page.py`); it only keeps people, threads and folders apart.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from typebeat.audio import Audio
from typebeat.engines import Engines, Stopped
from typebeat.mastering import BrokenAudioError
from typebeat.pack import BeatPack
from typebeat.pipeline import make_pack
from typebeat.request import BeatRequest

POLL_SECONDS = 0.15  # how often a visitor hears how far the beat is, and how long a Stop takes at most
LINE_LENGTH = 24  # visitors that may wait; the next one is told to come back
OUR_FAULT = "It is not your request. Nothing was kept; make it again, and tell us if it stays."
KEPT_SECONDS = 900  # how long a finished folder stays; Gradio copies what it serves as soon as it is returned


def joined(pieces: deque[Audio]) -> Audio:
    """Empties the queue, which another thread fills, into one piece."""
    taken = [pieces.popleft() for _ in range(len(pieces))]
    return Audio(np.concatenate([piece.samples for piece in taken], axis=1), taken[0].sample_rate)


class BusyError(Exception):
    """Too many people wait already; one line that says so."""


def explain(failure: Exception) -> tuple[str, str]:
    """Puts a failure into a few words and one line for visitors, and what they need not see into the log."""
    if isinstance(failure, BusyError):
        return "A lot of people are here", str(failure)
    if isinstance(failure, BrokenAudioError):
        return "The model made no music", str(failure)
    logging.error("a beat failed", exc_info=failure)
    if isinstance(failure, OSError):
        return "The pack could not be written", f"{failure.strerror or 'the disk refused'}. {OUR_FAULT}"
    return "This beat failed", OUR_FAULT


@dataclass(frozen=True)
class Waiting:
    """The engine works for somebody else; `ahead` visitors come first."""

    ahead: int


@dataclass(frozen=True)
class Working:
    """The engine works for this visitor: `done` of `needed` steps, `seconds` since it began."""

    doing: str
    done: int
    needed: int
    seconds: float


@dataclass(frozen=True)
class Heard:
    """The next piece of the first take, while the rest is made."""

    piece: Audio


State = Waiting | Working | Heard | BeatPack


class Booth:
    """The engines and the line in front of it. All of its methods belong to one event loop."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._line: list[object] = []
        self._visits: dict[str | None, set[threading.Event]] = {}
        self._folders = tempfile.TemporaryDirectory(prefix="typebeat-", ignore_cleanup_errors=True)

    @asynccontextmanager
    async def visit(self, session: str | None) -> AsyncIterator[threading.Event]:
        """Yields the event that stops whatever runs inside, once `stop` is called for the same session."""
        stop = threading.Event()
        events = self._visits.setdefault(session, set())
        events.add(stop)
        try:
            yield stop
        finally:
            events.discard(stop)
            if not events:
                self._visits.pop(session, None)

    def stop(self, session: str | None) -> None:
        """Stops what the session has running, and nothing else."""
        for stop in list(self._visits.get(session, ())):
            stop.set()

    async def beat(self, request: BeatRequest, stop: threading.Event, *, aloud: bool = False) -> AsyncIterator[State]:
        """Makes one pack: yields how it goes, with `aloud` the sound on the way, and the pack last.

        A visitor that leaves (the generator is closed) stops the engine like one that sets `stop`.

        Raises:
            BusyError: the line is full.
            Stopped: `stop` was set; raised at once, even where the engine still needs a moment to notice.
            Exception: whatever `make_pack` raises.
        """
        if len(self._line) > LINE_LENGTH:
            raise BusyError(f"{LINE_LENGTH} people are waiting already; try again in a few minutes")
        ticket = object()
        self._line.append(ticket)
        work: asyncio.Task[BeatPack] | None = None
        try:
            # 1. wait for the engine
            told: Waiting | Working | None = None
            while ahead := self._line.index(ticket):
                if told != Waiting(ahead):
                    yield (told := Waiting(ahead))
                await self._pause(stop)
            # 2. work in a thread, and tell how far it is
            folder = self._new_folder()
            state = Working("Getting ready", 0, 1, 0.0)
            began = time.monotonic()

            def report(done: int, needed: int, doing: str) -> None:
                nonlocal state
                state = Working(doing, done, needed, time.monotonic() - began)

            pieces: deque[Audio] = deque()
            job = partial(make_pack, request, self._engines, folder, progress=report, should_stop=stop.is_set)
            if aloud:
                job = partial(job, hear=pieces.append)
            work = asyncio.create_task(asyncio.to_thread(job))
            work.add_done_callback(lambda done: self._leave(ticket, folder, done))
            while not work.done():
                if told != state:
                    yield (told := state)
                if pieces:
                    yield Heard(joined(pieces))
                await self._pause(stop, work)
            if pieces:
                yield Heard(joined(pieces))
            # 3. the pack
            yield work.result()
        finally:
            stop.set()  # whoever stops listening stops the engine; after the end nobody looks
            if work is None:
                self._line.remove(ticket)

    async def _pause(self, stop: threading.Event, work: asyncio.Task[BeatPack] | None = None) -> None:
        """Waits a moment, shorter if the work ends.

        Raises:
            Stopped: `stop` was set.
        """
        if work:
            await asyncio.wait({work}, timeout=POLL_SECONDS)
        else:
            await asyncio.sleep(POLL_SECONDS)
        if stop.is_set() and not (work and work.done()):
            raise Stopped

    def _leave(self, ticket: object, folder: Path, work: asyncio.Task[BeatPack]) -> None:
        """Lets the next one in: only now is the engine free. Half a pack is removed."""
        self._line.remove(ticket)
        if work.cancelled() or work.exception():
            shutil.rmtree(folder, ignore_errors=True)

    def _new_folder(self) -> Path:
        """Makes an empty folder for one request and removes those of long ago."""
        root = Path(self._folders.name)
        for old in root.iterdir():
            if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=root))
