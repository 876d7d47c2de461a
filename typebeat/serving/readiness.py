"""Says whether this process can take a job, and what it has loaded: by names, without paths or visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typebeat.serving.jobs import JobRunner
from typebeat.version import __version__

TOLD = ("name", "source", "revision", "licence", "device", "precision")  # fields of `Weights`


@dataclass(frozen=True)
class Readiness:
    """Whether a job would be taken now, and the facts as `/ready` gives them out."""

    is_ready: bool
    facts: dict[str, Any]


def readiness(runner: JobRunner) -> Readiness:
    """Returns whether weights are loaded and the queues are open."""
    loaded = {}
    for part, model in (("beat", runner.engines.beat), ("cover", runner.engines.cover)):
        try:
            weights = model and model.weights
        except AttributeError:  # others are being loaded in their place
            weights = None
        if weights:
            loaded[part] = {name: getattr(weights, name) for name in TOLD}
    queues = {name: queue.jobs for name, queue in runner.queues.items()}
    is_open = runner.is_open and not any(queue.is_full for queue in runner.queues.values())
    is_ready = is_open and "beat" in loaded
    facts = {"ready": is_ready, "open": is_open, "version": __version__, "weights": loaded, "jobs": queues}
    if runner.elsewhere:
        facts |= {"ready": is_ready and runner.elsewhere.processes() > 0, **runner.elsewhere.facts()}
    return Readiness(bool(facts["ready"]), facts)
