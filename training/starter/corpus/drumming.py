"""Writes the drums of a beat: a groove's loop, played by a drummer or a producer through the song form."""

import numpy as np

from training.starter.corpus.drum_form import BarForm, draw_form
from training.starter.corpus.drum_loop import Loop, back_drums, draw_loop
from training.starter.corpus.fills import draw_fill
from training.starter.corpus.form import bar_of_section
from training.starter.corpus.groove import Groove
from training.starter.corpus.grooves import GROOVES
from training.starter.corpus.score import Hit, Plan
from training.starter.corpus.strokes import LOOP_BARS, Stroke
from typebeat.request.concepts import DRUM_TRAITS

LATE_LIMITS = (-0.035, 0.06)  # seconds
_FEEL_OF = {"kick": 0, "snare": 1, "clap": 1, "snap": 1, "rim": 1, "closed_hat": 2, "open_hat": 2, "shaker": 2}
_STYLE_TRAITS = {  # how much likelier a style makes a trait
    "travis-scott": {"triplets": 1.5, "rolls": 1.2, "swing": 0.0, "busy": 0.8, "shaker": 0.5, "kit-acoustic": 0.5},
    "kid-cudi": {"swing": 1.3, "laid-back": 1.5, "ghost-notes": 1.3, "rolls": 0.3, "triplets": 0.3, "busy": 0.5}
    | {"sparse": 1.3, "kit-acoustic": 1.3},
    "don-toliver": {"clap": 1.5, "open-hats": 1.6, "triplets": 0.5, "sparse": 0.4, "busy": 1.3, "percussion": 1.2},
}
_STYLE_LEAST = {  # and how likely it is at least
    "travis-scott": {"triplets": 0.3, "rolls": 0.3},
    "kid-cudi": {"swing": 0.4},
    "don-toliver": {"clap": 0.6, "open-hats": 0.5},
}
_KITS = ("kit-808", "kit-909", "kit-acoustic")
_BACKS = ("clap", "snap", "rim")


def compose_drums(rng: np.random.Generator, plan: Plan) -> tuple[tuple[Hit, ...], tuple[tuple[float, ...], ...]]:
    """Composes the drums.

    Args:
        rng: Source of chance; the same state and plan give the same drums.
        plan: What the beat is.

    Returns:
        The hits of the whole beat, in order (none if the drums are left out), and for every bar the places of the
        groove's kicks in beats of that bar, swing included, whether or not the kick itself is heard in it.
    """
    groove = GROOVES[plan.groove]
    loop = draw_loop(rng, groove, plan.drum_traits, plan.swing)
    turns = [bar_of_section(plan, bar) % LOOP_BARS for bar in range(plan.bars)]
    kicks = tuple(tuple(stroke.beat for stroke in loop["kick"][turn]) for turn in turns)
    if "drums" in plan.left_out:
        return (), kicks
    fill_seeds = rng.integers(1 << 32, size=2)
    placed: list[tuple[float, Stroke]] = []
    for bar, form in enumerate(draw_form(rng, plan)):
        strokes = _bar_strokes(loop, turns[bar], form)
        if form.fill:
            fill_rng = rng if rng.random() < 0.3 else np.random.default_rng(fill_seeds[form.fill == "big"])
            start, fill = draw_fill(
                fill_rng, back_drums(plan.drum_traits)[0], form.fill == "big", plan.drum_traits, plan.swing
            )
            strokes = [s for s in strokes if s.beat < start - 1e-6] + fill
        if form.crash:
            strokes.append(Stroke(0.0, "crash", form.crash))
        if form.riser:
            strokes.append(Stroke(0.0, "riser", 0.8))
        placed += [(bar * 4.0, stroke) for stroke in strokes]
    return _played(rng, groove, plan, placed), kicks


