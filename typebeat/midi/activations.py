"""What a network heard, frame by frame: kept, so that notes can be decoded from it again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PitchActivations:
    """How sure a network is, frame by frame, that a pitch sounds and that it begins.

    Attributes:
        sounding: (frames, pitches) in [0, 1].
        beginning: (frames, pitches) in [0, 1].
        frame_seconds: Seconds from one frame to the next; frame 0 is at the start of the sound.
        lowest_pitch: MIDI pitch of column 0.
    """

    sounding: np.ndarray
    beginning: np.ndarray
    frame_seconds: float
    lowest_pitch: int = 21
