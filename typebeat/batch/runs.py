"""Makes the packs of a table on several processes, each row exactly once and whole.

A row's pack is made under a hidden name and renamed to the row's id as the last thing, so a folder that stands there is
finished. What is killed in between is cleared away and made again by the next run of the same command.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from typebeat.batch.table import Row, digest
from typebeat.parts.writing import check_writable, whole
from typebeat.request.options import RequestError, shown
from typebeat.request.settings import Settings
from typebeat.version import __version__

if TYPE_CHECKING:
    from typebeat.engines import Engines

STATE_FILE, FAILED_FILE, LOCK_FILE = "batch.json", "failed.csv", ".lock"
PART = ".part"  # how names of what is not finished end
MOST_WORKERS = 64
LONGEST_REASON = 300  # characters
DIED = "its process died, perhaps for want of memory"

_engines: Engines | None = None  # one a worker process

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What a run did.

    Attributes:
        made: Ids of the rows whose packs were made now.
        before: Number of rows that were finished before.
        failed: For each row that failed its id and why.
    """

    made: list[str] = field(default_factory=list)
    before: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def read_workers(text: str | None, address: str | None = None) -> int | None:
    """Returns how many processes are asked for, by default as many as fit this machine; None for all of a cluster."""
    from typebeat.engines.load import best_device

    if text is None:
        if address:
            return None
        return 1 if best_device() != "cpu" else cores()
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise RequestError("workers", f"workers must be a number from 1 to {MOST_WORKERS}, not {shown(text)}")
    return int(text)


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_batch(
    rows: list[Row], out: Path, settings: Settings, workers: int | None, say: Say, address: str | None = None
) -> Outcome:
    """Makes the packs that are not in `out` yet: a folder a row, named by its id.

    Args:
        rows: Of `table.read_table`.
        out: Gets the folders, and failed.csv with the rows that failed.
        settings: Which weights make them.
        workers: Processes at once, each of which loads the weights; None for as many as a cluster has room for.
        say: Gets a line of progress now and then.
        address: Of a Ray cluster whose machines make them, as TYPEBEAT_RAY takes it; None for this machine.

    Raises:
        RequestError: `out` holds another batch, is used by another run, or was begun with other weights.
        ClusterError: the cluster cannot be reached or used.
        OSError: `out` cannot be written.
    """
    check_writable(out)
    try:
        with FileLock(out / LOCK_FILE, timeout=0):
            return _run_locked(rows, out, settings, workers, say, address)
    except Timeout as error:
        raise RequestError("out", f"another run works in {shown(str(out))}: wait for it, or choose another") from error


def _run_locked(
    rows: list[Row], out: Path, settings: Settings, workers: int | None, say: Say, address: str | None
) -> Outcome:
    batch = Batch(out, digest(rows), settings, sorted({part for row in rows for part in row.request.parts}))
    _refuse_other(out, {"table": batch.table})
    for left in out.glob(f".*{PART}"):
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
    open_rows = [row for row in rows if not (out / row.id).is_dir()]
    outcome = Outcome(before=len(rows) - len(open_rows))
    where = f"{workers} processes" if workers else "the cluster"
    say(f"{len(rows)} rows: {outcome.before} done already, {len(open_rows)} to make on {where}")
    clock = _Clock(len(open_rows), time.monotonic())
    if address:
        from typebeat.batch.on_cluster import results_of_cluster

        results = results_of_cluster(open_rows, batch, address, workers)
    else:
        results = _results(open_rows, batch, workers or 1)
    for row, reason in results:
        if reason:
            outcome.failed[row.id] = reason
        else:
            outcome.made.append(row.id)
        say(clock.line(len(outcome.made), len(outcome.failed)))
    _write_failed(out, rows, outcome.failed)
    return outcome


@dataclass(frozen=True)
class Batch:
    """What all rows share: the folder, the hash of the table, the settings, and which parts of packs are made."""

    out: Path
    table: str
    settings: Settings
    parts: list[str]


def _refuse_other(out: Path, batch: dict[str, Any]) -> bool:
    """Refuses a folder in which another batch was begun; returns whether this one was."""
    file = out / STATE_FILE
    if not file.exists():
        return False
    try:
        begun = json.loads(file.read_text())
        differs = next((name for name in batch if begun[name] != batch[name]), None)
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError("out", f"{shown(str(file))} is damaged: choose another folder") from error
    if differs == "table":
        raise RequestError("out", f"{shown(str(out))} holds the packs of another table: choose another folder")
    if differs:
        told = f"was begun with {begun[differs]}, here are {batch[differs]}"
        raise RequestError("out", f"{shown(str(out))} {told}: choose another folder")
    return True


def _results(rows: list[Row], batch: Batch, workers: int) -> Iterator[tuple[Row, str]]:
    """Yields each row with the reason why it failed, "" where its pack is made, as they are finished.

    If a process dies, the rows that were being made are tried again one by one, so that only the one to blame fails.
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


def keep_weights(batch: Batch, weights: dict[str, str]) -> None:
    """Writes which weights make a new batch; raises RequestError for others than one was begun with."""
    state = {"table": batch.table, "weights": weights, "typebeat": __version__}
    if not _refuse_other(batch.out, state):
        with whole(batch.out / STATE_FILE) as part:
            part.write_text(json.dumps(state, indent=2) + "\n")


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


def weights_of(engines: Engines) -> dict[str, str]:
    """Returns which weights are loaded, in words, by part."""
    loaded = {"beat": engines.beat.weights}
    if engines.cover:
        loaded["cover"] = engines.cover.weights
    return {part: f"{each.name}@{each.revision}, {each.precision}" for part, each in loaded.items()}


def _make_row(row: Row, out: Path) -> str:
    """Makes a row's pack; returns why it failed, or ""."""
    from typebeat.pipeline import make_pack

    assert _engines is not None
    hidden = out / f".{row.id}.{os.getpid()}{PART}"
    try:
        pack = make_pack(row.request, _engines, hidden)
        os.replace(pack.folder, out / row.id)
        return ""
    except Exception as error:  # whatever it is, the other rows are made
        logging.getLogger(__name__).exception("row %s failed", row.id)
        return reason_of(error)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def reason_of(error: Exception) -> str:
    """Returns why a row failed, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_REASON]


def _write_failed(out: Path, rows: list[Row], failed: dict[str, str]) -> None:
    file = out / FAILED_FILE
    if not failed:
        file.unlink(missing_ok=True)
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row", "id", "reason"))
    writer.writerows((row.number, row.id, failed[row.id]) for row in rows if row.id in failed)
    with whole(file) as part:
        part.write_text(text.getvalue(), encoding="utf-8")


@dataclass(frozen=True)
class _Clock:
    """Tells how far a run is and when it ends, by the pace of this run so far."""

    wanted: int
    begun: float

    def line(self, made: int, failed: int) -> str:
        done = made + failed
        left = (time.monotonic() - self.begun) / done * (self.wanted - done)
        end = time.strftime("%H:%M", time.localtime(time.time() + left))
        failures = f", {failed} failed" if failed else ""
        when = f"; done about {end}, in {left / 60:.0f} min" if left else ""
        return f"{done} of {self.wanted} rows{failures}{when}"
