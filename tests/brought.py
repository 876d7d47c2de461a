"""Hears what somebody brings as the app does, with an ear that needs no network, and asks for a beat around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import own_inputs as own

from typebeat.midi.activations import PitchActivations
from typebeat.parts.own import Reference
from typebeat.parts.own.reading import bring
from typebeat.parts.own.settling import settled_by
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import SettledRequest, resolve


class Ear:
    """Hears a pitch that is held through a share of the sound."""

    def __init__(self, share: float) -> None:
        self.share = share

    def listen(self, audio, job=None) -> PitchActivations:
        frames = max(40, round(audio.seconds / 0.0116))
        sounding = np.zeros((frames, 88))
        sounding[: round(self.share * frames), 40] = 1
        return PitchActivations(sounding, np.zeros((frames, 88)), 0.0116)


def brought(folder: Path, samples: np.ndarray, **options: Any) -> Reference:
    """A sound (n,) as a reference; most of it holds a pitch."""
    return bring(own.sound(folder / "loop.wav", samples), ReferenceOptions(**options), Ear(0.9))


def asked(reference: Reference, **options: Any) -> SettledRequest:
    """A beat around it."""
    wish = {"prompt": "hard drums", "style": "travis-scott", "seed": 7, "parts": "beat,stems", "drafts": 1, **options}
    return resolve(settled_by(reference, BeatRequest(**wish), list(options)), list(options))
