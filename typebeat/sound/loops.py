"""Effects on a loop, each of which treats its end as going on at its start: a tail that rings on is heard at the start.

Filters, widening and reverberation are responses over frequency that are multiplied with a part's spectrum (`Loop`);
curves that change over time, such as ducking, are control points `STEP` samples apart. No style is known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks, lfilter

STEP = 32  # samples between control points
TAIL_SECONDS = 2.5  # the longest that an effect may ring on
_HEAD_SECONDS = 0.05  # filters without phase ring this long ahead
_DECAY = 60 / 20 * np.log(10)  # a reverberation time is how long a sound takes to fall by 60 dB
_KICK_BAND = (35.0, 90.0)  # Hz
_KICK_APART_SECONDS = 0.08
_KICK_SHARE = 0.3  # of the strongest rise: what is weaker is no kick


@dataclass(frozen=True)
class Loop:
    """How long a loop is, and its way into the frequency domain and back.

    Attributes:
        length: Samples.
        sample_rate: Hz.
    """

    length: int
    sample_rate: int

    @property
    def _head(self) -> int:
        return min(self.length, round(_HEAD_SECONDS * self.sample_rate))

    @cached_property
    def size(self) -> int:
        """Samples of the transform: the loop and what effects add on both sides."""
        return next_fast_len(self.length + round(TAIL_SECONDS * self.sample_rate) + self._head, real=True)

    @cached_property
    def hertz(self) -> np.ndarray:
        """The frequency of each bin, (bins,) float32."""
        return np.fft.rfftfreq(self.size, 1 / self.sample_rate).astype(np.float32)

    def size_at(self, rate: float) -> int:
        """Samples of the transform at a lower rate, `rate` Hz or a little more; an even number."""
        half = next_fast_len(int(np.ceil(rate / self.sample_rate * self.size / 2)), real=True)
        return min(self.size, 2 * half)

    def spectrum(self, samples: np.ndarray, size: int = 0) -> np.ndarray:
        """Returns (..., bins) complex64 of samples (..., n), n up to the transform's size; rows together are faster.

        With the `size` of a lower rate, which the samples are at, these are the lowest bins.
        """
        return rfft(samples.astype(np.float32, copy=False), size or self.size)

    def sound(self, spectrum: np.ndarray) -> np.ndarray:
        """Returns (length,) float32: what lies beyond the loop's ends is added at its other end."""
        rung, end = irfft(spectrum, self.size), self.size - self._head
        samples = rung[: self.length].copy()
        for start in range(self.length, end, self.length):
            rest = rung[start : min(start + self.length, end)]
            samples[: len(rest)] += rest
        samples[-self._head :] += rung[end:]
        return samples

    def energy(self, spectrum: np.ndarray, weight: np.ndarray | float = 1.0) -> float:
        """The energy of a spectrum, or of its lowest bins, which count by `weight`."""
        return float(2 * np.sum((spectrum.real**2 + spectrum.imag**2) * weight, dtype=np.float64) / self.size)

    def band(self, spectrum: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float]:
        """Returns a band from `low` to `high` Hz at a low sample rate, and that rate in Hz."""
        size = self.size_at(2 * high)
        bins = size // 2 + 1
        share = high_pass(self.hertz[:bins], low) * low_pass(self.hertz[:bins], 0.8 * high)
        rate = self.sample_rate * size / self.size
        return irfft(spectrum[:bins] * share, size)[: round(self.length / self.sample_rate * rate)] * (
            size / self.size
        ), rate


# --- filters without phase: factors over frequency, (bins,) float32


def high_pass(hertz: np.ndarray, cut: float, order: int = 2) -> np.ndarray:
    """A Butterworth filter's magnitude: half the power at `cut` Hz, less below."""
    power = _even_power(hertz / np.float32(cut), order)
    power /= 1 + power
    return np.sqrt(power, out=power)


def low_pass(hertz: np.ndarray, cut: float, order: int = 2) -> np.ndarray:
    """A Butterworth filter's magnitude: half the power at `cut` Hz, less above."""
    power = _even_power(hertz / np.float32(cut), order)
    power += 1
    return np.reciprocal(np.sqrt(power, out=power), out=power)


def _even_power(ratio: np.ndarray, half: int) -> np.ndarray:
    """Returns ratio ** (2 * half) by products, which take a tenth of the time of a power."""
    square = np.square(ratio)
    power = square.copy()
    for _ in range(half - 1):
        power *= square
    return power


def high_shelf(hertz: np.ndarray, middle: float, decibels: float) -> np.ndarray:
    """Nothing far below `middle` Hz, `decibels` far above, half of it there."""
    ratio = (hertz / np.float32(middle)) ** 2
    return np.exp(np.float32(decibels * np.log(10) / 20) * ratio / (1 + ratio))


def low_shelf(hertz: np.ndarray, middle: float, decibels: float) -> np.ndarray:
    """`decibels` far below `middle` Hz, nothing far above."""
    return high_shelf(hertz, middle, -decibels) * np.float32(10 ** (decibels / 20))


def factor(decibels: float) -> np.float32:
    """Decibels as a factor."""
    return np.float32(10 ** (decibels / 20))


# --- space


