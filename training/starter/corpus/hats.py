"""Closed and open hats of a four-bar loop: grids with small changes, rolls and triplets."""

from dataclasses import dataclass

import numpy as np

from training.starter.corpus.groove import Groove, bars_of
from training.starter.corpus.strokes import LOOP_BARS, Stroke, grid_strokes, on_step

GAIN = 0.82
SPARSE_STROKES = 6
# length in beats and strokes a beat: eighths are 2, sixteenths 4, thirty-seconds 8, sixty-fourths 16
_ROLLS = ((0.5, 8), (0.5, 8), (0.5, 16), (1.0, 8), (1.0, 8), (1.5, 8))
_TRIPLETS = ((1.0, 3), (2.0, 3), (1.0, 6), (0.5, 6), (1.0, 6), (0.5, 12))


@dataclass(frozen=True)
class Hats:
    """Strokes of each bar of a loop: closed hats, open hats, and what hooks add to both."""

    closed: list[list[Stroke]]
    open: list[list[Stroke]]
    more_closed: list[list[Stroke]]
    more_open: list[list[Stroke]]


def draw_hats(rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], swing: float) -> Hats:
    """Draws the hats of a loop; bars two and four differ a little from one and three."""
    opens, more_opens = _open_hats(rng, groove, traits, swing)
    steps = _steps(rng, groove, traits)
    closed, more = [], []
    spans = _spans(rng, traits, opens)
    for turn in range(LOOP_BARS):
        rolled = [(at, at + length) for at, length, _ in spans[turn]]
        bar = [on_step(s, "closed_hat", GAIN * v, swing) for s, v in sorted(steps[turn].items())]
        bar = [s for s in bar if not any(a - 1e-6 <= s.beat < b for a, b in rolled)]
        played = set(steps[turn])
        gaps = [s for s in range(16) if s not in played and not any(a <= s / 4 < b for a, b in rolled)]
        count = 0 if "sparse" in traits else min(len(gaps), int(rng.integers(2, 5)))
        more.append([on_step(int(s), "closed_hat", 0.42, swing) for s in rng.permutation(gaps)[:count]])
        for at, length, a_beat in spans[turn]:
            bar += _roll(rng, at, length, a_beat)
        closed.append(sorted(bar))
    for turn, bar in enumerate(opens):  # a roll silences an open hat inside it, but never all of a loop's two bars
        inside = [s for s in bar if any(at < s.beat < at + length for at, length, _ in spans[turn])]
        others = [s for s in (*bar, *opens[turn ^ 1]) if s not in inside]
        if others:
            opens[turn] = [s for s in bar if s not in inside]
    return Hats(closed, opens, more, more_opens)


def _steps(rng: np.random.Generator, groove: Groove, traits: tuple[str, ...]) -> list[dict[int, float]]:
    """Returns the closed hats of each bar on the grid, as velocities by sixteenth."""
    grid = groove.hats[rng.integers(len(groove.hats))]
    pair = [dict(bar) for bar in bars_of(grid)]
    if "busy" in traits:
        pair = [_busier(rng, bar) for bar in pair]
    if "sparse" in traits:
        pair = [_thinned(rng, bar) for bar in pair]
    bars = [dict(pair[turn % 2]) for turn in range(LOOP_BARS)]
    for turn in (3,) if "busy" in traits else (1, 3):
        _vary(rng, bars[turn], "sparse" in traits)
    if rng.random() < (0.9 if "sparse" in traits else 0.4):
        _vary(rng, bars[0], "sparse" in traits)
        bars[2] = dict(bars[0])
    return bars


def _busier(rng: np.random.Generator, bar: dict[int, float]) -> dict[int, float]:
    """Fills the eighths and some of the sixteenths between, all of them where the groove has most."""
    share = 0.55 if len(bar) < 10 else 1.0
    odd = {int(s): 0.5 for s in range(1, 16, 2) if rng.random() < share}
    even = {s: 0.62 for s in range(0, 16, 2)}
    return odd | even | bar


def _thinned(rng: np.random.Generator, bar: dict[int, float]) -> dict[int, float]:
    """Keeps the louder two thirds of the strokes, six at most, of equals any."""
    order = sorted(bar, key=lambda s: (-bar[s], rng.random()))
    return {s: bar[s] for s in sorted(order[: max(2, min(SPARSE_STROKES, round(0.65 * len(bar))))])}


