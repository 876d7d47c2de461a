"""Makes the packs of a table that are not made yet, on this machine's processes or on a cluster; says how far it is.

A pack that stands there under a row's id, in a folder or in a shard, is finished. What was killed before is made again
by the next run of the same command.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from typebeat.batch.begun import Batch, refuse_other
from typebeat.batch.on_processes import cores, results_of_processes
from typebeat.batch.rows import clear_unfinished
from typebeat.batch.shards import Shards, sharded
from typebeat.batch.table import Row, digest
from typebeat.parts.writing import check_writable, whole
from typebeat.request.options import RequestError, shown
from typebeat.request.settings import Settings

FAILED_FILE, LOCK_FILE = "failed.csv", ".lock"
MOST_WORKERS = 64

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


def run_batch(
    rows: list[Row],
    out: Path,
    settings: Settings,
    workers: int | None,
    say: Say,
    *,
    address: str | None = None,
    in_shards: bool = False,
) -> Outcome:
    """Makes the packs that are not in `out` yet: a folder a row, named by its id, or shards of many packs.

    Args:
        rows: Of `table.read_table`.
        out: Gets the folders, and failed.csv with the rows that failed.
        settings: Which weights make them.
        workers: Processes at once, each of which loads the weights; None for as many as a cluster has room for.
        say: Gets a line of progress now and then.
        address: Of a Ray cluster whose machines make them, as TYPEBEAT_RAY takes it; None for this machine.
        in_shards: Moves finished packs into tar files for WebDataset, those of earlier runs too.

    Raises:
        RequestError: `out` holds another batch, is used by another run, or was begun with other weights.
        ClusterError: the cluster cannot be reached or used.
        OSError: `out` cannot be written.
    """
    check_writable(out)
    try:
        with FileLock(out / LOCK_FILE, timeout=0):
            return _run_locked(rows, out, settings, workers, say, address, in_shards)
    except Timeout as error:
        raise RequestError("out", f"another run works in {shown(str(out))}: wait for it, or choose another") from error


def _run_locked(
    rows: list[Row],
    out: Path,
    settings: Settings,
    workers: int | None,
    say: Say,
    address: str | None,
    in_shards: bool,
) -> Outcome:
    batch = Batch(out, digest(rows), settings, sorted({part for row in rows for part in row.request.parts}))
    refuse_other(out, {"table": batch.table})
    clear_unfinished(out)
    in_a_shard = sharded(out)
    open_rows = [row for row in rows if row.id not in in_a_shard and not (out / row.id).is_dir()]
    shards = Shards(out, rows, in_a_shard) if in_shards else None
    outcome = Outcome(before=len(rows) - len(open_rows))
    where = f"{workers} processes" if workers else "the cluster"
    say(f"{len(rows)} rows: {outcome.before} done already, {len(open_rows)} to make on {where}")
    clock = _Clock(len(open_rows), time.monotonic())
    if address:
        from typebeat.batch.on_cluster import results_of_cluster

        results = results_of_cluster(open_rows, batch, address, workers)
    else:
        results = results_of_processes(open_rows, batch, workers or 1)
    for row, reason in results:
        if reason:
            outcome.failed[row.id] = reason
        else:
            outcome.made.append(row.id)
            if shards:
                shards.add(row.id)
        say(clock.line(len(outcome.made), len(outcome.failed)))
    if shards:
        shards.write()
    _write_failed(out, rows, outcome.failed)
    return outcome


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
