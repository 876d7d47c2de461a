"""Which pitch each note of a bass line has, from all of the line: a kick on a short note hides its pitch.

Evidence is added as logarithms: what sounds during the note, with and without what every kick brings; the same place of
the loop; the pitches of the whole line; and the pitch classes of the note's bar, since an 808 stays on its chord.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.grid import Grid

_KICK_SECONDS = (-0.06, 0.35)  # around a kick, where it adds to what sounds
_FEWEST_KICKS = 4
_KICK_PERCENTILE = 20  # over the kicks: what all of them share is theirs, what few share is the bass
_LEFT = 0.15  # of what sounds, at least, once the kick is taken away
_HIDDEN_SECONDS = 0.6  # a note on a kick that is shorter than this is hidden by it
_HIDDEN_TRUST, _TRUSTED_SECONDS = 0.3, 0.4  # what such a note says of the line; from which length on a note says all
_LOUD_DB = -8.0  # below its loudest frame a note's frames say nothing
_RAMP_SECONDS = 0.2  # over which a note's frames come to count
_ON_SECONDS = 0.03
_LOOP_BARS = 4
_SHARP, _LOOP, _LINE, _CLASSES, _BAR = 4.0, 0.4, 0.5, 0.3, 3.0  # weights of the evidence
_EPSILON = 1e-3


@dataclass(frozen=True)
class Spans:
    """Notes whose pitch is sought: onsets and ends in s, and the frames (first, after the last) that tell the pitch."""

    onsets: np.ndarray
    ends: np.ndarray
    frames: list[tuple[int, int]]


def without_kicks(strength: np.ndarray, kicks: np.ndarray, hop_seconds: float) -> np.ndarray:
    """The strengths (frames, pitches) less what all kicks have in common."""
    first, last = (round(t / hop_seconds) for t in _KICK_SECONDS)
    starts = np.rint(kicks / hop_seconds).astype(int)
    starts = starts[(starts + first >= 0) & (starts + last <= len(strength))]
    if len(starts) < _FEWEST_KICKS:
        return strength
    places = starts[:, None] + np.arange(first, last)
    shared = np.percentile(strength[places], _KICK_PERCENTILE, axis=0)
    cleaned = strength.copy()
    for place in places:
        cleaned[place] = np.maximum(strength[place] - shared, _LEFT * strength[place])
    return cleaned


def line_pitches(
    strength: np.ndarray, tried: np.ndarray, spans: Spans, kicks: np.ndarray, grid: Grid, hop_seconds: float
) -> np.ndarray:
    """The MIDI pitch of each note, (notes,) whole numbers.

    Args:
        strength: (frames, pitches), how strongly each pitch of `tried` sounds.
        tried: (pitches,) in semitones, finer than one.
        spans: The notes.
        kicks: When a kick is struck, in s.
        grid: Says which notes share a bar, and a place of the loop.
        hop_seconds: From one frame to the next.
    """
    whole = np.arange(np.ceil(tried[0]), np.floor(tried[-1]) + 1).astype(int)
    near = [np.flatnonzero(np.abs(tried - pitch) <= 0.35) for pitch in whole]
    cleaned = without_kicks(strength, kicks, hop_seconds)
    lengths = spans.ends - spans.onsets
    hidden = (lengths < _HIDDEN_SECONDS) & np.array([np.any(np.abs(kicks - at) < _ON_SECONDS) for at in spans.onsets])
    heard = np.empty((len(lengths), len(whole)))
    for i, (first, last) in enumerate(spans.frames):
        heard[i] = np.log(_share(strength[first:last], near, hop_seconds) + _EPSILON)
        if hidden[i]:
            heard[i] = 0.5 * heard[i] + 0.5 * np.log(_share(cleaned[first:last], near, hop_seconds) + _EPSILON)
    bars = np.floor((spans.onsets - grid.downbeat) / grid.bar_seconds + 0.01).astype(int)
    places = spans.onsets - bars * grid.bar_seconds
    pooled = heard.copy()
    for i in range(len(heard)):
        same = (np.abs(places - places[i]) < _ON_SECONDS) & ((bars - bars[i]) % _LOOP_BARS == 0)
        pooled[i] = (1 - _LOOP) * heard[i] + _LOOP * heard[same].mean(axis=0)
    trust = np.where(hidden, _HIDDEN_TRUST, 1.0) * np.minimum(1, lengths / _TRUSTED_SECONDS)
    likely = np.exp(3 * _SHARP * (pooled - pooled.max(axis=1, keepdims=True)))
    likely *= (trust / likely.sum(axis=1))[:, None]
    score = _SHARP * pooled + _LINE * np.log(likely.sum(axis=0) / likely.sum() + 0.01)
    classes = np.stack([likely[:, whole % 12 == each].sum(axis=1) for each in range(12)], axis=1)  # (notes, 12)
    score += _CLASSES * np.log(classes.sum(axis=0) / classes.sum() + 0.01)[whole % 12]
    for bar in np.unique(bars):
        of_bar = classes[bars == bar].sum(axis=0)
        score[bars == bar] += _BAR * np.log(of_bar / of_bar.sum() + 0.03)[whole % 12]
    return whole[score.argmax(axis=1)]


def _share(strength: np.ndarray, near: list[np.ndarray], hop_seconds: float) -> np.ndarray:
    """How strongly each whole pitch sounds over a note's frames against the strongest, in [0, 1].

    Each frame counts as much as any, however far the note has died away, but for the first ones.
    """
    loudest = strength.max(axis=1)
    counts = np.minimum(1, (np.arange(len(strength)) * hop_seconds + _ON_SECONDS) / _RAMP_SECONDS)
    counts = counts * (loudest > loudest.max() * 10 ** (_LOUD_DB / 20))
    summed = counts @ (strength / (loudest[:, None] + 1e-12)) ** 2
    return np.array([summed[each].max() for each in near]) / (summed.max() + 1e-12)
