"""Drums by synthesis, as the analogue machines and trap producers make them: one function a machine and drum.

Every function takes a generator and returns one hit, (n,) float32 at any level.
"""

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.simple_corpus.synth import SAMPLE_RATE

_CLANG_808 = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
_CLANG_909 = (263.0, 400.0, 421.0, 474.0, 587.0, 845.0, 1047.0, 1480.0)
Rng = np.random.Generator


def count(seconds: float) -> int:
    """How many samples a time takes."""
    return int(seconds * SAMPLE_RATE)


def fall(n: int, seconds: float) -> np.ndarray:
    """A level that dies away with a time constant of `seconds`; (n,) float32."""
    return np.exp(np.arange(n, dtype=np.float32) * np.float32(-1 / (seconds * SAMPLE_RATE)))


def sine(n: int, start: float, end: float, seconds: float) -> np.ndarray:
    """A sine that falls from `start` to `end` Hz with a time constant of `seconds`."""
    frequency = end + (start - end) * np.exp(-np.arange(n) / (seconds * SAMPLE_RATE))
    return np.sin(2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE).astype(np.float32)


def _band(sound: np.ndarray, low: float, high: float, order: int = 2) -> np.ndarray:
    if high >= 0.47 * SAMPLE_RATE:
        return sosfilt(butter(order, low, "highpass", fs=SAMPLE_RATE, output="sos"), sound).astype(np.float32)
    return sosfilt(butter(order, [low, high], "bandpass", fs=SAMPLE_RATE, output="sos"), sound).astype(np.float32)


def noise_band(rng: Rng, n: int, low: float, high: float) -> np.ndarray:
    """Noise between `low` and `high` Hz with a peak of 1; (n,) float32."""
    noise = _band(rng.standard_normal(n), low, high)
    return noise / (np.abs(noise).max() + 1e-9)


def clang(frequencies: tuple[float, ...], n: int, low: float, high: float, rng: Rng, tune: float = 1.0) -> np.ndarray:
    """Square waves at odd ratios through a band-pass: the metal of drum machines."""
    time = np.arange(n) / SAMPLE_RATE
    waves = sum(np.sign(np.sin(2 * np.pi * (tune * hz * time + rng.random()))) for hz in frequencies)
    metal = _band(waves, low, high, 3)
    return metal / (np.abs(metal).max() + 1e-9)


def kick_808(rng: Rng) -> np.ndarray:
    """A long, low sine with a soft click."""
    n, hz = count(1.1), rng.uniform(46, 58)
    body = sine(n, hz * rng.uniform(2.0, 3.2), hz, rng.uniform(0.005, 0.012)) * fall(n, rng.uniform(0.16, 0.38))
    body += 0.12 * noise_band(rng, n, 200, 3500) * fall(n, 0.003)
    return np.tanh(body * rng.uniform(1.0, 1.8))


def snare_808(rng: Rng) -> np.ndarray:
    """Two tuned rings and a high rattle."""
    n, tune = count(0.4), rng.uniform(0.92, 1.15)
    ring = sine(n, 200 * tune, 178 * tune, 0.01) * fall(n, 0.07) + 0.55 * sine(n, 350 * tune, 331 * tune, 0.01) * fall(
        n, 0.035
    )
    return 0.75 * ring + rng.uniform(0.5, 1.0) * noise_band(rng, n, 1800, 15_000) * fall(n, rng.uniform(0.05, 0.12))


def clap_808(rng: Rng) -> np.ndarray:
    """Three bursts ten milliseconds apart, then a room."""
    n = count(0.5)
    shape = np.zeros(n, np.float32)
    gap = rng.uniform(0.009, 0.012)
    for number in range(3):
        at = count(number * gap)
        shape[at:] = fall(n - at, 0.005)
    at = count(3 * gap)
    shape[at:] = fall(n - at, 0.008) + 0.35 * fall(n - at, rng.uniform(0.06, 0.11))
    centre = rng.uniform(950, 1250)
    return noise_band(rng, n, 0.72 * centre, 1.7 * centre) * shape + 0.15 * noise_band(rng, n, 2000, 9000) * shape


def rim_808(rng: Rng) -> np.ndarray:
    """A clave-like click of two pitches."""
    n = count(0.12)
    click = sine(n, 1667, 1667, 0.01) + 0.8 * sine(n, 455, 455, 0.01)
    return np.tanh(2.5 * click * fall(n, rng.uniform(0.008, 0.014)))


def closed_hat_808(rng: Rng) -> np.ndarray:
    """Six squares, very high and short."""
    n = count(0.16)
    return clang(_CLANG_808, n, 6800, 15_800, rng, rng.uniform(0.95, 1.1)) * fall(n, rng.uniform(0.014, 0.028))


def open_hat_808(rng: Rng) -> np.ndarray:
    """The same, longer."""
    n = count(0.9)
    return clang(_CLANG_808, n, 6500, 15_800, rng, rng.uniform(0.95, 1.1)) * fall(n, rng.uniform(0.12, 0.24))


def crash_808(rng: Rng) -> np.ndarray:
    """Two bands of the squares, the lower one dying first."""
    n = count(2.2)
    low = clang(_CLANG_808, n, 2200, 5200, rng) * fall(n, 0.25)
    return low + 0.8 * clang(_CLANG_808, n, 7000, 15_800, rng) * fall(n, rng.uniform(0.5, 0.8))


def ride_808(rng: Rng) -> np.ndarray:
    """A pinging cymbal."""
    n = count(1.2)
    ping = clang((540.0, 800.0, 1231.0, 1873.0), n, 3000, 9000, rng) * fall(n, 0.12)
    return ping + 0.4 * clang(_CLANG_808, n, 6500, 15_800, rng) * fall(n, 0.4)


