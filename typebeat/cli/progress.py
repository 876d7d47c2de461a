"""Shows how far a command is, on a terminal or in a log."""

from __future__ import annotations

import time
from typing import TextIO

PROGRESS_EVERY_S = 2.0  # seconds between two lines in a log; on a terminal one line is written over


class ProgressLine:
    """Shows steps on a stream: in one line that is written over on a terminal, else in a new line now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._overwrites = stream.isatty()
        self._is_open = False
        self._last = float("-inf")

    def __call__(self, done: int, needed: int, doing: str) -> None:
        """Shows how far the work is, if it is time to."""
        text = f"{doing}: {done} of {needed} steps"
        if self._overwrites:
            print(f"\r{text}\033[K", end="", file=self._stream, flush=True)
            self._is_open = True
        elif done == needed or time.monotonic() - self._last >= PROGRESS_EVERY_S:
            print(text, file=self._stream, flush=True)
            self._last = time.monotonic()

    def end(self) -> None:
        """Ends the line that was written over, so that other text begins on a new one."""
        if self._is_open:
            print(file=self._stream)
            self._is_open = False
