"""Synthesises drum kits and 808s that differ from those of the corpus.

Each kit is a set of numbers written by hand. `DEV` kits may be trained on; `MEASURED` kits are for benchmarks only.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

SAMPLE_RATE = 32_000


@dataclass(frozen=True)
class Kit:
    """The numbers of a kit: frequencies in Hz, times in seconds, mixes from 0 to 1.

    Attributes:
        kick: First and last frequency, time of the fall, decay, click level, drive.
        snare: Two tones, their decay, lowest frequency and decay of the noise, share of noise.
        clap: Number of bursts, time between them, centre frequency and decay of the noise.
        hat: Lowest frequency, decay when closed and when open, share of noise (the rest rings).
        perc: Frequency, ratio of a second tone, decay.
        bass: Decay, drive, click level, octaves that the pitch falls at the start.
        dull: Cutoff of the low-pass filter.
        room: Length and share of the reverb.
    """

    kick: tuple[float, float, float, float, float, float]
    snare: tuple[float, float, float, float, float, float]
    clap: tuple[int, float, float, float]
    hat: tuple[float, float, float, float]
    perc: tuple[float, float, float]
    bass: tuple[float, float, float, float]
    dull: float
    room: tuple[float, float]


DEV = {
    "linn": Kit((170, 62, 0.018, 0.09, 0.5, 1.5), (185, 277, 0.07, 1200, 0.1, 0.6), (3, 0.011, 1300, 0.09),
                (6500, 0.022, 0.22, 0.8), (410, 1.5, 0.09), (0.8, 0.0, 0.1, 0.2), 14_000, (0.15, 0.1)),
    "lo-fi": Kit((120, 55, 0.03, 0.14, 0.2, 3.0), (210, 330, 0.05, 700, 0.14, 0.75), (2, 0.013, 1000, 0.12),
                 (4500, 0.035, 0.3, 0.9), (620, 2.3, 0.05), (0.5, 0.4, 0.0, 0.1), 6500, (0.3, 0.2)),
    "phonk": Kit((240, 50, 0.035, 0.2, 0.7, 5.0), (200, 400, 0.04, 1800, 0.09, 0.8), (4, 0.008, 1700, 0.07),
                 (7500, 0.015, 0.16, 0.6), (545, 1.48, 0.1), (1.5, 0.9, 0.2, 0.4), 15_000, (0.1, 0.05)),
}  # fmt: skip
MEASURED = {
    "long drum machine": Kit((105, 49, 0.02, 0.3, 0.25, 1.2), (180, 330, 0.09, 900, 0.13, 0.5), (4, 0.010, 1100, 0.11),
                             (7000, 0.03, 0.35, 0.4), (800, 1.48, 0.12), (1.8, 0.1, 0.05, 0.3), 15_500, (0.05, 0.02)),
    "club machine": Kit((280, 52, 0.028, 0.16, 0.8, 2.5), (160, 240, 0.06, 2000, 0.16, 0.7), (3, 0.012, 1500, 0.15),
                        (6000, 0.04, 0.28, 0.7), (330, 1.6, 0.14), (1.0, 0.25, 0.1, 0.5), 15_000, (0.2, 0.08)),
    "dusty break": Kit((95, 60, 0.012, 0.11, 0.6, 2.0), (230, 365, 0.08, 500, 0.12, 0.55), (1, 0.01, 900, 0.06),
                       (3800, 0.05, 0.4, 0.95), (260, 1.59, 0.12), (0.6, 0.15, 0.0, 0.0), 7500, (0.35, 0.25)),
    "hard trap": Kit((330, 46, 0.045, 0.22, 0.9, 6.0), (240, 480, 0.03, 2500, 0.07, 0.85), (5, 0.007, 1900, 0.06),
                     (9000, 0.012, 0.14, 0.55), (1200, 2.7, 0.03), (2.2, 0.75, 0.15, 0.6), 15_500, (0.08, 0.06)),
    "toy": Kit((150, 80, 0.01, 0.05, 0.3, 1.0), (300, 450, 0.03, 3000, 0.05, 0.9), (2, 0.015, 2300, 0.04),
               (5500, 0.02, 0.12, 0.2), (900, 1.2, 0.05), (0.35, 0.0, 0.0, 0.1), 11_000, (0.1, 0.1)),
}  # fmt: skip
_LEVELS = {"kick": 0.9, "snare": 0.55, "clap": 0.5, "rim": 0.35, "closed_hat": 0.17, "open_hat": 0.18, "crash": 0.2}


def one_shots(kit: Kit, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Returns the drums of a kit by the names of the corpus, (n,) float32, at their levels in a mix."""
    sounds = {
        "kick": _kick(kit, rng),
        "snare": _snare(kit, rng),
        "clap": _clap(kit, rng),
        "rim": _tones((kit.perc[0] * 1.7, kit.perc[0] * 4.1), 0.012, 0.2) + 0.3 * _burst(rng, 0.2, 0.002, 3000),
        "closed_hat": _hat(kit, rng, kit.hat[1], kit.hat[0]),
        "open_hat": _hat(kit, rng, kit.hat[2], kit.hat[0]),
        "crash": _hat(kit, rng, 0.7, kit.hat[0] * 0.45),
        "perc": _tones((kit.perc[0], kit.perc[0] * kit.perc[1]), kit.perc[2], 0.6),
    }
    dull = butter(2, min(kit.dull, 15_800), fs=SAMPLE_RATE, output="sos")
    finished = {}
    for name, sound in sounds.items():
        sound = sosfilt(dull, sound)
        finished[name] = (sound * (_LEVELS.get(name, 0.3) / np.abs(sound).max())).astype(np.float32)
    return finished


