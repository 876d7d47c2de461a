"""A queue in front of some workers: first come, first served, but a visitor's second job waits behind all first ones.

When it is full, the last job of whoever has the most gives its place to somebody who has fewer.

Every job can be stopped and has a time limit. All methods belong to one event loop; the work itself runs in threads.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from typebeat.engines import Job, Stopped
from typebeat.parts import TimeLimitError
from typebeat.serving.states import Finished, Playing, States, Waiting, Working, duration
from typebeat.sound.audio import Audio

POLL_SECONDS = 0.15  # between two looks at how far the job is and whether it is to stop
NEWS_SHARE = 0.1  # by how much an estimate has to change before it is told again
NEWEST_SHARE = 0.4  # weight of the newest job in the average pace


class BusyError(Exception):
    """The queue is full, or a place in it went to somebody with fewer jobs; one line that says so."""


class Follower(threading.Event):
    """An event of one step of a job, which is also set once the event of the whole job is."""

    def __init__(self, whole: threading.Event) -> None:
        super().__init__()
        self.whole = whole

    def is_set(self) -> bool:
        """Whether this step, or all of it, is to end."""
        return super().is_set() or self.whole.is_set()


@dataclass(eq=False)
class Entry:
    """One entry of a queue.

    Attributes:
        kind: Entries of a kind take time in proportion to their size.
        size: Such as the seconds of sound to make.
        work: Runs in a thread, if it is no coroutine function, and gets the `Job` that it reports to.
        stop: Set by whoever wants it to end.
        visitor: Whose it is; by default somebody who has no other.
        is_alone: Whether nothing else may run beside it.
        pieces: Sound that was made and not passed on yet.
        began: When a worker took it, on the monotonic clock.
        spent: Seconds that it had of the whole machine, which those that run side by side share.
        gave_way: Whether it lost its place while it waited.
    """

    kind: str
    size: float
    work: Callable[[Job], Any]
    stop: threading.Event
    visitor: object = field(default_factory=object)
    is_alone: bool = False
    pieces: deque[Audio] = field(default_factory=deque)
    began: float | None = None
    spent: float = 0.0
    gave_way: bool = False


class Queue:
    """Workers and the jobs that wait for them.

    Args:
        length: How many jobs may wait, or what returns how many now.
        limit_seconds: A job that takes longer is stopped; of the time that several run side by side each has a share.
        workers: How many jobs may run at once, or what returns how many now.
    """

    def __init__(
        self, length: int | Callable[[], int], limit_seconds: float, workers: int | Callable[[], int] = 1
    ) -> None:
        self._length = length if callable(length) else lambda: length
        self._limit_seconds = limit_seconds
        self._workers = workers if callable(workers) else lambda: workers
        self._running: list[Entry] = []
        self._waiting: list[Entry] = []  # as they came
        self._pace: dict[str, float] = {}  # kind -> seconds of the whole machine for a size of 1, as measured
        self._counted = time.monotonic()  # until when `Entry.spent` is counted

    @property
    def most(self) -> int:
        """How many may wait or run at once."""
        return self._workers() + self._length()

    @property
    def jobs(self) -> int:
        """How many wait or run."""
        return len(self._running) + len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return self.jobs >= self.most

    async def run(self, entry: Entry) -> States:
        """Does the work of one entry: yields how it goes and `Finished` last.

        Closing the generator stops the work, as setting `entry.stop` does.

        Raises:
            BusyError: the queue is full, or its place went to somebody else.
            Stopped: `entry.stop` was set; raised at once, even if its worker needs a moment to notice.
            TimeLimitError: it took too long.
            Exception: whatever `entry.work` raises.
        """
        self._admit(entry)
        task: asyncio.Task[Any] | None = None
        try:
            # 1. wait for a worker
            shown: Waiting | Working | None = None
            while (before := self._before(entry)) or not self._fits(entry, self._running):
                now = Waiting(len(self._running) + len(before), self._seconds_until([*before, entry]))
                if not isinstance(shown, Waiting) or _is_news(shown, now):
                    yield (shown := now)
                await self._pause(entry)
            # 2. work in a thread, and tell how far it is
            began = self._begin(entry)
            state = Working("Getting ready", 0, 1, 0.0)

            def report(done: int, needed: int, doing: str) -> None:
                nonlocal state
                state = Working(doing, done, needed, time.monotonic() - began)

            job = Job(report, entry.stop.is_set, entry.pieces.append)
            in_loop = inspect.iscoroutinefunction(entry.work)
            task = asyncio.create_task(entry.work(job) if in_loop else asyncio.to_thread(entry.work, job))
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
            if entry in self._waiting:
                self._waiting.remove(entry)

    def _admit(self, entry: Entry) -> None:
        """Lets an entry wait; where all places are taken, the last one in the order of turns loses its own."""
        self._waiting.append(entry)
        if self.jobs <= self.most:
            return
        last = self._order()[-1]
        self._waiting.remove(last)
        if last is entry:
            raise BusyError(f"{self._length()} jobs are waiting already; try again in a few minutes")
        last.gave_way = True

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
        if entry.gave_way:
            raise BusyError("others came, and earlier jobs of yours still wait; ask again for this one in a minute")
        self._count()
        if entry.spent > self._limit_seconds:
            raise TimeLimitError(f"it took longer than {duration(self._limit_seconds)}; ask for less at once")

    def _order(self) -> list[Entry]:
        """Returns those that wait in the order in which they begin: each visitor's next job, then the others.

        Whoever has a job running has had a turn.
        """
        turns: Counter[object] = Counter(each.visitor for each in self._running)
        turn_of: dict[Entry, int] = {}
        for each in self._waiting:
            turn_of[each] = turns[each.visitor]
            turns[each.visitor] += 1
        return sorted(self._waiting, key=lambda each: turn_of[each])  # those of a turn stay as they came

    def _before(self, entry: Entry) -> list[Entry]:
        """Returns those of the waiting that come before one, in their order."""
        order = self._order()
        return order[: order.index(entry)]

    def _fits(self, entry: Entry, running: Sequence[Entry]) -> bool:
        """Whether an entry may run beside others."""
        is_alone = entry.is_alone or any(each.is_alone for each in running)
        return not running if is_alone else len(running) < self._workers()

    def _begin(self, entry: Entry) -> float:
        """Gives an entry a worker; returns when."""
        self._count()
        self._waiting.remove(entry)
        self._running.append(entry)
        entry.began = self._counted
        return self._counted

    def _leave(self, entry: Entry, task: asyncio.Task[Any]) -> None:
        """Removes an entry once its worker is really free, and learns how long its kind takes."""
        self._count()
        self._running.remove(entry)
        if not task.cancelled() and task.exception() is None:
            pace = entry.spent / max(entry.size, 1e-6)
            known = self._pace.get(entry.kind, pace)
            self._pace[entry.kind] = NEWEST_SHARE * pace + (1 - NEWEST_SHARE) * known

    def _count(self) -> None:
        """Shares the time since it was last called among those that run; called before their number changes."""
        now = time.monotonic()
        for entry in self._running:
            entry.spent += (now - self._counted) / len(self._running)
        self._counted = now

    def _seconds_until(self, line: Sequence[Entry]) -> float | None:
        """Estimates when the last of a line begins, from earlier jobs of their kinds; None if there were none."""
        self._count()
        running, waiting = list(self._running), deque(line)
        if any(entry.kind not in self._pace for entry in (*running, *list(waiting)[:-1])):
            return None
        left = {entry: max(0.0, self._pace[entry.kind] * entry.size - entry.spent) for entry in running}
        seconds = 0.0
        while True:
            while self._fits(waiting[0], running):
                entry = waiting.popleft()
                if not waiting:
                    return seconds
                running.append(entry)
                left[entry] = self._pace[entry.kind] * entry.size
            shortest = min(running, key=lambda entry: left[entry])
            passed = left[shortest]
            seconds += passed * len(running)
            for entry in running:
                left[entry] -= passed
            running.remove(shortest)


def _is_news(shown: Waiting, now: Waiting) -> bool:
    """Whether a visitor would read a different text, and one that tells more; each costs the server some work."""
    if shown.ahead != now.ahead or (shown.seconds is None) != (now.seconds is None):
        return True
    if now.seconds is None or shown.seconds is None:
        return False
    is_much = abs(shown.seconds - now.seconds) >= NEWS_SHARE * now.seconds
    return is_much and duration(shown.seconds) != duration(now.seconds)


def _joined(pieces: deque[Audio]) -> Audio:
    """Joins all pieces that are there and removes them, while another thread adds more."""
    taken = [pieces.popleft() for _ in range(len(pieces))]
    return Audio(np.concatenate([piece.samples for piece in taken], axis=1), taken[0].sample_rate)
