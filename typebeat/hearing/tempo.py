"""Tempo: one constant pulse through a whole sound, found near a known tempo or from nothing, and how sure that is.

A spectrum of the onsets tells which tempos are worth a closer look; a line through the onsets themselves, each on its
sixteenth, tells the tempo to a hundredth. numpy only; which beat is the first of a bar is `downbeat.py`'s job.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from typebeat.hearing.onsets import HOP_SECONDS, Onsets, pick_onsets

KNOWN_WITHIN = 0.04  # share of a known tempo in which it is looked for
SLOWEST_BPM, FASTEST_BPM = 60.0, 180.0  # where it is looked for if nobody knows it
SIXTEENTHS_PER_BEAT = 4

_WRITTEN_FROM_BPM = 85.0  # rap below is written at its double, such as 70 as 140 ...
_SPARSE_SIXTEENTHS = 0.12  # ... unless so little of it lies on odd sixteenths, or these swing
_PULSES_A_BEAT = (0.5, 1, 2, 4)  # half notes to sixteenths, which the spectrum of a beat's onsets shows
_CANDIDATES = 10
_FEWEST_ONSETS = 4
_WIDTH_SECONDS = 0.012  # an onset this near a sixteenth is on it, 0.6 of one
_CLOSE_SECONDS = 0.008  # an onset further off counts less and less for the fit
_NEAR = 0.22  # of a sixteenth: an onset further off does not count at all
_ROUNDS = 6
_MOST_LATE = 0.4  # of a sixteenth: swing up to 0.7
_SWING_GAIN = 0.05  # so much more of the onsets must lie on a swung grid than on a straight one
_BAR_WEIGHT = 0.3  # of bars that repeat, beside onsets on sixteenths
_OTHER_TEMPO = 0.15  # so much more evidence makes another tempo than the known one believed
_CHANCE = 1.9  # the best of many tempos fits n onsets anywhere by about this / sqrt(n) (measured on noise and speech)
_SURE = 0.5  # evidence beyond chance that leaves no doubt
_SAME_SECONDS = 0.003  # from one end to the other: tempos this near cannot be told apart
_QUARTERS, _FEWEST_IN_QUARTER = 4, 6  # of the sound, whose onsets show whether the tempo walks


@dataclass(frozen=True)
class Pulse:
    """Even sixteenths through a sound.

    Attributes:
        bpm: Beats a minute; a beat has four sixteenths.
        phase: Seconds from the first sample to the first sixteenth, or the first even one where they swing; >= 0.
        swing: Share of a pair of sixteenths that the first takes: 0.5 straight.
        confidence: 0 (onsets lie anywhere) to 1.
        drift: Seconds that the onsets walk against the pulse.
    """

    bpm: float
    phase: float
    swing: float
    confidence: float
    drift: float

    @property
    def sixteenth(self) -> float:
        """Mean length of a sixteenth in seconds."""
        return 60 / self.bpm / SIXTEENTHS_PER_BEAT

    @property
    def late(self) -> float:
        """How late odd sixteenths are, in sixteenths; 0 straight."""
        return 2 * self.swing - 1


@dataclass(frozen=True)
class _Fit:
    """A pulse with `on_grid`, the share of onsets that lie on it beyond what chance puts there."""

    step: float  # seconds of a sixteenth
    start: float  # seconds; of an even sixteenth
    late: float  # of odd sixteenths, in sixteenths
    on_grid: float


def find_pulse(onsets: Onsets, known_bpm: float | None = None) -> Pulse | None:
    """Returns the constant pulse that the onsets follow best, None where there is hardly an onset.

    Args:
        onsets: Of the whole sound.
        known_bpm: The tempo that it should have, looked for 4 % up and down by what sounds once in two beats up to four
            times a beat, so that its half and its double count as it; only a sound that clearly follows another tempo
            gets that one. None looks everywhere, and writes the tempo as rap is written.
    """
    times, weights = pick_onsets(onsets.strength)
    if len(times) < _FEWEST_ONSETS:
        return None
    movement = _movement(onsets)

    def best(tempos: Iterable[float]) -> tuple[float, _Fit]:
        fits = [_fit_pulse(times, weights, bpm) for bpm in tempos]
        rated = [(fit.on_grid + _BAR_WEIGHT * _bar_likeness(movement, fit.step), fit) for fit in fits]
        return max(rated, key=lambda each: each[0])

    evidence, fit = best(_likely_tempos(onsets.strength, SLOWEST_BPM, FASTEST_BPM))
    if known_bpm is None:
        fit = _fit_pulse(times, weights, _written_bpm(times, weights, fit))
    else:
        near = best(_likely_tempos(onsets.strength, known_bpm * (1 - KNOWN_WITHIN), known_bpm * (1 + KNOWN_WITHIN)))
        if near[0] > evidence - _OTHER_TEMPO:
            evidence, fit = near
        else:
            octaves = round(math.log2(known_bpm / _bpm(fit)))
            fit = _fit_pulse(times, weights, _bpm(fit) * 2.0**octaves)
    fit = _settle(fit, times, weights, known_bpm or round(_bpm(fit)))
    confidence = (evidence - _CHANCE / math.sqrt(len(times))) / _SURE
    grid = 2 * fit.step if fit.late else fit.step
    drift = _drift(times, weights, fit)
    return Pulse(_bpm(fit), fit.start % grid, (1 + fit.late) / 2, min(1.0, max(0.0, confidence)), drift)


def _bpm(fit: _Fit) -> float:
    return 60 / fit.step / SIXTEENTHS_PER_BEAT


def _likely_tempos(strength: np.ndarray, slowest: float, fastest: float) -> list[float]:
    """Returns the tempos at which a curve of onsets shows the most of beats, eighths and sixteenths, best first."""
    size = 1 << max(16, (2 * len(strength) - 1).bit_length())
    spectrum = np.abs(np.fft.rfft(strength - strength.mean(), size))
    bpm_of_bin = 60 / (size * HOP_SECONDS)
    tempos = np.arange(slowest, fastest, min(0.1, 3 / (len(strength) * HOP_SECONDS)))
    bins = np.arange(len(spectrum))
    score = sum(np.interp(tempos * pulses / bpm_of_bin, bins, spectrum) for pulses in _PULSES_A_BEAT)
    peaks = np.flatnonzero(np.r_[True, score[1:] > score[:-1]] & np.r_[score[:-1] >= score[1:], True])
    return [float(tempos[peak]) for peak in peaks[np.argsort(-score[peaks])][:_CANDIDATES]]


def _movement(onsets: Onsets) -> np.ndarray:
    """Returns the rises of each range, smoothed over 25 ms and without their mean, (ranges, frames)."""
    curves = np.stack([np.convolve(np.sqrt(rise), np.ones(5) / 5, "same") for rise in onsets.rises.values()])
    return curves - curves.mean(axis=1, keepdims=True)


def _bar_likeness(movement: np.ndarray, step: float) -> float:
    """How alike the sound is to itself one, two or four bars of sixteen sixteenths later, the likest: 0 to 1."""
    best = 0.0
    for bars in (1, 2, 4):
        lag = round(bars * 16 * step / HOP_SECONDS)
        if lag > 0.6 * movement.shape[1]:
            break
        early, late = movement[:, :-lag], movement[:, lag:]
        best = max(best, float((early * late).sum() / math.sqrt((early**2).sum() * (late**2).sum() + 1e-12)))
    return best


def _fit_pulse(times: np.ndarray, weights: np.ndarray, bpm: float) -> _Fit:
    """Fits sixteenths to onsets that follow a tempo to a third of a percent: straight, or swung if that fits better.

    Args:
        times: Onsets in seconds, (n,).
        weights: How strong each is, (n,).
        bpm: The tempo.
    """
    span = max(float(times[-1] - times[0]), 1.0)
    near = np.linspace(0.9965, 1.0035, int(np.clip(2 * span, 36, 600))) * bpm
    turns = np.exp(-2j * np.pi * np.outer(near / 60, times))  # (tempos, n): of beats; its powers are of eighths ...
    pulled = sum(np.abs(turns**pulses @ weights) for pulses in (1, 2, 4))
    step = 60 / float(near[pulled.argmax()]) / SIXTEENTHS_PER_BEAT
    start = float(np.angle(weights @ np.exp(2j * np.pi * times / step)) / (2 * np.pi) * step)
    straight = _fit_line(times, weights, step, start, swings=False)
    swung = [_fit_line(times, weights, step, start + odd * step, swings=True) for odd in (0, 1)]
    best = max(swung, key=lambda fit: fit.on_grid)
    return best if best.late and best.on_grid > straight.on_grid + _SWING_GAIN else straight


def _fit_line(times: np.ndarray, weights: np.ndarray, step: float, start: float, *, swings: bool) -> _Fit:
    """Lays a line through onsets over the numbers of their sixteenths, again and again, with less and less in sight."""
    late = 0.0
    for count in range(_ROUNDS):
        if swings and count:
            late = _lateness(times, weights, start, step)
        number, off = _place(times, start, step, late)
        in_sight = np.abs(off) < max(_NEAR, 0.4 - 0.06 * count)
        trust = weights * in_sight / (1 + (off * step / _CLOSE_SECONDS) ** 2)
        x = number + late * (number % 2)
        if trust.sum() <= 0 or np.ptp(x[in_sight]) < 8:
            break
        mean_x, mean_t = np.average(x, weights=trust), np.average(times, weights=trust)
        step = float((trust * (x - mean_x) * (times - mean_t)).sum() / (trust * (x - mean_x) ** 2).sum())
        start = float(mean_t - step * mean_x)
    width = min(_WIDTH_SECONDS, 0.12 * step)
    off = _place(times, start, step, late)[1] * step
    share = float(np.average(np.exp(-0.5 * (off / width) ** 2), weights=weights))
    chance = width * math.sqrt(2 * math.pi) / step
    return _Fit(step, start, late, (share - chance) / (1 - chance))


def _place(times: np.ndarray, start: float, step: float, late: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the number of the sixteenth that each onset lies nearest to, and how far off it is, in sixteenths."""
    position = (times - start) / step
    pair = np.floor(position / 2 + 0.25)
    off = np.stack([position - 2 * pair - at for at in (0, 1 + late, 2)])  # even, odd, the next even one
    nearest = np.abs(off).argmin(axis=0)
    return (2 * pair + nearest).astype(int), np.take_along_axis(off, nearest[None], 0)[0]


