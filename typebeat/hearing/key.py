"""Ranks the 24 keys by comparing templates with the pitch classes of a sound and of its bass. numpy only."""

from __future__ import annotations

import numpy as np

from typebeat.hearing.chroma import FRAME_SECONDS, Chroma
from typebeat.request.words import KEYS

# how well the twelve pitch classes fit a key, tonic first (ratings of listeners by Krumhansl and Kessler, 1982)
_HEARD = {
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
}
# how much loops use each pitch class: those of the scale, and most of all those of the tonic chord
_PLAYED = {
    "minor": (5, 0.5, 3, 4.5, 0.5, 3, 0.5, 4, 3, 0.5, 3.2, 1),
    "major": (5, 0.5, 3, 0.5, 4.5, 3, 0.5, 4.5, 0.5, 3, 0.5, 2.5),
}
# weight of each clue; fitted on beats of the corpus, before and after the codec, of the starter and of other kits
_AS_HEARD, _AS_PLAYED, _BASS_AS_HEARD = 3.1, 5.7, 0.9
_BASS_TONIC, _BASS_FIFTH, _FIRST_BASS, _FIRST_CHORD, _MAJOR = 2.3, 0.8, 1.1, 2.4, -1.7
_FIRST_SECONDS = 0.8  # length of the opening, in which most loops play the tonic
_CLASSES_FOR_A_KEY = 5.0  # number of pitch classes below which the confidence is reduced


def rank_keys(chroma: Chroma, downbeat: float = 0.0) -> list[tuple[str, float]]:
    """Returns the 24 keys with their confidence, best first; an empty list if nothing has a pitch.

    Args:
        chroma: Of the whole sound.
        downbeat: Seconds to the first downbeat.
    """
    pitched, bass = chroma.pitched.mean(axis=0), chroma.bass.mean(axis=0)
    if not pitched.any() and not bass.any():
        return []
    heard, low = np.sqrt(_share(pitched)), _share(bass)
    first = int(downbeat / FRAME_SECONDS)
    opening = slice(first, first + max(1, round(_FIRST_SECONDS / FRAME_SECONDS)))
    first_bass, first_chord = (_share(part[opening].sum(axis=0)) for part in (chroma.bass, chroma.pitched))
    scores = []
    for number in range(len(KEYS)):
        mode, tonic = ("minor", "major")[number // 12], number % 12
        third, fifth = (tonic + (3 if mode == "minor" else 4)) % 12, (tonic + 7) % 12
        scores.append(
            _AS_HEARD * _likeness(heard, _HEARD[mode], tonic)
            + _AS_PLAYED * _likeness(heard, _PLAYED[mode], tonic)
            + _BASS_AS_HEARD * _likeness(np.sqrt(low), _HEARD[mode], tonic)
            + _BASS_TONIC * low[tonic]
            + _BASS_FIFTH * low[fifth]
            + _FIRST_BASS * first_bass[tonic]
            + _FIRST_CHORD * first_chord[[tonic, third, fifth]].sum()
            + _MAJOR * (mode == "major")
        )
    share = np.exp(np.array(scores) - max(scores))
    lasts = float((chroma.pitched.sum(axis=1) > 0).mean())  # share of the sound in which something has a pitch
    share *= min(1.0, 2 * lasts) * min(1.0, _variety(_share(pitched) + low) / _CLASSES_FOR_A_KEY) / share.sum()
    return [(KEYS[number], float(share[number])) for number in np.argsort(-share, kind="stable")]


def _share(weights: np.ndarray) -> np.ndarray:
    """Scales weights to a sum of 1; zeros stay zeros."""
    return weights / max(float(weights.sum()), 1e-12)


def _likeness(heard: np.ndarray, template: tuple[float, ...], tonic: int) -> float:
    """Correlates twelve pitch classes with a template on a tonic: -1 to 1, or 0 if all are equal."""
    a, b = heard - heard.mean(), np.roll(template, tonic) - np.mean(template)
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9))


def _variety(weights: np.ndarray) -> float:
    """Returns the effective number of pitch classes (the exponential of their entropy): 1 to 12."""
    share = _share(weights) + 1e-12
    return float(np.exp(-(share * np.log(share)).sum()))
