"""Keeps drawn covers in a folder: the pixels of a style as one array, and a line of captions and facts for each cover.

    python -m training.starter.art.store --folder WORK/art --count 6000 --of-each 800 --workers 2

Drawing can be stopped at any time; the same command goes on where it stopped.
"""

import argparse
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
    whole = [line for line in lines.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
    if len(whole) < count:
        lines.write_text("".join(whole), encoding="utf-8")  # without a line that was cut off
        with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
            _draw_missing(pixels, lines, style, range(len(whole), count), map if pool is None else pool.map)
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    return StoredArt(np.load(pixels, mmap_mode="r"), [row["captions"] for row in rows], [_look(row) for row in rows])


def _draw_missing(pixels: Path, lines: Path, style: str, missing: range, mapped: Callable[..., Iterable[Art]]) -> None:
    drawn = np.load(pixels, mmap_mode="r+")
    for first in range(missing.start, missing.stop, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, missing.stop))
        rows = []
        for number, one in zip(numbers, mapped(partial(make_art, style), numbers), strict=True):
            drawn[number] = one.pixels
            rows.append(json.dumps({"captions": one.captions, "look": asdict(one.look)}) + "\n")
        drawn.flush()
        with lines.open("a", encoding="utf-8") as written:
            written.write("".join(rows))


def _look(row: dict[str, Any]) -> CoverLook:
    return CoverLook(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in row["look"].items()}
    )


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
