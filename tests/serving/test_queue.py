"""A queue does one job at a time, tells an honest estimate, stops what is to stop, and goes on after a crash."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest

from typebeat.engines import Job, Stopped
from typebeat.serving.queue import (
    BusyError,
    Entry,
    Finished,
    Playing,
    Queue,
    TimeLimitError,
    Waiting,
    Working,
    duration,
)
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


async def drain(queue: Queue, entry: Entry) -> list[Any]:
    async with aclosing(queue.run(entry)) as states:
        return [state async for state in states]


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
    async def main() -> float:
        queue, running, waiting = Queue(4, 30), job(20), job()
        first = asyncio.create_task(drain(queue, running))
        second = asyncio.create_task(drain(queue, waiting))
        await asyncio.sleep(0.3)
        waiting.stop.set()
        with pytest.raises(Stopped):
            await second
        began = time.monotonic()
        running.stop.set()
        with pytest.raises(Stopped):
            await first
        await drain(queue, job())
        return time.monotonic() - began

    assert asyncio.run(main()) < 2


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


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (8.4, "8 s"), (89, "89 s"), (180, "3 minutes")])
def test_a_length_of_time_is_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said
