"""Keeps drawn covers in a folder: the pixels as one array per style, and their captions."""

import json
from pathlib import Path

import numpy as np

from training.starter.art.covers import make_art


def stored_art(folder: Path, style: str, count: int) -> tuple[np.ndarray, list[list[str]]]:
    """Returns the first `count` covers of a style ("" for none) and their captions; draws them if they are missing.

    Returns:
        sRGB uint8 (count, SIZE, SIZE, 3), mapped from disk, and the captions of each.
    """
    name = style or "no-style"
    pixels, captions = folder / f"{name}-{count}.npy", folder / f"{name}-{count}.json"
    if not captions.exists():
        folder.mkdir(parents=True, exist_ok=True)
        art = (make_art(style, number) for number in range(count))
        first = next(art)
        drawn = np.lib.format.open_memmap(pixels, "w+", np.uint8, (count, *first.pixels.shape))
        drawn[0], said = first.pixels, [first.captions]
        for number, one in enumerate(art, 1):
            drawn[number] = one.pixels
            said.append(one.captions)
        drawn.flush()
        captions.write_text(json.dumps(said))
    return np.load(pixels, mmap_mode="r"), json.loads(captions.read_text())
