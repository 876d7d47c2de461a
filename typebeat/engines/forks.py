"""What the threads of a process share begins anew in one that is forked from it, as ZeroGPU does for each call.

Of the threads only the one that forked is there then; what another one held or was busy with would never be free.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Shared(Protocol):
    """What threads share."""

    def begin_anew(self) -> None:
        """Is as if no other thread had ever used it."""


_SHARED: WeakSet[Shared] = WeakSet()


def anew_after_fork(shared: Shared) -> None:
    """Has something begin anew in every process that is forked from this one."""
    if not _SHARED and hasattr(os, "register_at_fork"):  # which may be called again: beginning anew twice is no other
        os.register_at_fork(after_in_child=_begin_anew)
    _SHARED.add(shared)


def _begin_anew() -> None:
    for shared in list(_SHARED):
        shared.begin_anew()
