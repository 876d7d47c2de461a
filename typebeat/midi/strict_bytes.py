"""The bytes of a MIDI file as mido may read them: within the standard's limits, whatever the file holds."""

from __future__ import annotations

import io

MOST_SINGLE_BYTES = 400_000  # that are read one by one: two or more an event
LONGEST_RUN = (
    1_000  # bytes in a row with the highest bit set: a text in Japanese or Cyrillic, but no number without end
)


class TooManyEventsError(ValueError):
    """The file holds more events than any song."""


class StrictBytes(io.BytesIO):
    """A file with neither endless numbers nor endless events.

    mido reads texts byte by byte, and a number of variable length as long as the highest bit is set. It builds an
    object for each event.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._singles = 0  # bytes that were read one by one
        self._run = 0  # those in a row with the highest bit set

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self._singles += size == 1
        if self._singles > MOST_SINGLE_BYTES:
            raise TooManyEventsError
        self._run = self._run + 1 if size == 1 and found >= b"\x80" else 0
        if self._run > LONGEST_RUN:
            raise ValueError("a number without an end")
        return found
