"""Makes drum kits of many kinds, from drum machines to acoustic sets, far more varied than those of the corpus.

They teach the drum network (`train_ears.py`) what a drum is, instead of what the drums of the corpus are.
"""

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from training.starter.simple_corpus.synth import SAMPLE_RATE

_NYQUIST = SAMPLE_RATE * 0.49
_LAYERED = 0.2  # share of drums that are made of two one-shots
_LEVELS = {  # peak of a hit in a mix, and its variation in dB
    "kick": (0.9, 5),
    "snare": (0.6, 6),
    "clap": (0.5, 6),
    "rim": (0.35, 6),
    "closed_hat": (0.22, 9),
    "open_hat": (0.22, 9),
    "crash": (0.25, 6),
    "perc": (0.35, 7),
}


def make_wide_kit(
    rng: np.random.Generator, sampled: dict[str, list[np.ndarray]], share: float | None = None
) -> dict[str, np.ndarray]:
    """Returns a kit of one-shots by name, (n,) float32, at their levels in a mix.

    Args:
        rng: Chooses.
        sampled: Drums that were recorded, by name; each of a kit's may be one of those.
        share: How many of a kit's drums are such; None draws it.
    """
    kit = {}
    share = rng.choice((0.0, 0.3, 1.0), p=(0.35, 0.25, 0.4)) if share is None else share
    for name in _MAKERS:
        hit = _one_shot(name, rng, sampled[name], share)
        if rng.random() < _LAYERED:
            hit = _layered(hit, _one_shot(name, rng, sampled[name], share), rng)
        hit = _finished(hit, rng)
        level, spread = _LEVELS[name]
        kit[name] = (hit * (level * 10 ** (rng.uniform(-spread, spread) / 20) / (np.abs(hit).max() + 1e-9))).astype(
            np.float32
        )
    return kit


def _one_shot(name: str, rng: np.random.Generator, sampled: list[np.ndarray], share: float) -> np.ndarray:
    return _tuned(sampled[rng.integers(len(sampled))], rng) if rng.random() < share else _MAKERS[name](rng)


