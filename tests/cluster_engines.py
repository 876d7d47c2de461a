"""What the replicas of a test's cluster load: engines without weights, which leave traces of what they do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine
from page_server import SlowEngine

from typebeat.engines import UNWATCHED, BeatConditions, Engines, Job, WeightChoice, Weights, WeightsError
from typebeat.sound.audio import Audio

BAD_NODE = "TYPEBEAT_TEST_BAD_NODE"  # set on a node on which weights cannot be loaded


@dataclass
class TracedEngine(SlowEngine):
    """One of two sets of weights; a third one cannot be loaded. Each step adds a byte to a file named by the process.

    Attributes:
        trace: The folder of those files.
    """

    trace: str = ""
    side_by_side: bool = True
    choice: str = "fake"
    choices: tuple[WeightChoice, ...] = tuple(WeightChoice(name, name) for name in ("fake", "other", "broken"))

    def switch(self, choice: str, job: Job = UNWATCHED) -> Weights:
        if choice == "broken":
            raise WeightsError("/srv/weights/broken: model.safetensors is truncated")
        self.choice, self.weights = choice, replace(FAKE_WEIGHTS, name=choice)
        return self.weights

    def generate(
        self, conditions: BeatConditions, seconds: float, seeds: Sequence[int], *, job: Job = UNWATCHED, **rest: Any
    ) -> list[Audio]:
        def traced(done: int, needed: int, doing: str) -> None:
            with Path(self.trace, str(os.getpid())).open("ab") as file:
                file.write(b".")
            if job.report:
                job.report(done, needed, doing)

        return super().generate(conditions, seconds, seeds, job=replace(job, report=traced), **rest)


def traced(trace: str) -> Engines:
    """Engines that take 20 ms for each step of a beat."""
    return Engines(TracedEngine(step_s=0.02, trace=trace), cover=FakeCover())


def traced_but_for_one_node(trace: str) -> Engines:
    """The same; on a bad node they cannot be loaded."""
    if os.environ.get(BAD_NODE):
        raise WeightsError("/srv/weights/mine: model.safetensors is truncated")
    return traced(trace)


def traced_whatever(trace: str, *asked: Any) -> Engines:
    """The same, whatever weights and parts are asked for."""
    return traced(trace)


def plain() -> Engines:
    """The same engines without delay, for the same packs in this process."""
    return Engines(FakeEngine(), cover=FakeCover())
