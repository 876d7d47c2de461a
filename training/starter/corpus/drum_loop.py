"""The four-bar loop that a beat's drums repeat: kick, backbeat, ghost notes, hats and percussion in lanes."""

import numpy as np

from training.starter.corpus.groove import VELOCITIES, Groove, bars_of
from training.starter.corpus.hats import draw_hats
from training.starter.corpus.strokes import LOOP_BARS, Stroke, grid_strokes, on_step

LANES = ("kick", "back", "ghost", "closed", "open", "more_closed", "more_open", "shaker", "cowbell", "percussion")
BACK_DRUMS = ("clap", "snap", "rim")
_LAYERED_WITH_SNARE = 0.25
_PERCUSSION_GAIN = {"conga": 0.75, "perc": 0.7, "tom_low": 0.7, "tom_high": 0.65}

Loop = dict[str, list[list[Stroke]]]


def draw_loop(rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], swing: float) -> Loop:
    """Draws the loop: for each lane of `LANES` the strokes of each of its four bars."""
    back_steps = [{step for step, _ in bar} for bar in bars_of(groove.back)]
    kicks = _draw_kicks(rng, groove, traits, back_steps)
    hats = draw_hats(rng, groove, traits, swing)
    nothing: list[list[Stroke]] = [[] for _ in range(LOOP_BARS)]
    return {
        "kick": [[on_step(s, "kick", v, swing) for s, v in sorted(bar.items())] for bar in kicks],
        "back": _backbeat(rng, groove, traits, swing),
        "ghost": _ghosts(rng, traits, swing, back_steps, kicks) if "ghost-notes" in traits else nothing,
        "closed": hats.closed,
        "open": hats.open,
        "more_closed": hats.more_closed,
        "more_open": hats.more_open,
        "shaker": _line(rng, groove.shaker, "shaker", 0.62, swing, traits) if "shaker" in traits else nothing,
        "cowbell": _line(rng, groove.cowbell, "cowbell", 0.72, swing, traits) if "cowbell" in traits else nothing,
        "percussion": _percussion(rng, groove, traits, swing) if "percussion" in traits else nothing,
    }


def back_drums(traits: tuple[str, ...]) -> tuple[str, ...]:
    """Returns what plays the backbeat: clap, snap and rim as the traits say, else the snare."""
    return tuple(drum for drum in BACK_DRUMS if drum in traits) or ("snare",)


def _draw_kicks(
    rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], back_steps: list[set[int]]
) -> list[dict[int, float]]:
    """Returns the kicks of each bar as velocities by sixteenth: a grid of the groove, changed a little."""
    pair = [dict(bar) for bar in bars_of(groove.kicks[rng.integers(len(groove.kicks))])]
    if len(groove.kicks) > 1 and rng.random() < 0.25:  # the second bar of another pattern
        pair[1] = dict(bars_of(groove.kicks[rng.integers(len(groove.kicks))])[1])
    if "sparse" in traits:
        pair = [_fewer(rng, bar, groove.core) for bar in pair]
    if "busy" in traits:
        pair = [_more(rng, bar, groove, back) for bar, back in zip(pair, back_steps, strict=True)]
    sparse = "sparse" in traits
    first = int(rng.integers(2))
    _vary(rng, pair[first], groove, back_steps, sparse)
    if sparse and rng.random() < 0.6:
        _vary(rng, pair[1 - first], groove, back_steps, sparse)
    bars = [dict(pair[turn % 2]) for turn in range(LOOP_BARS)]
    _vary(rng, bars[3], groove, back_steps, sparse)
    if rng.random() < 0.25:
        _vary(rng, bars[2], groove, back_steps, sparse)
    return bars


def _fewer(rng: np.random.Generator, bar: dict[int, float], core: tuple[int, ...]) -> dict[int, float]:
    spare = [step for step in bar if step not in core]
    kept = set(bar) & set(core) or set(spare[:1])
    if len(kept) < 2 and len(spare) > 1:
        kept |= {int(rng.choice(spare))}
    return {step: bar[step] for step in sorted(kept)}


def _more(rng: np.random.Generator, bar: dict[int, float], groove: Groove, back: set[int]) -> dict[int, float]:
    """Adds two or three kicks on the groove's places, or where those are taken on any sixteenth after a kick."""
    count = 2 + int(rng.integers(2))
    free = [int(s) for s in rng.permutation(groove.spots) if s not in bar and s not in back]
    other = [s + 1 for s in rng.permutation(list(bar)).tolist() if s < 15 and s + 1 not in {*bar, *back, *free}]
    return bar | dict.fromkeys((free + other)[:count], 0.75)


