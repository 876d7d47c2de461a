"""Whose turn it is: a queue runs as many jobs as it has workers, is fair, and gives places to who has fewer jobs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from queued import drain

from typebeat.engines import Job
from typebeat.serving.queue import POLL_SECONDS, BusyError, Entry, Queue
from typebeat.serving.states import Waiting


def gated(visitor: object, log: list[str], name: str, *, is_alone: bool = False) -> tuple[Entry, threading.Event]:
    """A job that writes down its name when it begins, and ends once its gate is open."""
    gate = threading.Event()

    def work(job: Job) -> None:
        log.append(name)
        assert gate.wait(30)

    return Entry("test", 1.0, work, threading.Event(), visitor, is_alone), gate


async def until(is_so: Callable[[], bool]) -> None:
    latest = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < latest
        await asyncio.sleep(0.01)


def test_as_many_jobs_as_there_are_workers_run_at_once() -> None:
    async def main() -> list[str]:
        queue, log = Queue(4, 30, workers=2), []
        jobs = [gated(object(), log, name) for name in ("first", "second", "third")]
        tasks = [asyncio.create_task(drain(queue, entry)) for entry, _ in jobs]
        await until(lambda: len(log) == 2)
        assert len(queue._waiting) == 1
        jobs[1][1].set()  # whoever is done first makes room
        await until(lambda: len(log) == 3)
        for _, gate in jobs:
            gate.set()
        states = await asyncio.gather(*tasks)
        assert states[2][0] == Waiting(2, None)
        return log

    assert sorted(asyncio.run(main())[:2]) == ["first", "second"]


def test_a_second_job_of_somebody_waits_behind_everybodys_first() -> None:
    async def main() -> list[str]:
        queue, log = Queue(9, 30, workers=2), []
        line = [("greedy", "greedy 1"), ("other", "other"), ("greedy", "greedy 2"), ("greedy", "greedy 3")]
        line += [("late", "late 1"), ("later", "later"), ("late", "late 2")]
        jobs = [gated(visitor, log, name) for visitor, name in line]
        tasks = []
        for entry, _ in jobs:
            tasks.append(asyncio.create_task(drain(queue, entry)))
            await asyncio.sleep(0)  # so that they come one after the other
        await until(lambda: len(log) == 2)
        jobs[1][1].set()  # "greedy 1" goes on, so the turn of "greedy" is not over
        for _, gate in jobs[2:]:
            gate.set()
        await until(lambda: len(log) == len(jobs))
        jobs[0][1].set()
        await asyncio.gather(*tasks)
        return log

    assert asyncio.run(main())[2:] == ["late 1", "later", "late 2", "greedy 2", "greedy 3"]


def test_whoever_fills_the_line_gives_a_place_to_somebody_who_has_fewer_jobs() -> None:
    async def main() -> list[str]:
        queue, log = Queue(3, 30), []
        jobs = [gated("greedy", log, f"greedy {number}") for number in range(4)]
        tasks = [asyncio.create_task(drain(queue, entry)) for entry, _ in jobs]
        await until(lambda: log == ["greedy 0"])
        with pytest.raises(BusyError, match="3 jobs are waiting already"):
            await drain(queue, gated("greedy", log, "greedy 4")[0])
        guests = [gated(each, log, each) for each in ("first guest", "second guest", "third guest")]
        for entry, _ in guests:
            tasks.append(asyncio.create_task(drain(queue, entry)))
            await asyncio.sleep(0)
        with pytest.raises(BusyError, match="jobs are waiting already"):
            await drain(queue, gated("fourth guest", log, "fourth guest")[0])
        for _, gate in (*jobs, *guests):
            gate.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(end) for end in ends] == [list, *3 * [BusyError], *3 * [list]]
        assert "ask again" in str(ends[1])
        assert queue.jobs == 0
        return log

    assert asyncio.run(main()) == ["greedy 0", "first guest", "second guest", "third guest"]


def test_what_changes_the_engines_runs_alone() -> None:
    async def main() -> list[str]:
        queue, log = Queue(9, 30, workers=2), []
        jobs = [gated(object(), log, name, is_alone=name == "alone") for name in ("before", "alone", "behind", "last")]
        tasks = []
        for entry, _ in jobs:
            tasks.append(asyncio.create_task(drain(queue, entry)))
            await asyncio.sleep(0)
        await until(lambda: log == ["before"])
        await asyncio.sleep(2 * POLL_SECONDS)
        assert log == ["before"]
        jobs[0][1].set()
        await until(lambda: len(log) > 1)
        await asyncio.sleep(2 * POLL_SECONDS)
        assert log == ["before", "alone"]
        for _, gate in jobs:
            gate.set()
        await asyncio.gather(*tasks)
        return log

    assert asyncio.run(main())[2:] == ["behind", "last"]
