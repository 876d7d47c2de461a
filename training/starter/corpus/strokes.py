"""Drum strokes inside a bar, before they are placed in the beat."""

from typing import NamedTuple

from training.starter.corpus.form import swung
from training.starter.corpus.groove import bars_of

LOOP_BARS = 4


class Stroke(NamedTuple):
    """A stroke: beat within its bar (swing included), drum, velocity, and how many seconds late it is meant to be."""

    beat: float
    drum: str
    velocity: float
    late: float = 0.0


def on_step(step: int, drum: str, velocity: float, swing: float, late: float = 0.0) -> Stroke:
    """Returns a stroke on a sixteenth of a bar."""
    return Stroke(round(swung(step / 4, swing), 5), drum, velocity, late)


def grid_strokes(grid: str, drum: str, gain: float, swing: float) -> list[list[Stroke]]:
    """Returns a grid as the strokes of each bar of a loop."""
    bars = [[on_step(step, drum, gain * velocity, swing) for step, velocity in bar] for bar in bars_of(grid)]
    return [list(bars[turn % 2]) for turn in range(LOOP_BARS)]
