"""Runs an engine inside somebody else's GPU call, as a ZeroGPU Space does: in a forked process, its arguments pickled.

Progress and Stop cannot cross that border as functions, so they cross it as files. Knows no page and not the `spaces`
package: its decorator is an argument.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typebeat.audio import Audio
from typebeat.engines import BeatConditions, BeatEngine, Progress, ShouldStop, Stopped

START_SECONDS = 20.0  # to move the weights to the GPU
SECONDS_PER_SECOND = 2.0  # generous for MusicGen medium; a call that lasts longer is cut off
LONGEST_SECONDS = 240.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class StepsFile:
    """A progress callback that writes what it hears into a file."""

    path: Path

    def __call__(self, done: int, needed: int) -> None:
        """Replaces the file, so that no reader sees half of it."""
        part = self.path.with_suffix(".part")
        part.write_text(f"{done} {needed}")
        part.replace(self.path)


@dataclass(frozen=True)
class StopFile:
    """A `should_stop` that is true once its file exists."""

    path: Path

    def __call__(self) -> bool:
        """Says whether somebody pressed Stop."""
        return self.path.exists()


class LentEngine:
    """An engine whose `generate` runs under a GPU decorator; otherwise the same engine.

    Args:
        engine: The engine, loaded.
        gpu: `spaces.GPU`, or anything that takes a `duration` function and gives a decorator.
    """

    def __init__(self, engine: BeatEngine, gpu: Callable[..., Any]) -> None:
        self.weights = engine.weights
        self.sample_rate = engine.sample_rate
        self._generate = gpu(duration=gpu_seconds)(engine.generate)

    def generate(
        self,
        conditions: BeatConditions,
        seconds: float,
        seed: int,
        *,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        **sampling: Any,
    ) -> Audio:
        """Like the engine's own `generate`."""
        with tempfile.TemporaryDirectory(prefix="typebeat-gpu-") as folder:
            steps, stop, over = StepsFile(Path(folder, "steps")), StopFile(Path(folder, "stop")), threading.Event()
            relay = threading.Thread(target=_relay, args=(steps.path, stop.path, over, progress, should_stop))
            relay.start()
            try:
                return self._generate(conditions, seconds, seed, progress=steps, should_stop=stop, **sampling)
            except Exception as failure:  # what was raised over there arrives here as an error of another class
                if stop():
                    raise Stopped from failure
                raise
            finally:
                over.set()
                relay.join()


def gpu_seconds(conditions: BeatConditions, seconds: float, seed: int, **options: Any) -> float:
    """How long to ask the GPU for: the less, the sooner the visitor's turn comes."""
    return min(START_SECONDS + SECONDS_PER_SECOND * seconds, LONGEST_SECONDS)


def _relay(
    steps: Path, stop: Path, over: threading.Event, progress: Progress | None, should_stop: ShouldStop | None
) -> None:
    """Carries steps from the file to the callback, and Stop from the callback to the file, until it is over."""
    told = ""
    while not over.wait(POLL_SECONDS):
        if progress and steps.exists() and (said := steps.read_text()) != told:
            told = said
            done, needed = told.split()
            progress(int(done), int(needed))
        if should_stop and should_stop():
            stop.touch()
