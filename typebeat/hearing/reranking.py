"""Rates how close a draft of a beat is to the request.

Drawing several samples and keeping the one that a second model likes best is a known way to better samples (DALL-E
reranked its pictures with CLIP; Ramesh et al., 2021). The second model here is a small network that tells style and
lead in a mix. It ships with the weights whose sounds it knows; without it only a snare on the backbeat counts. Weights
that know more words come with a network that hears their parts (`parts_reranker.py`). Tempo and key are measured in
`measuring.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from typebeat.hearing.networks import Layer, dense, load_layers
from typebeat.hearing.parts_reranker import PartsReranker, is_for_parts, read_parts_reranker
from typebeat.hearing.passport import HALF_TIME_FROM_BPM
from typebeat.hearing.strikes import FRAME_SECONDS, HEARD, band_levels, certainty
from typebeat.request.words import concepts
from typebeat.sound.audio import Audio

FILE = "reranker.npz"
_FLOOR_DB = -80.0  # lowest level, relative to the loudest moment
_STEP = 4  # frames over which movement is measured
_BESIDE_SECONDS = 0.04  # how far from the beat a snare may fall
_LEAST = 0.02  # floor of each likelihood, so that none alone decides


@dataclass(frozen=True)
class Asked:
    """What a draft is compared with.

    Attributes:
        bpm: Tempo in beats a minute.
        style: A slug of `STYLES`.
        prompt: The words that the model was given; any instrument that they name is a fitting lead.
        concepts: Ids of `request.concepts` that are asked for.
        left_out: Parts that are to be silent.
    """

    bpm: float
    style: str
    prompt: str
    concepts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reranker:
    """A small network that tells style and lead from statistics of a sound."""

    mean: np.ndarray  # of each statistic, over what it was trained on
    spread: np.ndarray  # standard deviation of each
    layers: tuple[Layer, ...]  # dense layers with ReLU between them
    styles: tuple[str, ...]  # names of the first outputs
    leads: tuple[str, ...]  # names of the other outputs, as in `LEXICON` ("bells" of "sound:bells")

    def hear(self, levels: np.ndarray) -> tuple[dict[str, float], dict[str, float]]:
        """Returns the likelihood of each style and of each lead from a sound's band levels; both sum to 1."""
        out = dense((statistics(levels) - self.mean) / self.spread, self.layers)
        cut = len(self.styles)
        return _likelihoods(self.styles, out[:cut]), _likelihoods(self.leads, out[cut:])


def load_reranker(folder: Path) -> Reranker | PartsReranker | None:
    """Reads the network that comes with a folder of weights, if there is one.

    Raises:
        ValueError: the file holds no such network.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path) as stored:
            if is_for_parts(stored):
                return read_parts_reranker(stored)
            mean, spread = (stored[name].astype(np.float32) for name in ("mean", "spread"))
            styles, leads = (tuple(stored[name].tolist()) for name in ("styles", "leads"))
            return Reranker(mean, spread, load_layers(stored), styles, leads)
    except Exception as error:  # a file can be broken in any way
        raise ValueError(f"{path} holds no reranker: {error}") from error


def nearness(
    audio: Audio,
    asked: Asked,
    reranker: Reranker | PartsReranker | None,
    parts: Mapping[str, Audio] | None = None,
) -> float:
    """Rates a draft that begins on the downbeat: a log-likelihood, 0 at best.

    Of parts it adds up what `PartsReranker` says; else the log-likelihoods of the style, of any lead that the prompt
    names, and of a snare or clap on the backbeat.
    """
    if isinstance(reranker, PartsReranker) and parts:
        return reranker.nearness(parts, asked.bpm, asked.style, asked.concepts, asked.left_out)
    levels = band_levels(audio)
    likely = [backbeat(levels, asked.bpm)]
    if isinstance(reranker, Reranker):
        styles, leads = reranker.hear(levels)
        named = [each for each in leads if f"sound:{each}" in concepts(asked.prompt)]
        likely += [styles.get(asked.style, 1.0), sum(leads[each] for each in named) if named else 1.0]
    return float(np.sum(np.log(np.clip(likely, _LEAST, 1.0))))


def backbeat(levels: np.ndarray, bpm: float) -> float:
    """Returns the mean certainty of a snare or clap on the backbeats, 0 to 1; the first frame is beat one.

    The backbeat is beat three in half-time, and beats two and four at slower tempos.
    """
    beat_frames = 60 / bpm / FRAME_SECONDS
    struck = (2,) if bpm >= HALF_TIME_FROM_BPM else (1, 3)
    beats = [beat for beat in range(int(len(levels) / beat_frames)) if beat % 4 in struck]
    if not beats:
        return 1.0
    beside = round(_BESIDE_SECONDS / FRAME_SECONDS)
    frames = np.rint(np.array(beats)[:, None] * beat_frames).astype(int) + np.arange(-beside, beside + 1)
    sure = certainty(levels)[np.clip(frames, 0, len(levels) - 1).ravel()]
    snares = sure[:, [HEARD.index("snare"), HEARD.index("clap")]].max(axis=1)
    return float(snares.reshape(len(beats), -1).max(axis=1).mean())


def statistics(levels: np.ndarray) -> np.ndarray:
    """Reduces levels (frames, bands) to what the network sees: mean, spread, movement and percentiles in dB."""
    db = 10 * np.log10(np.maximum(levels, 1e-20))
    db = np.maximum(db - db.max(), _FLOOR_DB)
    moves = np.abs(db[_STEP:] - db[:-_STEP]).mean(axis=0) if len(db) > _STEP else np.zeros(db.shape[1])
    parts = [db.mean(axis=0), db.std(axis=0), moves, *np.percentile(db, (10, 50, 90), axis=0)]
    return np.concatenate(parts).astype(np.float32)


def _likelihoods(names: tuple[str, ...], logits: np.ndarray) -> dict[str, float]:
    shares = np.exp(logits - logits.max())
    return dict(zip(names, (shares / shares.sum()).tolist(), strict=True))
