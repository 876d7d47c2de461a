"""The sixteen grooves that rap uses, and what of each can be heard."""

from dataclasses import dataclass

from training.starter.corpus.backbeat_grooves import BACKBEAT_GROOVES
from training.starter.corpus.dance_grooves import DANCE_GROOVES
from training.starter.corpus.groove import VELOCITIES, Groove, bars_of
from training.starter.corpus.half_time_grooves import HALF_TIME_GROOVES
from typebeat.request import concepts

_ALL = HALF_TIME_GROOVES | BACKBEAT_GROOVES | DANCE_GROOVES
GROOVES: dict[str, Groove] = {name: _ALL[name] for name in concepts.GROOVES}


@dataclass(frozen=True)
class Pattern:
    """What can be heard of a groove's drums, over a two-bar cycle; places are beats of a bar.

    Attributes:
        backbeats: Where snare or clap fall, by bar.
        pick_ups: Where they fall again, softly.
        kicks: How often a kick falls on each place of each bar, over the groove's patterns: 1.0 is always.
        hats: The same of closed hats.
    """

    backbeats: tuple[tuple[float, ...], ...]
    pick_ups: tuple[tuple[float, ...], ...]
    kicks: tuple[dict[float, float], ...]
    hats: tuple[dict[float, float], ...]


def pattern_of(groove: str) -> Pattern:
    """Returns the facts of a groove that a listener can test."""
    record = GROOVES[groove]
    back = bars_of(record.back)
    soft = VELOCITIES["o"]
    return Pattern(
        tuple(tuple(step / 4 for step, velocity in bar if velocity > soft) for bar in back),
        tuple(tuple(step / 4 for step, velocity in bar if velocity <= soft) for bar in back),
        _shares(record.kicks),
        _shares(record.hats),
    )


def _shares(grids: tuple[str, ...]) -> tuple[dict[float, float], ...]:
    shares: tuple[dict[float, int], ...] = ({}, {})
    for grid in grids:
        for share, bar in zip(shares, bars_of(grid), strict=True):
            for step, _ in bar:
                share[step / 4] = share.get(step / 4, 0) + 1
    return tuple({place: count / len(grids) for place, count in sorted(share.items())} for share in shares)
