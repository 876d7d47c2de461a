"""Which formats of weights play: each is built by its maker's library, loaded, and asked for the same beat or picture.

    python -m benchmarks.formats                    every format; loading is measured on a base of some size
    python -m benchmarks.formats --quick --json     a part of it, tiny models alone

A format that plays must draw its maker's likeliest tokens in fp32, or its pixels; one that does not is refused in one
true line. Each loads in a process of its own, so that its seconds and its peak memory are its own. `peak_x` is that
memory over the size of the weights, and `fetched_mb` what the Hub has sent, here one on the loopback device, when a
repository is refused.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import leave, processor, read_options

SECRET = "hf_thisMustNotShow"
QUICK = ("audiocraft", "MusicGen-Stem, a part made anew", "transformers", "transformers, stereo melody", "PEFT adapter",
         "musicgen-style", "transformers, truncated", "xp.cfg that asks for HF_TOKEN", "FLUX.2 klein", "SDXL, LoHa",
         "SDXL, half of a LoRA for another UNet")  # fmt: skip
MOST_APART = 0.2  # of 255, on average, where an adapter is put on and not added
LONGEST_LINE = 400
LARGER, FIRST = ", larger", "first"  # of formats whose memory is measured; a small one of their kind is loaded first


def build(name: str, folder: Path) -> Any:
    """Writes one format into a folder; returns the tokens or pixels that its maker draws, as lists."""
    _be_quiet()
    os.chdir(folder.parent)  # where parts that a format names lie, as they would in the Hub's cache
    if name.endswith(LARGER):
        formats()[name.removesuffix(LARGER)].make(folder.parent / FIRST)
    expected = formats()[name].make(folder)
    return None if expected is None else expected.tolist()


def measure(name: str, folder: Path, expected: Any, more: bool = True) -> dict[str, Any]:
    """Loads one format and compares what it draws, in a process that has built nothing: the peak is the load's.

    Args:
        name: Of the format.
        folder: Where it lies.
        expected: Of `build`.
        more: Whether the bytes of a refusal, and memory, are measured too.
    """
    _be_quiet()
    from typebeat.engines import WeightsError

    os.chdir(folder.parent)
    told = formats()[name]
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    first = folder.parent / FIRST
    if first.is_dir():
        _load(first, told.picture)  # what a library does when it is first used is none of the format's memory
    before, began = _peak_mb(), time.monotonic()
    try:
        loaded = _load(folder, told.picture)
    except WeightsError as error:
        line = str(error)
        is_true = bool(told.refusal) and told.refusal in line and "\n" not in line and len(line) < LONGEST_LINE
        row = {"plays": 0, "refused_truly": int(is_true and SECRET not in line)}
        row |= {"fetched_mb": _fetched_mb(folder, told)} if more else {}
        return {**row, "line": line.replace(str(folder.parent), "")}
    row = {"seconds": round(time.monotonic() - began, 2)}
    if first.is_dir():
        peak = _peak_mb() - before
        row |= {"peak_mb": round(peak, 1), "peak_x": round(peak * 1e6 / size, 2)}
    equal, n = _same_picture(loaded, expected, folder) if told.picture else _same_tokens(told, folder, expected)
    return {"plays": 1, "equal": int(equal), **row, "files_mb": round(size / 1e6, 2), "n": n}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _fetched_mb(folder: Path, told: Any) -> float:
    """Returns how many megabytes the Hub sends before it is told that a repository cannot be used, and truly why."""
    from benchmarks.folder_hub import serving
    from benchmarks.picture_folders import ADAPTER
    from typebeat.engines import WeightsError
    from typebeat.engines.load import load_beat_engine, load_cover_engine

    for config in folder.parent.glob("*/adapter_config.json"):
        held = json.loads(config.read_text())
        base = held["base_model_name_or_path"]
        config.write_text(json.dumps({**held, "base_model_name_or_path": f"me/{base}"}))
    adapter = folder.parent / ADAPTER
    if adapter.is_dir():
        (adapter / "README.md").write_text(f"---\nbase_model: me/{folder.name}\n---\n")
    name = f"me/{ADAPTER if adapter.is_dir() else folder.name}"
    folders = {f"me/{each.name}": each for each in folder.parent.iterdir()}
    with serving(folders, folder.parent / "cache") as counted:
        try:
            (load_cover_engine if told.picture else load_beat_engine)(name)
        except WeightsError as error:
            if told.refusal in str(error) and SECRET not in str(error):
                return round(counted.bytes / 1e6, 2)
            raise RuntimeError(f"{name} is refused for another reason than its folder: {error}") from error
    raise RuntimeError(f"{name} was not refused")


def formats() -> dict[str, Any]:
    """Returns every format by its name, beats first."""
    from benchmarks.format_folders import FORMATS
    from benchmarks.picture_folders import PICTURES

    return {each.name: each for each in (*FORMATS, *PICTURES)}


def _load(folder: Path, picture: bool) -> Any:
    """Loads a format as the app does."""
    from typebeat.engines import Weights

    if not picture:
        from typebeat.engines.beat.musicgen import load_musicgen

        return load_musicgen(folder, Weights(folder.name, "folder", "", "", "cpu", ""))
    from benchmarks.picture_folders import ADAPTER, ONE_FILE_BASE
    from typebeat.engines.cover import single_file
    from typebeat.engines.cover.loading import load_cover

    single_file.fetch = lambda *_: folder.parent / ONE_FILE_BASE  # as if it were in the Hub's cache
    adapter = folder.parent / ADAPTER
    held = {"kid-cudi": adapter} if adapter.is_dir() else {}
    return load_cover(folder, Weights("sdxl", "folder", "", "", "cpu", ""), held)


def _same_tokens(told: Any, folder: Path, expected: Any) -> tuple[bool, int]:
    """Returns whether tokens (codebooks, frames), drawn in fp32, are the expected ones, and how many were compared."""
    from typebeat.engines.beat.loading import load_models

    tokens = told.draw(load_models(folder, "cpu"))
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
    machine = {"processor": processor(), "cores": os.cpu_count(), "load": round(os.getloadavg()[2], 1)}
    leave("formats", {**machine, "formats": rows, "all_good": int(all(good.values()))}, options)
    return 0 if all(good.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
