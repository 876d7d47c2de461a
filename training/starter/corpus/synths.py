"""Plays a `Patch`: one synthesised note at a time."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from training.starter.corpus.patches import Patch
from training.starter.simple_corpus.synth import SAMPLE_RATE, envelope, midi_to_hz

_HIGHEST_HZ = 13_000.0
_VIBRATO_HZ, _TREMOLO_HZ = 5.2, 5.5
_SCOOP_SECONDS = 0.045
_SUNG_RMS = 0.3


def synth_note(
    patch: Patch,
    pitch: float,
    seconds: float,
    velocity: float,
    rng: np.random.Generator,
    *,
    brightness: float = 0.5,
    slide_from: float | None = None,
    glide_to: float | None = None,
) -> np.ndarray:
    """Plays one note.

    Args:
        patch: The sound.
        pitch: MIDI pitch.
        seconds: How long it is held; it rings on by its release.
        velocity: In (0, 1]; soft notes are duller.
        rng: Of phases and noise.
        brightness: From 0 (dull) to 1.
        slide_from: Pitch of the note before, where the patch has portamento.
        glide_to: Pitch that the last third of the note slides to.

    Returns:
        (n,) float32.
    """
    n = max(64, round((seconds + patch.release) * SAMPLE_RATE))
    curve = pitch_curve(n, pitch, seconds, patch.portamento, slide_from, glide_to)
    time = np.arange(n) / SAMPLE_RATE
    if patch.scoop:
        curve += patch.scoop * np.exp(-time / _SCOOP_SECONDS)
    if patch.vibrato:
        wobble = np.sin(2 * np.pi * (_VIBRATO_HZ * rng.uniform(0.92, 1.08) * time + rng.random()))
        curve += patch.vibrato / 100 * np.clip((time - 0.1) / 0.35, 0, 1) * wobble
    frequency = midi_to_hz(pitch) * 2.0 ** (curve / 12)
    bright = brightness + 0.5 * (velocity - 0.7)
    out = np.zeros(n, np.float32)
    offsets = np.linspace(-0.5, 0.5, patch.voices) if patch.voices > 1 else np.zeros(1)
    for offset in offsets:
        voice = frequency * 2.0 ** (offset * patch.detune / 1200)
        turns = np.cumsum(voice) / SAMPLE_RATE + (rng.random() if patch.voices > 1 else 0.0)
        out += _wave(patch, turns, voice, time, bright)
    out /= np.float32(np.sqrt(patch.voices))
    if patch.decay and patch.wave != "partials":
        out *= np.exp(time / -patch.decay).astype(np.float32)
    out = _filtered(patch, out, midi_to_hz(pitch), bright, time)
    if patch.breath:
        out += patch.breath * _breath(n, midi_to_hz(pitch), rng) * (np.sqrt(np.mean(out**2)) * 1.5 + 1e-6)
    if patch.strike:
        click = rng.standard_normal(n).astype(np.float32) * np.exp(time / -0.006).astype(np.float32)
        low = lfilter([0.35], [1, -0.65], click).astype(np.float32)
        out += patch.strike * (0.5 + velocity) * np.abs(out).max() * low
    if patch.tremolo:
        out *= (1 - patch.tremolo * (0.5 + 0.5 * np.sin(2 * np.pi * _TREMOLO_HZ * time))).astype(np.float32)
    if patch.drive:
        out = np.tanh(out * np.float32(2 * patch.drive / (np.abs(out).max() + 1e-9)))
    return out * envelope(n, patch.attack, patch.release)


def pitch_curve(
    n: int, pitch: float, seconds: float, portamento: float, slide_from: float | None, glide_to: float | None
) -> np.ndarray:
    """Semitones above `pitch` at each sample: the slide from the note before and the glide at the end; (n,)."""
    curve = np.zeros(n)
    if slide_from is not None and portamento:
        length = max(1, min(n, round(min(portamento, 0.6 * seconds) * SAMPLE_RATE)))
        curve[:length] += (slide_from - pitch) * (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, length)))
    if glide_to is not None:
        start, stop = round(0.55 * seconds * SAMPLE_RATE), round(0.55 * seconds * SAMPLE_RATE)
        stop += max(1, round(max(0.03, 0.25 * seconds) * SAMPLE_RATE))
        progress = np.clip((np.arange(n) - start) / (stop - start), 0, 1)
        curve += (glide_to - pitch) * (3 * progress**2 - 2 * progress**3)
    return curve


def _wave(patch: Patch, turns: np.ndarray, frequency: np.ndarray, time: np.ndarray, bright: float) -> np.ndarray:
    if patch.wave == "partials":
        return _partials(patch, turns, float(frequency[len(frequency) // 3]), time, bright)
    if patch.wave == "fm":
        ratio, index, decay = patch.fm
        depth = index * (0.5 + bright) * np.exp(time / -decay)
        return np.sin(2 * np.pi * turns + depth * np.sin(2 * np.pi * ratio * turns)).astype(np.float32)
    step = frequency / SAMPLE_RATE
    if patch.wave == "saw":
        return _saw(turns % 1, step)
    if patch.wave == "square":
        return _saw(turns % 1, step) - _saw((turns + 0.5) % 1, step)
    if patch.wave == "pulse":
        return _saw(turns % 1, step) - _saw((turns + 0.22) % 1, step)
    if patch.wave == "triangle":
        return (4 * np.abs(turns % 1 - 0.5) - 1).astype(np.float32)
    return np.sin(2 * np.pi * turns).astype(np.float32)


def _saw(phase: np.ndarray, step: np.ndarray) -> np.ndarray:
    """A sawtooth with its edge rounded over two samples (PolyBLEP), so that it hardly aliases; (n,) float32."""
    wave = 2 * phase - 1
    after, before = phase < step, phase > 1 - step
    rising = phase[after] / step[after]
    wave[after] -= 2 * rising - rising**2 - 1
    falling = (phase[before] - 1) / step[before]
    wave[before] -= falling**2 + 2 * falling + 1
    return wave.astype(np.float32)


def _partials(patch: Patch, turns: np.ndarray, base: float, time: np.ndarray, bright: float) -> np.ndarray:
    """Sums sines; whole-number ones by the recurrence sin(kx) = 2 cos(x) sin((k-1)x) - sin((k-2)x)."""
    angle = ((turns % 1) * (2 * np.pi)).astype(np.float32)
    twice, before, last, order = 2 * np.cos(angle), np.zeros_like(angle), np.sin(angle), 1.0
    out, time = np.zeros_like(angle), time.astype(np.float32)
    ratios = patch.ratios or tuple(float(k) for k in range(1, len(patch.levels) + 1))
    register = (260 / base) ** 0.35  # low strings ring longer
    for ratio, level in zip(ratios, patch.levels, strict=True):
        if base * ratio > _HIGHEST_HZ:
            break
        if ratio == order + 1:
            before, last, order = last, twice * last - before, ratio
        sine = last if ratio == order else np.sin(((turns * ratio) % 1 * (2 * np.pi)).astype(np.float32))
        gain = np.float32(level * ratio ** (0.8 - 1.6 * min(0.95, max(0.05, 1 - bright))))
        if patch.decay:
            rate = np.float32(-(ratio**patch.damping) / (patch.decay * register))
            out += gain * sine * np.exp(time * rate)
        else:
            out += gain * sine
    return out


def _filtered(patch: Patch, sound: np.ndarray, hz: float, bright: float, time: np.ndarray) -> np.ndarray:
    if patch.formants:
        sound = _formants(patch.formants, sound, hz)
        sound = sound * np.float32(_SUNG_RMS / (np.sqrt(np.mean(sound**2)) + 1e-9))  # singers even their vowels out
    if not patch.cutoff:
        return sound
    closed = patch.cutoff * 2.0 ** (2.4 * (bright - 0.5))
    if not patch.sweep:
        return _low_pass(sound, closed)
    start = closed * 2.0**patch.sweep
    share = np.exp(time / -patch.sweep_time).astype(np.float32)
    low = _low_pass(sound, closed)
    return low + share * (_low_pass(sound, start) - low)


def _formants(formants: tuple[tuple[float, float, float], ...], sound: np.ndarray, hz: float) -> np.ndarray:
    out = 0.03 * sound
    for number, (centre, width, level) in enumerate(formants):
        centre = max(centre, 1.05 * hz) if number == 0 else centre  # high notes are sung with a more open mouth
        radius = np.exp(-np.pi * width / SAMPLE_RATE)
        angle = 2 * np.pi * centre / SAMPLE_RATE
        gain = (1 - radius) * np.sqrt(1 - 2 * radius * np.cos(2 * angle) + radius**2)
        out += level * lfilter([gain], [1, -2 * radius * np.cos(angle), radius**2], sound).astype(np.float32)
    return out


def _low_pass(sound: np.ndarray, cutoff: float) -> np.ndarray:
    sos = butter(2, min(max(cutoff, 80.0), 0.45 * SAMPLE_RATE), fs=SAMPLE_RATE, output="sos")
    return sosfilt(sos, sound).astype(np.float32)


def _breath(n: int, hz: float, rng: np.random.Generator) -> np.ndarray:
    """Noise around twice the pitch, as blown pipes and bows have it, with an RMS of 1."""
    low, high = min(hz, 4000.0), min(6 * hz + 1500, 0.45 * SAMPLE_RATE)
    sos = butter(1, [low, high], "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(sos, rng.standard_normal(n)).astype(np.float32)
    return noise / (np.sqrt(np.mean(noise**2)) + 1e-9)
