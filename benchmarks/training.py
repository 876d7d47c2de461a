"""Measures the cost of training (steps per second, memory, several processes) and whether a finetune learns a style.

    python -m benchmarks.training --work somewhere/                     the whole table; resumes a stopped run
    python -m benchmarks.training --work somewhere/ --parts lora full   some parts of it, added to earlier results
    python -m benchmarks.training --quick --json                        a small part of it, about two minutes

The starter is finetuned by LoRA and in full on 20 tracks of a style that it has never heard. A classifier of the four
styles, trained on corpus beats, judges beats for prompts of held-out tracks before and after. Seeds and settings are in
training_style.py. A quick run has too few steps to learn the style; it only shows that everything works.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import leave, make_parser
from benchmarks.training_style import (
    FINETUNES,
    HELD_OUT,
    SHAPES,
    TRACKS,
    Learning,
    Sizes,
    steps_of,
    tracks_of_the_style,
)
from training.beat.models import load_base
from training.data.records import read_split
from training.runs.options import Say
from training.runs.run_record import read_run
from training.starter.fourth_style import write_phonk

ROOT = Path(__file__).parents[1]
PARTS = ("before", "lora", "full", "cache", "processes", "steps")


FULL, QUICK = Sizes(160, 8, 48, 50, SHAPES, tuple(FINETUNES)), Sizes(4, 4, 2, 6, SHAPES[:1], ("lora",))


def measure_steps(sizes: Sizes, say: Say) -> dict[str, Any]:
    """Returns the results of training_steps.py for each shape and method, each measured in its own process."""
    rows = {}
    for shape in sizes.timed_shapes:
        for method in sizes.timed_methods:
            steps = {"starter": "6", "musicgen-small": "2"}[shape]
            command = [sys.executable, "-m", "benchmarks.training_steps", shape, method, steps]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            rows[f"{shape} {method}"] = json.loads(done.stdout.splitlines()[-1])
            say(f"{shape} {method}: {rows[f'{shape} {method}']}")
    return {"steps_per_s": rows["starter lora"]["steps_per_s"], "steps": rows}


def measure_processes(work: Path, say: Say) -> float:
    """Returns the largest difference between the losses of one process and of two, with the same batch."""
    data = work / "short"
    if not (data / "validation" / "metadata.jsonl").is_file():
        write_phonk(data, 0, 4, 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    launch = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", port]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    histories = []
    for count, how in ((1, []), (2, launch)):
        options = {"--data": data, "--out": work / f"processes{count}", "--cache": work / "cache", "--samples": 0}
        options |= {"--steps": 3, "--batch": 4, "--micro-batch": 2, "--check-every": 3, "--method": "full"}
        command = [sys.executable, *how, "-m", "training.finetune_musicgen"]
        command += [str(word) for pair in options.items() for word in pair]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{count} processes failed:\n{done.stderr[-2000:]}")
        record = read_run(work / f"processes{count}")
        if record.processes != count:
            raise RuntimeError(f"{record.processes} processes ran where {count} were asked for")
        histories.append(record.history)
    pairs = [
        (one[name], two[name])
        for one, two in zip(*histories, strict=True)
        for name in ("loss", "validation_loss")
        if name in one
    ]
    say(f"losses of one and of two processes: {pairs}")
    return max(abs(one - two) for one, two in pairs)


def measure_cache(work: Path) -> dict[str, float]:
    """Returns the seconds to encode a batch of 8 clips, and to read it from the cache."""
    from training.beat.token_cache import encode, tokenize_clips

    base, found = load_base("starter", "cpu")
    clips = read_split(tracks_of_the_style(work), "train")[:8]
    tokenize_clips(base.codec, f"{found.name} {found.revision}", clips, work / "cache", print)
    begun = time.perf_counter()
    tokenize_clips(base.codec, f"{found.name} {found.revision}", clips, work / "cache", print)
    cached = time.perf_counter() - begun
    begun = time.perf_counter()
    for clip in clips:
        encode(base.codec, clip)
    return {"batch_cached_s": cached, "batch_encoded_s": time.perf_counter() - begun}


def measure(work: Path, sizes: Sizes, parts: Sequence[str], say: Say) -> dict[str, Any]:
    """Measures parts of the benchmark, keeps the results in `work`, and returns all figures known so far."""
    work.mkdir(parents=True, exist_ok=True)
    learning = cache(lambda: Learning(work, sizes))
    measures = {
        "before": lambda: learning().before(),
        "lora": lambda: learning().after("lora", say),
        "full": lambda: learning().after("full", say),
        "cache": lambda: measure_cache(work),
        "processes": lambda: {"ddp_diff": measure_processes(work, say)},
        "steps": lambda: measure_steps(sizes, say),
    }
    figures: dict[str, Any] = {}
    for part in PARTS:
        found = work / f"{part}.json"
        if part in parts and not found.is_file():
            told = measures[part]()
            say(f"{part}: {told}")
            found.write_text(json.dumps(told))
        figures |= json.loads(found.read_text()) if found.is_file() else {}
    counts = {"n_tracks": TRACKS, "n_held_out": HELD_OUT, "n_beats": sizes.beats, "n_batch": sizes.batch}
    counts |= {f"n_steps_{name}": steps_of(name, sizes) for name in FINETUNES}
    known = {"loss_after": figures["loss_after_lora"]} if "loss_after_lora" in figures else {}
    return {**figures, **known, **counts}


def main() -> None:
    """Measures, then prints and writes all results so far."""
    parser = make_parser(__doc__)
    parser.add_argument(
        "--work", type=Path, help="folder for intermediate results, so that a stopped run can be resumed"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work, sizes = args.work or Path(folder), QUICK if args.quick else FULL
        figures = measure(work, sizes, args.parts, lambda line: print(line, flush=True))
    leave("training", figures, args)


if __name__ == "__main__":
    main()