def _vary(
    rng: np.random.Generator, bar: dict[int, float], groove: Groove, back_steps: list[set[int]], sparse: bool
) -> None:
    """Adds, leaves out or moves one kick, keeping the groove's own."""
    back = set().union(*back_steps)
    free = [step for step in groove.spots if step not in bar and step not in back]
    spare = [step for step in bar if step not in groove.core and step]
    kind = rng.random()
    if spare and (kind < 0.3 or (sparse and len(bar) > 2)) and len(bar) > 1:
        del bar[int(rng.choice(spare))]
    elif spare and free and (kind < 0.65 or (sparse and len(spare) > 1)):
        del bar[int(rng.choice(spare))]
        bar[int(rng.choice(free))] = 0.8
    elif free:
        bar[int(rng.choice(free))] = 0.75


def _backbeat(rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], swing: float) -> list[list[Stroke]]:
    drums = back_drums(traits)
    bars = grid_strokes(groove.back, drums[0], 0.95, swing)
    for drum in drums[1:]:
        for bar, more in zip(bars, grid_strokes(groove.back, drum, 0.8, swing), strict=True):
            bar += more
    layer, spread = rng.random(), rng.random()
    machine = groove.loose < 3
    if drums[0] == "clap" and machine and layer < _LAYERED_WITH_SNARE:
        for bar in bars:
            bar += [Stroke(s.beat, "snare", 0.55) for s in bar if s.drum == "clap" and s.velocity > VELOCITIES["o"]]
    elif drums[0] == "clap" and machine and spread < 0.35:  # a second clap smears the first, as hands do
        late = round(float(rng.uniform(0.012, 0.022)), 4)
        for bar in bars:
            bar += [Stroke(s.beat, "clap", 0.55, late) for s in bar if s.velocity > VELOCITIES["o"]]
    return bars


def _ghosts(
    rng: np.random.Generator,
    traits: tuple[str, ...],
    swing: float,
    back_steps: list[set[int]],
    kicks: list[dict[int, float]],
) -> list[list[Stroke]]:
    """Returns two to four soft strokes a bar around the backbeat, now and then with a drag before it."""
    drum = "rim" if back_drums(traits) == ("rim",) else "snare"
    pair = []
    for turn in range(2):
        back = back_steps[turn]
        near = {step + d: 3.0 for step in back for d in (-1, 1, 3, -3)}
        places = [s for s in range(1, 16) if s not in back and s not in kicks[turn] and (s % 2 or s in (2, 6, 10, 14))]
        weight = np.array([near.get(s, 1.0) * (2.0 if s % 2 else 0.6) for s in places])
        count = min(len(places), int(rng.integers(2, 5)))
        chosen = rng.choice(places, size=count, replace=False, p=weight / weight.sum())
        bar = [on_step(int(s), drum, float(rng.uniform(0.16, 0.32)), swing) for s in sorted(chosen)]
        if rng.random() < 0.3:
            bar.append(on_step(max(back), drum, 0.28, swing, late=-0.03))
        pair.append(bar)
    return [list(pair[turn % 2]) for turn in range(LOOP_BARS)]


def _line(
    rng: np.random.Generator, grids: tuple[str, ...], drum: str, gain: float, swing: float, traits: tuple[str, ...]
) -> list[list[Stroke]]:
    """Returns a grid of one drum, the last bar of the loop with a stroke left out or added."""
    bars = grid_strokes(grids[rng.integers(len(grids))], drum, gain, swing)
    if "sparse" in traits:
        bars = [[s for s in bar if s.velocity > 0.7 * gain] or bar[:1] for bar in bars]
    for turn in (1, 3) if rng.random() < 0.5 else (3,):
        taken = {s.beat for s in bars[turn]}
        free = [s for s in (on_step(step, drum, gain * 0.6, swing) for step in range(16)) if s.beat not in taken]
        if free and (rng.random() < 0.5 or len(bars[turn]) < 3):
            bars[turn] = sorted([*bars[turn], free[rng.integers(len(free))]])
        elif len(bars[turn]) > 1:
            del bars[turn][int(rng.integers(1, len(bars[turn])))]
    return bars


def _percussion(rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], swing: float) -> list[list[Stroke]]:
    """Returns conga or another small drum, often two or three together where the groove has many."""
    main = [drum for drum in groove.percussion if drum in ("conga", "perc")]
    others = list(groove.percussion)
    first = main[rng.integers(len(main))]
    others.remove(first)
    chance = 0.0 if "sparse" in traits else 0.7 if len(groove.percussion) > 2 else 0.3
    drums = [first, *(drum for drum in others if rng.random() < chance)]
    bars: list[list[Stroke]] = [[] for _ in range(LOOP_BARS)]
    for drum in drums:
        line = _line(rng, groove.percussion[drum], drum, _PERCUSSION_GAIN[drum], swing, ())
        for bar, more in zip(bars, line, strict=True):
            bar += more
    return bars
