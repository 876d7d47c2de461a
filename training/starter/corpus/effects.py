"""What happens to a part after it has been played: filters, room, echo, tape, vinyl, chorus, crushing and ducking."""

import numpy as np
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

from training.starter.simple_corpus.synth import SAMPLE_RATE


def low_pass(track: np.ndarray, hz: float, order: int = 2) -> np.ndarray:
    """Takes away what is above `hz`; (n,) float32."""
    return _filter(track, min(hz, 0.47 * SAMPLE_RATE), "lowpass", order)


def high_pass(track: np.ndarray, hz: float, order: int = 2) -> np.ndarray:
    """Takes away what is below `hz`; (n,) float32."""
    return _filter(track, hz, "highpass", order)


def _filter(track: np.ndarray, hz: float, kind: str, order: int) -> np.ndarray:
    return sosfilt(butter(order, hz, kind, fs=SAMPLE_RATE, output="sos"), track).astype(np.float32)


def room(track: np.ndarray, seconds: float, wet: float, cut: float, rng: np.random.Generator) -> np.ndarray:
    """Adds a reverberation of `seconds` whose highs above `cut` Hz are gone; (n,) float32."""
    n = max(64, int(seconds * SAMPLE_RATE))
    noise = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    early = min(n, int(rng.uniform(0.004, 0.02) * SAMPLE_RATE))
    noise[:early] *= 0.2
    pole = np.exp(-2 * np.pi * cut / SAMPLE_RATE)
    noise = lfilter([1 - pole], [1, -pole], noise)
    impulse = (noise / np.sqrt(np.sum(noise**2) + 1e-12)).astype(np.float32)
    return track + np.float32(wet) * oaconvolve(track, impulse)[: len(track)].astype(np.float32)


def echo(track: np.ndarray, seconds: float, feedback: float, wet: float, cut: float = 3500) -> np.ndarray:
    """Adds echoes, each `seconds` after the last one, duller and weaker; (n,) float32."""
    out, repeat, gain = track.copy(), track, wet
    step = max(1, round(seconds * SAMPLE_RATE))
    for number in range(1, 6):
        at = number * step
        if at >= len(track) or gain < 0.02:
            break
        repeat = low_pass(repeat, cut, 1)
        out[at:] += np.float32(gain) * repeat[: len(track) - at]
        gain *= feedback
    return out


def wobble(track: np.ndarray, depth: float, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Speeds the track up and down as a worn tape does, by up to `depth` cents; (n,) float32."""
    n = len(track)
    time = np.arange(n) / SAMPLE_RATE
    swing = depth / 1200 * np.log(2)
    shift = np.zeros(n)
    for factor, share in ((1.0, 0.7), (rng.uniform(5, 8), 0.3)):
        hz = rate * factor
        shift += share * swing / (2 * np.pi * hz) * (1 - np.cos(2 * np.pi * (hz * time + rng.random()))) * SAMPLE_RATE
    return np.interp(np.arange(n) - shift, np.arange(n), track).astype(np.float32)


def saturate(track: np.ndarray, drive: float) -> np.ndarray:
    """Clips softly; `drive` is how far the loud parts go into it, the level stays about what it was; (n,) float32."""
    loud = float(np.percentile(np.abs(track), 99.5))
    if loud < 1e-6:
        return track
    shaped = np.tanh(track * np.float32(drive / loud))
    return (shaped * np.float32(loud / np.tanh(drive))).astype(np.float32)


def chorus(track: np.ndarray, rng: np.random.Generator, wet: float = 0.6) -> np.ndarray:
    """Adds two voices that waver in time and pitch; (n,) float32."""
    n, out = len(track), track.copy()
    time = np.arange(n) / SAMPLE_RATE
    for _ in range(2):
        delay = rng.uniform(0.008, 0.016) + rng.uniform(0.0012, 0.0028) * np.sin(
            2 * np.pi * (rng.uniform(0.3, 1.1) * time + rng.random())
        )
        out += np.float32(wet) * np.interp(np.arange(n) - delay * SAMPLE_RATE, np.arange(n), track).astype(np.float32)
    return out / np.float32(1 + wet * 0.7)


def tremolo(track: np.ndarray, hz: float, depth: float) -> np.ndarray:
    """Makes the level rise and fall; (n,) float32."""
    time = np.arange(len(track), dtype=np.float32) / SAMPLE_RATE
    return track * (1 - np.float32(depth) * (0.5 - 0.5 * np.cos(2 * np.pi * np.float32(hz) * time))).astype(np.float32)


def crush(track: np.ndarray, bits: int, hold: int) -> np.ndarray:
    """Rounds to `bits` bits and holds every sample for `hold` of them; (n,) float32."""
    loud = float(np.abs(track).max())
    if loud < 1e-6:
        return track
    held = np.repeat(track[::hold], hold)[: len(track)]
    steps = 2.0 ** (bits - 1) / loud
    return (np.round(held * steps) / steps).astype(np.float32)


def crackle(n: int, rng: np.random.Generator) -> np.ndarray:
    """The dust of a record: sparse clicks and a soft hiss, with an RMS of 1; (n,) float32."""
    clicks = np.zeros(n)
    count = rng.poisson(n / SAMPLE_RATE * rng.uniform(8, 28))
    at = rng.integers(n, size=count)
    clicks[at] = rng.standard_normal(count) * rng.exponential(1.0, count)
    dust = sosfilt(butter(1, [900, 7500], "bandpass", fs=SAMPLE_RATE, output="sos"), clicks)
    hiss = sosfilt(butter(1, [400, 6000], "bandpass", fs=SAMPLE_RATE, output="sos"), rng.standard_normal(n))
    sound = dust / (np.sqrt(np.mean(dust**2)) + 1e-9) + 0.35 * hiss / (np.sqrt(np.mean(hiss**2)) + 1e-9)
    return (sound / np.sqrt(np.mean(sound**2) + 1e-12)).astype(np.float32)


def duck(n: int, kicks: list[int], depth: float, seconds: float) -> np.ndarray:
    """The gain of a compressor that each kick (a sample) pushes down by `depth` for about `seconds`; (n,) float32."""
    gain = np.ones(n, np.float32)
    length = int(3 * seconds * SAMPLE_RATE)
    dip = 1 - depth * np.exp(-np.arange(length) / (0.8 * seconds * SAMPLE_RATE)).astype(np.float32)
    dip[: SAMPLE_RATE // 400] = np.linspace(1, dip[0], SAMPLE_RATE // 400)
    for at in kicks:
        end = min(n, at + length)
        if 0 <= at < n:
            gain[at:end] = np.minimum(gain[at:end], dip[: end - at])
    return gain
