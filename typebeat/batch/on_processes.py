"""Makes the packs of a table on several processes of this machine, each with models of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from typebeat.batch.begun import Batch, keep_weights, weights_of
from typebeat.batch.rows import making
from typebeat.batch.table import Row
from typebeat.request.settings import Settings

if TYPE_CHECKING:
    from typebeat.engines import Engines

DIED = "its process died, perhaps for want of memory"

_engines: Engines | None = None  # one a worker process


def results_of_processes(rows: list[Row], batch: Batch, workers: int) -> Iterator[tuple[Row, str]]:
    """Yields each row with the reason why it failed, "" where its pack is made, as they are finished.

    If a process dies, the rows that were being made are tried again one by one, so that only the one to blame fails.

    Raises:
        RequestError: the weights are others than the batch was begun with.
    """
    left, suspects = {row.id: row for row in rows}, list[Row]()
    while left:
        running: dict[Future[str], Row] = {}
        alone = suspects[:1]
        for row, reason in _until_one_dies(alone or list(left.values()), batch, 1 if alone else workers, running):
            del left[row.id]
            yield row, reason
        for row in running.values():
            is_made = (batch.out / row.id).is_dir()  # it was done, and not reported yet
            if is_made or alone:
                del left[row.id]
                yield row, "" if is_made else DIED
        suspects = suspects[1:] if alone else [row for row in running.values() if row.id in left]


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _until_one_dies(
    rows: list[Row], batch: Batch, workers: int, running: dict[Future[str], Row]
) -> Iterator[tuple[Row, str]]:
    """Yields rows as they are finished; ends early where a process dies, and leaves in `running` what it was making."""
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), _start_worker, (batch.settings, batch.parts, max(1, cores() // workers))
    )
    try:
        keep_weights(batch, pool.submit(_weights).result())
        waiting = iter(rows)
        while True:
            for row in islice(waiting, workers - len(running)):
                future: Future[str] = pool.submit(_make_row, row, batch.out)
                running[future] = row
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                reason = done.result()
                yield running.pop(done), reason
    except BrokenProcessPool:
        if not running:
            raise RuntimeError("the processes end while they load the weights; see the lines above") from None
    finally:
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    """Ends a pool at once, also in the middle of a row: what is not finished is made again by the next run."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _start_worker(settings: Settings, parts: list[str], threads: int) -> None:
    """Loads what makes `parts` into a worker process, which ends when the one that began it does."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from typebeat.engines.load import load_engines

    global _engines
    _engines = load_engines(settings, parts)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _weights() -> dict[str, str]:
    assert _engines is not None
    return weights_of(_engines)


def _make_row(row: Row, out: Path) -> str:
    """Makes a row's pack; returns why it failed, or ""."""
    from typebeat.pipeline import make_pack

    assert _engines is not None
    with making(row, out) as made:
        made.keep(make_pack(row.request, _engines, made.hidden).folder)
    return made.failed
