"""Limits on what a test may use: seconds of the processor, and memory."""

from __future__ import annotations

import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails once the block has used so many seconds of the processor, which a busy machine does not change.

    It fails by `pytest.fail`, which no reader's `except Exception` takes for a fault of its file.
    """

    def too_long(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"it took more than {seconds:g} s of the processor")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def in_megabytes(most: float) -> Iterator[None]:
    """Fails if Python's objects in the block took more memory at a time."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    assert peak <= most, f"it took {peak:.0f} MB"
