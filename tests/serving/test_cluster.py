"""A Ray cluster of two nodes on this machine: the same packs as without it, whatever is stopped, killed or added."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import cluster_engines
import numpy as np
import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")

import ray
from ray import serve
from ray.cluster_utils import Cluster as Machines

from typebeat.engines import Stopped
from typebeat.parts.pack import BeatPack
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import SettledRequest, resolve
from typebeat.serving.failures import NotLoadedError
from typebeat.serving.jobs import JobRunner
from typebeat.serving.ray import cluster as clusters
from typebeat.serving.ray import replica
from typebeat.serving.ray.connecting import ClusterError, connect
from typebeat.serving.ray.opening import deploy
from typebeat.serving.readiness import readiness
from typebeat.serving.states import Finished, Playing, Working
from typebeat.serving.watching import where

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside Ray
ROOT = Path(__file__).parents[2]
LOOP = ROOT / "docs" / "samples" / "loop.ogg"
CPUS = 0.6  # of a replica: one fits on a node of one
FIXED = {"autoscaling_config": {"min_replicas": 2, "max_replicas": 2}, "ray_actor_options": {"num_cpus": CPUS}}
PATIENCE_S = 300  # of a machine that is busy with other things
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),  # of the processes that Ray starts
    "OMP_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
}


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """Two nodes of one core each."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        started = Machines(
            initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "no_monitor": True}
        )
        started.add_node(num_cpus=1)
        try:
            connect(started.address)
            serve.start(proxy_location="Disabled")
            yield started
        finally:
            ray.shutdown()
            started.shutdown()


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a file for each process that made something."""
    return tmp_path_factory.mktemp("trace")


@pytest.fixture(scope="module")
def cluster(machines: Machines, trace: Path) -> clusters.Cluster:
    deploy(replica.application(partial(cluster_engines.traced_but_for_one_node, str(trace)), **FIXED))
    found = clusters.Cluster()
    wait_until(lambda: found.processes() == 2, "two replicas")
    return found


@pytest.fixture
def runner(cluster: clusters.Cluster) -> Iterator[JobRunner]:
    opened = JobRunner(cluster.engines, cluster)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def here() -> Iterator[JobRunner]:
    """The same without a cluster."""
    opened = JobRunner(cluster_engines.plain())
    yield opened
    opened.close()


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Waits until something holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE_S, f"no {what} in {PATIENCE_S} s"
        time.sleep(0.1)


def beat(seed: int = 3, bars: int = 1, prompt: str = "") -> SettledRequest:
    wish = BeatRequest(prompt=prompt, style="kid-cudi", bpm=105, key="A minor", bars=bars, seed=seed, parts=("beat",))
    return resolve(wish)


async def states_of(states: Any) -> list[Any]:
    async with aclosing(states) as all_of_them:
        return [state async for state in all_of_them]


async def drained(runner: JobRunner, begin: Callable[..., Any], *given: Any, **more: Any) -> list[Any]:
    async with runner.visit(None) as stop:
        return await states_of(begin(*given, stop, **more))


def made(runner: JobRunner, begin: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """What a job makes."""
    last = asyncio.run(drained(runner, begin, *given, **more))[-1]
    assert isinstance(last, Finished)
    return last.result


def heard(states: list[Any]) -> np.ndarray:
    return np.concatenate([state.piece.samples for state in states if isinstance(state, Playing)], axis=1)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def steps_made(trace: Path) -> int:
    return sum(path.stat().st_size for path in trace.iterdir())


def test_a_pack_has_the_same_bytes_as_without_a_cluster_and_its_steps_and_sound_are_streamed(runner, here):
    there = asyncio.run(drained(runner, runner.beat, beat(), aloud=True))
    alone = asyncio.run(drained(here, here.beat, beat(), aloud=True))
    pack, same = there[-1].result, alone[-1].result
    assert contents(pack.folder.parent) == contents(same.folder.parent)
    assert pack.folder.parent.parent == runner.folders
    assert runner.pack(f"{pack.folder.parent.name}/{pack.folder.name}") == pack
    assert len({state.done for state in there if isinstance(state, Working)}) > 5
    np.testing.assert_array_equal(heard(there), heard(alone))


def test_covers_uploads_and_measurements_are_the_same_too(runner, here, tmp_path):
    request = CoverRequest(prompt="bells", style="kid-cudi", seed=5, variations=2).resolved()
    drawn, same = (made(each, each.covers, request) for each in (runner, here))
    assert [path.read_bytes() for path in drawn.files] == [path.read_bytes() for path in same.files]
    assert made(runner, runner.analysis, LOOP, MidiOptions()) == made(here, here.analysis, LOOP, MidiOptions())
    brought = made(runner, runner.reference, LOOP, ReferenceOptions())
    same = made(here, here.reference, LOOP, ReferenceOptions())
    assert brought.facts() == same.facts()
    np.testing.assert_array_equal(brought.audio.samples, same.audio.samples)


def test_what_is_wrong_with_a_request_or_with_the_work_arrives_as_it_was_raised(runner, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(RequestError) as refused:
        made(runner, runner.analysis, tmp_path / "text.wav", MidiOptions())
    assert refused.value.field
    assert str(tmp_path) not in str(refused.value)
    with pytest.raises(ZeroDivisionError) as crashed:
        made(runner, runner.beat, beat(prompt="crash"))
    assert any(frame.endswith("generate") for frame in where(crashed.value))
    assert not list(runner.folders.iterdir())


def test_stop_ends_the_work_on_the_other_machine_at_once(runner, trace):
    before = steps_made(trace)

    async def stopped() -> float:
        async with runner.visit("somebody") as stop, aclosing(runner.beat(beat(bars=16), stop)) as states:
            async for state in states:
                if isinstance(state, Working) and state.done > 5:
                    runner.stop("somebody")
                    pressed = time.monotonic()
                    with pytest.raises(Stopped):
                        await states.__anext__()
                    return time.monotonic() - pressed
        raise AssertionError("it ended before it was stopped")

    assert asyncio.run(stopped()) < 1
    assert steps_made(trace) > before
    time.sleep(1)
    after = steps_made(trace)
    time.sleep(1)
    assert steps_made(trace) == after


def test_weights_are_chosen_by_the_page_and_what_cannot_be_loaded_is_told(runner):
    assert made(runner, runner.weights, "other").name == "other"
    assert made(runner, runner.beat, beat()).recipe["weights"]["beat"]["name"] == "other"
    with pytest.raises(NotLoadedError, match=r"^broken: model.safetensors is truncated; other plays on$"):
        made(runner, runner.weights, "broken")
    assert made(runner, runner.weights, "fake").name == "fake"
    assert made(runner, runner.beat, beat()).recipe["weights"]["beat"]["name"] == "fake"


def test_ready_tells_what_is_there(runner):
    found = readiness(runner)
    assert found.is_ready
    assert {name: found.facts[name] for name in ("replicas", "nodes", "gpus", "trouble")} == {
        "replicas": {"running": 2},
        "nodes": 2,
        "gpus": 0,
        "trouble": [],
    }
    assert found.facts["weights"]["beat"]["name"] == "fake"


def test_a_page_of_another_version_is_told_so_in_one_line(runner, monkeypatch):
    monkeypatch.setattr(clusters, "__version__", "0.0.1")
    with pytest.raises(ClusterError, match=r"has Typebeat .*, and 0.0.1 was asked for: install the same"):
        made(runner, runner.beat, beat())


def test_of_twenty_packs_none_is_lost_when_a_replica_and_a_node_are_killed(machines, runner, here, trace):
    wanted = [made(here, here.beat, beat(seed), aloud=True).zip.read_bytes() for seed in range(20)]
    alone = asyncio.run(drained(here, here.beat, beat(0), aloud=True))
    finished: list[int] = []

    async def visit(seed: int) -> tuple[BeatPack, np.ndarray]:
        states = await drained(runner, runner.beat, beat(seed), aloud=True)
        finished.append(seed)
        if len(finished) == 4:
            latest = max(trace.iterdir(), key=lambda path: path.stat().st_mtime)
            os.kill(int(latest.name), signal.SIGKILL)
        if len(finished) == 10:
            worker = next(node for node in machines.list_all_nodes() if not node.head)
            await asyncio.to_thread(machines.remove_node, worker, allow_graceful=False)
        return states[-1].result, heard(states)

    async def visits() -> list[tuple[BeatPack, np.ndarray]]:
        return await asyncio.gather(*(visit(seed) for seed in range(20)))

    packs = asyncio.run(visits())
    assert [pack.zip.read_bytes() for pack, _ in packs] == wanted
    assert sorted(finished) == list(range(20))
    assert len({pack.folder.parent for pack, _ in packs}) == len(list(runner.folders.iterdir())) == 20
    assert {sound.shape for _, sound in packs} == {heard(alone).shape}  # nothing was heard twice
    np.testing.assert_array_equal(packs[0][1], heard(alone))


def test_a_node_that_joins_is_used_and_one_that_cannot_load_its_weights_is_named(machines, cluster, runner):
    bad = machines.add_node(num_cpus=1, env_vars={cluster_engines.BAD_NODE: "1"})
    wait_until(lambda: cluster.trouble() == ("mine: model.safetensors is truncated",), "trouble")
    assert readiness(runner).facts["trouble"] == ["mine: model.safetensors is truncated"]
    assert readiness(runner).is_ready
    assert made(runner, runner.beat, beat()).zip.is_file()
    machines.remove_node(bad, allow_graceful=False)
    machines.add_node(num_cpus=1)
    wait_until(lambda: cluster.processes() == 2, "replica on the new node")
    assert made(runner, runner.beat, beat()).zip.is_file()
    wait_until(lambda: not cluster.trouble(), "end of the trouble")


def begin_batch(machines: Machines, trace: Path, table: Path, out: Path) -> subprocess.Popen[str]:
    script = [sys.executable, str(ROOT / "tests" / "cluster_batch.py"), str(trace)]
    more = ["--out", str(out), "--address", machines.address]
    return subprocess.Popen([*script, "batch", str(table), *more], text=True, stderr=subprocess.PIPE)


def test_of_a_batch_each_row_is_made_once_whoever_is_killed(machines, cluster, trace, tmp_path):
    serve.delete(replica.APP)  # its place is needed
    table, out = tmp_path / "rows.csv", tmp_path / "packs"
    table.write_text("id,prompt,bars,parts\n" + "".join(f"row{number},bells,1,beat\n" for number in range(12)))

    def rows() -> dict[str, int]:
        return {each.name: (each / "recipe.json").stat().st_mtime_ns for each in out.glob("row*")}

    first = begin_batch(machines, trace, table, out)
    wait_until(lambda: len(rows()) >= 3 or first.poll() is not None, "three rows")
    first.kill()
    said = first.communicate()[1]
    before = rows()
    assert 3 <= len(before) < 12, said
    again = begin_batch(machines, trace, table, out)
    wait_until(lambda: len(rows()) >= len(before) + 2 or again.poll() is not None, "two rows more")
    os.kill(int(max(trace.iterdir(), key=lambda path: path.stat().st_mtime).name), signal.SIGKILL)
    said = again.communicate(timeout=5 * PATIENCE_S)[1]
    assert again.returncode == 0, said
    assert f"12 rows: {len(before)} done already, {12 - len(before)} to make on the cluster" in said
    assert sorted(rows()) == sorted(f"row{number}" for number in range(12))
    assert {name: rows()[name] for name in before} == before
    assert {each.name for each in out.iterdir()} == {*rows(), "batch.json", ".lock"}
    for name in rows():
        recipe = json.loads((out / name / "recipe.json").read_text())
        assert {file["name"] for file in recipe["files"]} <= {each.name for each in (out / name).iterdir()}
