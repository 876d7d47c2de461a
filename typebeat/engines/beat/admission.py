"""Who may be drawn now: requests side by side while rows and memory suffice; whoever changes the weights, alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from typebeat.engines import POLL_SECONDS, Job
from typebeat.engines.forks import anew_after_fork


@dataclass(frozen=True, eq=False)
class Claim:
    """What a request takes up while it is drawn.

    Attributes:
        kind: Only requests of one kind run side by side: those that want the weights in the same state.
        rows: Rows of a step.
        bytes: Memory of its caches.
        seconds: Length of its sound. A request passes a longer one if it came later by less than it is shorter.
        came: When it came, on the monotonic clock.
    """

    kind: object
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    came: float = field(default_factory=time.monotonic)

    @property
    def place(self) -> float:
        """The lowest of those who wait is next; it grows with the time of coming, so everybody's turn comes."""
        return self.came + self.seconds


class Admission:
    """Lets requests in as long as all that are inside fit.

    Args:
        most_rows: Of all that are inside together; a request that needs more is let in alone.
        free: Returns how many bytes caches may take now, beside those that are in use.
    """

    def __init__(self, most_rows: int, free: Callable[[], float]) -> None:
        self._most_rows = most_rows
        self._free = free
        self.begin_anew()
        anew_after_fork(self)

    def begin_anew(self) -> None:
        """Forgets all who wait or are inside."""
        self._waiting: list[Claim] = []
        self._inside: list[Claim] = []
        self._changed = threading.Condition()

    @contextmanager
    def inside(self, claim: Claim, job: Job) -> Iterator[None]:
        """Waits until a claim fits, and holds it; raises Stopped if the job is stopped before that."""
        job.check()
        with self._changed:
            self._waiting.append(claim)
        try:
            with self._changed:
                while not self._changed.wait_for(lambda: self._is_next(claim), timeout=POLL_SECONDS):
                    job.check()
                self._waiting.remove(claim)
                self._inside.append(claim)
                self._changed.notify_all()  # the next may fit too
            yield
        finally:
            with self._changed:
                (self._waiting if claim in self._waiting else self._inside).remove(claim)
                self._changed.notify_all()

    def _is_next(self, claim: Claim) -> bool:
        """Whether a claim is the next and fits; with nobody inside it is let in, and may find that memory is short."""
        if min(self._waiting, key=lambda each: each.place) is not claim:
            return False
        if not self._inside:
            return True
        return (
            self._inside[0].kind == claim.kind
            and sum(each.rows for each in (*self._inside, claim)) <= self._most_rows
            # what is inside counts in full, since its memory is taken only as its caches fill
            and sum(each.bytes for each in (*self._inside, claim)) <= self._free()
        )
