"""What recording does to drums: a room, a bus compressor, tape, vinyl and another speed. Mono, (n,) at `RATE`."""

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

RATE = 32_000  # Hz
WORN = ("dry", "room", "bus", "tape", "vinyl")  # kinds of `worn`


def worn(mix: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Returns a mix with a peak of 0.9, as recorded in one of the ways of `WORN`."""
    mix = mix / (np.abs(mix).max() + 1e-9)
    if kind != "dry":
        mix = _in_room(mix, rng.uniform(0.15, 0.7), rng.uniform(0.08, 0.35), rng)
    if kind != "room" and kind != "dry":
        mix = _compressed(mix, rng.uniform(-24, -12), rng.uniform(3, 8), rng.uniform(0.05, 0.2))
    if kind == "tape":
        mix = _filtered(np.tanh(rng.uniform(1.2, 3) * mix), (35, rng.uniform(7000, 13_000)))
        mix = _wavering(mix, 7.0, 0.0004) + 10 ** (rng.uniform(-58, -46) / 20) * rng.standard_normal(len(mix))
    if kind == "vinyl":
        mix = _wavering(_filtered(mix, (40, rng.uniform(6000, 11_000))), 0.55, 0.0012) + _surface(len(mix), rng)
    return (0.9 * mix / (np.abs(mix).max() + 1e-9)).astype(np.float32)


def at_speed(sound: np.ndarray, speed: float) -> np.ndarray:
    """Plays a sound faster or slower, so that its pitch moves too."""
    return np.interp(np.arange(0, len(sound) - 1, speed), np.arange(len(sound)), sound)


def _in_room(mix: np.ndarray, seconds: float, share: float, rng: np.random.Generator) -> np.ndarray:
    """Adds a few early reflections and a tail that darkens; `share` is the level beside the direct sound."""
    n = int(seconds * RATE)
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail = sosfilt(butter(1, rng.uniform(3000, 9000), fs=RATE, output="sos"), tail)
    tail[: RATE // 200] = 0
    for at in rng.uniform(0.004, 0.03, 6):
        tail[int(at * RATE)] += rng.choice((-1, 1)) * rng.uniform(1, 4)
    wet = oaconvolve(mix, tail / np.linalg.norm(tail))[: len(mix)]
    return mix + share * wet


def _compressed(mix: np.ndarray, threshold_db: float, ratio: float, release: float) -> np.ndarray:
    """Turns down what is louder than a threshold; recovers in `release` seconds, so that loud drums pump."""
    power = uniform_filter1d(mix**2, RATE // 400)[:: RATE // 1000]
    over, gains = np.maximum(0, 10 * np.log10(power + 1e-9) - threshold_db), []
    held, fall = 0.0, np.exp(-0.001 / release)
    for each in over:
        held = max(float(each), held * fall)
        gains.append(held)
    down = np.interp(np.arange(len(mix)), np.arange(len(gains)) * (RATE // 1000), gains) * (1 - 1 / ratio)
    return mix * 10 ** (-down / 20)


def _filtered(mix: np.ndarray, band_hz: tuple[float, float]) -> np.ndarray:
    return sosfilt(butter(2, band_hz, "bandpass", fs=RATE, output="sos"), mix)


def _wavering(mix: np.ndarray, hz: float, share: float) -> np.ndarray:
    """Speeds up and slows down by a share; places move by less than a millisecond."""
    time = np.arange(len(mix)) / RATE
    moved = time + share * np.sin(2 * np.pi * hz * time) / (2 * np.pi * hz)
    return np.interp(moved, time, mix)


def _surface(n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns the noise of a record: hiss, rumble and about ten crackles a second."""
    clicks = (rng.random(n) < 10 / RATE) * rng.normal(0, 0.05, n) * rng.exponential(1, n)
    rumble = lfilter([1], [1, -0.999], rng.standard_normal(n))
    return lfilter([1, -0.6], [1, -0.4], clicks) + 0.003 * rumble / rumble.std() + 0.002 * rng.standard_normal(n)
