"""Finds the constant pulse of a sound, near a known tempo or from scratch, and rates how certain it is.

The spectrum of the onset curve suggests tempos. A line fitted through the onsets, each on its sixteenth, then gives the
tempo to a hundredth of a BPM. Which beat begins a bar is decided in `downbeat.py`. numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from typebeat.hearing.onsets import HOP_SECONDS, Onsets, pick_onsets

KNOWN_WITHIN = 0.04  # share by which the measured tempo may differ from a known one
SLOWEST_BPM, FASTEST_BPM = 60.0, 180.0  # range of the search if the tempo is not known
SIXTEENTHS_PER_BEAT = 4

_WRITTEN_FROM_BPM = 85.0  # slower rap is written at double its tempo, such as 70 as 140,
_SPARSE_SIXTEENTHS = 0.12  # unless its odd sixteenths swing or hold less than this share of the onsets
_PULSES_A_BEAT = (0.5, 1, 2, 4)  # half notes to sixteenths: the pulses that show in the spectrum of onsets
_CANDIDATES = 10  # tempos that are tried
_FEWEST_ONSETS = 4
_WIDTH_SECONDS = 0.012  # an onset this far off its sixteenth counts 0.6 of one that is on it
_CLOSE_SECONDS = 0.008  # onsets further off count less and less in the fit
_NEAR = 0.22  # sixteenths; onsets further off do not count at all in the last round of the fit
_ROUNDS = 6  # of the fit
_MOST_LATE = 0.4  # sixteenths that odd ones may be late, which is a swing of 0.7
_SWING_GAIN = 0.05  # share of onsets by which a swung grid must fit better than a straight one
_BAR_WEIGHT = 0.3  # weight of bars that repeat; that of onsets on sixteenths is 1
_THIRDS_GAIN = 0.1  # share of onsets by which triplets must fit better than sixteenths
_ALL_THREES = 0.93  # share of onsets on every third sixteenth from which a pulse is taken for one of fours
_OTHER_TEMPO = 0.15  # evidence by which another tempo must be better than the known one
_CHANCE = 1.9  # by chance, the best of many tempos fits n onsets by this / sqrt(n) (measured on noise and speech)
_SURE = 0.5  # evidence beyond chance that gives a confidence of 1
_SAME_SECONDS = 0.003  # tempos whose beats differ by less than this over the whole sound are the same
_QUARTERS, _FEWEST_IN_QUARTER = 4, 6  # parts of the sound that are compared for drift, and onsets that each needs


@dataclass(frozen=True)
class Pulse:
    """A constant pulse of sixteenths through a sound."""

    bpm: float  # beats a minute; a beat has four sixteenths
    phase: float  # seconds from the first sample to the first sixteenth (to the first even one if they swing); >= 0
    swing: float  # share of a pair of sixteenths that the first takes: 0.5 straight
    confidence: float  # 0 (onsets lie anywhere) to 1
    drift: float  # seconds by which the onsets drift from the pulse

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
    """A pulse fitted to onsets."""

    step: float  # length of a sixteenth in seconds
    start: float  # time of an even sixteenth in seconds
    late: float  # how late odd sixteenths are, in sixteenths
    on_grid: float  # share of onsets on the grid, less what chance puts there


def find_pulse(onsets: Onsets, known_bpm: float | None = None, *, keep: bool = False) -> Pulse | None:
    """Returns the constant pulse that the onsets follow best, or None if there are too few onsets.

    Args:
        onsets: Of the whole sound.
        known_bpm: The tempo that the sound should have. It is tried within 4 %, and its half and double count as the
            same tempo; another tempo is returned only if the sound clearly follows it. None tries all tempos and
            returns the octave in which rap is written.
        keep: Whether the known tempo holds whatever is heard, so that only the phase and the swing are measured. The
            confidence is then that of any steady pulse.
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
    if keep and known_bpm:
        fit = _fit_kept(times, weights, known_bpm)
        evidence = max(evidence, fit.on_grid + _BAR_WEIGHT * _bar_likeness(movement, fit.step))
    elif known_bpm is None:
        fit = _fit_pulse(times, weights, _written_bpm(times, weights, fit))
        if triplets := _of_threes(times, weights, fit):
            fit = _fit_pulse(times, weights, _written_bpm(times, weights, triplets))
    else:
        near = best(_likely_tempos(onsets.strength, known_bpm * (1 - KNOWN_WITHIN), known_bpm * (1 + KNOWN_WITHIN)))
        if near[0] > evidence - _OTHER_TEMPO:
            evidence, fit = near
        else:
            octaves = round(math.log2(known_bpm / _bpm(fit)))
            fit = _fit_pulse(times, weights, _bpm(fit) * 2.0**octaves)
    if not keep:
        fit = _settle(fit, times, weights, known_bpm or round(_bpm(fit)))
    confidence = (evidence - _CHANCE / math.sqrt(len(times))) / _SURE
    grid = 2 * fit.step if fit.late else fit.step
    drift = _drift(times, weights, fit)
    return Pulse(_bpm(fit), fit.start % grid, (1 + fit.late) / 2, min(1.0, max(0.0, confidence)), drift)