def widening(hertz: np.ndarray, turn: float) -> np.ndarray:
    """Returns what makes a side signal of a mid signal, (bins,) float32: the imaginary part, there is no real one.

    It is a quarter of a turn ahead in some bands and behind in others. So left and right differ in phase alone: neither
    is coloured, nothing comes late, and their sum holds none of it.

    Args:
        hertz: Frequency of each bin.
        turn: 0 to 1; parts with different turns lie at different places.
    """
    bands = np.float32(21.4 / 4 / np.log(10)) * np.log(1 + np.float32(0.00437) * hertz)  # 4 critical bands are a cycle
    return np.sin(2 * np.pi * (bands + turn).astype(np.float32))


def reverberation(rate: float, seconds: float, damping: float, delay: float, seed: int) -> np.ndarray:
    """Returns the impulse responses of a room in mid and in side, (2, n) float32, together of unit energy.

    Args:
        rate: Samples a second.
        seconds: How long a low sound takes to fall by 60 dB.
        damping: Hz above which it falls in less than half of that.
        delay: Seconds until the first reflection.
        seed: Of the noise that the reflections are made of.
    """
    length = round((min(1.1 * seconds, TAIL_SECONDS - 0.01) - delay) * rate)
    noise = np.random.default_rng(seed).standard_normal((2, length), dtype=np.float32)
    smooth = 1 - np.exp(-2 * np.pi * damping / rate)
    dark = lfilter([smooth], [1, smooth - 1], noise).astype(np.float32)
    time = np.arange(length, dtype=np.float32) / rate
    slow = np.exp(time * np.float32(-_DECAY / seconds))
    impulse = dark * slow + (noise - dark) * slow * np.exp(time * np.float32(-1.5 * _DECAY / seconds))
    fade = min(length, round(rate / 20))
    impulse[:, -fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    impulse /= np.sqrt(2 * np.sum(impulse**2, axis=1, keepdims=True))
    return np.pad(impulse, ((0, 0), (round(delay * rate), 0)))


def echo(rate: float, seconds: float, feedback: float) -> np.ndarray:
    """Returns echoes that change sides as impulses in mid and in side, (2, n) float32; the first is at full level."""
    impulses = np.zeros((2, round(TAIL_SECONDS * rate)), np.float32)
    for number in range(1, int(TAIL_SECONDS / seconds) + 1):
        level = feedback ** (number - 1)
        impulses[:, round(number * seconds * rate) - 1] = level, level * (-0.7 if number % 2 else 0.7)
    return impulses


# --- curves over time, a point every STEP samples


def points(samples: np.ndarray) -> np.ndarray:
    """The mean of every `STEP` samples (n,), (ceil(n / STEP),)."""
    whole = len(samples) // STEP * STEP
    means = samples[:whole].reshape(-1, STEP).mean(axis=1)
    return means if whole == len(samples) else np.append(means, samples[whole:].mean())


def as_samples(curve: np.ndarray, length: int) -> np.ndarray:
    """Returns (length,) float32: straight lines between the points, the last one to the first."""
    curve = curve.astype(np.float32)
    after = np.roll(curve, -1)
    ramp = np.arange(STEP, dtype=np.float32) / STEP
    lines = (curve[:, None] + (after - curve)[:, None] * ramp).reshape(-1)[:length]
    rest = length - (len(curve) - 1) * STEP
    lines[-rest:] = curve[-1] + (curve[0] - curve[-1]) * np.arange(rest, dtype=np.float32) / rest
    return lines


def kick_times(loop: Loop, drums: np.ndarray) -> tuple[float, ...]:
    """Returns when the low drum of a spectrum of drums is hit, in seconds from the loop's start."""
    low, rate = loop.band(drums, *_KICK_BAND)
    strength = np.sqrt(uniform_filter1d(low**2, max(1, round(0.012 * rate)), mode="wrap"))
    back = max(1, round(0.012 * rate))
    rise = np.maximum(0, strength - np.roll(strength, back))
    if not rise.max() > 0:
        return ()
    apart = max(1, round(_KICK_APART_SECONDS * rate))
    edge = min(len(rise), 2 * apart)  # so that a kick on the very first sample has something before it
    around = np.concatenate([rise[-edge:], rise, rise[:edge]])
    found, _ = find_peaks(around, height=_KICK_SHARE * rise.max(), distance=apart)
    inside = found[(found >= edge) & (found < edge + len(rise))] - edge
    return tuple(float(at) for at in ((inside - back) / rate) % (loop.length / loop.sample_rate))


def ducking(loop: Loop, times: Sequence[float], hold: float, release: float) -> np.ndarray:
    """Returns a curve (points,) that is 1 where a hit makes room for itself and falls back to 0; it begins just before.

    Args:
        loop: The loop.
        times: When the hits are, in seconds from the loop's start.
        hold: Seconds at 1.
        release: Seconds until a third is left.
    """
    rate = loop.sample_rate / STEP
    before = max(2, round(0.005 * rate))
    curve = np.zeros(-(-loop.length // STEP), np.float32)
    fall = np.exp(-np.arange(1, round(5 * release * rate) + 1) / (release * rate))
    shape = np.concatenate([np.linspace(0, 1, before, endpoint=False), np.ones(max(1, round(hold * rate))), fall])
    for time in times:
        at = (round(time * rate) - before + np.arange(min(len(shape), len(curve)))) % len(curve)
        curve[at] = np.maximum(curve[at], shape[: len(at)])
    return curve
