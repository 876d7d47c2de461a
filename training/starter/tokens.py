"""Corpus beats as codec tokens with their tags: what the starter's language model learns from.

Beats are rendered, encoded part by part and forgotten; only tokens stay on disk, a small file a beat, so that a run
that was stopped goes on where it was.
"""

import json
import math
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from training.starter.compose import compose
from training.starter.corpus import STEMS, make_beat
from training.starter.dataset import TRAINING_SEEDS_FROM
from typebeat.request.words import BeatTags, beat_caption, describe

_codec = None  # one a worker process


@dataclass(frozen=True)
class Window:
    """A stretch of a beat: codes (K, T) int64, seconds from the beat's start to its first frame, tags and caption."""

    codes: np.ndarray
    start_seconds: float
    tags: BeatTags
    caption: str


def tokenize(folder: Path, codec_folder: Path, first: int, count: int, seconds: float, workers: int = 2) -> list[Path]:
    """Encodes the beats of `count` training seeds, each at least `seconds` long; leaves out those that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(TRAINING_SEEDS_FROM + first, TRAINING_SEEDS_FROM + first + count)
    with ProcessPoolExecutor(workers, initializer=_load_codec, initargs=(codec_folder,)) as pool:
        return list(pool.map(partial(_tokenize_one, folder, seconds), seeds, chunksize=4))


def _load_codec(codec_folder: Path) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch

    from typebeat.engines.quiet import quiet_import

    torch.set_num_threads(1)
    with quiet_import():
        from typebeat.engines.beat.starter import load_codec
    global _codec
    _codec = load_codec(codec_folder)


def _tokenize_one(folder: Path, seconds: float, seed: int) -> Path:
    import torch

    path = folder / f"{seed}.npz"
    if not path.exists():
        bpm = compose(seed, 1).bpm
        beat = make_beat(seed, max(8, math.ceil(seconds * bpm / 240)))
        parts = [torch.from_numpy(beat.stems[name])[None, None] for name in STEMS]
        with torch.inference_mode():
            codes = _codec.encode_parts(parts)[0]
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, codes=codes.numpy().astype(np.int16), tags=json.dumps(asdict(beat.score.tags)))
        unfinished.rename(path)
    return path


class TokenWindows:
    """Random windows of tokenised beats, half of them from the first downbeat on, each with a new caption."""

    def __init__(self, paths: list[Path], frames: int, frame_rate: float, seed: int):
        self._beats = []
        for path in paths:
            with np.load(path) as file:
                tags = json.loads(str(file["tags"]))
                self._beats.append((file["codes"], BeatTags(**{**tags, "concepts": tuple(tags["concepts"])})))
        self._frames, self._frame_rate = frames, frame_rate
        self._seed = seed

    def batch(self, size: int, step: int) -> list[Window]:
        """Returns `size` windows of equal length; the same step gets the same ones."""
        rng, words = np.random.default_rng([self._seed, step]), Random(f"{self._seed} {step}")
        windows = []
        for i in rng.integers(len(self._beats), size=size):
            last = self._beats[i][0].shape[1] - self._frames
            start = 0 if rng.random() < 0.5 else int(rng.integers(last + 1))
            windows.append(self._window(int(i), start, words))
        return windows

    def all_from_start(self) -> list[Window]:
        """Returns the window at the start of each beat, in order: for validation."""
        words = Random(self._seed)
        return [self._window(i, 0, words) for i in range(len(self._beats))]

    def _window(self, i: int, start: int, words: Random) -> Window:
        codes, tags = self._beats[i]
        caption = beat_caption(describe(tags, words), tags.style, tags.bpm, tags.key, words)
        return Window(codes[:, start : start + self._frames].astype(np.int64), start / self._frame_rate, tags, caption)
