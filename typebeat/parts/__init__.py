"""The pieces of a pack, one module for each.

`beat` makes the takes and `fit` cuts them to an exact loop; `stems`, `midi` and `cover` make the other parts from a
finished beat, and `again` keeps parts of an earlier one, whose recipe `recipes` reads; `pack` writes folder and ZIP;
`handover` adds what a DAW opens, of `daw` (README.txt and a Reaper project) and `dawproject` (the open exchange format
of other DAWs); `licences` puts a licence into one plain line; `writing` writes files whole or not at all. The pipeline
calls them one after the other. A part that cannot be made raises `PartMissing` and costs nobody the beat: the pack is
written without it and its recipe says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typebeat.midi.notes import Marker, Note


class PartMissing(Exception):
    """A part that cannot be made; its text says why in one line, for the recipe."""


class TimeLimitError(Exception):
    """A job took longer than it may; one line that says so."""


@dataclass(frozen=True)
class MadePart:
    """A part, ready to be written.

    Attributes:
        files: Its files by their names in the pack, such as "midi/drums.mid".
        facts: What the recipe says about it, such as which weights drew the cover.
        missing: What could not be made, with the reason, such as {"808": "no bass was heard"}.
        notes: Those of the MIDI files by part, for projects of DAWs.
        markers: The chords' names, for the same.
    """

    files: dict[str, bytes]
    facts: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()
