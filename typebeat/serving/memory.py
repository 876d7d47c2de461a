"""Gives memory that a job needed back to the system, which glibc keeps for as long as anything lies above it.

Without it a server that once wrote down a long file in each of its threads stays hundreds of megabytes larger.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Returns freed memory to the system; does nothing where the C library is another one than glibc."""
    with suppress(AttributeError, OSError, TypeError):  # no such function; no such library; Windows has no None
        ctypes.CDLL(None).malloc_trim(0)
