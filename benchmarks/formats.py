"""Which formats of weights play: each is built by its maker's library, loaded, and asked for the same beat or picture.

    python -m benchmarks.formats                    every format; loading is measured on a base of some size
    python -m benchmarks.formats --quick --json     a part of it, tiny models alone

A format that plays must draw its maker's likeliest tokens in fp32, or its pixels; one that does not is refused in one
true line. Each loads in a process of its own, so that its seconds and its peak memory are its own; what importing takes
is left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import leave, read_options

SECRET = "hf_thisMustNotShow"
QUICK = ("audiocraft", "MusicGen-Stem, a part made anew", "transformers", "transformers, stereo melody", "PEFT adapter",
         "musicgen-style", "transformers, truncated", "xp.cfg that asks for HF_TOKEN", "FLUX.2 klein", "SDXL, LoHa",
         "SDXL, half of a LoRA for another UNet")  # fmt: skip
MOST_APART = 0.2  # of 255, on average, where an adapter is put on and not added
LONGEST_LINE = 400


def build(name: str, folder: Path) -> Any:
    """Writes one format into a folder; returns the tokens or pixels that its maker draws, as lists."""
    _be_quiet()
    with chdir(folder.parent):  # where parts that a format names lie, as they would in the Hub's cache
        expected = formats()[name].make(folder)
    return None if expected is None else expected.tolist()


def measure(name: str, folder: Path, expected: Any) -> dict[str, Any]:
    """Loads one format and compares what it draws, in a process that has built nothing: the peak is the load's."""
    import resource
    import time

    _be_quiet()
    from typebeat.engines import WeightsError

    told = formats()[name]
    size = sum(file.stat().st_size for file in folder.parent.rglob("*") if file.is_file())
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        loaded = _load(folder, told.picture)
    except WeightsError as error:
        line = str(error)
        is_true = bool(told.refusal) and told.refusal in line and "\n" not in line and len(line) < LONGEST_LINE
        shown = line.replace(str(folder.parent), "")
        return {"plays": 0, "refused_truly": int(is_true and SECRET not in line), "line": shown}
    seconds = time.monotonic() - began
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 1e6
    equal, n = _same_picture(loaded, expected, folder) if told.picture else _same_tokens(told.draw(loaded), expected)
    return {
        "plays": 1,
        "equal": int(equal),
        "seconds": round(seconds, 2),
        "peak_mb": round(peak, 1),
        "files_mb": round(size / 1e6, 2),
        "n": n,
    }


def formats() -> dict[str, Any]:
    """Returns every format by its name, beats first."""
    from benchmarks.format_folders import FORMATS
    from benchmarks.picture_folders import PICTURES

    return {each.name: each for each in (*FORMATS, *PICTURES)}


def _load(folder: Path, picture: bool) -> Any:
    """Loads a format as the app does."""
    if not picture:
        from typebeat.engines.beat.loading import load_models

        return load_models(folder, "cpu")
    from benchmarks.picture_folders import ADAPTER
    from typebeat.engines import Weights
    from typebeat.engines.cover.loading import load_cover

    adapter = folder.parent / ADAPTER
    held = {"kid-cudi": adapter} if adapter.is_dir() else {}
    return load_cover(folder, Weights("sdxl", "folder", "", "", "cpu", ""), held)


def _same_tokens(tokens: Any, expected: Any) -> tuple[bool, int]:
    """Returns whether tokens (codebooks, frames) are the expected ones, and how many were compared."""
    frames = min(tokens.shape[-1], len(expected[0])) if expected else 0
    equal = frames > 0 and tokens[:, :frames].tolist() == [row[:frames] for row in expected]
    return equal and tokens.unique().numel() > 10, frames * len(tokens)


def _same_picture(engine: Any, expected: Any, folder: Path) -> tuple[bool, int]:
    """Returns whether a picture model draws the expected pixels, with an adapter nearly, and how many were compared."""
    from dataclasses import replace

    import numpy as np

    from benchmarks.picture_folders import ADAPTER, PROMPT, STEPS
    from benchmarks.tiny_pictures import SIDE

    engine.plan = replace(engine.plan, steps=STEPS, side=SIDE)
    picture, wanted = engine.draw(PROMPT, "kid-cudi", [1])[0].astype(int), np.array(expected)
    most = MOST_APART if (folder.parent / ADAPTER).is_dir() else 0.0
    return bool(np.abs(picture - wanted).mean() <= most and wanted.std() > 10), picture.size


def _be_quiet() -> None:
    """Imports what every format needs, so that it counts for none, and keeps transformers from remarking on it."""
    import warnings

    from typebeat.engines.quiet import import_audiocraft

    warnings.simplefilter("ignore")
    import_audiocraft()
    from diffusers import AutoPipelineForText2Image  # noqa: F401
    from transformers import EncodecModel, T5EncoderModel, T5Tokenizer  # noqa: F401
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def main() -> int:
    """Measures each format; ends with 1 where one neither plays with equal tokens nor is refused truly."""
    options = read_options(__doc__)
    os.environ["HF_TOKEN"] = SECRET  # what a crafted file would like to read
    _be_quiet()
    names = [name for name in formats() if not options.quick or name in QUICK]
    rows = {}
    context = get_context("fork")  # what is imported is imported once
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "weights"
            with context.Pool(1) as pool:
                expected = pool.apply(build, (name, folder))
            with context.Pool(1) as pool:
                rows[name] = pool.apply(measure, (name, folder, expected))
    good = {name: row.get("equal", row.get("refused_truly", 0)) for name, row in rows.items()}
    leave("formats", {"formats": rows, "all_good": int(all(good.values()))}, options)
    return 0 if all(good.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
