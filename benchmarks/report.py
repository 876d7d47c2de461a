"""Reads the options of a benchmark, prints and keeps its results, and names the processor that they are from."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from benchmarks.tables import table

RESULTS = Path(__file__).parent / "results"


def make_parser(about: str) -> argparse.ArgumentParser:
    """Returns a parser with the options `quick` and `json`; `about` is the docstring of the benchmark."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="measure only a small part, which takes a minute or two")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object in the last line")
    return parser


def read_options(about: str) -> argparse.Namespace:
    """Reads `quick` and `json` from the command line; `about` is the docstring of the benchmark."""
    return make_parser(about).parse_args()


def leave(name: str, result: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints the table, writes the result to `results/` unless the run is quick, and prints JSON if asked.

    `make docs` then writes the table into documents and cards.
    """
    print(table(name, result))
    if not options.quick:
        write_results(name, result)
    if options.json:
        print(json.dumps(result))


def write_results(name: str, result: dict[str, Any]) -> None:
    """Writes the figures of a benchmark to `results/`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")


def processor() -> str:
    """Names the processor and the best of its instructions that PyTorch uses."""
    import torch

    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    vnni = "VNNI" if torch.cpu._is_vnni_supported() else "no VNNI"
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}, {vnni}"
