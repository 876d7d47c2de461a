"""Writes a counter-melody: short replies in the gaps of the lead, long notes where it leaves none."""

import numpy as np

from training.starter.corpus.fitting import Fitter
from training.starter.corpus.motifs import contour
from training.starter.corpus.playing import PLAYING
from training.starter.corpus.score import Chord, Event, Plan

_REPLIES = ((0.0, 0.5), (0.0, 0.5, 1.0), (0.0,), (0.5, 1.0), (0.0, 0.75), (0.0, 0.75, 1.5), (0.0, 1.0), (0.5, 1.0, 1.5))
_PLACES = ("loop", "hook", "bridge")
_PERIOD = 4


def counter_melody(rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...], lead: list[Event]) -> list[Event]:
    """Returns the second voice of the melody's part; it keeps out of verses if there is a place for it elsewhere."""
    playing = PLAYING[plan.counter]
    mean = sum(e.pitch for e in lead) / len(lead) if lead else 70
    centre = mean + 12 if mean < 68 else mean - 11
    if not playing.low + 4 <= centre <= playing.high - 4:
        centre = float(np.clip(centre, playing.low + 6, playing.high - 6))
    fitter = Fitter(plan, chords, playing, centre)
    replies = [_REPLIES[i] for i in rng.integers(len(_REPLIES), size=_PERIOD * 2)]
    lines = [contour(rng, 4, str(rng.choice(("wave", "fall", "rise")))) for _ in range(_PERIOD * 2)]
    speaks = rng.random(_PERIOD * 2) < 0.65
    speaks[int(rng.integers(_PERIOD * 2))] = True
    elsewhere = any(s.name in _PLACES for s in plan.sections)
    events: list[Event] = []
    for half in range(plan.bars * 2):
        if elsewhere and plan.section_at(half // 2).name not in _PLACES:
            continue
        turn, chord, start = half % (_PERIOD * 2), fitter.by_half[half], half * 2.0
        gap, end = _gap(lead, start)
        if end - gap >= 1.0 and speaks[turn]:
            events += _reply(rng, fitter, chord, (gap, end), replies[turn], lines[turn], centre)
        elif turn % 2 == 0 and end - gap < 1.0:
            pitch = fitter.nearest_tone(centre + lines[turn][1], chord)
            events.append(Event(start, 1.9, pitch, 0.55, None, 1))
    return events


def _gap(lead: list[Event], start: float) -> tuple[float, float]:
    """Returns the longest stretch of two beats in which the lead does not start a note, and holds none as it begins."""
    near = [e for e in lead if e.beat < start + 2 and e.beat + e.length > start - 0.01]
    edges = [start, *(min(start + 2, e.beat + min(e.length, 1.0)) for e in near)]
    best = (start, start)
    for edge in edges:
        edge = np.ceil(max(edge, start) * 4 - 0.2) / 4
        stop = min((e.beat for e in near if e.beat > edge - 0.01), default=start + 2)
        if stop - edge > best[1] - best[0]:
            best = (float(edge), float(stop))
    return best


def _reply(
    rng: np.random.Generator,
    fitter: Fitter,
    chord: Chord,
    gap: tuple[float, float],
    rhythm: tuple[float, ...],
    line: list[int],
    centre: float,
) -> list[Event]:
    start, end = gap
    onsets = [start + step for step in rhythm if start + step < end - 0.2]
    events = []
    for i, beat in enumerate(onsets):
        target = centre + 1.7 * line[i]
        strong = i in (0, len(onsets) - 1)
        choices = fitter.tones(chord) if strong else fitter.ladder
        pitch = min(choices, key=lambda p: abs(p - target))
        stop = onsets[i + 1] if i + 1 < len(onsets) else min(end, beat + 1.0)
        velocity = 0.6 + 0.04 * (i == 0) + float(rng.normal(0, 0.02))
        events.append(Event(beat, (stop - beat) * 0.92, pitch, velocity, None, 1))
    return events
