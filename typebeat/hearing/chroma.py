"""Finds which pitch classes sound when, in the pitched part of a mix and in its bass. numpy and soxr only.

Only spectral peaks that stand out from their surroundings and last for a while count, so drums leave little trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from typebeat.hearing.spectrum import hann, hertz, magnitudes
from typebeat.sound.audio import Audio, mono, resample

C0_HZ = hertz(12.0)
PITCHED_HZ, BASS_HZ = (130.0, 2_000.0), (28.0, 130.0)
_PITCHED_RATE, _PITCHED_WINDOW = 8_000, 2_048  # Hz, samples: windows of 0.256 s
_BASS_RATE, _BASS_WINDOW, _BASS_FFT = 1_000, 320, 2_048  # Hz, samples: windows of 0.32 s, padded to bins of 0.5 Hz
FRAME_SECONDS = 0.064
_STANDS_OUT = 3.0  # a pitched peak is this many times as high as the mean around it
_FLOOR = 0.003  # share of the loudest peak below which a peak is ignored


@dataclass(frozen=True)
class Chroma:
    """Pitch classes over time; frame i is centred on i x 64 ms."""

    pitched: np.ndarray  # (frames, 12), C first: everything from 130 Hz to 2 kHz
    bass: np.ndarray  # (frames, 12): the strongest pitch from 28 to 130 Hz


def hear_chroma(audio: Audio) -> Chroma:
    """Finds the pitch classes of a sound, relative to its own tuning."""
    whole = mono(audio)
    hz, size = _peaks(whole, _PITCHED_RATE, _PITCHED_WINDOW, _PITCHED_WINDOW * 2, PITCHED_HZ)
    low_hz, low_size = _peaks(whole, _BASS_RATE, _BASS_WINDOW, _BASS_FFT, BASS_HZ)
    floor = _FLOOR * max(size.max(), low_size.max())
    size, low_size = np.where(size > floor, size, 0), np.where(low_size > floor, low_size, 0)
    tuning = _tuning(hz, size)
    lasting = _fold(hz, np.sqrt(size) * (PITCHED_HZ[0] * 3 / (hz + PITCHED_HZ[0] * 2)), tuning)
    strongest = np.where(low_size == low_size.max(axis=1, keepdims=True), low_size, 0)
    bass = _fold(low_hz, strongest, tuning)
    frames = min(len(lasting), len(bass))
    return Chroma(_lasting(lasting[:frames]), _lasting(bass[:frames]))


def _peaks(
    audio: Audio, rate: int, window: int, fft: int, within: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the frequency and the amplitude of each bin, (frames, bins); amplitude 0 where there is no peak."""
    samples = resample(audio, rate).samples[0]
    first, last = int(within[0] * fft / rate), int(np.ceil(within[1] * fft / rate)) + 1
    shape = hann(window)
    hz, size = [], []
    for block in magnitudes(samples, shape, round(FRAME_SECONDS * rate), fft=fft):
        spectrum = block[:, first - 1 : last + 1].astype(np.float32)
        before, at, after = spectrum[:, :-2], spectrum[:, 1:-1], spectrum[:, 2:]
        reach = max(3, at.shape[1] // 12)
        summed = np.cumsum(np.pad(at, ((0, 0), (reach + 1, reach)), mode="edge"), axis=1)
        around = (summed[:, 2 * reach + 1 :] - summed[:, : -2 * reach - 1]) / (2 * reach + 1)
        is_peak = (at > before) & (at >= after) & (at > (_STANDS_OUT if rate == _PITCHED_RATE else 1.0) * around)
        bend = before - 2 * at + after
        shift = np.clip(0.5 * (before - after) / np.where(np.abs(bend) < 1e-9, -1e-9, bend), -0.5, 0.5)
        hz.append((first + np.arange(at.shape[1]) + shift) * rate / fft)
        size.append(np.where(is_peak, at * (2 / shape.sum()), 0))
    return np.concatenate(hz), np.concatenate(size)


def _tuning(hz: np.ndarray, size: np.ndarray) -> float:
    """Returns how far the sound's pitches lie above the tempered ones, in semitones, -0.5 to 0.5."""
    phases = np.exp(2j * np.pi * 12 * np.log2(np.maximum(hz, 1) / C0_HZ))
    return float(np.angle(np.sum(size * phases)) / (2 * np.pi))


def _fold(hz: np.ndarray, size: np.ndarray, tuning: float) -> np.ndarray:
    """Sums peaks by pitch class, (frames, 12); a peak between two semitones counts less."""
    semitone = 12 * np.log2(np.maximum(hz, 1) / C0_HZ) - tuning
    nearest = np.round(semitone)
    weight = size * np.exp(-0.5 * ((semitone - nearest) / 0.25) ** 2)
    classes = nearest.astype(int) % 12
    return np.stack([np.where(classes == pitch, weight, 0).sum(axis=1) for pitch in range(12)], axis=1)


def _lasting(chroma: np.ndarray) -> np.ndarray:
    """Keeps what sounds in two consecutive frames."""
    before = np.minimum(chroma, np.roll(chroma, 1, axis=0))
    after = np.minimum(chroma, np.roll(chroma, -1, axis=0))
    return np.maximum(before, after)
