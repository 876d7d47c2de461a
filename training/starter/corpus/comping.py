"""Plays chords: held, struck in rhythm, stabbed, strummed or broken, as the instrument and the traits have it."""

from functools import cache

import numpy as np

from training.starter.corpus.form import bar_of_section, finished, resting
from training.starter.corpus.playing import PLAYING
from training.starter.corpus.score import Chord, Event, Plan
from training.starter.corpus.voicing import voiced

Pitches = tuple[int, ...]
Stroke = tuple[int, int, float]  # sixteenth of the bar, length in sixteenths, velocity
Pattern = list[list[Stroke]]  # a bar each

# onsets within half a bar of eight units, of chords struck in rhythm
_CELLS = (
    *((0,), (0, 3), (0, 6), (0, 4), (0, 3, 6), (3, 6), (2, 6), (0, 2), (0, 5), (4,), (2, 5), (6,), (0, 3, 4), (0, 7)),
)
_STAB_CELLS = (
    *((0, 3), (0, 3, 6), (2, 6), (2,), (0, 6), (3, 6), (0, 2, 5), (4,), (0, 3, 5), (1, 4), (0, 4), (3,), (0, 2, 6)),
)
_HELD_BARS = ((0,), (0,), (0, 8), (0, 12), (0, 6), (0, 10), (0, 14), (0, 4), (0, 8, 12))
_STRUM_SECONDS = {"guitar": 0.022, "plucked": 0.014, "keys": 0.004, "mallets": 0.0, "held": 0.0}


