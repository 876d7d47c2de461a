"""What the page does when replicas are lost or say what is wrong, without a cluster: Ray need only be installed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cluster_engines
import numpy as np
import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install -r requirements-ray.txt")

from ray.exceptions import ActorDiedError, ActorUnavailableError, ObjectStoreFullError
from ray.serve.exceptions import RequestCancelledError

from typebeat.engines import Job, Stopped
from typebeat.request.options import RequestError
from typebeat.serving.ray import cluster as clusters
from typebeat.serving.ray.connecting import ClusterError
from typebeat.serving.ray.parcels import Failed, FilePart, pack_result
from typebeat.serving.ray.replica import Replica
from typebeat.serving.states import Finished, Playing, Working
from typebeat.serving.work import DrawnCovers
from typebeat.sound.audio import Audio
from typebeat.version import __version__

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside Ray
RATE = 32_000
SOUND = np.arange(12, dtype=np.float32)[None]
LOST = (ActorDiedError(), ActorUnavailableError("gone", None), asyncio.CancelledError())
SAID = """A replica failed to start with exception. Retrying 4 more time(s). Error:
ray::ServeReplica:typebeat:Replica.initialize_and_get_metadata() (pid=21623, ip=192.0.2.2)
RuntimeError: Traceback (most recent call last):
  File "/srv/ray/serve/_private/replica.py", line 1867, in initialize
    await self._user_callable_wrapper.initialize_callable()
typebeat.engines.WeightsError: /srv/weights/mine: model.safetensors is truncated
"""


def pieces(*ends: int) -> list[Playing]:
    """The sound in pieces that end there."""
    begins = (0, *ends)
    return [Playing(Audio(SOUND[:, begin:end], RATE)) for begin, end in zip(begins, ends, strict=False)]


class Response:
    """Sends what it is given; an exception is raised, and None is never answered."""

    def __init__(self, sent: list[Any]) -> None:
        self._sent = iter(sent)
        self.is_cancelled = False

    async def __anext__(self) -> Any:
        for each in self._sent:
            if each is None:
                await asyncio.sleep(60)
            if isinstance(each, BaseException):
                raise each
            return each
        raise StopAsyncIteration

    def cancel(self) -> None:
        self.is_cancelled = True


class Handle:
    """A handle whose requests are answered by one response after the other."""

    def __init__(self, *responses: list[Any]) -> None:
        self.responses = [Response(sent) for sent in responses]
        self._next = iter(self.responses)
        self.asked: list[tuple[Any, ...]] = []
        self.work = self

    def options(self, **options: Any) -> Handle:
        return self

    def remote(self, *asked: Any) -> Response:
        self.asked.append(asked)
        return next(self._next)


def cluster_with(handle: Handle) -> clusters.Cluster:
    made: clusters.Cluster = object.__new__(clusters.Cluster)
    made._handle, made._choosing = handle, None  # type: ignore[assignment]
    return made


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clusters, "RETRY_SECONDS", 0.0)
    return


def result_of(folder: Path) -> Finished:
    return Finished(pack_result(DrawnCovers((folder / "a.png",), ()), folder))


@pytest.mark.parametrize("lost", LOST, ids=lambda each: type(each).__name__)
def test_what_is_lost_is_done_anew_without_its_files_and_without_sound_that_was_heard(lost, tmp_path: Path) -> None:
    begun = [Working("Making", 1, 5, 0.1), *pieces(2, 5), FilePart("half.png", b"half", True), lost]
    whole = [*pieces(3, 4, 9, 12), FilePart("a.png", b"a", True), result_of(tmp_path)]
    handle = Handle(begun, begun, whole)
    heard: list[Audio] = []
    said: list[str] = []
    job = Job(lambda done, needed, doing: said.append(doing), None, heard.append)
    made = asyncio.run(cluster_with(handle).do(None, tmp_path, job))
    assert made == DrawnCovers((tmp_path / "a.png",), ())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.png": b"a"}
    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in heard], axis=1), SOUND)
    assert clusters.ANEW in said
    assert len(set(handle.asked)) == 1


def test_a_job_that_is_lost_each_time_ends_in_one_line(tmp_path: Path) -> None:
    handle = Handle(*[[ActorDiedError()]] * clusters.MOST_TRIES)
    with pytest.raises(ClusterError, match=r"^the machines that made it were lost 5 times; ask for less at once$"):
        asyncio.run(cluster_with(handle).do(None, tmp_path, Job()))


def test_a_full_object_store_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"^the object store of a machine of the cluster is full: give Ray more"):
        asyncio.run(cluster_with(Handle([ObjectStoreFullError("a page of text")])).do(None, tmp_path, Job()))


def test_an_error_of_the_work_is_raised_with_its_place_and_not_tried_again(tmp_path: Path) -> None:
    handle = Handle([Failed(RequestError("bars", "too many"), ("pipeline.py:1 make_pack",))])
    with pytest.raises(RequestError, match="too many") as refused:
        asyncio.run(cluster_with(handle).do(None, tmp_path, Job()))
    assert refused.value.where == ("pipeline.py:1 make_pack",)  # type: ignore[attr-defined]


def test_stop_cancels_what_a_replica_does_even_if_that_says_nothing(tmp_path: Path) -> None:
    stop, handle = threading.Event(), Handle([Working("Making", 1, 5, 0.1), None, RequestCancelledError("id")])

    async def stopped() -> None:
        doing = asyncio.create_task(cluster_with(handle).do(None, tmp_path, Job(should_stop=stop.is_set)))
        await asyncio.sleep(0.3)
        stop.set()
        await doing

    with pytest.raises(Stopped):
        asyncio.run(stopped())
    assert handle.responses[0].is_cancelled


def test_why_a_replica_does_not_start_is_one_line_without_folders() -> None:
    assert clusters.trouble_in(SAID) == "mine: model.safetensors is truncated"
    assert clusters.trouble_in("Deployment 'Replica' has 1 replicas that have taken more than 30s to start.") == ""


def test_a_machine_with_another_version_refuses_to_start() -> None:
    with pytest.raises(ClusterError, match=rf"has Typebeat {__version__}, and 0.0.1 was asked for: install the same"):
        Replica(cluster_engines.plain, "0.0.1")
