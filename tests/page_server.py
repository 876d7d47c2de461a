"""A page that really runs, on a free port, with an engine that needs no weights."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

from fakes import FakeEngine

if TYPE_CHECKING:
    from typebeat.serving.jobs import JobRunner

from typebeat.engines import UNWATCHED, BeatConditions, BeatEngine, Engines, Job
from typebeat.sound.audio import Audio


@dataclass
class SlowEngine(FakeEngine):
    """Takes `step_s` for each step, as a model would; a caption that says "crash" breaks it."""

    step_s: float = 0.0
    running: int = 0
    most_running: int = 0

    def generate(
        self,
        conditions: BeatConditions,
        seconds: float,
        seeds: Sequence[int],
        *,
        job: Job = UNWATCHED,
        **rest: Any,
    ) -> list[Audio]:
        def slowly(done: int, needed: int, doing: str) -> None:
            time.sleep(self.step_s)
            if job.report:
                job.report(done, needed, doing)

        if "crash" in conditions.caption:
            raise ZeroDivisionError("the engine broke")
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return super().generate(conditions, seconds, seeds, job=replace(job, report=slowly), **rest)
        finally:
            self.running -= 1


@contextmanager
def serve(engine: BeatEngine, **others: Any) -> Iterator[str]:
    """Yields the address of a page on this engine and others by their names in `Engines`."""
    with serve_runner(engine, **others) as (url, _):
        yield url


@contextmanager
def serve_runner(engine: BeatEngine, **others: Any) -> Iterator[tuple[str, JobRunner]]:
    """The same, with what runs its jobs."""
    from typebeat.page import build_page, launch_options
    from typebeat.serving.jobs import JobRunner

    runner = JobRunner(Engines(engine, **others))
    page = build_page(runner)
    _, url, _ = page.launch(**launch_options(runner), prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    try:
        yield url, runner
    finally:
        page.close()
        runner.close()