def _lateness(times: np.ndarray, weights: np.ndarray, start: float, step: float) -> float:
    """How late odd sixteenths are, in sixteenths; 0 where there are hardly any."""
    inside = ((times - start) / step) % 2
    odd = (inside > 0.75) & (inside < 1.6)
    if weights[odd].sum() < 0.05 * weights.sum():
        return 0.0
    tried = np.linspace(0, _MOST_LATE, 81)
    close = np.exp(-0.5 * ((inside[odd][:, None] - 1 - tried) * step / _CLOSE_SECONDS) ** 2)
    return float(tried[(weights[odd] @ close).argmax()])


def _written_bpm(times: np.ndarray, weights: np.ndarray, fit: _Fit) -> float:
    """Returns the octave of a tempo in which rap would write it: 85 to 170, or slower where nothing is that quick."""
    felt = _bpm(fit)
    while felt >= 2 * SLOWEST_BPM:
        felt /= 2
    if felt >= _WRITTEN_FROM_BPM:
        return felt
    slow = _fit_pulse(times, weights, felt)
    number, off = _place(times, slow.start, slow.step, slow.late)
    odd = float(weights[(number % 2 == 1) & (np.abs(off * slow.step) < 0.02)].sum() / weights.sum())
    even = float(weights[(number % 2 == 0) & (np.abs(off * slow.step) < 0.02)].sum() / weights.sum())
    return felt if slow.late or min(odd, even) < _SPARSE_SIXTEENTHS else 2 * felt