def bass_sound(kit: Kit, pitch: int, seconds: float, glide_to: int | None) -> np.ndarray:
    """Returns an 808 note of the kit; a glide takes place in the middle of the note."""
    decay, drive, click, slide = kit.bass
    time = np.arange(int((seconds + 0.02) * SAMPLE_RATE)) / SAMPLE_RATE
    octaves = slide * np.exp(-time / 0.025)
    if glide_to is not None:
        octaves = octaves + (glide_to - pitch) / 12 / (1 + np.exp(-(time - 0.6 * seconds) / (0.03 * seconds + 0.005)))
    turns = np.cumsum(440 * 2 ** ((pitch - 69) / 12 + octaves)) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * turns)
    wave = np.clip(wave * (1 + 4 * drive), -1, 1) if drive > 0.5 else np.tanh(wave * (1 + 2 * drive))
    wave = wave + click * np.exp(-time / 0.003) * np.sin(2 * np.pi * 900 * time)
    release = np.clip((time[-1] - time) / 0.02, 0, 1)
    return (wave * np.exp(-time / decay) * np.minimum(1, time / 0.003) * release).astype(np.float32)


def _tones(hz: tuple[float, ...], decay: float, seconds: float) -> np.ndarray:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return sum(np.sin(2 * np.pi * each * time) for each in hz) * np.exp(-time / decay)


def _burst(rng: np.random.Generator, seconds: float, decay: float, lowest: float) -> np.ndarray:
    """Returns decaying noise above a frequency: filtered white noise."""
    n = int(seconds * SAMPLE_RATE)
    noise = np.sign(rng.standard_normal(n)) * rng.random(n)
    low = np.exp(-2 * np.pi * lowest / SAMPLE_RATE)
    return lfilter([1, -1], [1, -low], noise) * np.exp(-np.arange(n) / (decay * SAMPLE_RATE))


def _kick(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    start, end, fall, decay, click, drive = kit.kick
    time = np.arange(int(0.7 * SAMPLE_RATE)) / SAMPLE_RATE
    hz = end + (start - end) / (1 + time / fall) ** 3
    body = np.tanh(drive * np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE) * np.exp(-time / decay))
    return body / np.abs(body).max() + 0.4 * click * _burst(rng, 0.7, 0.004, 2000)


def _snare(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    low, high, decay, lowest, rattle, share = kit.snare
    return (1 - share) * _tones((low, high), decay, 0.6) + share * _burst(rng, 0.6, rattle, lowest)


def _clap(kit: Kit, rng: np.random.Generator) -> np.ndarray:
    bursts, distance, centre, decay = kit.clap
    out = np.zeros(int(0.6 * SAMPLE_RATE))
    for k in range(bursts):
        start, last = int(k * distance * SAMPLE_RATE), k == bursts - 1
        out[start:] += _burst(rng, 0.6, decay if last else 0.005, 500)[: len(out) - start]
    return sosfilt(butter(1, [0.6 * centre, 2.2 * centre], "bandpass", fs=SAMPLE_RATE, output="sos"), out)


def _hat(kit: Kit, rng: np.random.Generator, decay: float, lowest: float) -> np.ndarray:
    seconds = min(2.0, 0.1 + 5 * decay)
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    ring = sum(np.sin(2 * np.pi * lowest * k**0.9 * time + k) for k in (1.0, 1.23, 1.41, 1.83, 2.1))
    sound = kit.hat[3] * 3 * _burst(rng, seconds, 9.0, lowest) + (1 - kit.hat[3]) * ring
    high = sosfilt(butter(2, lowest * 0.8, "highpass", fs=SAMPLE_RATE, output="sos"), sound)
    return high * np.exp(-time / decay)
