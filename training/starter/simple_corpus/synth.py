"""Tuned instruments, made of sines: bells, plucks, keys, leads, strings, choir, hum, pads and 808s.

A note is additive synthesis: partials with their own level, detuning and decay, under one envelope. Nothing here knows
of bars or styles; drums are in kit.py.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

SAMPLE_RATE = 32_000
HIGHEST_PARTIAL_HZ = 11_000.0
A4_MIDI, A4_HZ = 69, 440.0


@dataclass(frozen=True)
class Timbre:
    """The sound of one instrument in one beat.

    Attributes:
        name: Instrument, a key of `RECIPES`.
        brightness: 0 (dull) to 1 (glassy); scales the roll-off of the partials.
        detune: Spread between unison voices in cents.
        vibrato: Depth in cents of a 5 Hz pitch wobble that fades in.
        decay: Factor on the decay time of plucked sounds.
        attack: Factor on the attack time of sustained sounds.
    """

    name: str
    brightness: float = 0.5
    detune: float = 6.0
    vibrato: float = 0.0
    decay: float = 1.0
    attack: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Ratios and levels of the partials, their decay in seconds (0 = sustained), attack and release in seconds."""

    ratios: tuple[float, ...]
    levels: tuple[float, ...]
    decays: tuple[float, ...]
    attack: float
    release: float
    voices: int = 1
    formants: tuple[tuple[float, float], ...] = ()
    breath: float = 0.0


def _harmonics(count: int, slope: float, decay: float = 0.0, damping: float = 0.0) -> dict:
    """Whole-number partials whose level falls with `slope`; with a decay, the higher ones die away the sooner."""
    ratios = tuple(float(k) for k in range(1, count + 1))
    decays = tuple(decay / k**damping for k in ratios)
    return {"ratios": ratios, "levels": tuple(k**-slope for k in ratios), "decays": decays}


RECIPES: dict[str, Recipe] = {
    "bells": Recipe(
        (1, 2.0, 3.01, 4.17, 5.43, 6.79),
        (1, 0.6, 0.45, 0.35, 0.22, 0.12),
        (1.3, 0.9, 0.6, 0.35, 0.25, 0.15),
        0.001,
        0.25,
    ),
    "pluck": Recipe(**_harmonics(12, 0.9, 0.55, 0.7), attack=0.001, release=0.06),
    "keys": Recipe(
        (1, 2, 3, 4, 7.1, 9.2),
        (1, 0.35, 0.12, 0.08, 0.16, 0.06),
        (1.6, 1.0, 0.7, 0.4, 0.09, 0.05),
        0.004,
        0.12,
        voices=2,
    ),
    "lead": Recipe(**_harmonics(16, 1.0), attack=0.008, release=0.05, voices=2),
    "strings": Recipe(**_harmonics(14, 1.1), attack=0.11, release=0.18, voices=3),
    "choir": Recipe(
        **_harmonics(16, 0.7), attack=0.14, release=0.22, voices=3, formants=((650, 110), (1100, 140), (2700, 250))
    ),
    "hum": Recipe(
        **_harmonics(8, 1.6), attack=0.06, release=0.1, voices=1, formants=((320, 160), (900, 200)), breath=0.02
    ),
    "pad": Recipe(**_harmonics(10, 1.35), attack=0.3, release=0.4, voices=3),
}


def midi_to_hz(pitch: float) -> float:
    """Returns the frequency in Hz of a MIDI pitch, A4 = 440 Hz."""
    return A4_HZ * 2.0 ** ((pitch - A4_MIDI) / 12)


def envelope(n: int, attack: float, release: float) -> np.ndarray:
    """Returns a rise over `attack` seconds and a fall over the last `release` seconds; (n,) float32 in [0, 1]."""
    shape = np.ones(n, np.float32)
    rise, fall = min(n, max(1, int(attack * SAMPLE_RATE))), min(n, max(1, int(release * SAMPLE_RATE)))
    shape[:rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise, dtype=np.float32))
    shape[-fall:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall, dtype=np.float32))
    return shape


