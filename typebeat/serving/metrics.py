"""Counts jobs for Prometheus: by kind and result, seconds by stage, queue length, real-time factor, memory.

Labels come from closed lists: kinds of jobs, results and stages. Nothing in them is about a visitor.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from typebeat.serving.jobs import JobRunner
from typebeat.serving.watching import WAITING, JobRecord

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)  # bounds of the buckets
FACTORS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


class Metrics:
    """What happened to the jobs of a runner since it was made."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self._registry = CollectorRegistry()
        self._jobs = Counter("typebeat_jobs", "Jobs that ended", ("kind", "result"), registry=self._registry)
        self._seconds = Histogram(
            "typebeat_stage_seconds",
            "Seconds that a job spent in a stage",
            ("kind", "stage"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._factor = Histogram(
            "typebeat_realtime_factor",
            "Seconds of work for one second of a beat, of finished beats",
            buckets=FACTORS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)  # memory, processor time, open files
        self._registry.register(self)
        runner.listeners.append(self.count)

    def count(self, record: JobRecord) -> None:
        """Counts a job that ended."""
        self._jobs.labels(record.kind, record.result).inc()
        for stage, spent in record.seconds.items():
            self._seconds.labels(record.kind, stage).observe(spent)
        if record.kind == "beat" and record.result == "done":
            worked = sum(spent for stage, spent in record.seconds.items() if stage != WAITING)
            self._factor.observe(worked / record.size)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields what is measured when it is asked for: how many jobs each queue holds."""
        jobs = GaugeMetricFamily("typebeat_queue_jobs", "Jobs that wait or run", labels=("queue",))
        for name, queue in self._runner.queues.items():
            jobs.add_metric([name], queue.jobs)
        yield jobs

    def text(self) -> bytes:
        """Returns all of it in Prometheus' text format."""
        return generate_latest(self._registry)
