"""Defines `MidiOptions`, the options of transcribing a sound as MIDI."""

from __future__ import annotations

from dataclasses import dataclass, fields

from typebeat.request.options import checked, option
from typebeat.request.words import KEYS


@dataclass(frozen=True)
class MidiOptions:
    """How a sound is written down. Values may be text; they are converted and checked.

    Raises:
        RequestError: a value is not allowed.
    """

    bpm: float | None = option(
        None, "number", "Tempo", "tempo of the sound; left out, it is measured", unit="BPM", low=40, high=240, step=0.1
    )
    key: str | None = option(
        None, "choice", "Key", 'key such as "F minor" or Fm; left out, it is measured', choices=KEYS
    )
    feel: str = option(
        "tight",
        "choice",
        "Timing",
        "tight: onto the grid, with its swing; groove: half the way; raw: as it was played",
        choices=("tight", "groove", "raw"),
    )
    snap: bool = option(True, "switch", "Key snap", "moves weak notes of melody and chords into the key")
    sensitivity: float = option(
        0.5,
        "number",
        "Sensitivity",
        "how faint a note of melody and chords may be: more finds more notes, and more wrong ones",
        low=0,
        high=1,
        step=0.05,
    )
    bends: bool = option(
        False, "switch", "Pitch bends", "writes 808 glides as pitch bends; off, as notes that overlap a little"
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