def _layered(hit: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns two one-shots played at once, as producers layer them."""
    out = np.zeros(max(len(hit), len(other)))
    out[: len(hit)] += hit / (np.abs(hit).max() + 1e-9)
    out[: len(other)] += rng.uniform(0.3, 1) * other / (np.abs(other).max() + 1e-9)
    return out


def _log(rng: np.random.Generator, low: float, high: float) -> float:
    """Draws from a log-uniform distribution."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _decay(n: int, seconds: float) -> np.ndarray:
    return np.exp(-np.arange(n) / (seconds * SAMPLE_RATE))


def _noise(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    order = int(rng.integers(1, 4))
    sos = butter(order, [low, min(high, _NYQUIST)], "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(sos, rng.standard_normal(n))
    return noise / (np.abs(noise).max() + 1e-9)


def _sine(n: int, start: float, end: float, seconds: float, phase: float = 0.0) -> np.ndarray:
    """Returns a sine that moves from one frequency to another with a time constant."""
    time = np.arange(n) / SAMPLE_RATE
    turns = np.cumsum(end + (start - end) * np.exp(-time / seconds)) / SAMPLE_RATE
    return np.sin(2 * np.pi * (turns + phase))


def _modes(rng: np.random.Generator, n: int, base: float, ratios: tuple[float, ...], seconds: float) -> np.ndarray:
    """Returns the partials of a struck membrane or bar; higher ones are weaker and shorter."""
    out = np.zeros(n)
    for ratio in ratios:
        hz = base * ratio * rng.uniform(0.97, 1.03)
        out += _sine(n, hz, hz, 1.0, rng.random()) * _decay(n, seconds / ratio**0.7) / ratio ** rng.uniform(0.3, 1.2)
    return out


_DRUMHEAD = (1, 1.59, 2.14, 2.3, 2.65, 2.92)


def _kick(rng: np.random.Generator) -> np.ndarray:
    long = rng.random() < 0.35  # a boom that rings on like a short 808
    n = int((1.0 if long else 0.6) * SAMPLE_RATE)
    end, decay = _log(rng, 38, 85), _log(rng, 0.15, 0.5) if long else _log(rng, 0.03, 0.25)
    if rng.random() < 0.6:
        body = _sine(n, end * _log(rng, 1.3, 9), end, _log(rng, 0.006, 0.06))
    else:  # falls fast at first and slowly later
        time, start = np.arange(n) / SAMPLE_RATE, end * _log(rng, 1.3, 8)
        hz = end + (start - end) / (1 + time / _log(rng, 0.006, 0.06)) ** rng.uniform(1.5, 4)
        body = np.sin(2 * np.pi * np.cumsum(hz) / SAMPLE_RATE)
    body *= _decay(n, decay)
    if rng.random() < 0.25:  # a loud attack before a softer tail
        body *= rng.uniform(0.2, 0.6) + _decay(n, _log(rng, 0.02, 0.08))
    if rng.random() < 0.3:
        body += 0.4 * _modes(rng, n, end, _DRUMHEAD, rng.uniform(0.04, 0.12))
    drive = _log(rng, 0.8, 10)  # a driven kick hardly decays
    body = np.tanh(body * drive) if rng.random() < 0.7 else np.clip(body * drive, -1, rng.uniform(0.6, 1))
    click = rng.uniform(0, 0.6) * _noise(rng, n, _log(rng, 500, 3000), _log(rng, 3500, 14_000))
    click *= _decay(n, _log(rng, 0.001, 0.02))
    return body + click * (rng.random() < 0.85)


def _snare(rng: np.random.Generator) -> np.ndarray:
    n = int(0.6 * SAMPLE_RATE)
    base = _log(rng, 130, 420)
    if rng.random() < 0.5:
        body = _modes(rng, n, base, _DRUMHEAD[: rng.integers(1, 6)], _log(rng, 0.03, 0.15))
    else:
        body = _sine(n, base * rng.uniform(1, 2.2), base, _log(rng, 0.005, 0.03)) * _decay(n, _log(rng, 0.025, 0.12))
    wires = _noise(rng, n, _log(rng, 250, 3000), _log(rng, 5000, 15_000)) * _decay(n, _log(rng, 0.03, 0.25))
    if rng.random() < 0.25:  # a gated room
        wires *= np.arange(n) < rng.uniform(0.06, 0.3) * SAMPLE_RATE
    snap = _noise(rng, n, 1000, 14_000) * _decay(n, _log(rng, 0.002, 0.012))
    hit = _log(rng, 0.1, 2.5) * body + wires + rng.uniform(0, 0.8) * snap
    if rng.random() < 0.2:  # together with a rim shot or a clap
        other = _rim(rng) if rng.random() < 0.5 else _clap(rng)
        hit[: len(other)] += rng.uniform(0.3, 1) * other / (np.abs(other).max() + 1e-9) * np.abs(hit).max()
    return hit


def _clap(rng: np.random.Generator) -> np.ndarray:
    n = int(0.6 * SAMPLE_RATE)
    shape, at = np.zeros(n), 0.0
    for _ in range(rng.integers(1, 5)):
        start = int(at * SAMPLE_RATE)
        shape[start:] += _decay(n - start, _log(rng, 0.002, 0.01)) * rng.uniform(0.5, 1)
        at += rng.uniform(0.005, 0.016)
    start = int(at * SAMPLE_RATE)
    shape[start:] += _decay(n - start, _log(rng, 0.03, 0.2))
    centre = _log(rng, 900, 2600)
    return _noise(rng, n, centre * rng.uniform(0.4, 0.85), centre * rng.uniform(1.3, 6)) * shape


def _rim(rng: np.random.Generator) -> np.ndarray:
    n = int(0.2 * SAMPLE_RATE)
    base = _log(rng, 350, 2000)
    wood = _modes(rng, n, base, (1, rng.uniform(1.5, 4.5)), _log(rng, 0.006, 0.035))
    if rng.random() < 0.3:  # falls in pitch, as from a drum machine
        wood = _sine(n, base * rng.uniform(1.2, 2.5), base, _log(rng, 0.002, 0.008)) * _decay(n, _log(rng, 0.008, 0.03))
    if rng.random() < 0.25:  # the drum resonates
        wood += rng.uniform(0.1, 0.6) * _modes(rng, n, _log(rng, 150, 320), _DRUMHEAD[:3], _log(rng, 0.015, 0.06))
    return wood + rng.uniform(0, 1) * _noise(rng, n, 1500, 12_000) * _decay(n, _log(rng, 0.001, 0.01))


def _metal(rng: np.random.Generator, n: int, lowest: float) -> np.ndarray:
    """Returns square waves at odd ratios, ringing partials, noise, or a mixture, without low frequencies."""
    time = np.arange(n) / SAMPLE_RATE
    base, clang = _log(rng, 200, 900), np.zeros(n)
    for ratio in rng.uniform(1, 4.5, 6):
        wave = np.sin(2 * np.pi * (base * ratio * time + rng.random()))
        clang += np.sign(wave)
    ring = np.zeros(n)
    for _ in range(8):
        ring += np.sin(2 * np.pi * (_log(rng, lowest, 14_000) * time + rng.random())) * rng.random()
    mix = rng.dirichlet((0.6, 1.2, 0.4))
    sound = mix[0] * clang / 6 + mix[1] * rng.standard_normal(n) + mix[2] * ring / 4
    filtered = sosfilt(butter(rng.integers(1, 5), lowest, "highpass", fs=SAMPLE_RATE, output="sos"), sound)
    return filtered / (np.abs(filtered).max() + 1e-9)


def _struck_metal(rng: np.random.Generator, n: int, lowest: float) -> np.ndarray:
    """Returns metal as recorded; in half of the kits with the knock of the stick and some low body."""
    metal = _metal(rng, n, lowest)
    if rng.random() < 0.5:
        return metal
    body = _noise(rng, n, _log(rng, 150, 1500), _log(rng, 2500, 8000)) * _log(rng, 0.03, 0.7)
    knock = _modes(rng, n, _log(rng, 70, 500), (1, 1.9, 3.1), _log(rng, 0.006, 0.04)) * _log(rng, 0.02, 0.35)
    return metal + body + knock


def _closed_hat(rng: np.random.Generator) -> np.ndarray:
    n = int(0.2 * SAMPLE_RATE)
    return _struck_metal(rng, n, _log(rng, 3000, 9500)) * _decay(n, _log(rng, 0.006, 0.045))


def _open_hat(rng: np.random.Generator) -> np.ndarray:
    n = int(0.7 * SAMPLE_RATE)
    decay = _decay(n, _log(rng, 0.1, 0.4))
    if rng.random() < 0.3:  # choked after a while
        stop = int(rng.uniform(0.12, 0.4) * SAMPLE_RATE)
        decay[stop:] *= _decay(n - stop, 0.012)
    return _struck_metal(rng, n, _log(rng, 2500, 8500)) * decay


def _crash(rng: np.random.Generator) -> np.ndarray:
    n = int(2.0 * SAMPLE_RATE)
    rise = 1 - _decay(n, _log(rng, 0.0005, 0.012))
    return _struck_metal(rng, n, _log(rng, 800, 4500)) * _decay(n, _log(rng, 0.35, 1.2)) * rise


def _perc(rng: np.random.Generator) -> np.ndarray:
    n = int(0.5 * SAMPLE_RATE)
    kind = rng.integers(8)
    if kind == 0:  # conga, bongo, tom
        base = _log(rng, 90, 700)
        skin = _modes(rng, n, base, _DRUMHEAD[:4], _log(rng, 0.04, 0.2))
        return skin + 0.3 * rng.random() * _noise(rng, n, 800, 8000) * _decay(n, 0.005)
    if kind == 1:  # a falling sine
        base = _log(rng, 200, 1200)
        return _sine(n, base * rng.uniform(1.1, 2.5), base, _log(rng, 0.005, 0.05)) * _decay(n, _log(rng, 0.03, 0.15))
    if kind == 2:  # cowbell
        time, base = np.arange(n) / SAMPLE_RATE, _log(rng, 450, 900)
        bell = np.sign(np.sin(2 * np.pi * base * time)) + np.sign(np.sin(2 * np.pi * base * 1.48 * time))
        return bell * (0.6 * _decay(n, 0.015) + 0.4 * _decay(n, _log(rng, 0.05, 0.2)))
    if kind == 3:  # claves, woodblock
        return _modes(rng, n, _log(rng, 700, 3000), (1, 2.7), _log(rng, 0.01, 0.06))
    if kind == 4:  # two tones that ring together
        base = _log(rng, 200, 1500)
        return _modes(rng, n, base, (1, rng.uniform(1.1, 2.8)), _log(rng, 0.03, 0.16))
    if kind == 5:  # frequency modulation: metal, zaps
        time, base = np.arange(n) / SAMPLE_RATE, _log(rng, 150, 1500)
        index = rng.uniform(1, 8) * _decay(n, _log(rng, 0.01, 0.1))
        turns = base * time + index * np.sin(2 * np.pi * base * rng.uniform(0.5, 5) * time) / (2 * np.pi)
        return np.sin(2 * np.pi * turns) * _decay(n, _log(rng, 0.02, 0.15))
    if kind == 6:  # tambourine: metal that rattles
        rattle = np.abs(np.sin(np.pi * rng.uniform(25, 60) * np.arange(n) / SAMPLE_RATE)) + 0.5
        return _metal(rng, n, _log(rng, 3500, 8000)) * rattle * _decay(n, _log(rng, 0.03, 0.12))
    rise = 1 - _decay(n, _log(rng, 0.004, 0.02))  # shaker
    return _noise(rng, n, _log(rng, 2500, 5000), _log(rng, 7000, 14_000)) * rise * _decay(n, _log(rng, 0.015, 0.05))


_MAKERS = {
    "kick": _kick,
    "snare": _snare,
    "clap": _clap,
    "rim": _rim,
    "closed_hat": _closed_hat,
    "open_hat": _open_hat,
    "crash": _crash,
    "perc": _perc,
}


def _tuned(hit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns a recording as played by a sampler: perhaps faster or slower, perhaps cut short."""
    if rng.random() < 0.6:
        speed = 2 ** (rng.uniform(-4, 4) / 12)
        hit = np.interp(np.arange(0, len(hit) - 1, speed), np.arange(len(hit)), hit)
    if rng.random() < 0.3:
        hit = hit * _decay(len(hit), _log(rng, 0.1, 1.0))
    return hit


def _finished(hit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns a one-shot as in a sample pack: perhaps with reverb or drive, and with a fade-out."""
    if rng.random() < 0.35:
        n = int(_log(rng, 0.03, 0.4) * SAMPLE_RATE)
        room = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
        wet = oaconvolve(hit, room)[: len(hit)]
        hit = hit / (np.abs(hit).max() + 1e-9) + rng.uniform(0.05, 0.4) * wet / (np.abs(wet).max() + 1e-9)
    if rng.random() < 0.3:
        hit = np.tanh(hit / (np.abs(hit).max() + 1e-9) * _log(rng, 1, 5))
    if rng.random() < 0.1:  # an old sampler: low sample rate, few bits
        every, steps = int(rng.integers(2, 6)), 2.0 ** rng.integers(4, 8)
        hit = np.round(np.repeat(hit[::every], every)[: len(hit)] / (np.abs(hit).max() + 1e-9) * steps) / steps
    fade, hit = min(len(hit), SAMPLE_RATE // 100), hit.copy()  # a recording is used again
    hit[-fade:] *= np.linspace(1, 0, fade)
    return hit
