"""Finds where something begins: how much the level rises in each frequency range, every 5 ms. numpy, scipy and soxr."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from typebeat.hearing.spectrum import hann, magnitudes
from typebeat.sound.audio import Audio, mono, resample

RATE = 24_000  # Hz
HOP = 120  # samples: 5 ms
HOP_SECONDS = HOP / RATE
WINDOW = 512  # samples: 21 ms
RANGES_HZ = {"low": (30, 160), "body": (160, 900), "snare": (900, 5_500), "hat": (5_500, 11_500)}
BANDS_PER_OCTAVE = 3
LEAD = 8  # frames of silence before the first sample, so that an onset there looks like any other

_COMPRESSION = 100.0  # levels are log(1 + this x magnitude / a loud magnitude)
_FAINT_RISE, _FAINT_STRENGTH = 0.2, 1.2  # ripple of a steady tone; smaller rises are not scaled up
_LAG = 3  # frames over which a rise is measured
EARLY_SECONDS = 0.0035  # a rise shows this long before the onset, since windows reach ahead (measured on clicks)


@dataclass(frozen=True)
class Onsets:
    """How the levels of a sound rise."""

    # for each range of `RANGES_HZ` how much its level rises, (frames,); 1 is the 99th percentile
    rises: dict[str, np.ndarray]
    levels: np.ndarray  # log-compressed magnitude of each band, (bands, frames)
    band_hz: np.ndarray  # centre of each band, (bands,)

    @property
    def strength(self) -> np.ndarray:
        """All ranges together, (frames,)."""
        return np.sum(list(self.rises.values()), axis=0)


def hear_onsets(audio: Audio) -> Onsets:
    """Measures where levels rise; frame i is centred on (i - LEAD) x 5 ms."""
    samples = resample(mono(audio), RATE).samples[0]
    edges, centres, owner = _bands()
    blocks = magnitudes(samples, hann(WINDOW), HOP, pad=(WINDOW // 2 + LEAD * HOP, WINDOW))
    summed = [np.add.reduceat(block.astype(np.float32), edges[:-1], axis=1)[:, : len(centres)] for block in blocks]
    frames = LEAD + 1 + len(samples) // HOP
    levels = (np.concatenate(summed)[:frames] / np.diff(edges)).T.astype(np.float32)
    loud = max(float(np.percentile(levels, 99.5)), 1e-9)
    levels = np.log1p(_COMPRESSION / loud * levels)
    rise = np.zeros_like(levels)
    rise[:, _LAG:] = np.maximum(0, levels[:, _LAG:] - levels[:, :-_LAG])
    rise = np.roll(rise, -(_LAG // 2), axis=1)  # to the middle of the lag
    rises = {}
    for number, name in enumerate(RANGES_HZ):
        mean = rise[owner == number].mean(axis=0)
        rises[name] = mean / max(float(np.percentile(mean, 99)), _FAINT_RISE)
    return Onsets(rises, levels, centres)


def pick_onsets(strength: np.ndarray, *, height: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """Returns the times in seconds of the peaks of a curve (frames,), and their prominence from 0 to 1.

    `height` is that of the lowest peak, as a share of the 99th percentile.
    """
    reference = max(float(np.percentile(strength, 99)), _FAINT_STRENGTH)
    peaks, facts = find_peaks(np.pad(strength, 1), height=height * reference, prominence=height * reference, distance=6)
    peaks = np.clip(peaks - 1, 1, len(strength) - 2)
    before, at, after = strength[peaks - 1], strength[peaks], strength[peaks + 1]
    bend = before - 2 * at + after
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(np.abs(bend) > 1e-9, bend, 1), 0)
    times = (peaks - LEAD + np.clip(shift, -0.5, 0.5)) * HOP_SECONDS + EARLY_SECONDS
    return times, np.minimum(facts["prominences"] / reference, 1.0)


def _bands() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the edges of the bands in bins, their centres in Hz, and for each the index of its range."""
    bin_hz = RATE / WINDOW
    edges: list[int] = []
    owner: list[int] = []
    for number, (low, high) in enumerate(RANGES_HZ.values()):
        steps = max(1, round(np.log2(high / low) * BANDS_PER_OCTAVE))
        for edge in np.geomspace(low, high, steps + 1)[:-1]:
            first = max(1, round(edge / bin_hz))
            if not edges or first > edges[-1]:
                edges.append(first)
                owner.append(number)
    edges.append(round(RANGES_HZ["hat"][1] / bin_hz))
    bounds = np.array(edges)
    return bounds, (bounds[:-1] + bounds[1:] - 1) / 2 * bin_hz, np.array(owner)
