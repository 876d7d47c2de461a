"""Writes the melody: motifs developed into phrases, fitted to the chords, with ornaments and perhaps a second voice."""

import numpy as np

from training.starter.corpus.comping import compose_chords
from training.starter.corpus.counter import counter_melody
from training.starter.corpus.fitting import Fitter, centre_of
from training.starter.corpus.form import bar_of_section, finished, resting
from training.starter.corpus.motifs import (
    SCHEMES,
    Motif,
    developed,
    draw_arpeggio,
    draw_motif,
    thinned,
    with_other_end,
)
from training.starter.corpus.playing import ARPEGGIATING_LEADS, GRACING_LEADS, OCTAVE_LEADS, PLAYING, SLIDING_LEADS
from training.starter.corpus.score import Chord, Event, Plan

__all__ = ["compose_chords", "compose_melody"]

_LONGEST = {"slow": 4.0, "medium": 2.5, "quick": 2.0}
_DRY = {"muted-guitar": 0.6, "clavinet": 0.6, "pizzicato": 0.8, "vocal-chop": 0.8, "marimba": 0.8, "square": 0.85}


def compose_melody(rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...]) -> tuple[Event, ...]:
    """Writes the melody's part: the lead, and as voice 1 the counter-melody if the plan has one."""
    if "melody" in plan.left_out:
        return ()
    phrases = _phrases(rng, plan)
    fitter = Fitter(plan, chords, PLAYING[plan.lead], centre_of(rng, plan))
    rests = resting(plan, "melody")
    events: list[Event] = []
    bar, turns = 0, 0
    while bar < plan.bars:
        section = plan.section_at(bar)
        phrase = phrases[section.name]
        bars = phrase[0].bars
        at = bar_of_section(plan, bar)
        late = at % bars  # a section that starts in the middle of a motif enters with its second half
        number = at // bars % len(phrase)
        motif = phrase[number]
        if number == len(phrase) - 1:
            turns += 1
            turned = turns % 2 == 0 and section.name in ("loop", "hook") and "repeating" not in plan.melody_traits
            motif = phrases["turn"][0] if turned else motif
        stop = min(bars - late, section.first_bar + section.bars - bar)
        if section not in rests:
            events += fitter.fit(rng, motif, bar - late, bar * 4.0, (bar + stop) * 4.0)
        bar += stop
    events = _phrased(rng, _ornamented(rng, _articulated(events, plan), plan, fitter), plan)
    if plan.counter:
        second = counter_melody(rng, plan, chords, events)
        events += [e for e in second if plan.section_at(int(e.beat // 4)) not in rests]
    return finished(events, plan)


def _phrases(rng: np.random.Generator, plan: Plan) -> dict[str, list[Motif]]:
    """Returns a phrase for each kind of section: one idea, sparser in the verse, another one in the bridge."""
    traits, playing = plan.melody_traits, PLAYING[plan.lead]
    density = next((t for t in traits if t in ("simple", "busy-melody")), "")
    form = next((t for t in traits if t in ("call-and-answer", "repeating")), density)
    quick = plan.bpm < 105
    unit = 0.25 if quick and playing.pace != "slow" and rng.random() < 0.6 else 0.5
    if density == "busy-melody" and (quick or playing.pace == "quick") and rng.random() < 0.6:
        unit = 0.25
    if plan.lead in ("bells", "music-box", "choir") and density != "busy-melody":
        unit = 0.5
    bars = int(rng.choice((1, 2), p=(0.6, 0.4) if unit == 0.25 else (0.3, 0.7)))
    longest = _LONGEST[playing.pace] * (2.0 if density == "simple" else 1.0)
    arpeggio = density != "simple" and plan.lead in ARPEGGIATING_LEADS
    arpeggio = arpeggio and rng.random() < (0.5 if density else 0.22)

    def idea(density: str) -> Motif:
        if arpeggio:
            return draw_arpeggio(rng, bars, 0.5 if plan.bpm >= 120 and not density else unit)
        return draw_motif(rng, bars, unit, density, longest)

    def phrase(main: Motif) -> list[Motif]:
        schemes = SCHEMES[form]
        second = idea("simple" if density == "simple" else "")
        return developed(rng, main, second, schemes[rng.integers(len(schemes))])

    main = phrase(idea(density))
    verse = [thinned(rng, motif) for motif in main] if rng.random() < 0.7 else list(main)
    if rng.random() < 0.3 and all(motif.notes for motif in verse):
        verse[1] = Motif(bars, ())
    intro = [main[0], main[0], main[0], main[-1]] if rng.random() < 0.6 else [thinned(rng, motif) for motif in main]
    return {
        **{"loop": main, "hook": main, "verse": verse, "intro": intro, "bridge": phrase(idea(density))},
        **{"break": main, "outro": [thinned(rng, main[0]), main[0], thinned(rng, main[0]), main[-1]]},
        "turn": [with_other_end(rng, main[-1])],
    }


def _articulated(events: list[Event], plan: Plan) -> list[Event]:
    """Gives notes the length that the instrument's player would: bound, detached or with a breath."""
    dry = _DRY.get(plan.lead, 0.93 if PLAYING[plan.lead].pace == "quick" else 0.97)
    return [Event(e.beat, max(0.12, e.length * dry), e.pitch, e.velocity) for e in events]


def _ornamented(rng: np.random.Generator, events: list[Event], plan: Plan, fitter: Fitter) -> list[Event]:
    """Adds grace notes, slides and octaves where the instrument has them."""
    slide = SLIDING_LEADS.get(plan.lead, 0.0)
    grace = rng.uniform(0.0, 0.12) if plan.lead in GRACING_LEADS else 0.0
    octaves = plan.lead in OCTAVE_LEADS and rng.random() < 0.1
    result: list[Event] = []
    for i, event in enumerate(events):
        following = events[i + 1] if i + 1 < len(events) else None
        near = following is not None and following.beat - event.beat - event.length < 0.3
        if slide and near and 0 < abs(following.pitch - event.pitch) <= 7 and event.length >= 0.2:
            if rng.random() < slide:
                event = Event(event.beat, following.beat - event.beat, event.pitch, event.velocity, following.pitch)
        elif grace and event.length > 0.4 and event.beat >= 0.25 and rng.random() < grace:
            neighbour = fitter.neighbour(event.pitch, -1 if rng.random() < 0.65 else 1)
            neighbour = int(np.clip(neighbour, PLAYING[plan.lead].low, PLAYING[plan.lead].high))
            if result and result[-1].beat < event.beat - 0.2:
                last = result[-1]
                cut = min(last.length, event.beat - 0.11 - last.beat)
                result[-1] = Event(last.beat, cut, last.pitch, last.velocity)
            result.append(Event(event.beat - 0.11, 0.1, neighbour, event.velocity * 0.8))
        result.append(event)
        if octaves and event.pitch - 12 >= PLAYING[plan.lead].low:
            result.append(Event(event.beat, event.length, event.pitch - 12, event.velocity * 0.8))
    return result


def _phrased(rng: np.random.Generator, events: list[Event], plan: Plan) -> list[Event]:
    """Shapes velocities: higher notes and the middle of a phrase are louder, and no two strokes are alike."""
    if not events:
        return events
    mean = sum(e.pitch for e in events) / len(events)
    verse = {s.first_bar + i for s in plan.sections if s.name in ("verse", "intro", "outro") for i in range(s.bars)}
    shaped = []
    for e in events:
        swell = 0.05 * np.sin(np.pi * (e.beat % 16) / 16)
        soft = 0.06 if int(e.beat // 4) in verse else 0.0
        velocity = e.velocity + swell + 0.006 * np.clip(e.pitch - mean, -8, 8) - soft + rng.normal(0, 0.025)
        shaped.append(Event(e.beat, e.length, e.pitch, float(np.clip(velocity, 0.3, 1.0)), e.glide_to))
    return shaped