def _settle(fit: _Fit, times: np.ndarray, weights: np.ndarray, bpm: float) -> _Fit:
    """Takes the tempo that was meant where what was measured cannot be told apart from it."""
    step = 60 / bpm / SIXTEENTHS_PER_BEAT
    span = float(times[-1] - times[0])
    if abs(step / fit.step - 1) * span > _SAME_SECONDS:
        return fit
    middle = fit.start + round((np.average(times, weights=weights) - fit.start) / (2 * fit.step)) * 2 * fit.step
    return replace(fit, step=step, start=middle)


def _drift(times: np.ndarray, weights: np.ndarray, fit: _Fit) -> float:
    """Returns how far apart the quarters of a sound lie against a pulse, in seconds; 0 where onsets are too few."""
    off = _place(times, fit.start, fit.step, fit.late)[1] * fit.step
    near = np.abs(off) < _NEAR * fit.step
    quarter = np.minimum((times / (times[-1] + 1e-9) * _QUARTERS).astype(int), _QUARTERS - 1)
    medians = []
    for number in range(_QUARTERS):
        mine = near & (quarter == number)
        if mine.sum() >= _FEWEST_IN_QUARTER:
            order = np.argsort(off[mine])
            heavy = np.cumsum(weights[mine][order])
            medians.append(off[mine][order][np.searchsorted(heavy, heavy[-1] / 2)])
    return float(max(medians) - min(medians)) if len(medians) > 1 else 0.0
