"""Makes the packs of a table on a Ray cluster. The folders are written here, so no disk need be shared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from typebeat.batch.begun import Batch, keep_weights, weights_of
from typebeat.batch.rows import making
from typebeat.batch.table import Row
from typebeat.engines import UNWATCHED
from typebeat.serving.ray.connecting import ClusterError
from typebeat.serving.ray.opening import rented_cluster
from typebeat.serving.work import MakeBeat

if TYPE_CHECKING:
    from typebeat.serving.ray.cluster import Cluster

LOOK_SECONDS = 1.0  # between two looks whether more machines have come
APP = "typebeat-batch-"  # and the beginning of the table's hash


def results_of_cluster(rows: list[Row], batch: Batch, address: str, workers: int | None) -> Iterator[tuple[Row, str]]:
    """Yields each row with the reason why it failed, "" where its pack is made, as they are finished.

    What a machine was making when it was lost is made by another one; of what it made nothing is kept.

    Raises:
        ClusterError: the cluster cannot be reached or used.
        RequestError: it has other weights than the batch was begun with.
    """
    if not rows:
        return
    with rented_cluster(batch.settings, address, APP + batch.table[:8], batch.parts, workers) as cluster:
        keep_weights(batch, weights_of(cluster.engines))
        loop, waiting, running = asyncio.new_event_loop(), iter(rows), dict[asyncio.Task[str], Row]()
        try:
            while True:
                for row in islice(waiting, max(0, cluster.jobs_at_once() - len(running))):
                    running[loop.create_task(_make(row, batch, cluster))] = row
                if not running:
                    return
                first = asyncio.wait(running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in loop.run_until_complete(first)[0]:
                    yield running.pop(task), task.result()
        finally:
            for task in running:
                task.cancel()
            if running:
                loop.run_until_complete(asyncio.wait(running))
            loop.close()


async def _make(row: Row, batch: Batch, cluster: Cluster) -> str:
    """Makes a row's pack; returns why it failed, or ""."""
    with making(row, batch.out) as made:
        pack = await cluster.do(MakeBeat(row.request, False, None, None), made.hidden, UNWATCHED)
        loaded, wanted = pack.recipe["weights"]["beat"], cluster.engines.beat.weights
        if (loaded["name"], loaded["revision"]) != (wanted.name, wanted.revision):
            raise ClusterError(f"a machine has other weights, {loaded['name']}@{loaded['revision']}")
        made.keep(pack.folder)
    return made.failed
