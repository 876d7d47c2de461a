"""Keeps what was heard of uploads while they live, so that none is listened to again when it is corrected or used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from typebeat.parts.own.reading import Remember

MOST_KEPT = 128  # of all uploads; the oldest go first


class HeardUploads:
    """What was heard, by content and by what was listened for; it holds no sound. For several threads."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Path, Any]] = {}
        self._lock = threading.Lock()

    def of(self, upload: Path | str) -> Remember | None:
        """Returns what `bring` remembers an upload by; None for chords."""
        if isinstance(upload, str):
            return None

        def remember(what: Hashable, hear: Callable[[], Any]) -> Any:
            with self._lock:
                self._kept = {each: kept for each, kept in self._kept.items() if kept[0].is_file()}
                if what in self._kept:
                    return self._kept[what][1]
            heard = hear()
            with self._lock:
                self._kept[what] = upload, heard
                for oldest in list(self._kept)[:-MOST_KEPT]:
                    del self._kept[oldest]
            return heard

        return remember