def _vary(rng: np.random.Generator, bar: dict[int, float], sparse: bool) -> None:
    """Leaves a weak stroke out, adds a soft one, or moves one by a sixteenth."""
    weak = [s for s in bar if bar[s] < 1.0] or [s for s in bar if s % 8]
    free = [s for s in range(16) if s not in bar]
    kind = rng.random()
    if weak and (kind < 0.35 or sparse or not free) and len(bar) > 2:
        at = int(rng.choice(weak))
        velocity = bar.pop(at)
        if kind > 0.5 or sparse:
            near = [s for s in (at - 1, at + 1, at + 2) if s in free]
            if near:
                bar[int(rng.choice(near))] = velocity
    elif free:
        for at in rng.permutation(free)[: 1 + (rng.random() < 0.3)]:
            bar[int(at)] = 0.55


def _open_hats(
    rng: np.random.Generator, groove: Groove, traits: tuple[str, ...], swing: float
) -> tuple[list[list[Stroke]], list[list[Stroke]]]:
    """Returns open hats, and those that hooks have besides; none without "open-hats"."""
    if "open-hats" not in traits:
        return [[] for _ in range(LOOP_BARS)], [[] for _ in range(LOOP_BARS)]
    first, second = (groove.open_hats[i] for i in rng.integers(len(groove.open_hats), size=2))
    bars = grid_strokes(first, "open_hat", 0.85, swing)
    if rng.random() < 0.35 and "sparse" not in traits:  # a place of its own in the last bar
        bars[3] = sorted({*bars[3], on_step(int(rng.choice((6, 10, 14))), "open_hat", 0.65, swing)})
    more = grid_strokes(second, "open_hat", 0.7, swing)
    return bars, [[s for s in more[t] if s.beat not in {b.beat for b in bars[t]}] for t in range(LOOP_BARS)]


def _spans(
    rng: np.random.Generator, traits: tuple[str, ...], opens: list[list[Stroke]]
) -> list[list[tuple[float, float, int]]]:
    """Returns start, length and strokes a beat of each bar's rolls: of each kind one or more in two bars."""
    spans: list[list[tuple[float, float, int]]] = [[] for _ in range(LOOP_BARS)]
    for kind, choices in (("rolls", _ROLLS), ("triplets", _TRIPLETS)):
        if kind not in traits:
            continue
        sure = {int(rng.integers(2)), 2 + int(rng.integers(2))}
        for turn in range(LOOP_BARS):
            if turn not in sure and rng.random() > 0.3:
                continue
            length, a_beat = choices[rng.integers(len(choices))]
            starts = [k / 2 for k in range(1, 8) if k / 2 + length <= 4.0]
            starts = [at for at in starts if all(at + length <= a or a + n <= at for a, n, _ in spans[turn])]
            clear = [at for at in starts if not any(at <= s.beat < at + length for s in opens[turn])]
            if clear or starts:
                spans[turn].append((float(rng.choice(clear or starts)), length, a_beat))
    return spans


def _roll(rng: np.random.Generator, start: float, length: float, a_beat: int) -> list[Stroke]:
    """Returns a roll's strokes: even or getting faster, with a rising, falling, swelling, pulsing or even loudness."""
    at = np.arange(round(length * a_beat)) / a_beat
    if a_beat == 8 and length >= 1.0 and rng.random() < 0.3:  # sixteenths, then thirty-seconds, then sixty-fourths
        half = length / 2
        at = np.concatenate([np.arange(0, half, 0.25), np.arange(half, length - 0.25, 0.125)])
        at = np.concatenate([at, np.arange(length - 0.25, length - 1e-6, 0.0625)])
    ramp = np.linspace(0.0, 1.0, len(at))
    shape = (
        *(0.45 + 0.5 * ramp, 0.95 - 0.5 * ramp, 0.45 + 0.45 * np.sin(np.pi * ramp)),
        *(np.where(np.arange(len(at)) % 2, 0.5, 0.8), np.where(np.arange(len(at)) % 4, 0.6, 0.85)),
    )[rng.integers(5)]
    return [Stroke(round(start + float(b), 5), "closed_hat", float(v)) for b, v in zip(at, shape, strict=True)]
