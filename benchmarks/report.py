"""Reads the options of a benchmark, and prints and keeps its results."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.tables import table

RESULTS = Path(__file__).parent / "results"


def read_options(about: str) -> argparse.Namespace:
    """Returns `quick` and `json` from the command line; `about` is the benchmark's docstring."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part of the same, in under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser.parse_args()


def leave(name: str, result: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints the table, keeps the result under `results/` unless the run was quick, and prints it as JSON if asked to.

    `make docs` then writes the table into docs and cards.
    """
    print(table(name, result))
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    if options.json:
        print(json.dumps(result))
