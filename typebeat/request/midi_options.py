"""Defines `MidiOptions`, the options of transcribing a sound as MIDI."""

from __future__ import annotations

from dataclasses import dataclass, fields

from typebeat.request.options import checked, option
from typebeat.request.sound_limits import LONGEST_SECONDS
from typebeat.request.words import KEYS

METRES = ("4/4", "3/4", "6/8", "2/4", "5/4", "7/4", "7/8", "12/8")
MOST_BARS = 999


@dataclass(frozen=True)
class MidiOptions:
    """How a sound is written down. Values may be text; they are converted and checked.

    Raises:
        RequestError: a value is not allowed.
    """

    bpm: float | None = option(
        None,
        "number",
        "Tempo",
        "tempo of the sound in quarter notes, which is kept; left out, it is measured",
        unit="BPM",
        low=40,
        high=240,
        step=0.1,
        decimals=9,
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

    metre: str | None = option(
        None, "choice", "Metre", "metre of the sound; left out, 4/4, 3/4 or 6/8 is heard", choices=METRES
    )
    downbeat: float | None = option(
        None,
        "number",
        "Bar 1",
        "where bar 1 begins in the sound; left out, it is measured",
        unit="seconds",
        low=0,
        high=LONGEST_SECONDS,
        step=0.01,
    )
    bars: int | None = option(
        None,
        "whole",
        "Bars",
        "number of bars from bar 1 on; left out, all that are begun",
        low=1,
        high=MOST_BARS,
        step=1,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
