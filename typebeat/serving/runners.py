"""Opens what runs the page's jobs, as the settings say: in this process, in ZeroGPU's calls, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typebeat.engines.load import load_engines, with_choice_of_weights
from typebeat.request.settings import Settings
from typebeat.serving.jobs import JobRunner
from typebeat.serving.ray.opening import open_cluster
from typebeat.serving.zerogpu import on_zerogpu


def open_runner(settings: Settings, gpu: Callable[..., Any] | None = None) -> JobRunner:
    """Loads the engines, or waits for those of the cluster that the settings name; either takes a while.

    Args:
        settings: Which weights, and where.
        gpu: `spaces.GPU` on a Space whose GPUs come and go.

    Raises:
        WeightsError: weights that the settings name cannot be used.
        ClusterError: the cluster cannot be reached or used.
    """
    if settings.ray:
        cluster = open_cluster(settings)
        return JobRunner(cluster.engines, cluster)
    engines = load_engines(settings)
    return JobRunner(on_zerogpu(engines, gpu) if gpu else with_choice_of_weights(engines, settings))
