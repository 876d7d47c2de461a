"""Waits for what another thread does."""

from __future__ import annotations

import time
from collections.abc import Callable

LATEST_S = 60.0  # for machines that are busy with something else


def wait_until(is_so: Callable[[], object]) -> None:
    """Returns once it is so; fails if it never is."""
    until = time.monotonic() + LATEST_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.001)