def tone(timbre: Timbre, pitch: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Returns one note, held for `seconds` and then released; (n,) float32 with an RMS of about 0.2 while it sounds."""
    recipe = RECIPES[timbre.name]
    base = midi_to_hz(pitch)
    n = int((seconds + recipe.release) * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float64) / SAMPLE_RATE
    out = np.zeros(n, np.float32)
    offsets = np.linspace(-1, 1, recipe.voices) if recipe.voices > 1 else np.zeros(1)
    for offset in offsets:
        # pitch of this voice as turns of the fundamental, kept in float64 so that long notes stay in tune
        cents = offset * timbre.detune
        turns = base * 2 ** (cents / 1200) * time
        if timbre.vibrato:
            depth = timbre.vibrato / 1200 * np.log(2) * base / (2 * np.pi * 5.0)
            turns = turns - depth * np.minimum(1, time / 0.4) * np.cos(2 * np.pi * (5.0 * time + rng.random()))
        turns = (turns + rng.random()) if recipe.voices > 1 else turns
        for gain, decay, partial in _partials(recipe, base, turns, timbre.brightness):
            if decay:
                decay_per_sample = np.float32(1 / (decay * timbre.decay * SAMPLE_RATE))
                partial = partial * np.exp(np.arange(n, dtype=np.float32) * -decay_per_sample)
            out += gain * partial
    if recipe.breath:
        out += recipe.breath * lfilter([1], [1, -0.9], rng.standard_normal(n)).astype(np.float32)
    out *= envelope(n, recipe.attack * timbre.attack, recipe.release)
    loudest = np.sqrt(np.mean(out[: max(1, n // 2)] ** 2)) + 1e-9
    return (
        out * np.float32(0.2 / loudest) if not recipe.decays[0] else out * np.float32(0.55 / (np.abs(out).max() + 1e-9))
    )


def _partials(recipe: Recipe, base: float, turns: np.ndarray, brightness: float):
    """Yields (gain, decay, sine) for each partial below `HIGHEST_PARTIAL_HZ`; `turns` is the fundamental's phase.

    Whole-number partials come from the recurrence sin(k x) = 2 cos(x) sin((k-1) x) - sin((k-2) x), which costs a
    fraction of a sine.
    """
    angle = ((turns % 1.0) * (2 * np.pi)).astype(np.float32)
    twice_cosine, before, last = 2 * np.cos(angle), np.zeros_like(angle), np.sin(angle)
    order = 1.0  # `last` is the sine of this many times the angle
    for ratio, level, decay in zip(recipe.ratios, recipe.levels, recipe.decays, strict=True):
        if base * ratio > HIGHEST_PARTIAL_HZ:
            return
        gain = np.float32(level * ratio ** (0.9 - 1.8 * brightness) * _formant_gain(base * ratio, recipe.formants))
        if ratio == order + 1:
            before, last, order = last, twice_cosine * last - before, ratio
        is_whole = ratio == order
        yield (
            gain,
            decay,
            last if is_whole else np.sin(((turns * ratio) % 1.0).astype(np.float32) * np.float32(2 * np.pi)),
        )


def _formant_gain(hz: float, formants: tuple[tuple[float, float], ...]) -> float:
    if not formants:
        return 1.0
    return 0.08 + sum(np.exp(-0.5 * ((hz - centre) / width) ** 2) for centre, width in formants)


def bass_note(
    pitch: float,
    seconds: float,
    *,
    glide_to: float | None = None,
    drive: float = 0.0,
    decay: float = 1.2,
    punch: float = 0.3,
) -> np.ndarray:
    """Returns an 808: a sine with a short pitch drop at its start, a long decay, an optional glide and distortion.

    Args:
        pitch: MIDI pitch of the note.
        seconds: Length; it is choked after that.
        glide_to: MIDI pitch reached over the last third of the note.
        drive: 0 (a clean sine) to 1 (square-like, with odd harmonics).
        decay: Time constant of the level in seconds.
        punch: Level of the pitch drop, in octaves.
    """
    n = int((seconds + 0.012) * SAMPLE_RATE)
    time = np.arange(n) / SAMPLE_RATE
    octaves = punch * np.exp(-time / 0.018)
    if glide_to is not None:
        progress = np.clip((time - seconds * 0.55) / max(seconds * 0.2, 0.03), 0, 1)
        octaves = octaves + (glide_to - pitch) / 12 * (3 * progress**2 - 2 * progress**3)
    turns = np.cumsum(midi_to_hz(pitch) * 2.0**octaves) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * turns).astype(np.float32)
    if drive > 0:
        shaped = np.tanh(wave * np.float32(1 + 6 * drive) + np.float32(0.15 * drive))
        wave = shaped * np.float32(1 - 0.25 * drive)
    else:
        wave = wave + np.float32(0.12) * np.sin(4 * np.pi * turns).astype(np.float32)
    return wave * np.exp(-time / decay).astype(np.float32) * envelope(n, 0.002, 0.012)
