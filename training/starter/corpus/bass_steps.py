"""Where a bass starts its notes in a loop, and what each of them is to the chord."""

from dataclasses import dataclass

import numpy as np

from training.starter.corpus.form import swung
from training.starter.corpus.groove import Groove, bars_of
from training.starter.corpus.score import Plan
from training.starter.corpus.strokes import LOOP_BARS

_WALKING = "X...x...X...x..."


@dataclass(frozen=True)
class Step:
    """A note to be.

    Attributes:
        beat: Its start in the bar.
        kind: "root", "fifth", "third", "octave", "walk" (another tone of the chord) or "approach" of the next chord.
        by: Semitones from which an approach comes; above 0 fifths and octave slides go up.
        hold: How much of its time it is held, up to 1.
        velocity: In (0, 1].
        play: Whether an 808 plays when a kick falls here.
        extra: Whether it plays without a kick.
        glide: Whether it slides, if notes slide at all.
    """

    beat: float
    kind: str = "root"
    by: int = 1
    hold: float = 1.0
    velocity: float = 0.95
    play: bool = True
    extra: bool = False
    glide: bool = False


def kick_steps(rng: np.random.Generator, plan: Plan, groove: Groove) -> list[list[Step]]:
    """Returns for each sixteenth of each bar of a loop what an 808 does if a kick falls there; it may add a few."""
    traits = plan.bass_traits
    chance = {"fifth": 0.08, "approach": 0.1, "octave": 0.35 if "octaves" in traits else 0.0}
    glide = 0.3 if plan.groove == "drill" else 0.14
    bars = []
    for turn in range(LOOP_BARS):
        draws, bys = rng.random((16, 5)), rng.choice((1, 2, -1, -2), size=16)
        extras = set()
        if "bounce" in traits or rng.random() < 0.25:
            spots = [s for s in groove.spots if s]
            extras = {int(s) for s in rng.permutation(spots)[: 2 if "bounce" in traits else 1]}
        bar = []
        for step in range(16):
            kind = "root"
            if step >= 12 and draws[step, 0] < chance["approach"] * 2:
                kind = "approach"
            elif step and draws[step, 1] < chance["octave"]:
                kind = "octave"
            elif step >= 6 and draws[step, 2] < chance["fifth"]:
                kind = "fifth"
            slides = bool(draws[step, 3] < glide * (2 if turn % 2 and step >= 8 else 1))
            if step == 0:
                slides = slides and plan.groove == "drill"
            bar.append(
                Step(
                    beat=swung(step / 4, plan.swing),
                    kind=kind,
                    by=int(bys[step]),
                    hold=0.6 + 0.4 * float(draws[step, 4]),
                    velocity=1.0 if step == 0 else 0.9,
                    play=step == 0 or bool(draws[step, 4] > 0.08),
                    extra=step in extras,
                    glide=slides,
                )
            )
        bars.append(bar)
    if "octaves" in traits:  # whatever the kicks are, two octaves a loop
        for turn in (0, 2):
            at = int(rng.choice([s for s in groove.spots if s] or [14]))
            bars[turn][at] = Step(swung(at / 4, plan.swing), "octave", 1, 0.8, 0.9, True, True)
    return bars


def line_steps(rng: np.random.Generator, plan: Plan, groove: Groove) -> list[list[Step]]:
    """Returns the line of a bass guitar, upright or synth bass over a loop: its own rhythm, or quarters that walk."""
    grid = groove.bass_lines[rng.integers(len(groove.bass_lines))]
    walking = plan.bass_sound == "upright-bass" and rng.random() < 0.35
    pair = [dict(bar) for bar in bars_of(_WALKING if walking else grid)]
    bars = [dict(pair[turn % 2]) for turn in range(LOOP_BARS)]
    for turn in (1, 3):
        if rng.random() < 0.7:
            bars[turn][int(rng.choice((7, 10, 11, 14, 15)))] = 0.7
    synth = plan.bass_sound == "synth-bass"
    lines = []
    for turn, bar in enumerate(bars):
        line = []
        for step in sorted(bar):
            kind = _line_kind(rng, step, turn, walking, synth, "octaves" in plan.bass_traits)
            by = int(rng.choice((1, 2, -1, -2, -1)))
            slides = bool(step and rng.random() < 0.25)
            hold = float(rng.uniform(0.3, 1.0))
            line.append(Step(swung(step / 4, plan.swing), kind, by, hold, 0.72 + 0.25 * bar[step], glide=slides))
        lines.append(line)
    if "octaves" in plan.bass_traits and not any(step.kind == "octave" for line in lines for step in line):
        lines[1] = [*lines[1][:-1], Step(lines[1][-1].beat, "octave", hold=0.6)]
    return lines


def _line_kind(rng: np.random.Generator, step: int, turn: int, walking: bool, synth: bool, octaves: bool) -> str:
    draw = rng.random()
    if step == 0:
        return "root"
    if octaves and draw < 0.3:
        return "octave"
    if step >= 12 and draw < (0.85 if walking or turn == LOOP_BARS - 1 else 0.35):
        return "approach"
    if walking:
        return "third" if step == 4 and draw < 0.6 else "walk"
    if draw > (0.85 if synth else 0.65):
        return "fifth"
    return "root"