def _bpm(fit: _Fit) -> float:
    return 60 / fit.step / SIXTEENTHS_PER_BEAT


def _likely_tempos(strength: np.ndarray, slowest: float, fastest: float) -> list[float]:
    """Returns the tempos whose beats, eighths and sixteenths stand out most in the onset curve, best first."""
    size = 1 << max(16, (2 * len(strength) - 1).bit_length())
    spectrum = np.abs(np.fft.rfft(strength - strength.mean(), size))
    bpm_of_bin = 60 / (size * HOP_SECONDS)
    tempos = np.arange(slowest, fastest, min(0.1, 3 / (len(strength) * HOP_SECONDS)))
    bins = np.arange(len(spectrum))
    score = np.zeros(len(tempos))
    for pulses in _PULSES_A_BEAT:
        score += np.interp(tempos * pulses / bpm_of_bin, bins, spectrum)
    peaks = np.flatnonzero(np.r_[True, score[1:] > score[:-1]] & np.r_[score[:-1] >= score[1:], True])
    return [float(tempos[peak]) for peak in peaks[np.argsort(-score[peaks])][:_CANDIDATES]]


def _movement(onsets: Onsets) -> np.ndarray:
    """Smooths the rises of each range over 25 ms and removes their mean: (ranges, frames)."""
    curves = np.stack([np.convolve(np.sqrt(rise), np.ones(5) / 5, "same") for rise in onsets.rises.values()])
    return curves - curves.mean(axis=1, keepdims=True)


def _bar_likeness(movement: np.ndarray, step: float) -> float:
    """Correlates the sound with itself one, two and four bars later; returns the highest value, 0 to 1."""
    best = 0.0
    for bars in (1, 2, 4):
        lag = round(bars * 16 * step / HOP_SECONDS)
        if lag > 0.6 * movement.shape[1]:
            break
        early, late = movement[:, :-lag], movement[:, lag:]
        best = max(best, float((early * late).sum() / math.sqrt((early**2).sum() * (late**2).sum() + 1e-12)))
    return best


def _fit_pulse(times: np.ndarray, weights: np.ndarray, bpm: float) -> _Fit:
    """Fits sixteenths to onsets whose tempo is known to a third of a percent; swung ones if they fit clearly better.

    Args:
        times: Onsets in seconds, (n,).
        weights: Strength of each onset, (n,).
        bpm: The tempo.
    """
    span = max(float(times[-1] - times[0]), 1.0)
    near = np.linspace(0.9965, 1.0035, int(np.clip(2 * span, 36, 600))) * bpm
    phases = np.exp(-2j * np.pi * np.outer(near / 60, times))  # (tempos, n) of beats; powers give eighths, sixteenths
    pulled = sum(np.abs(phases**pulses @ weights) for pulses in (1, 2, 4))
    step = 60 / float(near[pulled.argmax()]) / SIXTEENTHS_PER_BEAT
    start = float(np.angle(weights @ np.exp(2j * np.pi * times / step)) / (2 * np.pi) * step)
    straight = _fit_line(times, weights, step, start, swings=False)
    swung = [_fit_line(times, weights, step, start + odd * step, swings=True) for odd in (0, 1)]
    best = max(swung, key=lambda fit: fit.on_grid)
    return best if best.late and best.on_grid > straight.on_grid + _SWING_GAIN else straight


