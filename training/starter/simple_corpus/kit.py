"""Drum one-shots by synthesis: kick, snare, clap, rim, hats, crash, percussion. A kit is one of each."""

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.simple_corpus.synth import SAMPLE_RATE

DRUMS = ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "crash", "perc")


def _noise(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    """Returns band-limited noise between `low` and `high` Hz; (n,) float32 with a peak of 1."""
    sos = butter(2, [low, min(high, SAMPLE_RATE * 0.49)], "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(sos, rng.standard_normal(n)).astype(np.float32)
    return noise / (np.abs(noise).max() + 1e-9)


def _decay(n: int, seconds: float) -> np.ndarray:
    return np.exp(np.arange(n, dtype=np.float32) * np.float32(-1 / (seconds * SAMPLE_RATE)))


def _sweep(n: int, start: float, end: float, seconds: float) -> np.ndarray:
    """Returns a sine that falls from `start` to `end` Hz with a time constant of `seconds`."""
    time = np.arange(n) / SAMPLE_RATE
    turns = np.cumsum(end + (start - end) * np.exp(-time / seconds)) / SAMPLE_RATE
    return np.sin(2 * np.pi * turns).astype(np.float32)


def _kick(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.4 * SAMPLE_RATE)
    body = _sweep(n, rng.uniform(150, 320), rng.uniform(44, 58), rng.uniform(0.02, 0.04)) * _decay(
        n, 0.07 + 0.1 * weight
    )
    click = _noise(rng, n, 1500, rng.uniform(4000, 9000)) * _decay(n, 0.004)
    return np.tanh(body * rng.uniform(1.2, 2.5)) + 0.35 * click


def _snare(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.35 * SAMPLE_RATE)
    body = _sweep(n, rng.uniform(240, 330), rng.uniform(165, 210), 0.02) * _decay(n, 0.05 + 0.03 * weight)
    wires = _noise(rng, n, rng.uniform(900, 1800), rng.uniform(7000, 12000)) * _decay(n, rng.uniform(0.06, 0.13))
    return 0.7 * body + wires


def _clap(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.35 * SAMPLE_RATE)
    hits = np.zeros(n, np.float32)
    for offset in (0.0, 0.009, 0.019):
        at = int(offset * SAMPLE_RATE)
        hits[at:] += _decay(n - at, 0.006 if offset < 0.015 else 0.08 + 0.06 * weight)
    return _noise(rng, n, rng.uniform(800, 1100), rng.uniform(3500, 7000)) * hits


def _rim(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.12 * SAMPLE_RATE)
    return _sweep(n, 1700, rng.uniform(750, 1100), 0.004) * _decay(n, 0.018 + 0.01 * weight) + 0.3 * _noise(
        rng, n, 2000, 8000
    ) * _decay(n, 0.006)


def _metal(rng: np.random.Generator, n: int, low: float) -> np.ndarray:
    """Returns the clang of six square waves at odd ratios through a high-pass, as the analogue drum machines had it."""
    time = np.arange(n) / SAMPLE_RATE
    base = rng.uniform(320, 480)
    clang = sum(np.sign(np.sin(2 * np.pi * base * ratio * time)) for ratio in (1, 1.34, 1.79, 2.01, 2.53, 3.17))
    sos = butter(3, low, "highpass", fs=SAMPLE_RATE, output="sos")
    mixed = sosfilt(sos, 0.15 * clang + rng.standard_normal(n)).astype(np.float32)
    return mixed / (np.abs(mixed).max() + 1e-9)


def _closed_hat(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.12 * SAMPLE_RATE)
    return _metal(rng, n, rng.uniform(5500, 8000)) * _decay(n, 0.012 + 0.018 * weight)


def _open_hat(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.5 * SAMPLE_RATE)
    return _metal(rng, n, rng.uniform(5000, 7000)) * _decay(n, 0.1 + 0.1 * weight)


def _crash(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(1.4 * SAMPLE_RATE)
    return _metal(rng, n, 3000) * _decay(n, 0.3 + 0.3 * weight)


def _perc(rng: np.random.Generator, weight: float) -> np.ndarray:
    n = int(0.25 * SAMPLE_RATE)
    pitch = rng.uniform(280, 900)
    return _sweep(n, pitch * 1.4, pitch, 0.01) * _decay(n, 0.04 + 0.05 * weight)


_MAKERS = (_kick, _snare, _clap, _rim, _closed_hat, _open_hat, _crash, _perc)
_LEVELS = {
    "kick": 0.95,
    "snare": 0.6,
    "clap": 0.6,
    "rim": 0.35,
    "closed_hat": 0.22,
    "open_hat": 0.22,
    "crash": 0.22,
    "perc": 0.3,
}


def make_kit(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Returns one tuned kit: for each name of `DRUMS` a one-shot, (n,) float32, at its level in the mix."""
    kit = {}
    for name, maker in zip(DRUMS, _MAKERS, strict=True):
        hit = maker(rng, rng.random()).astype(np.float32)
        fade = min(len(hit), SAMPLE_RATE // 100)
        hit[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        kit[name] = hit * np.float32(_LEVELS[name] / np.abs(hit).max())
    return kit
