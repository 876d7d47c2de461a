"""What a benchmark does around its measuring: its options, its table of figures with their bars, and its results."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def read_options(about: str) -> argparse.Namespace:
    """Returns `quick` and `json` from the command line; `about` is the benchmark's docstring."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part of the same, in under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    return parser.parse_args()


def figures_table(columns: dict[str, dict[str, float]], bars: dict[str, str], digits: int = 2) -> str:
    """Returns figures as a Markdown table with the bar that each has to clear; counts (int) stay whole.

    Args:
        columns: Name of a column -> its figures; the first column has them all.
        bars: Name of a figure -> its bar.
        digits: After the point.
    """
    lines = ["| figure | bar | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for name in next(iter(columns.values())):
        cells = [_cell(column.get(name), digits) for column in columns.values()]
        lines.append(f"| {name} | {bars.get(name, '')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def leave(name: str, table: str, result: dict[str, Any], options: argparse.Namespace) -> None:
    """Prints the table, keeps both under `results/` unless it was a quick run, and prints the JSON last if asked to."""
    print(table)
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        (RESULTS / f"{name}.md").write_text(table + "\n")
    if options.json:
        print(json.dumps(result))


def _cell(value: float | None, digits: int) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"
