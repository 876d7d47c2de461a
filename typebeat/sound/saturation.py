"""Overtones for a bass that is too low for small speakers."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, rfft

from typebeat.sound.loops import Loop, high_pass, low_pass

PHONE_HZ = 300.0  # what a telephone's speaker plays begins here
_DRIVE = 9.0  # how far the peaks go beyond where saturation begins
_BIAS = 0.25  # makes even overtones beside the odd
_ABOVE, _BELOW = 220.0, 2600.0  # Hz; the fundamental stays as it is, and nothing fizzes
_MOST = 0.6  # beside the bass
_RATE = 16_000  # Hz, at which it is bent: what tanh makes above half of that is too faint to be heard below


def overtones(loop: Loop, bass: np.ndarray, wanted_db: float) -> np.ndarray:
    """Returns what to add to the lowest bins of a bass so that its part above 300 Hz is `wanted_db` beside the whole.

    It is (low bins,) complex64. A bass that has that much already, or is silent, gets nothing.

    Args:
        loop: The loop.
        bass: Its spectrum, (bins,) complex64.
        wanted_db: Below 0.
    """
    size = loop.size_at(_RATE)
    hertz = loop.hertz[: size // 2 + 1]
    low = irfft(bass[: len(hertz)], size)
    peak = float(np.percentile(np.abs(low), 99))
    phone = high_pass(loop.hertz, PHONE_HZ, order=4) ** 2
    whole, there = loop.energy(bass), loop.energy(bass, phone)
    missing = 10 ** (wanted_db / 10) * whole - there
    if peak <= 0 or missing <= 0:
        return np.zeros(len(hertz), np.complex64)
    bent = np.tanh(low * np.float32(_DRIVE / peak) + np.float32(_BIAS))
    shaped = rfft(bent) * (high_pass(hertz, _ABOVE, order=3) * low_pass(hertz, _BELOW, order=2))
    made = loop.energy(shaped, phone[: len(shaped)])
    gain = min(np.sqrt(missing / max(made, 1e-12)), _MOST * peak * loop.size / size)
    return shaped * np.float32(gain)
