"""Rendered beats on disk: for each seed one raw int16 file (parts, samples), rendered once and read in pieces.

    python -m training.starter.corpus.store --folder WORK/beats --first 0 --count 4000

Training draws its seeds from `TRAINING_SEEDS_FROM` upwards; everything below is for tests and benchmarks and is never
learnt from. Notes and words of a beat are composed again from its seed where they are needed.
"""

import argparse
import math
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from training.starter.corpus.score import PARTS
from training.starter.seeds import TRAINING_SEEDS_FROM

SAMPLE_RATE = 32_000
SECONDS = 20.5  # at least, in whole bars: a window of the language model and some room


def bars_of(bpm: float, seconds: float = SECONDS) -> int:
    """Returns the number of whole bars that last at least `seconds`."""
    return math.ceil(seconds * bpm / 240)


def compose_stored(seed: int):
    """Returns the `Score` of a stored beat."""
    from training.starter.corpus.compose import compose

    return compose(seed, bars_of(compose(seed, 1).plan.bpm))


def render_all(folder: Path, seeds: range, workers: int = 1) -> list[Path]:
    """Renders the beats that are not there yet; returns the files of all seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(partial(_render_one, folder), seeds, chunksize=4))


def _render_one(folder: Path, seed: int) -> Path:
    os.environ["OMP_NUM_THREADS"] = "1"
    from training.starter.corpus.render import render

    path = folder / f"{seed}.s16"
    if not path.exists():
        stems = render(compose_stored(seed))
        sound = np.stack([stems[name] for name in PARTS])
        unfinished = path.with_suffix(".part")
        (np.clip(sound, -1, 1) * 32_767).round().astype(np.int16).tofile(unfinished)
        unfinished.rename(path)
    return path


class Crops:
    """Random crops of single parts of stored beats; the same step gets the same ones.

    Args:
        paths: Files of `render_all`.
        parts: Numbers of the parts to draw from, with equal share.
        length: Samples of a crop.
        seed: Of the draw.
    """

    def __init__(self, paths: list[Path], parts: tuple[int, ...], length: int, seed: int):
        if not paths:
            raise ValueError("there are no rendered beats: run training.starter.corpus.store first")
        self._paths, self._parts, self._length, self._seed = paths, parts, length, seed

    def batch(self, size: int, step: int) -> np.ndarray:
        """Returns (size, length) float32 in [-1, 1]; one crop in twelve may be silent."""
        rng = np.random.default_rng([self._seed, step])
        return np.stack([self._crop(rng, allow_silence=i % 12 == 11) for i in range(size)])

    def _crop(self, rng: np.random.Generator, allow_silence: bool) -> np.ndarray:
        while True:
            path = self._paths[rng.integers(len(self._paths))]
            samples = path.stat().st_size // 2 // len(PARTS)
            part, start = rng.choice(self._parts), int(rng.integers(samples - self._length + 1))
            offset = 2 * (int(part) * samples + start)
            crop = np.fromfile(path, np.int16, self._length, offset=offset).astype(np.float32) / 32_767
            gain = float(np.exp(rng.uniform(np.log(0.5), np.log(1.6))))
            peak = float(np.abs(crop).max())
            if allow_silence or peak > 3e-3:
                return crop * min(gain, 0.98 / max(peak, 1e-6))


def main() -> None:
    """Renders a range of training beats."""
    parser = argparse.ArgumentParser(
        description="Render beats of the starter's corpus to train on; skip those that are there."
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the rendered beats are kept (5 MB a beat)")
    parser.add_argument("--first", type=int, default=0, help="number of the first training beat")
    parser.add_argument("--count", type=int, default=4000, help="number of beats")
    parser.add_argument("--workers", type=int, default=1, help="number of processes")
    args = parser.parse_args()
    first = TRAINING_SEEDS_FROM + args.first
    render_all(args.folder, range(first, first + args.count), args.workers)


if __name__ == "__main__":
    main()
