"""Overtones for a bass that is too low for small speakers."""

from __future__ import annotations

import numpy as np

from typebeat.sound.loops import Loop, high_pass, low_pass

PHONE_HZ = 300.0  # what a telephone's speaker plays begins here
_DRIVE = 9.0  # how far the peaks go beyond where saturation begins
_BIAS = 0.25  # makes even overtones beside the odd
_ABOVE, _BELOW = 220.0, 2600.0  # Hz; the fundamental stays as it is, and nothing fizzes
_MOST = 0.6  # beside the bass


def overtones(loop: Loop, bass: np.ndarray, spectrum: np.ndarray, wanted_db: float) -> np.ndarray:
    """Returns what to add to a bass so that its part above 300 Hz is `wanted_db` beside the whole; (n,) float32.

    A bass that has that much already, or is silent, gets nothing.

    Args:
        loop: The loop.
        bass: (n,) float32.
        spectrum: The same over frequency.
        wanted_db: Below 0.
    """
    peak = float(np.percentile(np.abs(bass[::8]), 99))
    phone = high_pass(loop.hertz, PHONE_HZ, order=4) ** 2
    whole, there = loop.energy(spectrum), loop.energy(spectrum, phone)
    missing = 10 ** (wanted_db / 10) * whole - there
    if peak <= 0 or missing <= 0:
        return np.zeros_like(bass)
    bent = np.tanh(bass * np.float32(_DRIVE / peak) + np.float32(_BIAS))
    shaped = loop.spectrum(bent) * (high_pass(loop.hertz, _ABOVE, order=3) * low_pass(loop.hertz, _BELOW, order=2))
    made = loop.energy(shaped, phone)
    gain = min(np.sqrt(missing / max(made, 1e-12)), _MOST * peak)
    return loop.sound(shaped) * np.float32(gain)
