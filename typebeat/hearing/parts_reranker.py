"""Tells what a beat's parts play, each heard alone, and how near that is to what was asked for.

Four small networks name the instrument of melody and chords, the groove of the drums, what the bass does, and the style
of all parts together. `training/starter/train_reranker.py` trains them on beats of the corpus, as they are and as the
codec plays them. A part that should be silent and sounds counts against a beat, and so does one that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from typebeat.hearing.networks import FARTHEST, Layer, dense, load_layers, sigmoid
from typebeat.hearing.part_features import PATTERN_SIZE, part_levels, pattern_features, sound_features, stretch_features
from typebeat.sound.audio import Audio

KINDS = ("instrument", "groove", "bass", "style")
PARTS = ("drums", "808", "chords", "melody")
SILENT_PEAK = 3e-3  # a part that stays below is not heard
_LEAST = 0.02  # floor of each likelihood, so that none alone decides


@dataclass(frozen=True)
class Listener:
    """Dense layers over standardised features, and the names of their outputs."""

    mean: np.ndarray
    spread: np.ndarray
    layers: tuple[Layer, ...]
    names: tuple[str, ...]

    def __call__(self, features: np.ndarray, *, is_one: bool = True) -> dict[str, float]:
        """Returns the likelihood of each name over all rows of features, (rows, features).

        They sum to 1 where only one name can be true (`is_one`).
        """
        seen = np.clip((features - self.mean) / self.spread, -FARTHEST, FARTHEST)
        logits = dense(seen, self.layers)
        logits = (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)) if is_one else logits).mean(axis=0)
        shares = np.exp(logits)
        likely = shares / shares.sum() if is_one else sigmoid(logits)
        return dict(zip(self.names, likely.tolist(), strict=True))


@dataclass(frozen=True)
class HeardParts:
    """How likely it is that parts play something; empty for what is silent.

    Attributes:
        lead, chords: By instrument.
        groove: By groove.
        bass: By trait; several may be true.
        style: By style.
        silent: Parts that are not heard.
    """

    lead: dict[str, float]
    chords: dict[str, float]
    groove: dict[str, float]
    bass: dict[str, float]
    style: dict[str, float]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class PartsReranker:
    """A listener for each of `KINDS`."""

    listeners: Mapping[str, Listener]

    def hear(self, parts: Mapping[str, Audio], bpm: float) -> HeardParts:
        """Listens to parts that begin on the downbeat; about a tenth of a second for eight bars."""
        levels = {name: part_levels(parts[name]) for name in PARTS if is_heard(parts[name])}
        listeners = self.listeners

        def instrument(part: str) -> dict[str, float]:
            return listeners["instrument"](stretch_features(levels[part])) if part in levels else {}

        return HeardParts(
            lead=instrument("melody"),
            chords=instrument("chords"),
            groove=listeners["groove"](groove_features(levels["drums"], bpm)[None]) if "drums" in levels else {},
            bass=listeners["bass"](sound_features(levels["808"])[None], is_one=False) if "808" in levels else {},
            style=listeners["style"](style_features(levels, bpm)[None]) if levels else {},
            silent=tuple(name for name in PARTS if name not in levels),
        )

    def nearness(
        self, parts: Mapping[str, Audio], bpm: float, style: str, concepts: Sequence[str], left_out: Sequence[str]
    ) -> float:
        """Returns the log-likelihood that parts play what was asked for, 0 at best.

        Args:
            parts: The sound of each of `PARTS`, from the downbeat on.
            bpm: Tempo in beats a minute.
            style: A slug of `STYLES`.
            concepts: Ids of `request.concepts` that are asked for.
            left_out: Parts that are to be silent.
        """
        heard = self.hear(parts, bpm)
        likely = [heard.style.get(style, 1.0)]
        for kind, told in (("lead", heard.lead), ("chords", heard.chords), ("groove", heard.groove)):
            wanted = self._wanted(concepts, kind)
            likely += [sum(told.get(name, 0.0) for name in wanted)] if wanted else []
        traits = self._wanted(concepts, "bass")
        likely += [float(np.mean([heard.bass.get(name, 0.0) for name in traits]))] if traits else []
        likely += [_LEAST for name in PARTS if (name in heard.silent) != (name in left_out)]
        return float(np.sum(np.log(np.clip(likely, _LEAST, 1.0))))

    def _wanted(self, concepts: Sequence[str], kind: str) -> list[str]:
        """Returns what concepts name of a kind, as far as its listener knows it: "flute" of "lead:flute"."""
        known = self.listeners["instrument" if kind in ("lead", "chords") else kind].names
        named = (concept.partition(":") for concept in concepts)
        return [name for found, _, name in named if found == kind and name in known]


def is_heard(part: Audio) -> bool:
    """Whether a part is not silent."""
    return float(np.abs(part.samples).max(initial=0.0)) > SILENT_PEAK


def groove_features(drums: np.ndarray, bpm: float) -> np.ndarray:
    """Returns what grooves are told by, of the levels of the drums: where they strike, and how they sound."""
    return np.concatenate([pattern_features(drums, bpm), sound_features(drums)])


def style_features(levels: Mapping[str, np.ndarray], bpm: float) -> np.ndarray:
    """Returns what styles are told by, of the levels of the parts that sound: all of them, and where drums strike."""
    strikes = pattern_features(levels["drums"], bpm) if "drums" in levels else np.zeros(PATTERN_SIZE, np.float32)
    return np.concatenate([sound_features(np.sum(list(levels.values()), axis=0)), strikes])


def is_for_parts(stored: Mapping[str, np.ndarray]) -> bool:
    """Whether an open .npz file holds networks that hear parts."""
    return f"{KINDS[0]}.names" in stored


def read_parts_reranker(stored: Mapping[str, np.ndarray]) -> PartsReranker:
    """Reads the networks of an open .npz file."""
    return PartsReranker(
        {
            kind: Listener(
                stored[f"{kind}.mean"].astype(np.float32),
                stored[f"{kind}.spread"].astype(np.float32),
                load_layers(stored, f"{kind}."),
                tuple(stored[f"{kind}.names"].tolist()),
            )
            for kind in KINDS
        }
    )
