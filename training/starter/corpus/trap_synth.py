"""Drums of today's trap by synthesis: short hard kicks, crisp snares, snaps, percussion, risers."""

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.corpus.drum_synth import Rng, clang, count, fall, noise_band, sine
from training.starter.simple_corpus.synth import SAMPLE_RATE


def kick_trap(rng: Rng) -> np.ndarray:
    """A short punch that leaves the floor to the 808."""
    n = count(0.45)
    body = sine(n, rng.uniform(180, 420), rng.uniform(46, 66), rng.uniform(0.014, 0.035)) * fall(
        n, rng.uniform(0.06, 0.14)
    )
    click = noise_band(rng, n, 1500, rng.uniform(4000, 10_000)) * fall(n, rng.uniform(0.002, 0.005))
    return np.tanh(body * rng.uniform(1.3, 3.2)) + rng.uniform(0.1, 0.45) * click


def snare_trap(rng: Rng) -> np.ndarray:
    """A crack: a short ring and bright noise."""
    n = count(0.4)
    ring = sine(n, rng.uniform(280, 420), rng.uniform(175, 260), 0.012) * fall(n, rng.uniform(0.03, 0.07))
    wires = noise_band(rng, n, rng.uniform(900, 2500), rng.uniform(8000, 15_000)) * fall(n, rng.uniform(0.05, 0.13))
    crack = noise_band(rng, n, 2500, 12_000) * fall(n, 0.006)
    return np.tanh(rng.uniform(1, 2) * (rng.uniform(0.4, 0.9) * ring + wires + 0.6 * crack))


def clap_trap(rng: Rng) -> np.ndarray:
    """A tight clap of a few hands."""
    n = count(0.4)
    shape = np.zeros(n, np.float32)
    for at in np.sort(rng.uniform(0, 0.02, int(rng.integers(2, 5)))):
        shape[count(at) :] += fall(n - count(at), rng.uniform(0.003, 0.007))
    shape[count(0.02) :] += rng.uniform(0.6, 1.0) * fall(n - count(0.02), rng.uniform(0.03, 0.09))
    return noise_band(rng, n, rng.uniform(800, 1300), rng.uniform(3500, 10_000)) * shape


def snap_trap(rng: Rng) -> np.ndarray:
    """Fingers: a short high crack with a ring of its own."""
    n, centre = count(0.25), rng.uniform(1700, 2900)
    shape = 0.35 * fall(n, 0.004)
    at = count(rng.uniform(0.008, 0.016))
    shape[at:] += fall(n - at, rng.uniform(0.012, 0.03))
    return (noise_band(rng, n, 0.75 * centre, 1.35 * centre) + 0.3 * noise_band(rng, n, 3000, 9000)) * shape


def rim_trap(rng: Rng) -> np.ndarray:
    """A dry wooden click."""
    n, hz = count(0.12), rng.uniform(750, 1500)
    return sine(n, 1.8 * hz, hz, 0.003) * fall(n, rng.uniform(0.01, 0.022)) + 0.3 * noise_band(
        rng, n, 2000, 9000
    ) * fall(n, 0.005)


def closed_hat_trap(rng: Rng) -> np.ndarray:
    """A tick of high noise and metal."""
    n = count(0.13)
    metal = clang((421.0, 587.0, 845.0, 1047.0), n, rng.uniform(5000, 8000), 15_800, rng, rng.uniform(0.8, 1.3))
    return (rng.uniform(0.2, 1) * metal + noise_band(rng, n, rng.uniform(6000, 9000), 15_800)) * fall(
        n, rng.uniform(0.01, 0.03)
    )


def open_hat_trap(rng: Rng) -> np.ndarray:
    """A hiss that is cut by the next closed hat."""
    n = count(0.7)
    metal = clang((421.0, 587.0, 845.0, 1047.0), n, rng.uniform(4500, 7000), 15_800, rng, rng.uniform(0.8, 1.3))
    return (rng.uniform(0.2, 1) * metal + noise_band(rng, n, rng.uniform(5000, 8000), 15_800)) * fall(
        n, rng.uniform(0.1, 0.22)
    )


def shaker_trap(rng: Rng) -> np.ndarray:
    """Beads that rush forward and stop."""
    n = count(0.14)
    rush = np.sin(np.pi * np.minimum(1, np.arange(n) / count(rng.uniform(0.05, 0.09)))) ** 2
    return noise_band(rng, n, rng.uniform(3500, 6000), 14_000) * rush.astype(np.float32)


def perc_trap(rng: Rng) -> np.ndarray:
    """A blip, a knock, a bell or a bottle."""
    n, kind = count(0.35), int(rng.integers(4))
    hz = rng.uniform(300, 1100)
    if kind == 0:
        return sine(n, hz * 1.6, hz, 0.01) * fall(n, rng.uniform(0.03, 0.08))
    if kind == 1:
        return np.tanh(2 * sine(n, hz, hz * 0.7, 0.02) * fall(n, 0.02)) + 0.2 * noise_band(rng, n, 1000, 6000) * fall(
            n, 0.006
        )
    if kind == 2:
        return sum(sine(n, hz * r, hz * r, 0.1) * fall(n, 0.12 / r) / r for r in (1, 2.76, 5.4)) * np.float32(0.6)
    return sine(n, hz * 0.85, hz, 0.02) * fall(n, 0.05) + 0.25 * noise_band(rng, n, hz, 3 * hz) * fall(n, 0.04)


def riser(rng: Rng, seconds: float) -> np.ndarray:
    """Noise and a tone that climb for `seconds` and stop."""
    n = max(count(0.5), count(seconds))
    climb = np.linspace(0, 1, n) ** rng.uniform(1.2, 2.2)
    noise, out = rng.standard_normal(n), np.zeros(n)
    stages = [
        sosfilt(butter(1, [hz, 2.2 * hz], "bandpass", fs=SAMPLE_RATE, output="sos"), noise)
        for hz in (500, 1300, 3200, 6800)
    ]
    place = climb * (len(stages) - 1)
    for number, stage in enumerate(stages):
        out += np.clip(1 - np.abs(place - number), 0, 1) * stage / (np.sqrt(np.mean(stage**2)) + 1e-9)
    hz = rng.uniform(120, 260) * 2.0 ** (climb * rng.uniform(2, 3))
    tone = np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE)
    level = (0.04 + 0.96 * np.linspace(0, 1, n) ** 1.6) * np.minimum(1, np.arange(n)[::-1] / count(0.02))
    return ((out * 0.35 + rng.uniform(0, 0.5) * np.sign(tone) * 0.4 + 0.3 * tone) * level).astype(np.float32)
