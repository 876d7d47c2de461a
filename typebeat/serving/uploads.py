"""Which uploads finished packs were made of: an upload is deleted with the last of its packs."""

from __future__ import annotations

import threading
from pathlib import Path


class Uploads:
    """Uploads and the folders of the packs that hold something of them; for several threads."""

    def __init__(self) -> None:
        self._folders: dict[Path, set[Path]] = {}
        self._lock = threading.Lock()

    def keep(self, upload: Path, folder: Path) -> None:
        """Notes that the pack in a folder is made of an upload."""
        with self._lock:
            self._folders.setdefault(upload, set()).add(folder)

    def of(self, folder: Path) -> Path | None:
        """Returns the upload that the pack in a folder is made of; None if there is none."""
        with self._lock:
            return next((upload for upload, folders in self._folders.items() if folder in folders), None)

    def leave(self, folder: Path) -> None:
        """Forgets a folder in which no pack came about; its upload stays, to be tried again."""
        with self._lock:
            for upload in [upload for upload, folders in self._folders.items() if folder in folders]:
                self._folders[upload].discard(folder)

    def drop(self, folder: Path) -> None:
        """Forgets a folder whose pack is gone, and deletes an upload of which no other pack is left."""
        with self._lock:
            for upload in [upload for upload, folders in self._folders.items() if folder in folders]:
                self._folders[upload].discard(folder)
                if not self._folders[upload]:
                    del self._folders[upload]
                    upload.unlink(missing_ok=True)

    def drop_all(self) -> None:
        """Deletes every upload, at the end of the server."""
        with self._lock:
            for upload in self._folders:
                upload.unlink(missing_ok=True)
            self._folders.clear()
