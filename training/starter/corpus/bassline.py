"""Writes the bass of a beat: an 808 that follows the kick, or another bass with a line of its own."""

import numpy as np

from training.starter.corpus.bass_steps import Step, kick_steps, line_steps
from training.starter.corpus.form import bar_of_section
from training.starter.corpus.grooves import GROOVES
from training.starter.corpus.plan import pick
from training.starter.corpus.progressions import scale_of
from training.starter.corpus.score import Chord, Event, Plan
from typebeat.request.concepts import BASS_TRAITS

RANGE_808, RANGE_OTHER = (26, 45), (28, 55)
HIGHEST_OCTAVE = 52
SHORT_BEATS = 0.45  # no note of a bouncing 808 is longer, but for those that slide
SLIDE_BEATS = 0.75
_STYLE_BASS = {
    "travis-scott": {"distorted": 1.5, "glide": 1.4, "long": 1.2, "bounce": 0.5, "sub": 0.5},
    "kid-cudi": {"sub": 1.5, "distorted": 0.15, "glide": 0.4, "bounce": 0.8},
    "don-toliver": {"bounce": 1.7, "glide": 1.1, "long": 0.7, "distorted": 0.6, "octaves": 1.3},
}
_STYLE_LEAST = {
    "travis-scott": {"distorted": 0.5, "glide": 0.45},
    "kid-cudi": {"sub": 0.5},
    "don-toliver": {"bounce": 0.5},
}
_STYLE_SOUNDS = {
    "travis-scott": {"bass-guitar": 0.3, "upright-bass": 0.1, "808": 1.5},
    "kid-cudi": {"bass-guitar": 1.3, "synth-bass": 1.3},
    "don-toliver": {"upright-bass": 0.3},
}


def compose_bass(
    rng: np.random.Generator, plan: Plan, chords: tuple[Chord, ...], kicks: tuple[tuple[float, ...], ...]
) -> tuple[Event, ...]:
    """Composes the bass: one note at a time, on the chords' bass notes, fifths and octaves, with approaches.

    Args:
        rng: Source of chance; the same state and arguments give the same line.
        plan: What the beat is.
        chords: The chords as named, in order, over the whole beat.
        kicks: For every bar the kick's places in beats of that bar, as `drumming.compose_drums` gives them.
    """
    if "808" in plan.left_out or not chords:
        return ()
    groove = GROOVES[plan.groove]
    modes = _modes(rng, plan)
    draw = kick_steps if plan.bass_sound == "808" else line_steps
    loop = draw(rng, plan, groove)
    steps: list[tuple[float, Step]] = []
    for bar, mode in enumerate(modes):
        begins = bool(bar == 0 or mode != modes[bar - 1])
        steps += _bar_steps(loop, plan, bar, mode, begins, kicks[bar], chords)
    return _events(rng, plan, modes, steps, chords)


