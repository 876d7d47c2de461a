"""Fits a take to its bars: stretched to the exact tempo, begun on the downbeat, whole bars long, without a seam.

What is right already is left as it is. A take whose tempo is too far off is not stretched (`is_near`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.passport import SURE_OF_BEAT, Passport
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.sound.audio import Audio, loop_length

FIT_WITHIN = 0.04  # share of the asked tempo: a take further off is not stretched but made again
CROSSFADE_SECONDS = 0.008  # short, to keep the attack of the first hit

_SAME_BPM, _SAME_SECONDS = 0.05, 0.005  # a tempo that is off by less, or whose loop is, counts as exact
_SURE_OF_DOWNBEAT = 0.9  # models are asked to begin on it, so only a clear case is moved
_ON_DOWNBEAT_SECONDS = 0.03
_PRE_ROLL_SECONDS = 0.002  # a moved loop begins this much early, so that no attack is cut


@dataclass(frozen=True)
class Fit:
    """What is done to a take.

    Attributes:
        speed: 1.02 if the take was played 2 % faster; 1 if it was left as it is.
        moved: How many seconds the first downbeat was late before it was moved to the start; 0 if it was not moved.
    """

    speed: float
    moved: float


@dataclass(frozen=True)
class Fitted(Fit):
    """A loop and what was done to it.

    Attributes:
        audio: Exactly as many samples as its bars take; its end goes on at its start.
    """

    audio: Audio


def seconds_to_ask(loop_seconds: float) -> float:
    """Returns how much a model must make for a slow take to have all bars and enough for the crossfade."""
    return loop_seconds / (1 - FIT_WITHIN) + 4 * CROSSFADE_SECONDS


def is_near(passport: Passport, bpm: float) -> bool:
    """Whether a take can be fitted to a tempo; true as well for one without a clear beat."""
    return passport.bpm_confidence < SURE_OF_BEAT or abs(passport.grid.bpm / bpm - 1) <= FIT_WITHIN


def fit_loop(audio: Audio, passport: Passport, bpm: float, bars: int, *, like: Fit | None = None) -> Fitted:
    """Fits a take to whole bars of a tempo.

    Args:
        audio: At least `seconds_to_ask` long.
        passport: What it measures.
        bpm: The tempo asked for. A take that is not near it, or has no clear beat, is only cut.
        bars: Bars asked for.
        like: How parts of it that were kept lie on their bars; nothing is decided anew then.

    Raises:
        ValueError: the take is shorter than the loop.
    """
    if like:
        return Fitted(like.speed, like.moved, _loop(audio, like.speed, like.moved, bpm, bars))
    speed = 1.0
    if is_near(passport, bpm) and passport.bpm_confidence >= SURE_OF_BEAT:
        speed = _speed(passport.grid.bpm, bpm, bars)
    moved = _late(passport, speed, bpm) if passport.bpm_confidence >= SURE_OF_BEAT else 0.0
    return Fitted(speed, moved, _loop(audio, speed, moved, bpm, bars))


def fit_part(part: Audio, fitted: Fitted, bpm: float, bars: int) -> Audio:
    """Does to a part of a take what was done to the whole of it."""
    return _loop(part, fitted.speed, fitted.moved, bpm, bars)


def _loop(audio: Audio, speed: float, moved: float, bpm: float, bars: int) -> Audio:
    if speed != 1:
        audio = _stretch(audio, speed)
    loop = _without_seam(audio, loop_length(bars, BEATS_PER_BAR, bpm, audio.sample_rate))
    if moved:
        loop = np.roll(loop, -round((moved - _PRE_ROLL_SECONDS) * audio.sample_rate), axis=1)
    return Audio(loop, audio.sample_rate)


def _speed(measured: float, bpm: float, bars: int) -> float:
    seconds_off = bars * BEATS_PER_BAR * 60 * abs(1 / measured - 1 / bpm)
    return 1.0 if abs(measured - bpm) <= _SAME_BPM or seconds_off <= _SAME_SECONDS else bpm / measured


def _stretch(audio: Audio, speed: float) -> Audio:
    """Plays faster or slower at the same pitch."""
    from python_stretch import Signalsmith

    stretch = Signalsmith.Stretch()
    stretch.preset(len(audio.samples), audio.sample_rate)
    stretch.setTimeFactor(speed)
    return Audio(np.asarray(stretch.process(np.ascontiguousarray(audio.samples))), audio.sample_rate)


def _without_seam(audio: Audio, length: int) -> np.ndarray:
    """Returns (channels, length), in which the sound after the end fades out under the start with equal power.

    The last sample is thus followed by what came after it anyway. If both sounds are alike (the same kick) their sum
    would be louder than each, and the gains allow for that.
    """
    if audio.length < length:
        raise ValueError(f"{audio.length} samples were made where {length} are needed")
    loop = audio.samples[:, :length].copy()
    fade = min(round(CROSSFADE_SECONDS * audio.sample_rate), audio.length - length, length)
    head, after = loop[:, :fade], audio.samples[:, length : length + fade]
    likeness = float((head * after).sum() / (np.sqrt((head**2).sum() * (after**2).sum()) + 1e-12))
    turn = np.linspace(0, np.pi / 2, fade, endpoint=False, dtype=np.float32)
    power = np.sqrt(1 + max(0.0, likeness) * np.sin(2 * turn))
    loop[:, :fade] = (head * np.sin(turn) + after * np.cos(turn)) / power
    return loop


def _late(passport: Passport, speed: float, bpm: float) -> float:
    """Returns by how many seconds the downbeat is late (negative: early); 0 if it is at the start or uncertain."""
    bar = BEATS_PER_BAR * 60 / bpm
    late = (passport.grid.downbeat / speed + bar / 2) % bar - bar / 2
    return late if abs(late) > _ON_DOWNBEAT_SECONDS and passport.downbeat_confidence >= _SURE_OF_DOWNBEAT else 0.0
