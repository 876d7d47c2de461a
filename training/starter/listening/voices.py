"""Synthesises speech-like sound, to train the drum network that speech contains no drums."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from training.starter.simple_corpus.synth import SAMPLE_RATE

_VOWELS = (  # first three formants in Hz
    *((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (640, 1190, 2390)),
)
_FRAME = SAMPLE_RATE // 100


def voice(n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns speech or rap without words, (n,) with a peak of 1."""
    track, at = np.zeros(n), rng.uniform(0, 0.3)
    pitch, size = float(np.exp(rng.uniform(np.log(75), np.log(280)))), rng.uniform(0.85, 1.25)
    syllable, pauses, breath = rng.uniform(0.1, 0.28), rng.uniform(0.02, 0.3), rng.uniform(0, 0.3)
    while at * SAMPLE_RATE < n:
        seconds = syllable * rng.uniform(0.6, 1.6)
        parts = [_consonant(rng)] if rng.random() < 0.75 else []
        parts.append(_vowel(seconds, pitch * rng.uniform(0.8, 1.25), size, breath, rng))
        parts += [_consonant(rng)] if rng.random() < 0.3 else []
        sound, start = np.concatenate(parts) * rng.uniform(0.4, 1), round(at * SAMPLE_RATE)
        end = min(n, start + len(sound))
        track[start:end] += sound[: end - start]
        at += len(sound) / SAMPLE_RATE + (rng.uniform(0.1, 0.7) if rng.random() < pauses else 0)
    return track / (np.abs(track).max() + 1e-9)


def _vowel(seconds: float, pitch: float, size: float, breath: float, rng: np.random.Generator) -> np.ndarray:
    """Returns a buzz with a falling or rising pitch, filtered by formants that move from one vowel to another."""
    n = max(2 * _FRAME, round(seconds * SAMPLE_RATE))
    wobble = 1 + 0.01 * np.sin(2 * np.pi * 5 * np.arange(n) / SAMPLE_RATE)
    turns = np.cumsum(pitch * np.linspace(1, rng.uniform(0.8, 1.2), n) * wobble) / SAMPLE_RATE
    buzz = (1 - turns % 1) ** 3 - 0.25 + breath * 0.3 * rng.standard_normal(n)
    first, last = (np.array(_VOWELS[rng.integers(len(_VOWELS))]) * size for _ in range(2))
    out, states = np.zeros(n), [np.zeros(2) for _ in range(3)]
    for start in range(0, n, _FRAME):
        stop, share = min(n, start + _FRAME), start / n
        for i, (a, b) in enumerate(zip(first, last, strict=True)):
            radius = np.exp(-np.pi * (60 + 40 * i) / SAMPLE_RATE)
            angle = 2 * np.pi * (a + (b - a) * share) / SAMPLE_RATE
            coefficients = [1, -2 * radius * np.cos(angle), radius**2]
            made, states[i] = lfilter([1 - radius], coefficients, buzz[start:stop], zi=states[i])
            out[start:stop] += made / (1 + 0.8 * i)
    rise, fall = rng.uniform(0.008, 0.05) * SAMPLE_RATE, rng.uniform(0.02, 0.08) * SAMPLE_RATE
    out *= np.minimum(1, np.arange(n) / rise) * np.minimum(1, np.arange(n)[::-1] / fall)
    return out / (np.abs(out).max() + 1e-9)


def _consonant(rng: np.random.Generator) -> np.ndarray:
    """Returns a hiss (s, sh, f), or silence followed by a burst (p, t, k)."""
    if rng.random() < 0.5:
        n = round(rng.uniform(0.04, 0.14) * SAMPLE_RATE)
        low = np.exp(rng.uniform(np.log(1500), np.log(6000)))
        shape = np.sin(np.pi * np.arange(n) / n) ** rng.uniform(0.5, 1.5)
        return rng.uniform(0.05, 0.35) * _noise(rng, n, low, low * rng.uniform(1.5, 3)) * shape
    n, low = round(rng.uniform(0.01, 0.05) * SAMPLE_RATE), np.exp(rng.uniform(np.log(300), np.log(4000)))
    burst = _noise(rng, n, low, low * rng.uniform(2, 4)) * np.exp(-5 * np.arange(n) / n)
    return np.concatenate([np.zeros(round(rng.uniform(0.02, 0.07) * SAMPLE_RATE)), rng.uniform(0.1, 0.5) * burst])


def _noise(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    sos = butter(2, [low, min(high, 0.49 * SAMPLE_RATE)], "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(sos, rng.standard_normal(n))
    return noise / (np.abs(noise).max() + 1e-9)
