"""A queue in front of one worker: first come, first served; every job can be stopped and has a time limit.

All methods belong to one event loop; the work itself runs in a thread.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from typebeat.engines import Job, Stopped
from typebeat.parts import TimeLimitError
from typebeat.sound.audio import Audio

POLL_SECONDS = 0.15  # between two looks at how far the job is and whether it is to stop
NEWEST_SHARE = 0.4  # weight of the newest job in the average pace
MINUTES_FROM = 90.0  # seconds from which a duration is given in minutes


class BusyError(Exception):
    """The queue is full; one line that says so."""


@dataclass(frozen=True)
class Waiting:
    """The worker is busy: `ahead` jobs come first and take about `seconds` (None if that is not known)."""

    ahead: int
    seconds: float | None


@dataclass(frozen=True)
class Working:
    """The worker is busy with this job: `done` of `needed` steps, `seconds` after it began."""

    doing: str
    done: int
    needed: int
    seconds: float


@dataclass(frozen=True)
class Playing:
    """The next piece of sound, while the rest is made."""

    piece: Audio


@dataclass(frozen=True)
class Finished:
    """What the job made."""

    result: Any


State = Waiting | Working | Playing | Finished
States = AsyncGenerator[State, None]  # how a job goes; closing it stops the job


class Follower(threading.Event):
    """An event of one step of a job, which is also set once the event of the whole job is."""

    def __init__(self, whole: threading.Event) -> None:
        super().__init__()
        self._whole = whole

    def is_set(self) -> bool:
        """Whether this step, or all of it, is to end."""
        return super().is_set() or self._whole.is_set()


@dataclass
class Entry:
    """One entry of a queue.

    Attributes:
        kind: Entries of a kind take time in proportion to their size.
        size: Such as the seconds of sound to make.
        work: Runs in a thread and gets the `Job` that it reports to.
        stop: Set by whoever wants it to end.
        pieces: Sound that was made and not passed on yet.
        began: When the worker took it, on the monotonic clock.
    """

    kind: str
    size: float
    work: Callable[[Job], Any]
    stop: threading.Event
    pieces: deque[Audio] = field(default_factory=deque)
    began: float | None = None


class Queue:
    """One worker and the jobs that wait for it.

    Args:
        length: How many jobs may wait.
        limit_seconds: A job that takes longer is stopped.
    """

    def __init__(self, length: int, limit_seconds: float) -> None:
        self._length = length
        self._limit_seconds = limit_seconds
        self._line: list[Entry] = []
        self._pace: dict[str, float] = {}  # kind -> seconds for a size of 1, as measured

    @property
    def jobs(self) -> int:
        """How many wait or run."""
        return len(self._line)

    async def run(self, entry: Entry) -> States:
        """Does the work of one entry: yields how it goes and `Finished` last.

        Closing the generator stops the work, as setting `entry.stop` does.

        Raises:
            BusyError: the queue is full.
            Stopped: `entry.stop` was set; raised at once, even if the worker needs a moment to notice.
            TimeLimitError: it took too long.
            Exception: whatever `entry.work` raises.
        """
        if len(self._line) > self._length:
            raise BusyError(f"{self._length} people are waiting already; try again in a few minutes")
        self._line.append(entry)
        task: asyncio.Task[Any] | None = None
        try:
            # 1. wait for the worker
            shown: Waiting | Working | None = None
            while ahead := self._line.index(entry):
                now = Waiting(ahead, self._seconds_before(ahead))
                if not isinstance(shown, Waiting) or _is_news(shown, now):
                    yield (shown := now)
                await self._pause(entry)
            # 2. work in a thread, and tell how far it is
            entry.began = began = time.monotonic()
            state = Working("Getting ready", 0, 1, 0.0)

            def report(done: int, needed: int, doing: str) -> None:
                nonlocal state
                state = Working(doing, done, needed, time.monotonic() - began)

            job = Job(report, entry.stop.is_set, entry.pieces.append)
            task = asyncio.create_task(asyncio.to_thread(entry.work, job))
            task.add_done_callback(lambda done: self._leave(entry, done))
            while not task.done():
                if shown != state:
                    yield (shown := state)
                if entry.pieces:
                    yield Playing(_joined(entry.pieces))
                await self._pause(entry, task)
            if entry.pieces:
                yield Playing(_joined(entry.pieces))
            # 3. the result
            yield Finished(task.result())
        finally:
            entry.stop.set()  # nobody listens any more, so the worker may stop; after the end this has no effect
            if task is None:
                self._line.remove(entry)

    async def _pause(self, entry: Entry, task: asyncio.Task[Any] | None = None) -> None:
        """Waits a moment, or until the work ends; raises Stopped and TimeLimitError."""
        if task:
            await asyncio.wait({task}, timeout=POLL_SECONDS)
            if task.done():
                return
        else:
            await asyncio.sleep(POLL_SECONDS)
        if entry.stop.is_set():
            raise Stopped
        if entry.began is not None and time.monotonic() - entry.began > self._limit_seconds:
            raise TimeLimitError(f"it took longer than {duration(self._limit_seconds)}; ask for less at once")

    def _leave(self, entry: Entry, task: asyncio.Task[Any]) -> None:
        """Removes an entry once its worker is really free, and learns how long its kind takes."""
        self._line.remove(entry)
        failed = task.cancelled() or task.exception() is not None
        if not failed and entry.began is not None:
            pace = (time.monotonic() - entry.began) / max(entry.size, 1e-6)
            known = self._pace.get(entry.kind, pace)
            self._pace[entry.kind] = NEWEST_SHARE * pace + (1 - NEWEST_SHARE) * known

    def _seconds_before(self, place: int) -> float | None:
        """Estimates how long the jobs before `place` take from earlier jobs of their kinds; None if there were none."""
        seconds = 0.0
        for entry in self._line[:place]:
            if entry.kind not in self._pace:
                return None
            gone = time.monotonic() - entry.began if entry.began is not None else 0.0
            seconds += max(0.0, self._pace[entry.kind] * entry.size - gone)
        return seconds


def duration(seconds: float) -> str:
    """Returns a duration in words, such as 8 s or 3 minutes."""
    return f"{seconds / 60:.0f} minutes" if seconds >= MINUTES_FROM else f"{max(1, round(seconds))} s"


def _is_news(shown: Waiting, now: Waiting) -> bool:
    """Whether a visitor would read a different text."""
    if shown.ahead != now.ahead or (shown.seconds is None) != (now.seconds is None):
        return True
    return now.seconds is not None and shown.seconds is not None and duration(shown.seconds) != duration(now.seconds)


def _joined(pieces: deque[Audio]) -> Audio:
    """Joins all pieces that are there and removes them, while another thread adds more."""
    taken = [pieces.popleft() for _ in range(len(pieces))]
    return Audio(np.concatenate([piece.samples for piece in taken], axis=1), taken[0].sample_rate)
