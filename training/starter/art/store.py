"""Keeps drawn covers in a folder: the pixels of a style as one array, and a line of captions and facts for each cover.

    python -m training.starter.art.store --folder WORK/art --count 6000 --of-each 800 --workers 2

Drawing can be stopped at any time; the same command goes on where it stopped.
"""

import argparse
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from training.starter.art.covers import Art, make_art
from training.starter.art.strokes import SIZE
from typebeat.covers.looks import CoverLook
from typebeat.request.styles import STYLES

AT_ONCE = 64  # covers that are drawn before they are written down


@dataclass(frozen=True)
class StoredArt:
    """Drawn covers of a style.

    Attributes:
        pixels: sRGB uint8 (count, SIZE, SIZE, 3), mapped from disk.
        captions: The captions of each cover.
        looks: What each cover shows.
    """

    pixels: np.ndarray
    captions: list[list[str]]
    looks: list[CoverLook]


def stored_art(folder: Path, style: str, count: int, workers: int = 1) -> StoredArt:
    """Returns the first `count` covers of a style ("" for none); draws those that are missing."""
    name = style or "no-style"
    pixels, lines = folder / f"{name}-{count}.npy", folder / f"{name}-{count}.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    if not pixels.exists():
        np.lib.format.open_memmap(pixels, "w+", np.uint8, (count, SIZE, SIZE, 3)).flush()
        lines.write_text("", encoding="utf-8")
    done = sum(line.endswith("\n") for line in lines.open(encoding="utf-8"))
    if done < count:
        drawn = np.load(pixels, mmap_mode="r+")
        with lines.open("r+", encoding="utf-8") as written:
            for _ in range(done):
                written.readline()
            written.seek(written.tell())
            written.truncate()
            for first in range(done, count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, count))
                rows = []
                for number, one in zip(numbers, _draw_all(style, numbers, workers), strict=True):
                    drawn[number] = one.pixels
                    rows.append(json.dumps({"captions": one.captions, "look": asdict(one.look)}) + "\n")
                drawn.flush()
                written.write("".join(rows))
                written.flush()
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    looks = [CoverLook(**{k: tuple(v) if isinstance(v, list) else v for k, v in row["look"].items()}) for row in rows]
    return StoredArt(np.load(pixels, mmap_mode="r"), [row["captions"] for row in rows], looks)


def _draw_all(style: str, numbers: Iterable[int], workers: int) -> Iterable[Art]:
    if workers == 1:
        return map(partial(make_art, style), numbers)
    return _pool(workers).map(partial(make_art, style), numbers, chunksize=8)


_pools: dict[int, ProcessPoolExecutor] = {}


def _pool(workers: int) -> ProcessPoolExecutor:
    return _pools.setdefault(workers, ProcessPoolExecutor(workers))


def main() -> None:
    """Draws covers with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="folder to keep the covers in")
    parser.add_argument("--count", type=int, default=6000, help="number of covers of no style")
    parser.add_argument("--of-each", type=int, default=800, help="number of covers of each style")
    parser.add_argument("--workers", type=int, default=2, help="number of processes")
    args = parser.parse_args()
    for style, count in (("", args.count), *((style, args.of_each) for style in STYLES)):
        stored_art(args.folder, style, count, args.workers)
        print(f"{count} covers of {style or 'no style'}", flush=True)


if __name__ == "__main__":
    main()
