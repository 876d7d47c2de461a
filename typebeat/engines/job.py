"""How work that takes a while is watched, stopped and listened to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from typebeat.sound.audio import Audio

POLL_SECONDS = 0.1  # how often a job that waits for a model looks whether it was stopped


class Stopped(Exception):
    """Raised where a job was stopped; not an error, since somebody pressed Stop."""


@dataclass(frozen=True)
class Job:
    """Who watches work, stops it and listens to it. Every part of the work gets the same job.

    Attributes:
        report: Gets steps done, steps needed and what is happening; called in the working thread.
        should_stop: Whether the work is to end.
        hear: Gets the next piece of sound while more is made; None where nobody listens.
        doing: What is happening, in a few words.
    """

    report: Callable[[int, int, str], None] | None = None
    should_stop: Callable[[], bool] | None = None
    hear: Callable[[Audio], None] | None = None
    doing: str = ""

    def step(self, done: int, needed: int) -> None:
        """Reports how far the work is, or raises Stopped."""
        self.check()
        if self.report:
            self.report(done, needed, self.doing)

    def check(self) -> None:
        """Raises Stopped if the work is to end."""
        if self.should_stop and self.should_stop():
            raise Stopped

    @contextmanager
    def turn(self, lock: threading.Lock) -> Iterator[None]:
        """Holds a model's lock, so that one job at a time uses it; raises Stopped if stopped while it waits."""
        self.check()
        while not lock.acquire(timeout=POLL_SECONDS):
            self.check()
        try:
            yield
        finally:
            lock.release()


UNWATCHED = Job()  # nobody watches, stops or listens
