"""Keeps what was heard of melody and chords, frame by frame, so that notes can be decoded again with other options."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.spectrum import hertz, magnitudes, mono_at
from typebeat.sound.audio import Audio

LEVEL_SAMPLE_RATE = 22_050  # Hz
LEVEL_WINDOW = 4096  # samples; resolves semitones from about C3 up
QUIETEST_DB = -100.0
_SOUNDS, _LASTS_SECONDS = 0.4, 0.15  # certainty that a pitch sounds, and for how long, if it is a tone
_TONES_SHARE = 0.005  # share of the sound in which tones must be heard; in drums and noise it is 0


@dataclass(frozen=True)
class PitchActivations:
    """A network's certainty, frame by frame, that each pitch sounds and that it begins."""

    sounding: np.ndarray  # (frames, pitches) in [0, 1]
    beginning: np.ndarray  # (frames, pitches) in [0, 1]
    frame_seconds: float  # time from one frame to the next; frame 0 is at the start of the sound
    lowest_pitch: int = 21  # MIDI pitch of column 0


@dataclass(frozen=True)
class TunedSound:
    """Everything that the notes of melody and chords are decoded from; all with the same frames and pitches."""

    rest: PitchActivations  # activations of the beat without drums and bass
    mix: PitchActivations  # activations of the whole beat
    levels: np.ndarray  # (frames, pitches), levels of the rest in dB


def holds_tones(heard: PitchActivations) -> bool:
    """Whether any pitch sounds on for a while, as tones do; drums, noise and speech have none."""
    return held_share(heard) > _TONES_SHARE


def held_share(heard: PitchActivations) -> float:
    """Share of a sound in which a pitch is held: 0 in drums and noise, up to a quarter in speech, most of a loop."""
    frames = max(1, round(_LASTS_SECONDS / heard.frame_seconds))
    sounds = heard.sounding > _SOUNDS
    if len(sounds) <= frames:
        return float(sounds.any())
    run = sounds[: len(sounds) - frames].copy()
    for later in range(1, frames):
        run &= sounds[later : len(sounds) - frames + later]
    return float(run.any(axis=1).mean())


def pitch_levels(audio: Audio, activations: PitchActivations) -> np.ndarray:
    """Measures the level in dB at each pitch's fundamental, (frames, pitches) float32, in the activations' frames."""
    samples = mono_at(audio, LEVEL_SAMPLE_RATE)
    frames, pitches = activations.sounding.shape
    hop = round(activations.frame_seconds * LEVEL_SAMPLE_RATE)
    window = np.hanning(LEVEL_WINDOW).astype(np.float32)
    bins = hertz(np.arange(pitches) + float(activations.lowest_pitch)) * LEVEL_WINDOW / LEVEL_SAMPLE_RATE
    below, above = np.floor(bins).astype(int), np.ceil(bins).astype(int)
    needed = (frames - 1) * hop + LEVEL_WINDOW // 2  # samples, so that there are as many frames
    pad = (LEVEL_WINDOW // 2, max(0, needed - len(samples)))
    blocks = (block * (2 / window.sum()) for block in magnitudes(samples[:needed], window, hop, pad=pad))
    levels = np.concatenate([np.maximum(block[:, below], block[:, above]).astype(np.float32) for block in blocks])
    return 20 * np.log10(np.maximum(levels, 10 ** (QUIETEST_DB / 20)))
