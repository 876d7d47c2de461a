"""Fills: what the drummer plays at the end of four and eight bars."""

import numpy as np

from training.starter.corpus.strokes import Stroke, on_step

GRACE_LATE = -0.028  # a flam's first stroke, in seconds


def draw_fill(
    rng: np.random.Generator, back: str, big: bool, traits: tuple[str, ...], swing: float
) -> tuple[float, list[Stroke]]:
    """Draws a fill.

    Args:
        rng: Source of chance.
        back: Drum of the backbeat.
        big: Whether it ends eight bars, not four.
        traits: Of the drums; "triplets" may give fills in triplets.
        swing: Of the sixteenths.

    Returns:
        The beat of the bar that it starts on, until whose end other drums are silent, and its strokes.
    """
    length = float(rng.choice((1.5, 2.0))) if big else float(rng.choice((0.5, 1.0, 1.0)))
    start = 4.0 - length
    steps = list(range(int(start * 4), 16))
    kinds = ["roll", "toms", "mixed", "kick", "hats"]
    kinds += ["triplets", "triplets"] if "triplets" in traits and length >= 1.0 else []
    kind = str(rng.choice(kinds))
    if kind == "roll":
        strokes = _roll(rng, start, length, back)
    elif kind == "triplets":
        strokes = _triplets(rng, start, length, back)
    elif kind == "toms":
        strokes = [on_step(s, _tom(k, len(steps)), _loud(k, len(steps)), swing) for k, s in enumerate(steps)]
        strokes = [s for s in strokes if s.beat == start or rng.random() < 0.8]
    elif kind == "mixed":
        drums = (back, back, "tom_high", "tom_low", "kick")
        strokes = [on_step(s, drums[rng.integers(5)], _loud(k, len(steps)), swing) for k, s in enumerate(steps)]
        strokes[0] = strokes[0]._replace(drum=back)
        strokes = [strokes[0], *(s for s in strokes[1:] if rng.random() < 0.85)]
    elif kind == "kick":  # the backbeat's drum answers the kick
        strokes = [on_step(s, "kick" if k % 3 == 1 else back, 0.85, swing) for k, s in enumerate(steps)]
        strokes = [s for k, s in enumerate(strokes) if k % 3 != 2 or rng.random() < 0.5]
    else:
        strokes = [on_step(s, "closed_hat", 0.6 + 0.35 * (k % 3 == 0), swing) for k, s in enumerate(steps)]
        strokes += [on_step(s, back, 0.9, swing) for s in (steps[0], steps[-1])]
    if rng.random() < 0.35:
        last = max(strokes)
        strokes.append(last._replace(velocity=0.45 * last.velocity + 0.1, late=GRACE_LATE))
    return start, sorted(strokes)


def _loud(k: int, count: int) -> float:
    """Returns the velocity of a fill's stroke: it grows."""
    return 0.62 + 0.35 * k / max(1, count - 1)


def _tom(k: int, count: int) -> str:
    return "tom_high" if k < count / 2 else "tom_low"


def _roll(rng: np.random.Generator, start: float, length: float, drum: str) -> list[Stroke]:
    """Returns sixteenths that turn into thirty-seconds, growing."""
    fast = 4.0 - (0.5 if length > 0.5 or rng.random() < 0.5 else 0.25)
    beats = [*np.arange(start, fast, 0.25), *np.arange(fast, 4.0, 0.125)]
    return [Stroke(float(b), drum, _loud(k, len(beats))) for k, b in enumerate(beats)]


def _triplets(rng: np.random.Generator, start: float, length: float, back: str) -> list[Stroke]:
    a_beat = int(rng.choice((3, 6)))
    count = int(length) * a_beat
    drums = (back, "tom_high", "tom_low") if rng.random() < 0.6 else (back, back, back)
    begin = 4.0 - int(length)
    strokes = [
        Stroke(round(begin + k / a_beat, 5), drums[k % 3], _loud(k, count) if k % 3 == 0 else 0.6) for k in range(count)
    ]
    return strokes if begin == start else [Stroke(start, back, 0.7), *strokes]
