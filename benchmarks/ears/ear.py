"""Names what plays in a beat's parts: the instrument of melody or chords, the groove and the style.

The networks lie in `ear.npz` beside it; `train` made them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.ears.features import PATTERN_SIZE, TIMBRE_SIZE, pattern, timbre, timbres
from typebeat.hearing.networks import Layer, dense, load_layers

FILE = Path(__file__).with_name("ear.npz")
KINDS = ("instrument", "groove", "style")
SILENT_PEAK = 3e-3  # a part that stays below is not heard
GROUPS = {  # instruments that sound alike
    "keys": ("piano", "felt-piano", "electric-piano", "clavinet"),
    "organ": ("organ", "accordion"),
    "guitar": ("nylon-guitar", "electric-guitar", "muted-guitar", "distorted-guitar"),
    "plucked": ("harp", "koto", "sitar", "pizzicato"),
    "mallets": ("kalimba", "music-box", "celesta", "bells", "marimba", "vibraphone"),
    "bowed": ("strings", "violin", "cello"),
    "brass": ("brass", "trumpet", "saxophone"),
    "flute": ("flute", "pan-flute", "whistle"),
    "voice": ("choir", "ooh", "vocal-chop", "hum"),
    "synth": ("saw", "square", "glide-lead", "pluck"),
    "pad": ("pad",),
}
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


@dataclass(frozen=True)
class Classifier:
    """Dense layers over standardised features, and the names of their outputs."""

    mean: np.ndarray
    spread: np.ndarray
    layers: tuple[Layer, ...]
    names: tuple[str, ...]

    def __call__(self, features: np.ndarray) -> str:
        """Returns the name that is likeliest over all rows of features, (rows, features)."""
        seen = np.clip((features - self.mean) / self.spread, -5, 5)
        out = dense(seen, self.layers)
        likely = out - np.log(np.exp(out).sum(axis=1, keepdims=True))
        return self.names[int(likely.mean(axis=0).argmax())]


@dataclass(frozen=True)
class Ear:
    """A classifier for each of `KINDS`; sounds are mono, (n,) float32, and begin on the first downbeat."""

    classifiers: dict[str, Classifier]

    def instrument(self, part: np.ndarray, sample_rate: int) -> str:
        """Returns the instrument of a melody or of chords; "" for silence."""
        return self.classifiers["instrument"](timbres(part, sample_rate)) if is_heard(part) else ""

    def groove(self, drums: np.ndarray, sample_rate: int, bpm: float) -> str:
        """Returns the groove of the drums; "" for silence."""
        if not is_heard(drums):
            return ""
        return self.classifiers["groove"](groove_features(drums, sample_rate, bpm)[None])

    def style(self, mix: np.ndarray, drums: np.ndarray, sample_rate: int, bpm: float) -> str:
        """Returns the style of a beat."""
        return self.classifiers["style"](style_features(mix, drums, sample_rate, bpm)[None])


def is_heard(part: np.ndarray) -> bool:
    """Whether a part is not silent."""
    return float(np.abs(part).max(initial=0.0)) > SILENT_PEAK


def groove_features(drums: np.ndarray, sample_rate: int, bpm: float) -> np.ndarray:
    """Returns what grooves are told by: where the drums are struck, and how they sound."""
    return np.concatenate([pattern(drums, sample_rate, bpm), timbre(drums, sample_rate)])


def style_features(mix: np.ndarray, drums: np.ndarray, sample_rate: int, bpm: float) -> np.ndarray:
    """Returns what styles are told by: the sound of the mix and of the drums, and where those are struck."""
    heard = groove_features(drums, sample_rate, bpm) if is_heard(drums) else None
    return np.concatenate(
        [timbre(mix, sample_rate), np.zeros(PATTERN_SIZE + TIMBRE_SIZE, np.float32) if heard is None else heard]
    )


def load_ear() -> Ear:
    """Reads the networks."""
    with np.load(FILE) as stored:
        return Ear(
            {
                kind: Classifier(
                    stored[f"{kind}.mean"].astype(np.float32),
                    stored[f"{kind}.spread"].astype(np.float32),
                    load_layers(stored, f"{kind}."),
                    tuple(stored[f"{kind}.names"].tolist()),
                )
                for kind in KINDS
            }
        )
