"""Runs engines inside ZeroGPU's calls, that is, in a forked process that gets its arguments pickled.

The functions of a `Job` cannot be sent there, so steps, Stop and pieces of sound go through files. The decorator of the
`spaces` package is an argument, so that the package is not imported here.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from typebeat.engines import UNWATCHED, BeatConditions, Engines, Job, NoGpuError, Stopped
from typebeat.parts.writing import whole
from typebeat.sound.audio import Audio

START_SECONDS = 20.0  # to move the weights to the GPU
SECONDS_PER_SECOND = 2.0  # of sound; generous for MusicGen medium, since a call that lasts longer is cut off
SHARE_PER_FURTHER_TAKE = 0.25  # of the first take's time, since a batch reads the weights only once
SECONDS_PER_COVER = 10.0
SECONDS_PER_SECOND_SPLIT = 0.2
LONGEST_SECONDS = 240.0
POLL_SECONDS = 0.1
TITLES = "ZeroGPU"  # its errors have titles that begin so
WORKER_TITLE = "ZeroGPU worker error"  # title of the error for a failure inside the call


class GpuCallError(RuntimeError):
    """What ran in a GPU call failed, or the call was ended from outside."""


@dataclass(frozen=True)
class StepsFile:
    """A `Job.report` that writes the steps into a file."""

    path: Path

    def __call__(self, done: int, needed: int, doing: str) -> None:
        with whole(self.path) as part:  # no reader sees half of it
            part.write_text(f"{done} {needed}")


@dataclass(frozen=True)
class StopFile:
    """A `Job.should_stop` that is true once its file exists."""

    path: Path

    def __call__(self) -> bool:
        """Whether somebody pressed Stop."""
        return self.path.exists()


@dataclass(frozen=True)
class PiecesFolder:
    """A `Job.hear` that writes each piece into a folder, numbered."""

    path: Path

    def __call__(self, piece: Audio) -> None:
        number = len(list(self.path.glob("*.npy")))
        with whole(self.path / f"{number:04}.npy") as part, part.open("wb") as file:
            np.save(file, piece.samples)

    def read(self, number: int) -> np.ndarray | None:
        """Returns piece `number`, or None while it is not there."""
        file = self.path / f"{number:04}.npy"
        return np.load(file) if file.exists() else None


@contextmanager
def relayed(job: Job, sample_rate: int = 0) -> Iterator[Job]:
    """Yields a job for the other process and passes on what it is told there to the job of this process.

    Raises:
        Stopped: the call failed after the job was stopped.
        NoGpuError: ZeroGPU gave no GPU.
        GpuCallError: the call failed.
    """
    with tempfile.TemporaryDirectory(prefix="typebeat-gpu-") as folder:
        here = Path(folder)
        steps, stop, pieces = StepsFile(here / "steps"), StopFile(here / "stop"), PiecesFolder(here / "pieces")
        pieces.path.mkdir()
        over, reported, heard = threading.Event(), "", 0

        def relay() -> None:
            nonlocal reported, heard
            is_over = False
            while not is_over:
                is_over = over.wait(POLL_SECONDS)  # once more after the end, for what came last
                if job.report and steps.path.exists() and (said := steps.path.read_text()) != reported:
                    reported = said
                    done, needed = map(int, reported.split())
                    job.report(done, needed, job.doing)
                while job.hear and (samples := pieces.read(heard)) is not None:
                    job.hear(Audio(samples, sample_rate))
                    heard += 1
                if job.should_stop and job.should_stop():
                    stop.path.touch()

        thread = threading.Thread(target=relay)
        thread.start()
        try:
            yield Job(steps, stop, pieces if job.hear else None)
        except Exception as failure:  # what was raised in the other process arrives as an error of another class
            if stop():
                raise Stopped from failure
            title = getattr(failure, "title", "")
            if not title.startswith(TITLES):
                raise
            reason = " ".join(re.sub(r"<[^>]*>", "", f"{title}: {getattr(failure, 'message', failure)}").split())
            raise (GpuCallError if title == WORKER_TITLE else NoGpuError)(reason) from failure
        finally:
            over.set()
            thread.join()


class OnZeroGpu:
    """An engine of which one method runs in a GPU call; everything else is the engine's own.

    Args:
        engine: The engine.
        method: Name of the method, which takes a `job`.
        gpu: `spaces.GPU`, or anything that takes a `duration` function and returns a decorator.
        seconds: Returns for how long to ask for a GPU; gets the method's arguments.
    """

    side_by_side = False  # each call is a process of its own, so requests of several visitors cannot share steps

    def __init__(self, engine: Any, method: str, gpu: Callable[..., Any], seconds: Callable[..., float]) -> None:
        self._engine = engine
        call = gpu(duration=seconds)(getattr(engine, method))

        def relayed_call(*arguments: Any, job: Job = UNWATCHED, **options: Any) -> Any:
            with relayed(job, getattr(engine, "sample_rate", 0)) as there:
                return call(*arguments, job=there, **options)

        setattr(self, method, relayed_call)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def on_zerogpu(engines: Engines, gpu: Callable[..., Any]) -> Engines:
    """Returns the engines, with those that need a GPU running in its calls."""
    beat, cover, stems = engines.beat, engines.cover, engines.stems
    return replace(
        engines,
        beat=OnZeroGpu(beat, "generate", gpu, beat_gpu_seconds),
        cover=cover and OnZeroGpu(cover, "draw", gpu, cover_gpu_seconds),
        stems=OnZeroGpu(stems, "split", gpu, stems_gpu_seconds) if stems and stems.device != "cpu" else stems,
    )


def beat_gpu_seconds(conditions: BeatConditions, seconds: float, seeds: Sequence[int], **options: Any) -> float:
    """Returns for how long to ask for a GPU; visitors who ask for less get their turn sooner."""
    per_second = SECONDS_PER_SECOND * (1 + SHARE_PER_FURTHER_TAKE * (len(seeds) - 1))
    return min(START_SECONDS + per_second * seconds, LONGEST_SECONDS)


def cover_gpu_seconds(prompt: str, style: str, seeds: Sequence[int], **options: Any) -> float:
    """The same for covers."""
    return min(START_SECONDS + SECONDS_PER_COVER * len(seeds), LONGEST_SECONDS)


def stems_gpu_seconds(audio: Audio, **options: Any) -> float:
    """The same for stems."""
    return min(START_SECONDS + SECONDS_PER_SECOND_SPLIT * audio.seconds, LONGEST_SECONDS)
