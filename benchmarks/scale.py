"""Measures serving from a Ray cluster of two nodes on this machine: packs a minute, overhead, kills, a node that joins.

    python -m benchmarks.scale                    two minutes for each crowd; 20 packs with kills
    python -m benchmarks.scale --quick --json     packs of one bar without parts, for half a minute each

Needs requirements-ray.txt and the weights that ship. "One" is what `python app.py` does without a cluster, on all
cores; "two" are two nodes of one core, with a replica each. Visitors are jobs of a `JobRunner`, four at once, each with
one pack after the other. Overhead is what a lone pack on a replica takes beyond the same pack on one thread in this
process, in turns. The figures that begin with "scale" are computed, for 1,000 visitors who want a pack a minute each:
from the times of the stages, the time that the page's process spends on a pack, and the size of a pack. Nothing of that
was tried.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

import psutil

from benchmarks.old_processors import processor
from benchmarks.report import leave, read_options
from typebeat.parts.pack import BeatPack
from typebeat.request.requests import BeatRequest
from typebeat.request.settings import Settings
from typebeat.request.settled import SettledRequest, resolve
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import Finished
from typebeat.serving.watching import WAITING, JobRecord

STARTER = Settings(beat="starter", cover="starter", stems="starter")
VISITORS, SECONDS, QUICK_SECONDS = 4, 120.0, 30.0
PAIRS, QUICK_PAIRS = 7, 2  # of lone packs, on a replica and in this process
KILLED_PACKS, REPLICA_AFTER, NODE_AFTER = 20, 5, 12
PATIENCE_S = 600.0
WISHED, EVERY_S, GPUS = 1000, 60.0, 100  # visitors, each of whom wants a pack a minute; GPUs to serve them
GPU_DECODE_S = 3.1  # of 13.7 s of sound by MusicGen medium on an A10G, computed in docs/deploy.md from its bandwidth
GPU_CORES = 4  # beside each GPU, for all that is not decoded
LINK_BYTES_S = 1.25e9  # 10 Gbit/s


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options(__doc__)
    seconds, pairs = (QUICK_SECONDS, QUICK_PAIRS) if options.quick else (SECONDS, PAIRS)
    seeds = count(7000)

    def wish(**more: Any) -> SettledRequest:
        short: dict[str, Any] = {"bars": 1, "parts": ("beat",)} if options.quick else {"bars": 2}
        given = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor"}
        return resolve(BeatRequest(**given, **{**short, "seed": next(seeds), **more}))

    from typebeat.engines.load import load_engines

    engines = load_engines(STARTER)
    here = JobRunner(engines)
    one = crowd(here, wish, seconds)
    figures = {f"one_{name}": value for name, value in one.items()}
    with two_nodes() as (machines, cluster):
        there = JobRunner(cluster.engines, cluster)
        records: list[JobRecord] = []
        there.listeners.append(records.append)
        spent = time.process_time()
        two = crowd(there, wish, seconds)
        page_s = (time.process_time() - spent) / max(1, two["packs"])
        figures |= {f"two_{name}": value for name, value in two.items()}
        figures["two_ratio"] = round(two["packs_per_min"] / max(one["packs_per_min"], 1e-9), 2)
        figures |= overhead(here, there, wish, pairs)
        figures |= kills(machines, cluster, there, wish)
    figures |= at_scale(records, page_s, figures["pack_mb"])
    leave("scale", {"processor": processor(), **figures}, options)


@contextmanager
def two_nodes() -> Iterator[tuple[Any, Any]]:
    """Yields a cluster of two nodes of one core, and the replicas on it."""
    os.environ |= {"PYTHONPATH": str(Path(__file__).parents[1]), "RAY_USAGE_STATS_ENABLED": "0"}
    import ray
    from ray.cluster_utils import Cluster as Machines

    from typebeat.serving.ray.opening import rented_cluster

    machines = Machines(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "no_monitor": True}
    )
    machines.add_node(num_cpus=1)
    try:
        with rented_cluster(STARTER, machines.address, "typebeat", ("cover", "stems", "midi"), 2) as cluster:
            wait_until(lambda: cluster.processes() == 2)
            yield machines, cluster
    finally:
        ray.shutdown()
        machines.shutdown()


def wait_until(holds: Callable[[], bool]) -> float:
    """Waits until something holds; returns how many seconds that took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit(f"nothing happened in {PATIENCE_S:g} s")
        time.sleep(0.1)
    return time.monotonic() - began


async def pack_of(runner: JobRunner, request: SettledRequest) -> BeatPack:
    """Makes a pack as one visitor."""
    async with runner.visit(None) as stop, aclosing(runner.beat(request, stop, aloud=True)) as states:
        async for state in states:
            if isinstance(state, Finished):
                return state.result
    raise AssertionError("a job ends with Finished or raises")


