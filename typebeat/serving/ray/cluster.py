"""Hands the page's jobs on to the replicas of a cluster; what a lost one was doing is done anew by another."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import ray
from ray import serve
from ray.exceptions import ObjectStoreFullError, OutOfDiskError, RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from typebeat.engines import UNWATCHED, Engines, Job, Weights, without_paths
from typebeat.serving.queue import POLL_SECONDS
from typebeat.serving.ray.connecting import ClusterError
from typebeat.serving.ray.parcels import Failed, FilePart, pack_work, unpack_result, write_part
from typebeat.serving.ray.replica import APP, DEPLOYMENT, Description, Sent
from typebeat.serving.states import Finished, Playing, Working
from typebeat.serving.work import Work
from typebeat.sound.audio import Audio
from typebeat.version import __version__

MOST_TRIES = 5  # of one job, so that a job which kills every process that does it comes to an end
WATCH_SECONDS = 1.0
RETRY_SECONDS = 0.5
STORE_FULL = "the object store of a machine of the cluster is full: give Ray more memory there (--object-store-memory)"
NO_ROOM = "to be scheduled"  # in what Serve says of replicas for which there is no place
ANEW = "Making it anew, since a machine was lost"
LONGEST_TROUBLE = 200  # characters
_ERROR = re.compile(r"[\w.]*(Error|Exception)\b: ")  # the last line of a traceback
_OWN = re.compile(r"^typebeat\.[\w.]+: ")  # an error whose text says all


class Lost(Exception):
    """The process or the machine that did a job is gone."""


class Cluster:
    """The replicas of an application on a cluster, as a `JobRunner` sees them.

    Args:
        app: The application's name.

    Attributes:
        engines: What they hold, by names and abilities alone.

    Raises:
        ClusterError: no replica can serve, with the reason.
    """

    def __init__(self, app: str = APP) -> None:
        self._app = app
        self._handle: DeploymentHandle = serve.get_app_handle(app)
        self._states: dict[str, int] = {}
        self._trouble = ""
        self._has_failed = False  # Serve tries no more
        self._has_no_room = False
        self._nodes, self._gpus = 0, 0
        first = self.describe("")
        beat: Any = RemoteBeat(self, first.engines.beat) if hasattr(first.engines.beat, "choices") else None
        self._choosing: RemoteBeat | None = beat
        self.engines = Engines(
            beat or first.engines.beat,
            first.engines.cover,
            first.engines.missing,
            stems=first.engines.stems,
            pitches=first.engines.pitches,
        )
        self._at_once = first.at_once
        self._look()
        threading.Thread(target=self._watch, daemon=True).start()

    def processes(self) -> int:
        return self._states.get("RUNNING", 0)

    def jobs_at_once(self) -> int:
        return self._at_once * max(1, self.processes())  # jobs for one at least, else Serve would start none

    def trouble(self) -> tuple[str, ...]:
        return (self._trouble,) if self._trouble else ()

    def facts(self) -> dict[str, Any]:
        states = {state.lower(): count for state, count in self._states.items()}
        return {"replicas": states, "nodes": self._nodes, "gpus": self._gpus, "trouble": list(self.trouble())}

    async def do(self, work: Work, folder: Path, job: Job) -> Any:
        """Has work done by a replica, as `Elsewhere` says, and by another one if that one is lost.

        Raises:
            Stopped: the job was stopped.
            ClusterError: it was lost too often, or something is wrong with the cluster.
            Exception: whatever the work raises.
        """
        parcel = await asyncio.to_thread(pack_work, work)
        choice = self._choosing.choice if self._choosing else ""
        pieces = _Pieces(job)
        for _ in range(MOST_TRIES):
            job.check()
            try:
                return await self._try(parcel, choice, folder, job, pieces)
            except Lost as lost:
                logging.warning("a job is done anew: %s", lost)
                if job.report:
                    job.report(0, 1, ANEW)
                pieces.begin_anew()
                await asyncio.to_thread(_empty, folder)
                await asyncio.sleep(RETRY_SECONDS)
        raise ClusterError(f"the machines that made it were lost {MOST_TRIES} times; ask for less at once")

    async def _try(self, parcel: bytes, choice: str, folder: Path, job: Job, pieces: _Pieces) -> Any:
        async with aclosing(self._sent(parcel, choice, job)) as all_sent:
            async for sent in all_sent:
                if isinstance(sent, Working) and job.report:
                    job.report(sent.done, sent.needed, sent.doing)
                elif isinstance(sent, Playing):
                    pieces.hear(sent.piece)
                elif isinstance(sent, FilePart):
                    await asyncio.to_thread(write_part, sent, folder)
                elif isinstance(sent, Failed):
                    sent.error.where = sent.where  # type: ignore[attr-defined]
                    raise sent.error
                elif isinstance(sent, Finished):
                    return await asyncio.to_thread(unpack_result, sent.result, folder)
        raise Lost("it ended without a result")

    async def _sent(self, parcel: bytes, choice: str, job: Job) -> AsyncGenerator[Sent, None]:
        """Yields what a replica sends; raises Lost if it is gone, and Stopped once the job is stopped."""
        handle = self._handle.options(stream=True, multiplexed_model_id=choice)
        response = handle.work.remote(__version__, choice, parcel)
        coming: asyncio.Future[Any] | None = None
        try:
            while True:
                coming = asyncio.ensure_future(response.__anext__())
                while not coming.done():
                    await asyncio.wait({coming}, timeout=POLL_SECONDS)
                    job.check()
                if coming.cancelled():  # by the replica, which ends
                    raise Lost("its replica ended")
                try:
                    yield coming.result()
                except StopAsyncIteration:
                    return
        except (RayError, RayServeException) as error:
            raise _what_happened(error) from error
        finally:
            response.cancel()  # of no effect once it is over
            if coming:
                coming.cancel()

    def describe(self, choice: str, job: Job = UNWATCHED) -> Description:
        """Has a replica load the weights of a choice, "" for those that it has, and describe them; blocks meanwhile.

        Raises:
            WeightsError: the weights cannot be used.
            ClusterError: no replica can serve.
        """
        is_told = False
        for _ in range(MOST_TRIES):
            response = self._handle.options(multiplexed_model_id=choice).describe.remote(__version__, choice)
            try:
                while True:
                    with suppress(TimeoutError):
                        told = response.result(timeout_s=WATCH_SECONDS)
                        break
                    job.check()
                    self._look()
                    if self._has_failed:
                        raise ClusterError(self._trouble or "no replica starts; `serve status` says why")
                    if self._has_no_room and not is_told:
                        logging.warning("no machine of the cluster has room for a replica yet; waiting for one")
                        is_told = True
            except (RayError, RayServeException) as error:
                if not isinstance(_what_happened(error), Lost):
                    raise _what_happened(error) from error
                time.sleep(RETRY_SECONDS)
                continue
            finally:
                response.cancel()
            if isinstance(told, Failed):
                raise told.error
            return told
        raise ClusterError(f"the processes that load the weights were lost {MOST_TRIES} times")

    def _watch(self) -> None:
        while ray.is_initialized():  # asking would begin a new connection
            self._look()
            time.sleep(WATCH_SECONDS)

    def _look(self) -> None:
        """Looks how many replicas there are, and what is wrong with them."""
        try:
            app = serve.status().applications.get(self._app)
            nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        except Exception:  # the head is gone, or restarts
            self._states, self._trouble = {}, "the cluster does not answer"
            return
        if app is None:
            self._states, self._trouble, self._has_failed = {}, "the application is not on the cluster any more", True
            return
        self._nodes, self._gpus = len(nodes), int(sum(node.get("GPU", 0) for node in nodes))
        deployment = app.deployments.get(DEPLOYMENT)
        self._states = {str(state): count for state, count in deployment.replica_states.items()} if deployment else {}
        message = deployment.message if deployment else app.message
        self._trouble, self._has_no_room = trouble_in(message), NO_ROOM in message
        self._has_failed = app.status == "DEPLOY_FAILED"


class RemoteBeat:
    """The beat engine of the replicas, as the page sees it; each page has a choice of weights of its own."""

    def __init__(self, cluster: Cluster, told: Any) -> None:
        self._cluster = cluster
        self._told = told

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._told, name)

    def switch(self, choice: str, job: Job = UNWATCHED) -> Weights:
        """Lets the page's next jobs be done with other weights, as `SwitchableBeat` says."""
        self._told = self._cluster.describe(choice, job).engines.beat
        return self._told.weights

    def pace(self, choice: str) -> float | None:
        """Returns None: the page does not know what the other machines are."""
        return None


class _Pieces:
    """Passes sound on to a job; when it is made anew, what was heard already is left out."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._heard = 0  # samples
        self._made = 0

    def begin_anew(self) -> None:
        self._made = 0

    def hear(self, piece: Audio) -> None:
        new = self._made + piece.samples.shape[1] - self._heard
        self._made += piece.samples.shape[1]
        if new > 0 and self._job.hear:
            self._heard += new
            self._job.hear(Audio(piece.samples[:, -new:], piece.sample_rate))


def trouble_in(message: str) -> str:
    """Returns the error in what Serve says of replicas that do not start, in one line for visitors; empty for none."""
    lines = [line.strip() for line in message.splitlines()]
    found = next((line for line in reversed(lines) if _ERROR.match(line)), "")
    return without_paths(_OWN.sub("", found))[:LONGEST_TROUBLE]


def _what_happened(error: Exception) -> Exception:
    """Returns what an error of Ray means for a job."""
    if isinstance(error, (ObjectStoreFullError, OutOfDiskError)):
        return ClusterError(STORE_FULL)
    return Lost(type(error).__name__)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
