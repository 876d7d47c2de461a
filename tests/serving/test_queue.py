"""A queue tells how a job goes and an honest estimate, and goes on after Stop and crash."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from queued import drain

from typebeat.engines import Job, Stopped
from typebeat.serving.queue import BusyError, Entry, Queue, TimeLimitError, _is_news
from typebeat.serving.states import Finished, Playing, Waiting, Working, duration
from typebeat.sound.audio import Audio


def job(seconds: float = 0.0, *, size: float = 1.0, fails: bool = False, log: list[str] | None = None) -> Entry:
    """A job that takes so long, looking at its stop now and then."""
    stop = threading.Event()

    def work(job: Job) -> str:
        until = time.monotonic() + seconds
        job.report(0, 2, "At it")
        while time.monotonic() < until:
            if stop.wait(0.01):
                if log is not None:
                    log.append("stopped")
                raise Stopped
        if fails:
            raise ZeroDivisionError
        job.report(2, 2, "At it")
        return "made"

    return Entry("test", size, work, stop)


def test_a_job_tells_how_far_it_is_and_ends_with_its_result() -> None:
    states = asyncio.run(drain(Queue(2, 10), job(0.4)))
    assert [type(state) for state in states[:-1]] == [Working] * (len(states) - 1)
    assert states[-1] == Finished("made")


def test_sound_on_the_way_is_passed_on_in_order() -> None:
    talking = job()
    first, second = (Audio(np.full((1, 4), level), 8) for level in (0.1, 0.2))

    def work(job: Job) -> None:
        job.hear(first)
        job.hear(second)

    talking.work = work
    heard = [state for state in asyncio.run(drain(Queue(2, 10), talking)) if isinstance(state, Playing)]
    np.testing.assert_allclose(heard[0].piece.samples[0], [0.1] * 4 + [0.2] * 4)


def test_who_comes_later_waits_and_the_estimate_is_open_until_something_is_known() -> None:
    async def main() -> tuple[list[Any], list[Any]]:
        queue = Queue(4, 10)
        first = asyncio.create_task(drain(queue, job(0.5, size=5)))
        await asyncio.sleep(0.05)
        unknown = await drain(queue, job(0.1, size=1))
        await first
        again = asyncio.create_task(drain(queue, job(0.5, size=5)))
        await asyncio.sleep(0.05)
        known = await drain(queue, job(0.1, size=1))
        await again
        return unknown, known

    unknown, known = asyncio.run(main())
    assert unknown[0] == Waiting(1, None)
    assert isinstance(known[0], Waiting)
    assert known[0].seconds == pytest.approx(0.45, abs=0.3)
    assert unknown[-1] == known[-1] == Finished("made")


def test_a_crash_leaves_the_next_unharmed() -> None:
    async def main() -> list[Any]:
        queue = Queue(4, 10)
        with pytest.raises(ZeroDivisionError):
            await drain(queue, job(fails=True))
        return await drain(queue, job())

    assert asyncio.run(main())[-1] == Finished("made")


def test_stop_is_heard_at_work_and_in_line() -> None:
    log: list[str] = []

    async def main() -> list[Any]:
        queue, running, waiting = Queue(4, 30), job(20, log=log), job()
        first = asyncio.create_task(drain(queue, running))
        second = asyncio.create_task(drain(queue, waiting))
        await asyncio.sleep(0.3)
        waiting.stop.set()
        with pytest.raises(Stopped):
            await second
        running.stop.set()
        with pytest.raises(Stopped):
            await first
        return await drain(queue, job())

    assert asyncio.run(main())[-1] == Finished("made")
    assert log == ["stopped"]


def test_who_leaves_frees_the_worker() -> None:
    log: list[str] = []

    async def main() -> None:
        queue = Queue(4, 30)
        async with aclosing(queue.run(job(20, log=log))) as states:
            async for _ in states:
                break
        await drain(queue, job())

    asyncio.run(main())
    assert log == ["stopped"]


def test_a_job_that_takes_too_long_is_stopped_and_says_so() -> None:
    log: list[str] = []

    async def main() -> None:
        queue = Queue(4, 0.2)
        with pytest.raises(TimeLimitError, match="longer than"):
            await drain(queue, job(20, log=log))
        await drain(queue, job())

    asyncio.run(main())
    assert log == ["stopped"]


def test_a_full_line_says_so_at_once() -> None:
    async def main() -> None:
        queue = Queue(1, 30)
        jobs = [job(20), job()]
        tasks = [asyncio.create_task(drain(queue, each)) for each in jobs]
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError, match="try again"):
            await drain(queue, job())
        for each in jobs:
            each.stop.set()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("shown", "now", "is_news"),
    [((2, 100), (2, 95), False), ((2, 100), (2, 88), True), ((2, 5.4), (2, 4.4), True), ((2, 5.4), (2, 5.3), False),
     ((2, 100), (1, 100), True), ((2, None), (2, 100), True), ((2, None), (2, None), False)],
)  # fmt: skip
def test_an_estimate_is_told_again_once_it_tells_more(shown, now, is_news) -> None:
    assert _is_news(Waiting(*shown), Waiting(*now)) == is_news


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (8.4, "8 s"), (89, "89 s"), (180, "3 minutes")])
def test_a_length_of_time_is_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("workers", "sizes", "seconds"),
    [(1, [5, 3], 8), (2, [5, 3], 6), (2, [5, 3, 4], 10), (4, [5, 3], 0), (2, [4, 4, 1], 8)],
)
def test_time_is_shared_among_those_who_run(workers, sizes, seconds) -> None:
    """Two jobs of 5 and 3 s that run at once: after 6 s the shorter one is done, after 8 s both."""
    queue = Queue(9, 30, workers)
    queue._pace["test"] = 1.0
    entries = [job(size=size) for size in sizes]
    queue._waiting = list(entries)
    for entry in entries[:workers]:
        queue._begin(entry)
    mine = job()
    assert queue._seconds_until([*entries[workers:], mine]) == pytest.approx(seconds, abs=0.1)
    queue._running[0].kind = "new"
    assert queue._seconds_until([*entries[workers:], mine]) is None


def test_a_pace_learnt_in_company_is_that_of_the_whole_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    queue = Queue(9, 1000, workers=2)
    queue._waiting = [job(size=4), job(size=4)]
    for entry in list(queue._waiting):
        queue._begin(entry)
    first, second = queue._running
    now += 8  # both at half speed
    queue._count()
    assert (first.spent, second.spent) == (4, 4)
    queue._running.remove(second)
    now += 2
    queue._count()
    assert first.spent == 6