def _fit_kept(times: np.ndarray, weights: np.ndarray, bpm: float) -> _Fit:
    """Fits the phase and the swing alone; onsets on triplets of eighths are as good as sixteenths."""
    step = 60 / bpm / SIXTEENTHS_PER_BEAT

    def phase(step: float) -> float:
        return float(np.angle(weights @ np.exp(2j * np.pi * times / step)) / (2 * np.pi) * step)

    start = phase(step)
    straight = _fit_line(times, weights, step, start, swings=False, keep=True)
    third = step * SIXTEENTHS_PER_BEAT / 3
    off = _place(times, first := phase(third), third, 0.0)[1] * third
    on_thirds = float(np.average(np.exp(-0.5 * (off / _WIDTH_SECONDS) ** 2), weights=weights))
    if on_thirds > straight.on_grid + _THIRDS_GAIN:
        beats = [float(weights @ np.cos(2 * np.pi * (times - first - k * third) / (3 * third))) for k in range(3)]
        return _Fit(step, first + int(np.argmax(beats)) * third, 0.0, on_thirds)
    swung = [_fit_line(times, weights, step, start + odd * step, swings=True, keep=True) for odd in (0, 1)]
    best = max(swung, key=lambda fit: fit.on_grid)
    return best if best.late and best.on_grid > straight.on_grid + _SWING_GAIN else straight


def _of_threes(times: np.ndarray, weights: np.ndarray, fit: _Fit) -> _Fit | None:
    """Returns a pulse of which nearly all onsets are on every second or fourth, if here they are on every third."""
    number = _place(times, fit.start, fit.step, fit.late)[0]
    share = max(float(weights[number % 3 == place].sum()) for place in range(3)) / float(weights.sum())
    return _fit_pulse(times, weights, _bpm(fit) * 4 / 3) if share > _ALL_THREES and not fit.late else None


def _fit_line(
    times: np.ndarray, weights: np.ndarray, step: float, start: float, *, swings: bool, keep: bool = False
) -> _Fit:
    """Fits a line through onset times over sixteenth numbers, in rounds that ignore more and more outliers."""
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
        if not keep:
            step = float((trust * (x - mean_x) * (times - mean_t)).sum() / (trust * (x - mean_x) ** 2).sum())
        start = float(mean_t - step * mean_x)
    width = min(_WIDTH_SECONDS, 0.12 * step)
    off = _place(times, start, step, late)[1] * step
    share = float(np.average(np.exp(-0.5 * (off / width) ** 2), weights=weights))
    chance = width * math.sqrt(2 * math.pi) / step
    return _Fit(step, start, late, (share - chance) / (1 - chance))


def _place(times: np.ndarray, start: float, step: float, late: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the number of the nearest sixteenth of each onset, and the distance to it in sixteenths."""
    position = (times - start) / step
    pair = np.floor(position / 2 + 0.25)
    off = np.stack([position - 2 * pair - at for at in (0, 1 + late, 2)])  # even, odd, the next even one
    nearest = np.abs(off).argmin(axis=0)
    return (2 * pair + nearest).astype(int), np.take_along_axis(off, nearest[None], 0)[0]


def _lateness(times: np.ndarray, weights: np.ndarray, start: float, step: float) -> float:
    """Measures how late odd sixteenths are, in sixteenths; 0 if there are hardly any."""
    inside = ((times - start) / step) % 2
    odd = (inside > 0.75) & (inside < 1.6)
    if weights[odd].sum() < 0.05 * weights.sum():
        return 0.0
    tried = np.linspace(0, _MOST_LATE, 81)
    close = np.exp(-0.5 * ((inside[odd][:, None] - 1 - tried) * step / _CLOSE_SECONDS) ** 2)
    return float(tried[(weights[odd] @ close).argmax()])


def _written_bpm(times: np.ndarray, weights: np.ndarray, fit: _Fit) -> float:
    """Returns the octave of a tempo in which rap is written: 85 to 170 BPM, or slower if sixteenths are rare."""
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
    """Replaces the measured tempo by `bpm`, the intended one, if the two cannot be told apart."""
    step = 60 / bpm / SIXTEENTHS_PER_BEAT
    span = float(times[-1] - times[0])
    if abs(step / fit.step - 1) * span > _SAME_SECONDS:
        return fit
    middle = fit.start + round((np.average(times, weights=weights) - fit.start) / (2 * fit.step)) * 2 * fit.step
    return replace(fit, step=step, start=middle)


def _drift(times: np.ndarray, weights: np.ndarray, fit: _Fit) -> float:
    """Returns in seconds how far the quarters of a sound lie apart against a pulse; 0 if there are too few onsets."""
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
