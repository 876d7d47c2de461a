"""The server's own temporary folder, which goes with it: at its end, or at the next start if it was killed."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "typebeat-"
ALIVE = "alive"  # a file that a living server holds a lock on; the system lets go of it however the server ends
NEW_SECONDS = 5.0  # a folder that is newer may be about to be locked


class OwnFolder:
    """A new folder for a server's files, locked as long as the server lives.

    Attributes:
        files: Holds the files.
    """

    def __init__(self) -> None:
        clear_dead()
        self._root = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self._lock = FileLock(self._root / ALIVE)
        self._lock.acquire()
        self.files = self._root / "files"
        self.files.mkdir()

    def remove(self) -> None:
        """Removes the folder and all that is in it."""
        self._lock.release()
        shutil.rmtree(self._root, ignore_errors=True)


def clear_dead() -> None:
    """Removes the folders of servers that were killed, and logs how many that were."""
    removed = 0
    for alive in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{ALIVE}"):
        with suppress(OSError, Timeout):  # it lives, is gone by now, or is somebody else's
            if time.time() - alive.stat().st_mtime < NEW_SECONDS:
                continue
            with FileLock(alive, timeout=0):
                shutil.rmtree(alive.parent, ignore_errors=True)
                removed += 1
    if removed:
        logging.warning("removed files of earlier runs that were killed: %d", removed)
