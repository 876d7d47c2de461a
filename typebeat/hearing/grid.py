"""Defines `Grid`, the beats and bars that a sound is on, and `Stated`, what somebody said about them."""

from __future__ import annotations

from dataclasses import dataclass

from typebeat.hearing.tempo import SIXTEENTHS_PER_BEAT
from typebeat.request.midi_options import METRES as METRES  # the metres that can be stated and written

STRAIGHT = 0.5  # swing: share of a pair of sixteenths that the first takes


@dataclass(frozen=True)
class Stated:
    """What somebody who knows the sound says about its time; None for what is open and is measured."""

    bpm: float | None = None  # quarter notes a minute
    bars: int | None = None  # number of bars from bar 1 on
    downbeat: float | None = None  # seconds from the first sample to bar 1
    metre: str | None = None  # one of `METRES`


@dataclass(frozen=True)
class Grid:
    """The beats and bars of a sound, at one tempo or at one after the other; a beat is a quarter note."""

    bpm: float  # beats a minute
    downbeat: float  # seconds from the first sample to the first bar line; negative if that bar begins before it
    bars: int  # number of bars from there on; may be 0
    swing: float = STRAIGHT  # share of a pair of sixteenths that the first takes: 0.5 straight, 0.667 triplet
    metre: str = "4/4"  # one of `METRES`
    later: tuple[Grid, ...] = ()  # what follows at other tempos, each from the last bar line of the one before

    @property
    def beats_per_bar(self) -> float:
        """Quarter notes in a bar: 4 in 4/4, 3 in 3/4 and in 6/8, 3.5 in 7/8."""
        count, unit = self.metre.split("/")
        return int(count) * 4 / int(unit)

    @property
    def sixteenths_per_bar(self) -> int:
        """Sixteenths in a bar: 16 in 4/4."""
        return round(self.beats_per_bar * SIXTEENTHS_PER_BEAT)

    @property
    def beat_seconds(self) -> float:
        """Length of a beat in seconds."""
        return 60 / self.bpm

    @property
    def bar_seconds(self) -> float:
        """Length of a bar in seconds."""
        return self.beats_per_bar * self.beat_seconds

    @property
    def sixteenth_seconds(self) -> float:
        """Length of a straight sixteenth in seconds."""
        return self.beat_seconds / SIXTEENTHS_PER_BEAT

    @property
    def sections(self) -> tuple[Grid, ...]:
        """The stretches of one tempo, in order; itself alone if the tempo does not change."""
        return (self, *self.later)

    @property
    def end(self) -> float:
        """Seconds from the first sample to the end of the last bar."""
        last = self.sections[-1]
        return last.downbeat + last.bars * last.bar_seconds

    @property
    def all_bars(self) -> int:
        """Number of bars of all sections."""
        return sum(section.bars for section in self.sections)