def _bar_strokes(loop: Loop, turn: int, form: BarForm) -> list[Stroke]:
    """Returns what a bar's lanes play, at their loudness, up to where they drop out."""
    strokes: list[Stroke] = []
    for lane, gain in form.lanes.items():
        if lane == "first_kick":
            line = loop["kick"][turn][:1]
        elif lane == "half_closed":
            line = [s for s in loop["closed"][turn] if s.beat % 1.0 < 1e-6 or len(loop["closed"][turn]) < 4]
            line = line or loop["closed"][turn][::2]
        else:
            line = loop[lane][turn]
        until = min(form.all_until, form.kick_until if lane in ("kick", "first_kick") else 4.0)
        strokes += [s._replace(velocity=s.velocity * gain) for s in line if s.beat < until]
    ringing = {s.beat for s in strokes if s.drum == "open_hat"}
    return [s for s in strokes if s.drum != "closed_hat" or s.beat not in ringing]


def _played(
    rng: np.random.Generator, groove: Groove, plan: Plan, placed: list[tuple[float, Stroke]]
) -> tuple[Hit, ...]:
    """Returns strokes as a player's hits: no two velocities equal, and off the grid as the groove feels."""
    feel = np.array([*groove.feel, 0.0])
    loose = groove.loose
    if "laid-back" in plan.drum_traits:
        feel = feel + np.array([rng.uniform(1, 5), rng.uniform(14, 26), rng.uniform(5, 12), rng.uniform(3, 8)])
        loose += 1.5
    stray, louder = np.clip(rng.standard_normal((2, len(placed))), -2, 2)
    stray, louder = (stray * loose).tolist(), (1 + louder * (0.02 + 0.012 * loose)).tolist()
    lag = {drum: float(feel[number]) for drum, number in _FEEL_OF.items()}
    hits = []
    for (start, stroke), ms, gain in zip(placed, stray, louder, strict=True):
        beat = round(start + stroke.beat, 5)
        late = stroke.late
        if stroke.drum != "riser":
            late += (lag.get(stroke.drum, float(feel[3])) + ms) / 1000
        late = min(max(late, 0.0 if beat < 0.05 else LATE_LIMITS[0]), LATE_LIMITS[1])
        hits.append(Hit(beat, stroke.drum, round(min(1.0, max(0.08, stroke.velocity * gain)), 3), round(late, 4)))
    return tuple(sorted(hits, key=lambda hit: (hit.beat, hit.drum, hit.late)))


def draw_drum_traits(rng: np.random.Generator, groove: str, style: str) -> tuple[str, ...]:
    """Draws drum traits that suit a groove and a style (a slug of `typebeat.request.styles.STYLES`, or "")."""
    more, least = _STYLE_TRAITS.get(style, {}), _STYLE_LEAST.get(style, {})
    record = GROOVES[groove]
    chances = {trait: min(1.0, chance * more.get(trait, 1.0)) for trait, chance in record.traits.items()}
    for trait, chance in least.items():
        chances[trait] = max(chance, chances.get(trait, 0.0))
    drawn = {trait for trait in sorted(chances) if trait not in _KITS and rng.random() < chances[trait]}
    backs = [trait for trait in _BACKS if trait in drawn]
    if len(backs) > 1 and rng.random() < 0.7:  # layers are the exception
        weights = np.array([chances[trait] for trait in backs])
        drawn -= {*backs} - {str(rng.choice(backs, p=weights / weights.sum()))}
    elif len(backs) > 2:
        drawn.remove("rim")
    if {"busy", "sparse"} <= drawn:
        drawn.remove("busy" if rng.random() < 0.5 else "sparse")
    if {"swing", "triplets"} <= drawn:  # triplets against swung sixteenths would fight
        drawn.remove("triplets")
    kits = np.array([chances.get(kit, 0.0) for kit in _KITS])
    kit = int(np.searchsorted(np.cumsum(kits), rng.random() * max(1.0, kits.sum()), side="right"))
    drawn |= set(_KITS[kit : kit + 1])
    return tuple(trait for trait in DRUM_TRAITS if trait in drawn)
