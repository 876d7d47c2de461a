"""The folders of jobs: each under a name that nobody can guess; those of finished jobs are kept for a time."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KEPT_SECONDS = 6 * 3600  # how long a finished folder can be played and downloaded
KEPT_BYTES = 4 * 10**9  # of all folders; the oldest go first


@dataclass(frozen=True)
class _Finished:
    at: float  # on the monotonic clock: a clock that is set takes nothing away from anybody
    size: int  # bytes


class KeptFolders:
    """A folder for each job. Those of running jobs stay; of the finished ones old ones go, and the oldest of too many.

    For several threads.

    Args:
        place: Where they lie.
        removed: Is told of each finished folder that has gone.
    """

    def __init__(self, place: Path, removed: Callable[[Path], None]) -> None:
        self._place = place
        self._removed = removed
        self._finished: dict[Path, _Finished] = {}  # the oldest first
        self._lock = threading.Lock()

    def new(self) -> Path:
        """Makes the folder of a job that begins, once others have made room."""
        for folder in self._taken_out():
            shutil.rmtree(folder, ignore_errors=True)
            self._removed(folder)
        folder = self._place / secrets.token_urlsafe(16)
        folder.mkdir()
        return folder

    def finish(self, folder: Path) -> None:
        """Notes that the job of a folder is done, from when on its age counts."""
        size = _bytes_in(folder)
        with self._lock:
            self._finished[folder] = _Finished(time.monotonic(), size)

    def discard(self, folder: Path) -> None:
        """Removes the folder of a job that failed."""
        shutil.rmtree(folder, ignore_errors=True)

    def _taken_out(self) -> list[Path]:
        """Takes out those that are to go."""
        now, taken = time.monotonic(), 0
        with self._lock:
            going = []
            for folder, finished in reversed(self._finished.items()):
                taken += finished.size
                if taken > KEPT_BYTES or now - finished.at > KEPT_SECONDS:
                    going.append(folder)
            for folder in going:
                del self._finished[folder]
            return going


def _bytes_in(folder: Path) -> int:
    """Returns the size of a folder's files."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(Path(path, name)).st_size
    return total
