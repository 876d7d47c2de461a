"""Rendered corpus beats on disk, for training the codec and the language model.

A shard is a folder with one raw int16 file (stems, samples) per beat seed. Training draws its seeds from
`TRAINING_SEEDS_FROM` upwards; everything below is for tests and benchmarks and is never learnt from.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from training.starter.corpus import STEMS, make_beat

TRAINING_SEEDS_FROM = 1_000_000
_FULL_SCALE = 32_767


def render(folder: Path, first: int, count: int, bars: int, workers: int = 2) -> list[Path]:
    """Renders the beats of `count` training seeds into `folder`, leaving out those that stand there already."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(TRAINING_SEEDS_FROM + first, TRAINING_SEEDS_FROM + first + count)
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(_render_one, folder, bars), seeds, chunksize=8))


def _render_one(folder: Path, bars: int, seed: int) -> Path:
    path = folder / f"{seed}_{bars}.i16"
    if not path.exists():
        beat = make_beat(seed, bars)
        stems = np.stack([beat.stems[name] for name in STEMS])
        unfinished = path.with_suffix(".part")
        (np.clip(stems, -1, 1) * _FULL_SCALE).astype(np.int16).tofile(unfinished)
        unfinished.rename(path)
    return path


class StemCrops:
    """Random crops of rendered beats."""

    def __init__(self, paths: list[Path], samples: int, seed: int):
        self._stems = [np.memmap(path, np.int16, "r").reshape(len(STEMS), -1) for path in paths]
        self._samples = samples
        self._rng = np.random.default_rng(seed)

    def batch(self, size: int) -> np.ndarray:
        """Returns (size, stems, samples) float32 in [-1, 1]."""
        crops = []
        for _ in range(size):
            stems = self._stems[self._rng.integers(len(self._stems))]
            start = self._rng.integers(stems.shape[1] - self._samples + 1)
            crops.append(stems[:, start : start + self._samples])
        return np.stack(crops).astype(np.float32) / _FULL_SCALE