def compose_chords(rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...]) -> tuple[Event, ...]:
    """Writes the chords' part: every chord of the harmony sounds with all its tones, but in sections where it rests."""
    if "chords" in plan.left_out:
        return ()
    pitches = voiced(rng, plan, chords)
    mode = _mode(rng, plan)
    if mode == "arpeggio":
        events = _broken(rng, plan, chords, pitches)
    else:
        pattern = _pattern(rng, plan, mode)
        events = _struck(rng, plan, chords, pitches, pattern, mode)
    events += _missing(plan, chords, pitches, events)
    rests = resting(plan, "chords")
    silent = {s.first_bar + i for s in rests for i in range(s.bars)}
    return finished([e for e in events if int((e.beat + 0.01) // 4) not in silent], plan)


def _mode(rng: np.random.Generator, plan: Plan) -> str:
    """Returns "sustained", "stabs", "arpeggio" or "rhythm": as the traits say, else what suits the instrument."""
    named = {"sustained", "stabs", "arpeggio"} & set(plan.harmony_traits)
    if named:
        return named.pop()
    return "rhythm" if PLAYING[plan.chord_sound].pace != "slow" or rng.random() < 0.3 else "sustained"


def _pattern(rng: np.random.Generator, plan: Plan, mode: str) -> Pattern:
    """Draws the rhythm of the strokes over four bars, in one of the forms AAAB, ABAB, ABAC."""
    form = ((0, 0, 0, 1), (0, 1, 0, 1), (0, 1, 0, 2), (0, 0, 1, 2))[rng.integers(4)]
    bars = [_bar(rng, plan, mode) for _ in range(3)]
    return [bars[number] for number in form]


def _bar(rng: np.random.Generator, plan: Plan, mode: str) -> list[Stroke]:
    if mode == "sustained":
        onsets = list(_HELD_BARS[rng.integers(len(_HELD_BARS))])
    else:
        cells = _STAB_CELLS if mode == "stabs" else _CELLS
        first, second = (cells[i] for i in rng.integers(len(cells), size=2))
        onsets = [*first, *(8 + step for step in second)]
        if plan.bpm >= 115:  # the same rhythm at half the speed would be too thin; fewer short gaps keep it calm
            onsets = [s for i, s in enumerate(onsets) if i == 0 or s - onsets[i - 1] > 1]
        if mode == "rhythm" and rng.random() < 0.6 and 0 not in onsets:
            onsets.insert(0, 0)
    length = {"stabs": int(rng.choice((1, 2, 2, 3))), "rhythm": int(rng.choice((3, 16, 16, 16))), "sustained": 16}[mode]
    strokes = []
    for i, step in enumerate(onsets):
        gap = (onsets[i + 1] if i + 1 < len(onsets) else 16) - step
        accent = 0.78 if step % 8 == 0 else 0.7 if step % 4 == 0 else 0.64
        strokes.append((step, min(length, gap), accent + float(rng.uniform(-0.05, 0.05))))
    return strokes


def _struck(
    rng: np.random.Generator,
    plan: Plan,
    chords: tuple[Chord, ...],
    pitches: list[Pitches],
    pattern: Pattern,
    mode: str,
) -> list[Event]:
    family = PLAYING[plan.chord_sound].family
    strum = _STRUM_SECONDS[family] * rng.uniform(0.6, 1.4) * plan.bpm / 60
    hold = 0.98 if mode != "stabs" else 0.8
    tied = mode == "sustained" and rng.random() < 0.5
    left_hand = family == "keys" and mode == "rhythm" and rng.random() < 0.4  # the bass is held below the rhythm
    events: list[Event] = []
    for number, (chord, tones) in enumerate(zip(chords, pitches, strict=True)):
        bar, half = int(chord.beat // 4), chord.beat % 4 * 4
        strokes = [s for s in pattern[bar_of_section(plan, bar) % 4] if half <= s[0] < half + chord.length * 4]
        if mode == "sustained" and (not strokes or strokes[0][0] > half):
            strokes = [(int(half), 16, 0.72), *strokes]
        same = number > 0 and pitches[number - 1] == tones and chord.bass == chords[number - 1].bass
        if tied and same and bar_of_section(plan, bar) % 4 and events:
            events = [_lengthened(e, chord) if e.beat + e.length > chord.beat - 0.2 else e for e in events]
            continue
        for i, (step, length, velocity) in enumerate(strokes):
            end = strokes[i + 1][0] if i + 1 < len(strokes) else half + chord.length * 4
            size = min(length, end - step) / 4 * hold
            down = step % 4 == 0 or family != "guitar"
            played = tones[1:] if left_hand and i and len(tones) > 3 else tones
            for k, pitch in enumerate(played if down else reversed(played)):
                late = k * strum
                top = 0.05 if pitch == tones[-1] else 0.0
                louder = velocity + top + float(rng.normal(0, 0.02))
                full = left_hand and pitch == tones[0] and len(tones) > 3
                whole = (chord.beat + chord.length - (bar * 4 + step / 4)) * 0.98 if full else size
                events.append(Event(bar * 4 + step / 4 + late, max(0.1, whole - late), pitch, louder))
    return events


def _lengthened(event: Event, chord: Chord) -> Event:
    return Event(event.beat, chord.beat + chord.length * 0.98 - event.beat, event.pitch, event.velocity)


@cache
def _orders(count: int) -> tuple[tuple[int, ...], ...]:
    """Returns the orders in which the tones of a broken chord follow one another."""
    up = tuple(range(count))
    alberti = tuple(i for k in range(1, count) for i in (0, k)) if count > 2 else up
    outside = tuple(i for k in range((count + 1) // 2) for i in dict.fromkeys((k, count - 1 - k)))
    return up, up[::-1], up + up[-2:0:-1], alberti, outside, (up[0], *up[:0:-1]), (*up[:2], *up[::-1])


def _broken(rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...], pitches: list[Pitches]) -> list[Event]:
    """Breaks chords into sixteenths or eighths in an order and rhythm that keep for the beat."""
    family = PLAYING[plan.chord_sound].family
    quick = PLAYING[plan.chord_sound].pace == "quick"
    unit = 2 if not quick or (plan.bpm >= 125 and rng.random() < 0.65) else int(rng.choice((1, 1, 2)))
    shape = int(rng.integers(7))
    spread = rng.random() < 0.35  # over another octave
    grid = [rng.random(16 // unit) < rng.choice((0.7, 0.8, 0.9, 1.0)) for _ in range(3)]
    form = ((0, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 2), (0, 1, 0, 2))[rng.integers(4)]
    accents = rng.uniform(0.52, 0.68, 16 // unit)
    accents[:: 4 // unit] += 0.1
    ring = family in ("guitar", "plucked", "mallets", "keys") and plan.chord_sound not in ("pluck", "muted-guitar")
    high = PLAYING[plan.chord_sound].chord_high
    events: list[Event] = []
    for chord, tones in zip(chords, pitches, strict=True):
        bar, half = int(chord.beat // 4), int(chord.beat % 4 * 4)
        mask = grid[form[bar_of_section(plan, bar) % 4]]
        more = tuple(p + 12 for p in tones if p + 12 <= high and p + 12 > tones[-1])[:2] if spread else ()
        order = _orders(len(tones) + len(more))[shape]
        ladder = (*tones, *more)
        end = chord.beat + chord.length
        for turn, step in enumerate(range(half, half + int(chord.length * 4), unit)):
            if step > half and not mask[step // unit]:
                continue
            beat = bar * 4 + step / 4
            length = min(end - beat, 2.0) if ring else unit / 4 * 0.9
            velocity = float(accents[step // unit] + rng.normal(0, 0.02))
            events.append(Event(beat, length, ladder[order[turn % len(order)]], velocity))
    return events


def _missing(plan: Plan, chords: tuple[Chord, ...], pitches: list[Pitches], events: list[Event]) -> list[Event]:
    """Returns the tones that chords still lack, so that each is heard as it is named.

    A chord that nothing strikes is struck on its first beat; one that lacks tones has them with its first stroke.
    """
    added = []
    strum = _STRUM_SECONDS[PLAYING[plan.chord_sound].family] * plan.bpm / 60
    starts = np.array([e.beat for e in events] or [0.0])
    ends = np.array([e.beat + e.length for e in events] or [0.0])
    for chord, tones in zip(chords, pitches, strict=True):
        sounding = np.flatnonzero((starts < chord.beat + chord.length - 0.05) & (ends > chord.beat + 0.1))
        own = [events[i] for i in sounding] if events else []
        lacking = [p for p in tones if p % 12 not in {e.pitch % 12 for e in own}]
        first = min((e.beat for e in own if e.beat >= chord.beat - 0.01), default=chord.beat)
        length = chord.beat + chord.length - first if own else min(chord.length, 1.5)
        short = "stabs" in plan.harmony_traits
        for k, pitch in enumerate(lacking):
            added.append(Event(first + k * strum, 0.4 if short else max(0.2, length * 0.96), pitch, 0.66))
    return added
