"""The song form as the parts read it: places in a section, which tuned parts rest in it, swing."""

import numpy as np

from training.starter.corpus.score import Event, Plan, Section


def bar_of_section(plan: Plan, bar: int) -> int:
    """Returns how far into its section a bar lies, counted so that sections cut at their start end as they would."""
    section = plan.section_at(bar)
    at = bar - section.first_bar
    if section.first_bar == 0 and len(plan.sections) > 1:
        at += -section.bars % 8
    return at


def resting(plan: Plan, part: str) -> tuple[Section, ...]:
    """Returns the sections in which "chords" or "melody" rests: some intros, breaks and outros, half of a beat at most.

    Of the two parts, one at most rests at a time, and none where the other is left out.
    """
    if {"chords", "melody"} & set(plan.left_out):
        return ()
    rests = []
    for number, section in enumerate(plan.sections):
        if section.name not in ("intro", "break", "outro"):
            continue
        which = np.random.default_rng([plan.seed, 101, number]).choice(("chords", "melody", ""), p=(0.2, 0.4, 0.4))
        if which == part:
            rests.append(section)
    return tuple(rests) if sum(s.bars for s in rests) <= plan.bars / 2 else ()


def swung(beat: float, swing: float) -> float:
    """Returns the time of a beat when the first sixteenth of each pair takes the share `swing` of both."""
    pair, rest = divmod(beat + 1e-9, 0.5)
    return pair * 0.5 + (rest * 2 * swing if rest < 0.25 else swing / 2 + (rest - 0.25) * 2 * (1 - swing))


def finished(events: list[Event], plan: Plan) -> tuple[Event, ...]:
    """Swings events, ends each before the next of its pitch, keeps them inside the beat, and sorts them."""
    last = plan.bars * 4.0
    next_start: dict[tuple[int, int], float] = {}
    done = []
    for event in sorted(events, key=lambda e: (-e.beat, -e.length)):
        start, end = swung(event.beat, plan.swing), swung(event.beat + event.length, plan.swing)
        end = min(end, last, next_start.get((event.pitch, event.voice), last))
        if start < -1e-6 or end - start < 0.03:
            continue
        start = max(0.0, start)
        next_start[event.pitch, event.voice] = start
        velocity = round(float(np.clip(event.velocity, 0.05, 1.0)), 3)
        done.append(Event(round(start, 4), round(end - start, 4), event.pitch, velocity, event.glide_to, event.voice))
    return tuple(sorted(done, key=lambda e: (e.beat, e.voice, e.pitch)))
