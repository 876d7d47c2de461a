"""Finds where a sound goes on at another tempo: two pulses that fit their onsets where one does not. numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from typebeat.hearing.tempo import SIXTEENTHS_PER_BEAT

_WITHIN = 0.15  # share by which the tempos before and after may differ from the one of the whole
_TEMPOS = 361  # that are tried
_FEWEST = 12  # onsets that each side needs
_FIRM = 0.75  # how much of its onsets a pulse must pull together, 0 to 1
_GAIN = 0.15  # by how much two pulses must pull more together than one
_OTHER = 0.012  # share by which two tempos differ


@dataclass(frozen=True)
class Stretch:
    """A stretch of sound at one tempo."""

    begins: float  # seconds
    bpm: float
    phase: float  # seconds of a sixteenth


def find_stretches(times: np.ndarray, weights: np.ndarray, bpm: float) -> tuple[Stretch, ...]:
    """Splits onsets into stretches of one tempo each, all near `bpm`; one stretch if the tempo is constant.

    Args:
        times: Onsets in seconds, (n,), in order.
        weights: Strength of each, (n,).
        bpm: The tempo that fits the whole best.
    """
    if len(times) < 2 * _FEWEST:
        return (_stretch(times, weights, bpm),)
    tempos = bpm * np.linspace(1 - _WITHIN, 1 + _WITHIN, _TEMPOS)
    waves = weights * np.exp(2j * np.pi * np.outer(tempos * SIXTEENTHS_PER_BEAT / 60, times))
    before, mass = np.cumsum(waves, axis=1), np.cumsum(weights)
    after = before[:, -1:] - before
    one = float(np.abs(before[:, -1]).max() / mass[-1])
    left, right = np.abs(before).max(axis=0), np.abs(after).max(axis=0)
    inner = np.arange(_FEWEST - 1, len(times) - _FEWEST)
    cut = int(inner[(left + right)[inner].argmax()])
    firm = min(left[cut] / mass[cut], right[cut] / (mass[-1] - mass[cut]))
    tempo_left, tempo_right = tempos[np.abs(before[:, cut]).argmax()], tempos[np.abs(after[:, cut]).argmax()]
    is_other = abs(tempo_left / tempo_right - 1) > _OTHER
    if firm < _FIRM or (left[cut] + right[cut]) / mass[-1] < one + _GAIN or not is_other:
        return (_stretch(times, weights, bpm),)
    first = find_stretches(times[: cut + 1], weights[: cut + 1], float(tempo_left))
    return first + find_stretches(times[cut + 1 :], weights[cut + 1 :], float(tempo_right))


def _stretch(times: np.ndarray, weights: np.ndarray, bpm: float) -> Stretch:
    """Measures tempo and phase of onsets at nearly `bpm`; a whole number of BPM is taken if it fits as well."""
    span = max(float(times[-1] - times[0]), 1.0)
    reach = min(_WITHIN, 0.25 * 60 / bpm / SIXTEENTHS_PER_BEAT * 2 / span)
    tempos = np.append(bpm * np.linspace(1 - reach, 1 + reach, _TEMPOS), round(bpm))
    waves = np.exp(2j * np.pi * np.outer(tempos * SIXTEENTHS_PER_BEAT / 60, times)) @ weights
    best = int(np.abs(waves).argmax())
    if abs(waves[-1]) > 0.99 * abs(waves[best]) and abs(tempos[-1] / tempos[best] - 1) * span < 0.02:
        best = len(tempos) - 1
    sixteenth = 60 / float(tempos[best]) / SIXTEENTHS_PER_BEAT
    phase = float(np.angle(waves[best])) / (2 * math.pi) * sixteenth
    return Stretch(float(times[0]), float(tempos[best]), phase % sixteenth)
