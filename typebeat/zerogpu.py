"""Runs an engine inside somebody else's GPU call, as a ZeroGPU Space does: in a forked process, its arguments pickled.

Progress, Stop and pieces of sound cannot cross that border as functions, so they cross it as files. Knows no page and
not the `spaces` package: its decorator is an argument.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from typebeat.audio import Audio
from typebeat.engines import BeatConditions, BeatEngine, Engines, Hear, Progress, ShouldStop, Stopped

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


@dataclass(frozen=True)
class PiecesFolder:
    """A `hear` callback that writes each piece into a folder, numbered."""

    path: Path

    def __call__(self, piece: Audio) -> None:
        """Writes the file under another name first, so that no reader sees half of it."""
        number = len(list(self.path.glob("*.npy")))
        part = self.path / "unfinished"
        with part.open("wb") as file:
            np.save(file, piece.samples)
        part.rename(self.path / f"{number:04}.npy")

    def read(self, number: int) -> np.ndarray | None:
        """Returns piece `number`, or None while it is not there."""
        file = self.path / f"{number:04}.npy"
        return np.load(file) if file.exists() else None


@dataclass(frozen=True)
class Callbacks:
    """What the caller wants to be told, and whether it wants to stop."""

    progress: Progress | None
    should_stop: ShouldStop | None
    hear: Hear | None


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
        seeds: Sequence[int],
        *,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        hear: Hear | None = None,
        **sampling: Any,
    ) -> list[Audio]:
        """Like the engine's own `generate`."""
        with tempfile.TemporaryDirectory(prefix="typebeat-gpu-") as folder:
            here = Path(folder)
            steps, stop, pieces, over = StepsFile(here / "steps"), StopFile(here / "stop"), None, threading.Event()
            if hear:
                pieces = PiecesFolder(here / "pieces")
                pieces.path.mkdir()
            callbacks = Callbacks(progress, should_stop, hear)
            relay = threading.Thread(target=self._relay, args=(steps, stop, pieces, over, callbacks))
            relay.start()
            try:
                return self._generate(
                    conditions, seconds, seeds, progress=steps, should_stop=stop, hear=pieces, **sampling
                )
            except Exception as failure:  # what was raised over there arrives here as an error of another class
                if stop():
                    raise Stopped from failure
                raise
            finally:
                over.set()
                relay.join()

    def _relay(
        self,
        steps: StepsFile,
        stop: StopFile,
        pieces: PiecesFolder | None,
        over: threading.Event,
        callbacks: Callbacks,
    ) -> None:
        """Carries steps and pieces from files to the callbacks, and Stop from the callback to its file."""
        told, heard = "", 0
        while not over.wait(POLL_SECONDS):
            if callbacks.progress and steps.path.exists() and (said := steps.path.read_text()) != told:
                told = said
                done, needed = told.split()
                callbacks.progress(int(done), int(needed))
            while pieces and (samples := pieces.read(heard)) is not None:
                callbacks.hear(Audio(samples, self.sample_rate))
                heard += 1
            if callbacks.should_stop and callbacks.should_stop():
                stop.path.touch()


def lent(engines: Engines, gpu: Callable[..., Any]) -> Engines:
    """Returns the engines with those that need a GPU under its decorator."""
    return replace(engines, beat=LentEngine(engines.beat, gpu))


def gpu_seconds(conditions: BeatConditions, seconds: float, seeds: Sequence[int], **options: Any) -> float:
    """How long to ask the GPU for: the less, the sooner the visitor's turn comes."""
    return min(START_SECONDS + SECONDS_PER_SECOND * seconds, LONGEST_SECONDS)
