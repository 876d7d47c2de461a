"""Opens a cluster for a page or for a batch, and brings an application there where it is not yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from typebeat.request.settings import Settings
from typebeat.serving.ray.connecting import connect

if TYPE_CHECKING:
    from ray import serve

    from typebeat.serving.ray.cluster import Cluster


def open_cluster(settings: Settings) -> Cluster:
    """Connects this process to the cluster of the settings, and waits until a replica there has loaded its weights.

    An application that is there already, such as by `serve deploy deploy/serve.yaml`, stays as it is; else every
    replica gets the weights of these settings, and a GPU, or a core where there are none.

    Raises:
        ClusterError: the cluster cannot be reached or used.
    """
    connect(settings.ray)
    from typebeat.serving.ray.cluster import Cluster
    from typebeat.serving.ray.replica import APP, application, load

    if not is_there(APP):
        deploy(application(partial(load, settings), ray_actor_options=_a_share()))
    return Cluster()


@contextmanager
def rented_cluster(
    settings: Settings, address: str, app: str, parts: Sequence[str], workers: int | None
) -> Iterator[Cluster]:
    """Yields replicas that nobody else uses, and removes them at the end.

    Args:
        settings: Which weights they load.
        address: Of the cluster, as `connect` takes it.
        app: A name for them. If some of that name are there, left by a process that was killed, those are used.
        parts: Of packs that they make.
        workers: How many; None for as many as the cluster has GPUs, or cores where there are none.

    Raises:
        ClusterError: the cluster cannot be reached or used.
    """
    connect(address)
    import ray
    from ray import serve

    from typebeat.serving.ray.cluster import Cluster
    from typebeat.serving.ray.replica import application, load

    share = _a_share()
    wanted = workers or int(ray.cluster_resources().get("GPU" if "num_gpus" in share else "CPU", 1))
    fixed = {"min_replicas": max(1, wanted), "max_replicas": max(1, wanted)}
    if not is_there(app):
        deploy(
            application(partial(load, settings, parts), ray_actor_options=share, autoscaling_config=fixed),
            app,
        )
    try:
        yield Cluster(app)
    finally:
        serve.delete(app, _blocking=False)


def is_there(app: str) -> bool:
    """Whether an application is on the cluster, and has not failed to start."""
    from ray import serve

    serve.start(proxy_location="Disabled")  # visitors speak to the page alone
    found = serve.status().applications.get(app)
    return found is not None and found.status != "DEPLOY_FAILED"


def deploy(app: serve.Application, name: str = "typebeat") -> None:
    """Brings an application to the cluster that this process is connected to; does not wait until it serves."""
    from ray import serve

    serve.run_many([serve.RunTarget(app, name=name, route_prefix=None)], wait_for_applications_running=False)


def _a_share() -> dict[str, Any]:
    """Returns what each replica gets of a machine."""
    import ray

    return {"num_gpus": 1} if ray.cluster_resources().get("GPU") else {"num_cpus": 1}
