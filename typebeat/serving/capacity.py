"""How many jobs run side by side in this process."""

from __future__ import annotations

import os

import psutil

from typebeat.engines import BeatEngine

MOST_JOBS = 4  # more only make everybody's pack late
JOBS_FOR_A_CORE = 2  # drawn together, two beats take less time than one after the other
BYTES_FOR_A_JOB = 1.5e9  # beside the models: sounds of its takes, and what splits stems and draws


def jobs_at_once(beat: BeatEngine, cores: int | None = None) -> int:
    """Returns how many jobs may use the engines at once: one, unless the engine draws beats side by side.

    `cores` is how many this process has, by default all.
    """
    if not beat.side_by_side:
        return 1
    by_memory = int(psutil.virtual_memory().available / BYTES_FOR_A_JOB)
    return max(1, min(MOST_JOBS, JOBS_FOR_A_CORE * (cores or os.cpu_count() or 1), by_memory))
