"""Breaks the world under a running Typebeat: kills it, fills its disk, takes its memory, files and Hub away.

    python -m benchmarks.faults                    the whole table
    python -m benchmarks.faults --quick --json     each fault a few times

Every scenario is a function from a number of trials to an `Outcome`. It uses the real starter, a real pipeline and real
faults: signals, small file systems in memory, limits of the system, an HTTP server that misbehaves. File systems need
root on Linux; elsewhere those scenarios are named as not tried.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.fault_trials import Outcome
from benchmarks.faults_of_disks import full_disk, no_inodes, read_only_disk
from benchmarks.faults_of_hubs import hub_faults
from benchmarks.faults_of_processes import (
    few_files,
    killed_packs,
    killed_server,
    little_memory,
    one_visitor_floods,
    told_to_end,
)
from benchmarks.report import leave, processor, read_options

SCENARIOS: tuple[tuple[Callable[[int], Outcome], int, int], ...] = (  # trials in a whole run, and in a quick one
    (killed_packs, 100, 8),
    (killed_server, 3, 1),
    (told_to_end, 3, 1),
    (full_disk, 24, 4),
    (no_inodes, 12, 3),
    (read_only_disk, 5, 1),
    (few_files, 16, 4),
    (little_memory, 12, 3),
    (one_visitor_floods, 3, 1),
)


def main() -> None:
    """Tries every fault, prints what was lost, and ends with 1 if anything was."""
    options = read_options(__doc__)
    rows: dict[str, dict[str, Any]] = {}
    for scenario, many, few in SCENARIOS:
        outcome = scenario(few if options.quick else many)
        rows[(scenario.__doc__ or "").splitlines()[0].rstrip(".")] = asdict(outcome)
        print(f"{scenario.__name__}: {outcome}", file=sys.stderr, flush=True)
    rows |= {f"The Hub: {name}": asdict(outcome) for name, outcome in hub_faults().items()}
    leave("faults", {"processor": processor(), "rows": rows}, options)
    sys.exit(any(row["lost"] for row in rows.values()))


if __name__ == "__main__":
    main()
