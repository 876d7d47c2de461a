"""A replica: models in a process of a cluster, which does the work of several visitors side by side.

`build` is the application, as `deploy/serve.yaml` names it.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ray
from ray import serve

from typebeat.engines import Engines
from typebeat.engines.load import load_engines, with_choice_of_weights
from typebeat.request.options import PARTS, RequestError, shown
from typebeat.request.settings import Settings, read_settings
from typebeat.serving.capacity import MOST_JOBS, jobs_at_once
from typebeat.serving.own_folder import OwnFolder
from typebeat.serving.queue import Entry, Queue
from typebeat.serving.ray.connecting import ClusterError
from typebeat.serving.ray.describing import described
from typebeat.serving.ray.parcels import Failed, FilePart, pack_result, parts_of_files, unpack_work
from typebeat.serving.states import Finished, State
from typebeat.serving.watching import where
from typebeat.serving.work import Workshop
from typebeat.version import __version__

APP, DEPLOYMENT = "typebeat", "Replica"
GRACE_S = 600.0  # for a replica that is to end to finish its jobs
POLL_SECONDS = 0.1
ARGUMENTS = ("beat", "weights", "cover", "stems")  # of `build`: the settings of the same names

OPTIONS: dict[str, Any] = {  # of Ray's, for every replica
    "max_ongoing_requests": MOST_JOBS + 1,  # and one that needs the processor alone
    "graceful_shutdown_timeout_s": GRACE_S,
    "ray_actor_options": {"num_cpus": 1},
    "autoscaling_config": {
        "min_replicas": 1,
        "max_replicas": 100,
        "target_ongoing_requests": 1,  # fewer than a replica does at once, else Serve would never start another
        "upscale_delay_s": 5,
        "downscale_delay_s": 300,
    },
}

Sent = State | FilePart | Failed


@dataclass(frozen=True)
class Description:
    """What the page must know of a replica.

    Attributes:
        engines: Its models by their names and abilities alone.
        at_once: How many jobs that need a beat or cover engine it does at once.
    """

    engines: Engines
    at_once: int


class Replica:
    """Does the work of visitors with models of its own.

    Args:
        load: Returns the models.
        version: Typebeat's, where the application was built.

    Raises:
        ClusterError: this machine has another version.
        WeightsError: the weights cannot be used here.
    """

    def __init__(self, load: Callable[[], Engines], version: str) -> None:
        _check_version(version)
        self._shop = Workshop(load())
        self._queue = Queue(0, math.inf, MOST_JOBS + 1)
        self._busy = 0  # requests that rely on the weights that are loaded
        self._switching = threading.Lock()
        self._own = OwnFolder()  # locked as long as it is held
        self._folder = self._own.files

    async def work(self, version: str, choice: str, parcel: bytes) -> AsyncIterator[Sent]:
        """Does work that was packed, with the weights of a choice: yields how it goes, the files, and the result.

        Closing the generator stops the work.
        """
        try:
            _check_version(version)
            async with self._with_weights(choice), aclosing(self._do(parcel)) as all_sent:
                async for sent in all_sent:
                    yield sent
        except Exception as error:
            yield Failed(error, where(error))

    async def describe(self, version: str, choice: str) -> Description | Failed:
        """Loads the weights of a choice, if others are loaded, and describes the models; "" for what is loaded."""
        try:
            _check_version(version)
            async with self._with_weights(choice):
                cores = int(ray.get_runtime_context().get_assigned_resources().get("CPU", 1))
                return Description(described(self._shop.engines), jobs_at_once(self._shop.engines.beat, max(1, cores)))
        except Exception as error:
            return Failed(error, where(error))

    async def _do(self, parcel: bytes) -> AsyncGenerator[Sent, None]:
        work = await asyncio.to_thread(unpack_work, parcel, self._folder / "uploads")
        # after a Stop the work goes on to its next step, which may write into the folder once more
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            entry = Entry("", 1.0, partial(work, self._shop, Path(folder)), threading.Event())
            async with aclosing(self._queue.run(entry)) as states:
                async for state in states:
                    if not isinstance(state, Finished):
                        yield state
                        continue
                    for part in parts_of_files(Path(folder)):
                        yield part
                    yield Finished(pack_result(state.result, Path(folder)))

    @asynccontextmanager
    async def _with_weights(self, choice: str) -> AsyncIterator[None]:
        if choice:
            await self._hold(choice)
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    @serve.multiplexed(max_num_models_per_replica=1)  # so that requests find a replica that holds their weights
    async def _hold(self, choice: str) -> str:
        beat: Any = self._shop.engines.beat

        def switch() -> None:
            with self._switching:
                beat.switch(choice)

        if beat.choice != choice:
            while self._busy:
                await asyncio.sleep(POLL_SECONDS)
            await asyncio.to_thread(switch)
        return choice


def build(arguments: Mapping[str, str]) -> serve.Application:
    """Returns the application on the weights that the arguments name.

    Args:
        arguments: Which weights every replica loads: `ARGUMENTS`, with the values of the variables TYPEBEAT_BEAT and
            so on.
    """
    unknown = [name for name in arguments if name not in ARGUMENTS]
    if unknown:
        raise RequestError("args", f"there is no argument {shown(unknown[0])}; there are {', '.join(ARGUMENTS)}")
    settings = read_settings({f"TYPEBEAT_{name.upper()}": value for name, value in arguments.items()})
    return application(partial(load, settings))


def application(load: Callable[[], Engines], **options: Any) -> serve.Application:
    """Returns the application on models that `load` returns; `options` of Ray's go before `OPTIONS`.

    The class travels by its name, so every machine runs the code that is installed there.
    """
    return serve.deployment(Replica, name=DEPLOYMENT, **{**OPTIONS, **options}).bind(load, __version__)


def load(settings: Settings, parts: Sequence[str] = PARTS) -> Engines:
    """Loads what makes `parts` into a replica, whose beat weights can be changed."""
    return with_choice_of_weights(load_engines(settings, parts), settings)


def _check_version(version: str) -> None:
    if version != __version__:
        raise ClusterError(
            f"the machine {ray.util.get_node_ip_address()} has Typebeat {__version__}, and {version} was asked for: "
            "install the same on every machine"
        )
