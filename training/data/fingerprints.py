"""Recognises recordings that are the same: exactly, by a hash of the samples, or nearly, by an acoustic fingerprint.

The fingerprint survives re-encoding, a change of level and a cut start. It is that of Haitsma and Kalker (2002): 32
bits per frame, the signs of how the differences between neighbouring frequency bands change over time. A Fourier
transform compares two fingerprints at all shifts at once; they are the same sound if enough bits agree at the best one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len

from typebeat.sound.audio import Audio, resample

RATE = 8_000  # Hz, mono
HOP_SECONDS = 0.064
WINDOW = 4_096  # samples, eight hops, so that a shift by half a hop changes little
LOWEST_HZ, HIGHEST_HZ, BANDS = 100.0, 3_000.0, 33
SHORTEST_OVERLAP_SECONDS = 4.0
# Recordings of the same sound agree in a larger share of bits than this, different sounds in about half of them. Chosen
# on the corpus beats of seeds 100 to 139, which no benchmark uses.
SAME = 0.70


@dataclass(frozen=True)
class Fingerprint:
    """The bits of a sound, as -1 and 1, (frames, 32) float32."""

    bits: np.ndarray


@dataclass(frozen=True)
class Match:
    """The agreement of two fingerprints at their best shift.

    Attributes:
        agreement: Share of equal bits in the overlap; 0.5 is chance.
        shift_seconds: Start of the second sound in the first; negative if the second starts earlier.
    """

    agreement: float
    shift_seconds: float

    @property
    def is_same(self) -> bool:
        """Whether both are the same recording."""
        return self.agreement >= SAME


def pcm_sha256(audio: Audio) -> str:
    """Returns a hash of the samples, rounded to 16 bits: all lossless files of a sound have the same hash."""
    whole = np.rint(np.clip(audio.samples, -1, 1) * 32_767).astype("<i2")
    return hashlib.sha256(f"{audio.sample_rate} {len(whole)} ".encode() + whole.tobytes()).hexdigest()


def sound_fingerprint(audio: Audio) -> Fingerprint:
    """Returns the fingerprint of a sound of any rate and channel count; a sound shorter than a window has no bits."""
    mono = resample(Audio(audio.samples.mean(axis=0), audio.sample_rate), RATE).samples[0]
    hop = round(HOP_SECONDS * RATE)
    if len(mono) < WINDOW + hop:
        return Fingerprint(np.zeros((0, BANDS - 1), np.float32))
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32))) ** 2
    edges = np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS + 1) * WINDOW / RATE
    energy = np.log(np.add.reduceat(power, np.rint(edges).astype(int), axis=1)[:, :BANDS] + 1e-9)
    rises = np.diff(np.diff(energy, axis=1), axis=0)
    return Fingerprint(np.where(rises > 0, 1, -1).astype(np.float32))


def match(first: Fingerprint, second: Fingerprint) -> Match:
    """Compares two fingerprints at every shift with a sufficient overlap."""
    a, b = first.bits, second.bits
    if not len(a) or not len(b):
        return Match(0.0, 0.0)
    size = next_fast_len(len(a) + len(b) - 1, real=True)
    product = np.fft.rfft(a, size, axis=0) * np.conj(np.fft.rfft(b, size, axis=0))
    agreeing = np.fft.irfft(product.sum(axis=1), size)
    shifts = np.arange(-(len(b) - 1), len(a))
    overlap = np.minimum(len(a), shifts + len(b)) - np.maximum(0, shifts)
    enough = min(len(a), len(b), round(SHORTEST_OVERLAP_SECONDS / HOP_SECONDS))
    share = np.where(overlap >= enough, agreeing[shifts] / (overlap * a.shape[1]), -1.0)
    best = int(share.argmax())
    return Match(float(0.5 + share[best] / 2), float(shifts[best] * HOP_SECONDS))