def _modes(rng: np.random.Generator, plan: Plan) -> list[str]:
    """Returns for each bar whether the bass plays in full, holds roots, or rests; somewhere it always plays."""
    choices = {
        "intro": {"": 0.7, "held": 0.2, "full": 0.1},
        "bridge": {"held": 0.6, "full": 0.25, "": 0.15},
        "break": {"": 0.55, "held": 0.45},
        "outro": {"full": 0.4, "held": 0.4, "": 0.2},
    }
    modes: list[str] = []
    for section in plan.sections:
        modes += [pick(rng, choices[section.name]) if section.name in choices else "full"] * section.bars
    if "full" not in modes:
        section = max(plan.sections, key=lambda s: (s.name in ("outro", "bridge"), s.bars))
        first = section.first_bar + (section.bars // 2 if section.name in ("intro", "break") else 0)
        modes[first : section.first_bar + section.bars] = ["full"] * (section.first_bar + section.bars - first)
    return modes


def _bar_steps(
    loop: list[list[Step]],
    plan: Plan,
    bar: int,
    mode: str,
    begins: bool,
    kicks: tuple[float, ...],
    chords: tuple[Chord, ...],
) -> list[tuple[float, Step]]:
    """Returns the notes to start in a bar: those of the loop or the kick, and one where a chord or a mode begins."""
    if not mode:
        return []
    start = bar * 4.0
    steps: dict[float, Step] = {}
    if mode == "full":
        of_loop = loop[bar_of_section(plan, bar) % len(loop)]
        if plan.bass_sound == "808":
            choice = {round(step.beat * 4): step for step in of_loop}
            extra = [step.beat for step in of_loop if step.extra]
            for beat in sorted({*kicks, *extra}):
                step = choice[min(15, round(beat * 4 - 0.1))]
                if step.play or beat == 0:
                    steps[start + beat] = step
        else:
            steps = {start + step.beat: step for step in of_loop}
    if begins and start not in steps:
        steps[start] = Step(0.0)
    for chord in chords:
        if start <= chord.beat < start + 4 and not any(abs(beat - chord.beat) < 0.2 for beat in steps):
            steps[chord.beat] = Step(chord.beat - start)
    return sorted(steps.items(), key=lambda item: item[0])


def _chord_at(chords: tuple[Chord, ...], beat: float) -> int:
    """Returns the number of the chord that a note on a beat belongs to: one just before a chord anticipates it."""
    number = 0
    while number + 1 < len(chords) and chords[number + 1].beat <= beat + 0.2:
        number += 1
    return number


def _pitch(plan: Plan, low: int, chord: Chord, after: Chord, step: Step) -> int:
    """Returns a note's pitch: of the chord's bass, or where the step says so another tone or an approach."""
    lowest, highest = _range(plan)
    bass = low + (chord.bass - low) % 12
    if step.kind == "octave":
        return bass + 12 if bass + 12 <= max(highest, HIGHEST_OCTAVE) else bass
    if step.kind == "approach" and after.bass != chord.bass:
        goal = low + (after.bass - low) % 12
        scale = scale_of(plan.key, plan.scale)
        near = [goal + by for by in (step.by, -step.by, 2, -2, 1, -1) if (goal + by) % 12 in scale]
        return next((pitch for pitch in near if lowest <= pitch <= highest), bass)
    if step.kind in ("third", "walk", "fifth"):
        tone = chord.tones[1 if step.kind == "third" else min(2, len(chord.tones) - 1)]
        up = bass + (tone - bass) % 12
        down_only = up > highest or (step.by < 0 and up - 12 >= lowest)
        return up - 12 if down_only else up
    return bass


def _range(plan: Plan) -> tuple[int, int]:
    return RANGE_808 if plan.bass_sound == "808" else RANGE_OTHER


def _events(
    rng: np.random.Generator,
    plan: Plan,
    modes: list[str],
    steps: list[tuple[float, Step]],
    chords: tuple[Chord, ...],
) -> tuple[Event, ...]:
    low = _lowest(rng, plan)
    last = plan.bars * 4.0
    numbers = [_chord_at(chords, beat) for beat, _ in steps]
    pitches, ends = [], []
    for i, ((beat, step), number) in enumerate(zip(steps, numbers, strict=True)):
        if i == 0 or numbers[i - 1] != number:  # a chord's first note is its bass
            step = Step(step.beat)
        pitches.append(_pitch(plan, low, chords[number], chords[(number + 1) % len(chords)], step))
        end = steps[i + 1][0] if i + 1 < len(steps) else last
        bar = int(beat // 4)
        rest = next((b for b in range(bar + 1, plan.bars) if not modes[b]), plan.bars) * 4.0
        chord_end = chords[number + 1].beat if number + 1 < len(chords) else last
        ends.append(min(end, rest, chord_end if chord_end > beat + 0.2 else last))
    events, glides = [], 0
    for i, ((beat, step), pitch) in enumerate(zip(steps, pitches, strict=True)):
        held = modes[int(beat // 4)] == "held"
        length = _length(plan, step, ends[i] - beat, held)
        glide = None
        if "glide" in plan.bass_traits and not held and (step.glide or (glides == 0 and i >= len(steps) // 2)):
            glide = _glide(plan, pitch, pitches[i + 1] if i + 1 < len(pitches) else pitch, step, ends[i] - beat)
            if glide is not None:
                glides += 1
                length = min(ends[i] - beat, SLIDE_BEATS if "bounce" in plan.bass_traits else 4.0)
        velocity = round(min(1.0, step.velocity * (1 + 0.05 * (rng.random() - 0.5))), 3)
        events.append(Event(round(beat, 5), round(length, 5), pitch, velocity, glide))
    return tuple(event for event in events if event.length > 0.05)


def _lowest(rng: np.random.Generator, plan: Plan) -> int:
    """Returns the lowest root of the line, whose roots lie in the twelve semitones from it."""
    if plan.bass_sound != "808":
        return int(rng.choice((28, 28, 31) if plan.bass_sound == "upright-bass" else (28, 28, 30)))
    if "sub" in plan.bass_traits or "octaves" in plan.bass_traits:
        return int(rng.choice((26, 27, 28)))
    return int(rng.choice((28, 29, 31, 33)))


def _length(plan: Plan, step: Step, gap: float, held: bool) -> float:
    if held or "long" in plan.bass_traits:
        return gap
    if "bounce" in plan.bass_traits:
        return min(gap, SHORT_BEATS * step.hold)
    if plan.bass_sound == "808":
        return min(gap, 1.6 * step.hold)
    return min(gap * (0.72 + 0.23 * step.hold), 2.0)


def _glide(plan: Plan, pitch: int, after: int, step: Step, gap: float) -> int | None:
    """Returns the pitch that a note slides to: the next one's, or an octave away; None if there is no time."""
    if gap < 0.45:
        return None
    octave = pitch + 12 if pitch + 12 <= HIGHEST_OCTAVE else pitch - 12
    if plan.groove == "drill" and step.by > 0 and octave >= RANGE_808[0]:
        return octave
    return after if after != pitch else octave if octave >= RANGE_808[0] else None


def draw_bass(rng: np.random.Generator, groove: str, style: str) -> tuple[str, tuple[str, ...]]:
    """Draws a bass sound and bass traits that suit a groove and a style (a slug, or "" for none)."""
    record = GROOVES[groove]
    of_style = _STYLE_SOUNDS.get(style, {})
    sound = pick(rng, {name: weight * of_style.get(name, 1.0) for name, weight in record.bass_sounds.items()})
    more, least = _STYLE_BASS.get(style, {}), _STYLE_LEAST.get(style, {})
    chances = {name: min(1.0, record.bass.get(name, 0.0) * more.get(name, 1.0)) for name in BASS_TRAITS}
    chances |= {name: max(chances[name], chance) for name, chance in least.items()}
    if sound != "808":  # few of an 808's words are said of another bass
        chances = {name: chances[name] * 0.3 for name in ("octaves", "glide")} | {"long": chances["long"] * 0.3}
        chances["glide"] *= 0.5 if sound == "synth-bass" else 0.0
        if sound == "synth-bass":
            chances["distorted"] = record.bass.get("distorted", 0.0) * 0.5
    drawn = {name for name in sorted(chances) if rng.random() < chances[name]}
    for one, other in (("long", "bounce"), ("distorted", "sub")):
        if {one, other} <= drawn:
            drawn.remove(one if rng.random() * (chances[one] + chances[other]) > chances[one] else other)
    if sound != "808":
        drawn.add(sound)
    return sound, tuple(name for name in BASS_TRAITS if name in drawn)
