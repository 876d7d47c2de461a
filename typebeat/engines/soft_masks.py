"""Splits stems without any weights: sustained tones, strikes and low tones are told apart in a spectrogram.

Medians along time and frequency tell how much of each cell belongs to a tone or to a strike (Fitzgerald 2010), and the
cell is shared accordingly. This is fast but not clean: the overtones of a driven 808 and the tails of long cymbals end
up in "other".
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from typebeat.engines import UNWATCHED, Job, Stems
from typebeat.sound.audio import Audio

METHOD = "soft masks, without weights: what sounds on, what strikes, and the low band as bass"
WINDOW_SECONDS = 0.093
HOPS_PER_WINDOW = 8
TONE_SECONDS = 0.26  # a tone lasts longer than half of this
LOW_TONE_SECONDS = 0.36  # an 808 lasts longer than half of this, a kick does not
STRIKE_HZ = 240.0  # a strike is wider than half of this
LOW_HZ = (130.0, 210.0)  # tones below the first are bass, tones above the second are not
VALUES_A_PASS = 50_000  # of a running median, which takes about 3 ms
BLOCK_SECONDS = 60.0  # split at once
MARGIN_SECONDS = 1.0  # of sound beside a block that is split with it and dropped


class SoftMaskSplitter:
    """A `StemSplitter` that needs no weights; `notice` says why it is used where weights were asked for."""

    device = "cpu"

    def __init__(self, notice: str = "") -> None:
        self.method = f"{METHOD} ({notice})" if notice else METHOD

    def split(self, audio: Audio, job: Job = UNWATCHED) -> Stems:
        """Splits a beat of any rate and channel count, a minute at a time."""
        rate, samples = audio.sample_rate, audio.samples
        block, margin = round(BLOCK_SECONDS * rate), round(MARGIN_SECONDS * rate)
        drums, bass = np.zeros_like(samples), np.zeros_like(samples)
        for start in range(0, audio.length, block):
            job.check()
            end = min(start + block, audio.length)
            first = max(0, start - margin)
            heard = samples[:, first : end + margin]
            inside = slice(start - first, end - first)
            for stem, sound in zip((drums, bass), _drums_and_bass(heard, rate), strict=True):
                stem[:, start:end] = sound[:, inside]
        sounds = {"drums": drums, "bass": bass, "other": samples - drums - bass}
        return Stems({name: Audio(sound, rate) for name, sound in sounds.items()}, self.method)


def _drums_and_bass(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Splits (channels, n); both results are as long."""
    transform = _transform(rate)
    length = samples.shape[1]
    padded = np.pad(samples, ((0, 0), (0, max(0, transform.m_num - length))))
    spectrum = transform.stft(padded)  # (channels, bins, frames)
    magnitude = np.sqrt(np.mean(np.abs(spectrum) ** 2, axis=0)).astype(np.float32)
    frames_per_second, hz = rate / transform.hop, transform.f
    strikes = _running_median(magnitude.T, STRIKE_HZ / transform.delta_f).T
    tones = _running_median(magnitude, TONE_SECONDS * frames_per_second)
    low = hz < LOW_HZ[1]
    tones[low] = _running_median(magnitude[low], LOW_TONE_SECONDS * frames_per_second)
    strikes[low] = np.maximum(magnitude[low] - tones[low], 0)  # too few bins for a median across them
    tonal = tones**2 / (tones**2 + strikes**2 + 1e-12)
    is_low = np.clip((LOW_HZ[1] - hz) / (LOW_HZ[1] - LOW_HZ[0]), 0, 1)[:, None]
    drums = transform.istft(spectrum * (1 - tonal), k1=padded.shape[1])
    bass = transform.istft(spectrum * (tonal * is_low), k1=padded.shape[1])
    return drums[:, :length].astype(np.float32), bass[:, :length].astype(np.float32)


def _transform(rate: int) -> ShortTimeFFT:
    hop = max(1, round(WINDOW_SECONDS * rate / HOPS_PER_WINDOW))
    return ShortTimeFFT(hann(hop * HOPS_PER_WINDOW, sym=False), hop=hop, fs=rate, scale_to=None)


def _running_median(rows: np.ndarray, width: float) -> np.ndarray:
    """Returns the running median along each row: flat passes, since scipy is far faster at them than in two dimensions.

    scipy lets no other thread of Python run during a pass, so that one of all rows would hold up the served page.
    """
    half = max(1, round(width / 2))
    padded = np.pad(rows, ((0, 0), (half, half)), mode="reflect" if rows.shape[1] > half else "edge")
    padded = np.ascontiguousarray(padded)
    medians = np.empty_like(padded)
    together = max(1, VALUES_A_PASS // padded.shape[1])
    for first in range(0, len(padded), together):
        part = padded[first : first + together]
        medians[first : first + together] = median_filter(part.ravel(), size=2 * half + 1, mode="nearest").reshape(
            part.shape
        )
    return medians[:, half:-half]