def crowd(runner: JobRunner, wish: Callable[..., SettledRequest], seconds: float) -> dict[str, float]:
    """Lets four visitors make one pack after the other; returns packs a minute and their waiting times."""
    waits: list[float] = []
    began = time.monotonic()

    async def visitor() -> None:
        while time.monotonic() - began < seconds:
            asked = time.monotonic()
            await pack_of(runner, wish())
            waits.append(time.monotonic() - asked)

    async def visitors() -> None:
        await asyncio.gather(*(visitor() for _ in range(VISITORS)))

    asyncio.run(visitors())
    per_minute = 60 * len(waits) / (time.monotonic() - began)
    return {
        "packs": len(waits),
        "packs_per_min": round(per_minute, 2),
        "wait_p50_s": round(statistics.median(waits), 2),
        "wait_max_s": round(max(waits), 2),
    }


def overhead(here: JobRunner, there: JobRunner, wish: Callable[..., SettledRequest], pairs: int) -> dict[str, float]:
    """Makes lone packs in turns in this process and on a replica, each on one thread; returns what they tell."""
    import torch

    torch.set_num_threads(1)
    more, equal, sizes = [], [], []
    for _ in range(pairs):
        request, taken, packs = wish(), [], []
        for runner in (here, there):
            began = time.monotonic()
            packs.append(asyncio.run(pack_of(runner, request)))
            taken.append(time.monotonic() - began)
        more.append(taken[1] - taken[0])
        equal.append(packs[0].zip.read_bytes() == packs[1].zip.read_bytes())
        files = [path for path in packs[1].folder.parent.rglob("*") if path.is_file()]
        sizes.append(sum(path.stat().st_size for path in files) / 1e6)
    return {
        "overhead_s": round(statistics.median(more), 3),
        "equal_bytes": sum(equal) / len(equal),
        "pack_mb": round(statistics.median(sizes), 1),
    }


def kills(machines: Any, cluster: Any, runner: JobRunner, wish: Callable[..., SettledRequest]) -> dict[str, float]:
    """Makes 20 packs while a replica and a node are killed, then lets a node join; returns what was lost."""
    errors: list[str] = []
    packs: list[BeatPack] = []

    async def visit(request: SettledRequest) -> None:
        try:
            packs.append(await pack_of(runner, request))
        except Exception as error:  # counted
            errors.append(repr(error))
        if len(packs) == REPLICA_AFTER:
            os.kill(a_replica(), signal.SIGKILL)
        if len(packs) == NODE_AFTER:
            worker = next(node for node in machines.list_all_nodes() if not node.head)
            await asyncio.to_thread(machines.remove_node, worker, allow_graceful=False)

    async def visits() -> None:
        requests = [wish(bars=1, parts=("beat",)) for _ in range(KILLED_PACKS)]
        await asyncio.gather(*(visit(request) for request in requests))

    asyncio.run(visits())
    machines.add_node(num_cpus=1)
    joined = wait_until(lambda: cluster.processes() == 2)
    for error in errors:
        print(f"error: {error}")
    return {
        "killed_packs": len(packs),
        "killed_errors": len(errors),
        "killed_distinct": len({pack.recipe["seed"] for pack in packs}),
        "join_s": round(joined, 1),
    }


def a_replica() -> int:
    """Returns the process of a replica of this cluster."""
    own = psutil.Process().children(recursive=True)
    return next(each.pid for each in own if "ServeReplica:typebeat" in " ".join(each.cmdline()))


def at_scale(records: list[JobRecord], page_s: float, pack_mb: float) -> dict[str, float]:
    """Computes what 1,000 visitors need, each with a pack a minute, from what a pack took.

    Returns:
        Packs a second that are wanted; how many one-core replicas make them; how many 100 GPUs make, if all but the
        decoding takes as long as here, shared by the cores beside each; processes of the page; and the share of a
        10 Gbit/s network.
    """
    done = [record.seconds for record in records if record.kind == "beat" and record.result == "done"]
    names = {stage for seconds in done for stage in seconds}
    stages = {stage: statistics.fmean(seconds.get(stage, 0.0) for seconds in done) for stage in names}
    side_by_side = VISITORS / 2  # on each of the two replicas, so a pack had half a core
    of_core = {stage: seconds / side_by_side for stage, seconds in stages.items() if stage != WAITING}
    rest = sum(of_core.values()) - of_core.get("making", 0.0)
    wanted = WISHED / EVERY_S
    gpu_s = max(GPU_DECODE_S, rest / GPU_CORES)
    return {
        "scale_packs_per_s_wanted": round(wanted, 1),
        "scale_cores": round(wanted * sum(of_core.values())),
        "scale_packs_per_s_of_100_gpus": round(GPUS / gpu_s, 1),
        "scale_page_processes": round(wanted * page_s, 2),
        "scale_network_share": round(wanted * pack_mb * 1e6 / LINK_BYTES_S, 3),
    }


if __name__ == "__main__":
    main()
