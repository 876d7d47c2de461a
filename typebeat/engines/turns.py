"""One request at a time on a model, and Stop while it waits or works."""

from __future__ import annotations

import threading

from typebeat.engines import ShouldStop, Stopped

POLL_S = 0.1  # how often a request that waits for its turn looks whether it was stopped


def wait_for_turn(turn: threading.Lock, should_stop: ShouldStop | None) -> None:
    """Takes the lock, or raises Stopped if the request is stopped while it waits."""
    stop_if(should_stop)
    while not turn.acquire(timeout=POLL_S):
        stop_if(should_stop)


def stop_if(should_stop: ShouldStop | None) -> None:
    """Raises Stopped if `should_stop` is there and true."""
    if should_stop and should_stop():
        raise Stopped
