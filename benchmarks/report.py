"""Reads the options of a benchmark, formats its figures as a table, and writes its results."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

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


def figures_table(columns: dict[str, dict[str, float]], bars: dict[str, str], form: str = ".2f") -> str:
    """Returns figures as a Markdown table, with the bar that each should reach.

    Args:
        columns: The figures of each column by name; the first column has all figures.
        bars: The bars by the name of the figure.
        form: The format of all values but counts (int).
    """
    lines = ["| figure | bar | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for name in next(iter(columns.values())):
        cells = [_cell(column.get(name), form) for column in columns.values()]
        lines.append(f"| {name} | {bars.get(name, '')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def leave(name: str, table: str, result: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints the table, writes table and figures to `results/` unless the run is quick, and prints JSON if asked."""
    print(table)
    if not options.quick:
        write_results(name, table, result)
    if options.json:
        print(json.dumps(result))


def write_results(name: str, table: str, result: dict[str, Any]) -> None:
    """Writes the table and the figures of a benchmark to `results/`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    (RESULTS / f"{name}.md").write_text(table + "\n")


def _cell(value: float | None, form: str) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else format(value, form)
