"""How a job goes, from its place in the line to what it made; and durations in words."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from typebeat.sound.audio import Audio

MINUTES_FROM = 90.0  # seconds from which a duration is given in minutes


@dataclass(frozen=True)
class Waiting:
    """The workers are busy: `ahead` jobs come first. It begins in about `seconds` (None if that is not known)."""

    ahead: int
    seconds: float | None


@dataclass(frozen=True)
class Working:
    """A worker is busy with this job: `done` of `needed` steps, `seconds` after it began."""

    doing: str
    done: int
    needed: int
    seconds: float


@dataclass(frozen=True)
class Playing:
    """The next piece of sound, while the rest is made."""

    piece: Audio


@dataclass(frozen=True)
class Finished:
    """What the job made."""

    result: Any


State = Waiting | Working | Playing | Finished
States = AsyncGenerator[State, None]  # how a job goes; closing it stops the job


def duration(seconds: float) -> str:
    """Returns a duration in words, such as 8 s or 3 minutes."""
    return f"{seconds / 60:.0f} minutes" if seconds >= MINUTES_FROM else f"{max(1, round(seconds))} s"