def cowbell_808(rng: Rng) -> np.ndarray:
    """Two squares, 540 and 800 Hz, through a band-pass."""
    n, tune, time = count(0.5), rng.uniform(0.94, 1.12), np.arange(count(0.5)) / SAMPLE_RATE
    waves = np.sign(np.sin(2 * np.pi * 540 * tune * time)) + np.sign(np.sin(2 * np.pi * 800 * tune * time))
    return _band(waves, 600, 3800, 1) * (0.6 * fall(n, 0.018) + 0.4 * fall(n, rng.uniform(0.08, 0.16)))


def conga_808(rng: Rng) -> np.ndarray:
    """A tuned ring."""
    n, hz = count(0.4), rng.choice((180, 260, 390)) * rng.uniform(0.95, 1.1)
    return sine(n, hz * 1.12, hz, 0.012) * fall(n, rng.uniform(0.06, 0.1))


def tom_808(rng: Rng, high: bool) -> np.ndarray:
    """A sine that falls a little, with a breath of noise."""
    n, hz = count(0.8), rng.uniform(150, 200) if high else rng.uniform(80, 110)
    return sine(n, hz * 1.35, hz, 0.05) * fall(n, 0.16) + 0.06 * noise_band(rng, n, 200, 1200) * fall(n, 0.15)


def shaker_808(rng: Rng) -> np.ndarray:
    """A maraca: a puff of high noise."""
    n = count(0.12)
    return noise_band(rng, n, 5000, 15_800) * (np.minimum(1, np.arange(n) / count(0.008)) * fall(n, 0.018)).astype(
        np.float32
    )


def kick_909(rng: Rng) -> np.ndarray:
    """A sweep with a hard click: chest, not floor."""
    n, hz = count(0.6), rng.uniform(48, 58)
    body = sine(n, rng.uniform(220, 320), hz, rng.uniform(0.018, 0.03)) * fall(n, rng.uniform(0.1, 0.19))
    click = noise_band(rng, n, 800, 9000) * fall(n, 0.0025)
    return np.tanh(1.9 * body) + rng.uniform(0.25, 0.5) * click


def snare_909(rng: Rng) -> np.ndarray:
    """Two falling rings and a long noise in two bands."""
    n, tune = count(0.5), rng.uniform(0.9, 1.15)
    ring = sine(n, 330 * tune, 185 * tune, 0.018) * fall(n, 0.055) + 0.7 * sine(
        n, 480 * tune, 330 * tune, 0.012
    ) * fall(n, 0.03)
    tail = noise_band(rng, n, 500, 8000) * fall(n, rng.uniform(0.07, 0.12)) + 0.5 * noise_band(
        rng, n, 4000, 12_000
    ) * fall(n, 0.05)
    return ring + rng.uniform(0.6, 1.1) * tail


def clap_909(rng: Rng) -> np.ndarray:
    """Wider and brighter than the 808's."""
    n = count(0.5)
    shape = np.zeros(n, np.float32)
    for at, decay in ((0.0, 0.004), (0.011, 0.004), (0.021, 0.005), (0.03, 0.03)):
        shape[count(at) :] = fall(n - count(at), decay)
    shape[count(0.03) :] += 0.4 * fall(n - count(0.03), rng.uniform(0.08, 0.13))
    return noise_band(rng, n, 850, rng.uniform(4000, 7500)) * shape


def rim_909(rng: Rng) -> np.ndarray:
    """Three short rings."""
    n = count(0.12)
    rings = sum(sine(n, hz, hz, 0.01) for hz in (220, 500, 950))
    return _band(np.tanh(1.5 * rings * fall(n, rng.uniform(0.008, 0.013))), 180, 9000, 1)


def closed_hat_909(rng: Rng) -> np.ndarray:
    """Metal and noise, less high and thicker than the 808's."""
    n = count(0.2)
    metal = clang(_CLANG_909, n, 3800, 15_000, rng, rng.uniform(0.92, 1.1)) + 0.7 * noise_band(rng, n, 7000, 15_800)
    return metal * fall(n, rng.uniform(0.022, 0.04))


def open_hat_909(rng: Rng) -> np.ndarray:
    """The same, longer."""
    n = count(0.9)
    metal = clang(_CLANG_909, n, 3600, 15_000, rng, rng.uniform(0.92, 1.1)) + 0.7 * noise_band(rng, n, 7000, 15_800)
    return metal * (0.4 * fall(n, 0.03) + 0.6 * fall(n, rng.uniform(0.15, 0.28)))


def crash_909(rng: Rng) -> np.ndarray:
    """A bright splash."""
    n = count(2.2)
    metal = clang(_CLANG_909, n, 2500, 15_000, rng, rng.uniform(0.9, 1.2)) + noise_band(rng, n, 3500, 15_800)
    return metal * (0.4 * fall(n, 0.06) + 0.6 * fall(n, rng.uniform(0.4, 0.7)))


def ride_909(rng: Rng) -> np.ndarray:
    """A ping over a wash."""
    n = count(1.4)
    ping = clang((587.0, 845.0, 1480.0, 2217.0), n, 2800, 8000, rng) * fall(n, 0.16)
    return ping + 0.3 * noise_band(rng, n, 5000, 14_000) * fall(n, 0.45)


def tom_909(rng: Rng, high: bool) -> np.ndarray:
    """A punchy sweep."""
    n, hz = count(0.7), rng.uniform(150, 210) if high else rng.uniform(85, 115)
    return np.tanh(1.4 * sine(n, hz * 1.9, hz, 0.03) * fall(n, 0.14)) + 0.12 * noise_band(rng, n, 400, 5000) * fall(
        n, 0.02
    )
