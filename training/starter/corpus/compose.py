"""Composes a whole beat from a seed: plan, harmony and the notes of every part."""

import numpy as np

from training.starter.corpus.harmony import draw_harmony
from training.starter.corpus.melody import compose_chords, compose_melody
from training.starter.corpus.plan import draw_plan
from training.starter.corpus.score import Plan, Score


def compose(
    seed: int, bars: int = 8, style: str | None = None, bpm: float | None = None, loop: bool | None = None
) -> Score:
    """Composes a beat: the same seed and options give the same beat. `plan.draw_plan` tells what the options do."""
    return compose_plan(draw_plan(seed, bars, style, bpm, loop))


def compose_plan(plan: Plan, take: int = 0) -> Score:
    """Composes the notes of a plan; each take is another beat of the same plan, with rests in the same sections."""
    from training.starter.corpus.bassline import compose_bass
    from training.starter.corpus.drumming import compose_drums

    harmony, drums, low, comping, lead = (np.random.default_rng([plan.seed, k, take]) for k in range(11, 16))
    chords = draw_harmony(harmony, plan)
    hits, kicks = compose_drums(drums, plan)
    bass = compose_bass(low, plan, chords, kicks)
    return Score(
        plan=plan,
        chords_named=chords,
        hits=() if "drums" in plan.left_out else tuple(hits),
        bass=() if "808" in plan.left_out else tuple(bass),
        chords=compose_chords(comping, plan, chords),
        melody=compose_melody(lead, plan, chords),
    )
