"""Plays notes on a small synthesiser, so that a transcription can be compared with the original by ear.

The sounds (a kit of noise and sines, a gliding 808, a plucked lead, soft chords) are plain, so that wrong notes stand
out. They do not imitate the beat's own sounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.hearing.spectrum import hertz
from typebeat.midi.notes import CLAP, CLOSED_HAT, CRASH, KICK, OPEN_HAT, RIM, SNARE, MidiPart, Note
from typebeat.midi.writer import GLIDE_SECONDS
from typebeat.sound.audio import Audio

SAMPLE_RATE = 22_050  # Hz
LEVELS = {"drums": 0.5, "808": 0.35, "melody": 0.22, "chords": 0.12}  # amplitude of a note at full velocity
PEAK = 0.9  # highest sample of the result
RELEASE_SECONDS = 0.04
SECONDS_OF_DRUMS = {KICK: 0.25, RIM: 0.06, SNARE: 0.2, CLAP: 0.2, CLOSED_HAT: 0.06, OPEN_HAT: 0.35, CRASH: 1.2}
PERC_SECONDS, PERC_HZ = 0.12, 800.0
TIMBRES = {"melody": ((1, 1.0), (2, 0.4), (3, 0.15), (4, 0.1)), "chords": ((1, 1.0), (2, 0.25), (3, 0.1))}
DECAYS = {"melody": 3.0, "chords": 0.8}  # in nats a second


def render_preview(parts: Sequence[MidiPart], grid: Grid) -> Audio:
    """Plays the parts together, from the start of the sound to the end of the grid's last whole bar.

    Parts without notes give silence of that length.
    """
    length = round(max(grid.end, grid.downbeat + grid.bar_seconds) * SAMPLE_RATE)
    mix = np.zeros(length, np.float32)
    for part in parts:
        for note in part.notes:
            sound = _sound(part.name, note) * np.float32(LEVELS[part.name] * note.velocity / 127)
            start = round(note.onset * SAMPLE_RATE)
            mix[start : start + len(sound)] += sound[: max(0, length - start)]
    peak = float(np.abs(mix).max())
    return Audio(mix * np.float32(min(1.0, PEAK / peak)) if peak > 0 else mix, SAMPLE_RATE)


def _sound(part: str, note: Note) -> np.ndarray:
    if part == "drums":
        return _drum(note.pitch)
    seconds = round(note.offset - note.onset, 3)
    if part == "808":
        glide_after = None if note.glide_at is None else round(note.glide_at - note.onset, 3)
        return _bass(note.pitch, seconds, note.glide_to, glide_after)
    return _tone(part, note.pitch, seconds)


@cache
def _drum(pitch: int) -> np.ndarray:
    seconds = SECONDS_OF_DRUMS.get(pitch, PERC_SECONDS)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    fall = np.exp(-5 * time / seconds)
    noise = np.random.default_rng(pitch).standard_normal(len(time))
    bright = np.diff(noise, prepend=0.0) / 2
    if pitch == KICK:
        sound = np.sin(2 * np.pi * (45 * time - 4.5 * np.exp(-time * 30))) * fall
    elif pitch == SNARE:
        sound = (0.5 * np.sin(2 * np.pi * 190 * time) + 0.4 * noise) * fall
    elif pitch == CLAP:
        sound = 0.5 * noise * fall * np.where(time < 0.03, (time % 0.01 < 0.005), 1)
    elif pitch in (CLOSED_HAT, OPEN_HAT, CRASH):
        sound = 0.5 * bright * fall
    else:
        sound = 0.6 * np.sin(2 * np.pi * PERC_HZ * (2 if pitch == RIM else 1) * time) * fall
    return sound.astype(np.float32)


def _bass(pitch: int, seconds: float, glide_to: int | None, glide_after: float | None) -> np.ndarray:
    time = np.arange(round((seconds + RELEASE_SECONDS) * SAMPLE_RATE)) / SAMPLE_RATE
    pitches = np.full(len(time), float(pitch))
    if glide_to is not None and glide_after is not None:
        pitches += (glide_to - pitch) * np.clip((time - glide_after) / GLIDE_SECONDS, 0, 1)
    cycles = np.cumsum(hertz(pitches)) / SAMPLE_RATE
    wave = np.tanh(1.8 * np.sin(2 * np.pi * cycles))
    return (wave * np.exp(-time) * _envelope(len(time), seconds)).astype(np.float32)


def _tone(part: str, pitch: int, seconds: float) -> np.ndarray:
    time = np.arange(round((seconds + RELEASE_SECONDS) * SAMPLE_RATE)) / SAMPLE_RATE
    base = hertz(pitch)
    wave = sum(
        level * np.sin(2 * np.pi * base * order * time)
        for order, level in TIMBRES[part]
        if base * order < SAMPLE_RATE / 2
    )
    return (wave * np.exp(-DECAYS[part] * time) * _envelope(len(time), seconds)).astype(np.float32)


def _envelope(length: int, seconds: float) -> np.ndarray:
    """Rises within a few milliseconds and falls after `seconds`."""
    time = np.arange(length) / SAMPLE_RATE
    return np.clip(time / 0.004, 0, 1) * np.clip((seconds + RELEASE_SECONDS - time) / RELEASE_SECONDS, 0, 1)
