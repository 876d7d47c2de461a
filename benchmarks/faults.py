"""Breaks the world under a running Typebeat: kills it, fills its disk, takes its memory, files and Hub away, crowds it.

    python -m benchmarks.faults                        the whole table
    python -m benchmarks.faults --only many_clients    some rows of it, added to earlier ones
    python -m benchmarks.faults --quick --json         each fault a few times

Every scenario is a function from a number of trials to an `Outcome`. It uses the real starter, a real pipeline, and
real faults: signals, small file systems in memory, limits of the system, sockets, an HTTP server that misbehaves. File
systems need root on Linux; elsewhere those scenarios are named as not tried. Some scenarios take their number as
seconds, connections or channels, which their row says.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.fault_trials import Outcome
from benchmarks.faults_of_clocks import clock_jumps, forks, same_pack_twice, two_apps
from benchmarks.faults_of_connections import idle_connections, slow_readers, slow_senders
from benchmarks.faults_of_disks import full_disk, no_inodes, read_only_disk
from benchmarks.faults_of_floods import one_visitor_floods
from benchmarks.faults_of_hubs import QUICK, hub_faults
from benchmarks.faults_of_load import many_clients
from benchmarks.faults_of_long_files import longest_file
from benchmarks.faults_of_processes import few_files, killed_packs, killed_server, little_memory, told_to_end
from benchmarks.faults_of_training import killed_downloads, killed_exports, killed_trainings
from benchmarks.report import RESULTS, leave, make_parser, processor

HUB = "hub_faults"
SCENARIOS: tuple[tuple[Callable[[int], Outcome], int, int], ...] = (  # trials in a whole run, and in a quick one
    (killed_packs, 100, 4),
    (killed_trainings, 100, 2),
    (killed_exports, 100, 6),
    (killed_downloads, 100, 3),
    (killed_server, 3, 1),
    (told_to_end, 3, 1),
    (full_disk, 24, 4),
    (no_inodes, 12, 3),
    (read_only_disk, 5, 1),
    (few_files, 16, 4),
    (little_memory, 12, 3),
    (longest_file, 2, 1),
    (clock_jumps, 5, 1),
    (same_pack_twice, 20, 2),
    (forks, 12, 3),
    (two_apps, 3, 1),
    (idle_connections, 1000, 1000),
    (slow_readers, 64, 16),
    (slow_senders, 64, 16),
    (one_visitor_floods, 3, 1),
    (many_clients, 1800, 60),
)


def main() -> None:
    """Tries faults, prints what was lost, and ends with 1 if anything was."""
    names = [scenario.__name__ for scenario, *_ in SCENARIOS] + [HUB]
    parser = make_parser(__doc__)
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="scenarios to try")
    options = parser.parse_args()
    tried: dict[str, dict[str, Any]] = {}
    on = {"processor": processor()}
    for scenario, many, few in SCENARIOS:
        if scenario.__name__ in options.only:
            began, outcome = time.monotonic(), scenario(few if options.quick else many)
            tried[row_name(scenario)] = asdict(outcome) | on
            print(f"{scenario.__name__}, {time.monotonic() - began:.0f} s: {outcome}", file=sys.stderr, flush=True)
    if HUB in options.only:
        outcomes = hub_faults(QUICK) if options.quick else hub_faults()
        tried |= {f"The Hub: {name}": asdict(outcome) | on for name, outcome in outcomes.items()}
    earlier = {} if options.quick else earlier_rows()
    order = [row_name(scenario) for scenario, *_ in SCENARIOS]
    rows = dict(
        sorted((earlier | tried).items(), key=lambda row: order.index(row[0]) if row[0] in order else len(order))
    )
    leave("faults", {"rows": rows}, options)
    sys.exit(any(row["lost"] for row in tried.values()))


def row_name(scenario: Callable[[int], Outcome]) -> str:
    """Returns what a scenario is called in the table: the first line of its docstring."""
    return (scenario.__doc__ or "").splitlines()[0].rstrip(".")


def earlier_rows() -> dict[str, Any]:
    """Returns the rows that were written by earlier runs."""
    file = RESULTS / "faults.json"
    return json.loads(file.read_text(encoding="utf-8"))["rows"] if file.is_file() else {}


if __name__ == "__main__":
    main()
