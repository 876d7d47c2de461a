"""Work and results on their way to another machine: the same values and files there, and addresses of clusters."""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elsewhere import Elsewhere
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine

from typebeat.engines import Engines, Job
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.queue import Entry, Queue
from typebeat.serving.ray import parcels
from typebeat.serving.ray.connecting import ClusterError, connect, why_not
from typebeat.serving.ray.describing import described
from typebeat.serving.ray.parcels import (
    pack_result,
    pack_work,
    parts_of_files,
    unpack_result,
    unpack_work,
    write_part,
)
from typebeat.serving.readiness import readiness
from typebeat.serving.states import Finished, Waiting
from typebeat.serving.watching import where
from typebeat.serving.work import DrawnCovers, MakeBeat, Measure

BEAT = resolve(BeatRequest(style="kid-cudi", bpm=105, key="A minor", bars=1, seed=3, parts=("beat",)))


def test_work_arrives_with_the_content_of_its_files_and_keeps_their_names(tmp_path: Path) -> None:
    (tmp_path / "loop.wav").write_bytes(b"sound")
    parcel = pack_work(Measure(tmp_path / "loop.wav", MidiOptions()))
    (tmp_path / "loop.wav").unlink()
    there = unpack_work(parcel, tmp_path / "inbox")
    assert (there.file.name, there.file.read_bytes(), there.said) == ("loop.wav", b"sound", MidiOptions())
    assert there.file == unpack_work(parcel, tmp_path / "inbox").file  # what was heard of it is found again
    gone = unpack_work(pack_work(Measure(tmp_path / "loop.wav", MidiOptions())), tmp_path / "inbox")
    assert not gone.file.exists()


def test_of_too_many_uploads_a_replica_keeps_the_latest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcels, "MOST_UPLOADS", 2)
    for content in (b"1", b"2", b"3"):
        (tmp_path / "loop.wav").write_bytes(content)
        latest = unpack_work(pack_work(Measure(tmp_path / "loop.wav", MidiOptions())), tmp_path / "inbox").file
    assert latest.read_bytes() == b"3"
    assert len(list((tmp_path / "inbox").iterdir())) == 2


def test_results_arrive_with_their_files_in_the_folder_of_the_job(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    (there / "in").mkdir(parents=True)
    here.mkdir()
    (there / "in" / "a.png").write_bytes(b"a" * (parcels.PART_BYTES + 1))
    (there / "empty").write_bytes(b"")
    result = DrawnCovers((there / "in" / "a.png",), ({"seed": 1},))
    sent = list(parts_of_files(there))
    assert [len(part.content) for part in sent] == [0, parcels.PART_BYTES, 1]
    for part in sent:
        write_part(part, here)
    assert unpack_result(pack_result(result, there), here) == replace(result, files=(here / "in" / "a.png",))
    assert (here / "in" / "a.png").read_bytes() == (there / "in" / "a.png").read_bytes()
    assert (here / "empty").read_bytes() == b""


def test_a_refusal_can_be_sent_and_tells_where_it_was_raised() -> None:
    sent = pickle.loads(pickle.dumps(RequestError("bars", "too many")))
    assert (type(sent), sent.field, str(sent)) == (RequestError, "bars", "too many")
    sent.where = ("pipeline.py:1 make_pack",)
    assert where(sent) == ("pipeline.py:1 make_pack",)


def test_a_queue_takes_as_many_as_there_are_workers_now_and_work_may_be_a_coroutine() -> None:
    workers = 1

    async def work(job: Job) -> int:
        while workers == 1:
            await asyncio.sleep(0.01)
        return 5

    async def both() -> list[Any]:
        nonlocal workers
        queue = Queue(2, 30, lambda: workers)
        seen: list[Any] = []

        async def one() -> Any:
            async for state in queue.run(Entry("beat", 1.0, work, threading.Event())):
                seen.append(state)
            return seen[-1]

        tasks = [asyncio.create_task(one()) for _ in range(2)]
        while not any(isinstance(state, Waiting) for state in seen):
            await asyncio.sleep(0.01)
        assert not queue.is_full
        workers = 2
        return await asyncio.gather(*tasks)

    assert asyncio.run(both()) == [Finished(5), Finished(5)]


def test_a_runner_hands_its_jobs_on_and_is_ready_as_long_as_there_is_somebody_to_do_them() -> None:
    elsewhere = Elsewhere()
    runner = JobRunner(Engines(FakeEngine()), elsewhere)

    async def made() -> list[Any]:
        async with runner.visit(None) as stop:
            return [state async for state in runner.beat(BEAT, stop)]

    assert asyncio.run(made())[-1].result.zip.is_file()
    assert (readiness(runner).is_ready, readiness(runner).facts["replicas"]) == (True, 1)
    elsewhere.replicas = 0
    assert not readiness(runner).is_ready
    runner.close()


def test_a_pack_can_be_sent_as_work() -> None:
    work = MakeBeat(BEAT, True, None, None)
    assert unpack_work(pack_work(work), Path("nowhere")) == work


@pytest.mark.parametrize("address", ["head", "http://head:6379", "ray://head:10001", "head:99999", "head:", ""])
def test_what_is_no_address_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(ClusterError, match="is no address of a cluster: give auto, local or host:port"):
        connect(address)


def test_an_address_that_does_not_answer_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            ClusterError, match=rf"no Ray cluster answers at {address} \(Connection refused\): start one"
        ):
            connect(address)


def test_what_ray_says_becomes_one_line_that_says_what_would_be_right() -> None:
    one = "    Ray: {}\n    Python: 3.11.7\n"
    versions = f"Version mismatch: The cluster was started with:\n{one}This process was started with:\n{one}"
    told = why_not(RuntimeError(versions.format("2.9.0", "2.60.0")), "a:1")
    assert told == (
        "the cluster runs Ray 2.9.0 on Python 3.11.7, this process Ray 2.60.0 on Python 3.11.7: "
        "install the same on every machine"
    )
    none = ConnectionError("Could not find any running Ray instance. Please specify the one to connect to")
    assert "start one with `ray start --head`" in why_not(none, "auto")
    assert "\n" not in why_not(RuntimeError("a page\nof text " * 99), "a:1")


def test_trouble_of_a_cluster_has_a_title_for_visitors() -> None:
    assert explain(ClusterError("the machines were lost"))[1] == "the machines were lost"


def test_nothing_of_ray_is_imported_without_the_setting() -> None:
    modules = "app, typebeat.page, typebeat.cli, typebeat.batch.runs, typebeat.serving.ray.opening"
    asked = f"import {modules}, sys; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_models_are_described_by_all_that_others_ask_of_them():
    engines = Engines(FakeEngine(), cover=FakeCover())
    told = pickle.loads(pickle.dumps(described(engines)))
    assert (told.beat.weights, told.beat.sample_rate) == (engines.beat.weights, engines.beat.sample_rate)
    assert not hasattr(told.beat, "reranker")
    assert (told.cover.weights, told.cover.drafts) == (FAKE_WEIGHTS, 1)
    assert told.cover.vocabulary == engines.cover.vocabulary
