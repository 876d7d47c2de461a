"""Runs engines inside somebody else's GPU call, as a ZeroGPU Space does: in a forked process, its arguments pickled.

Progress, Stop and pieces of sound cannot cross that border as functions, so they cross it as files. Knows no page and
not the `spaces` package: its decorator is an argument.
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

from typebeat.engines import (
    BeatConditions,
    BeatEngine,
    CoverEngine,
    Engines,
    Hear,
    NoGpuError,
    Progress,
    ShouldStop,
    Stems,
    StemSplitter,
    Stopped,
)
from typebeat.sound.audio import Audio

START_SECONDS = 20.0  # to move the weights to the GPU
SECONDS_PER_SECOND = 2.0  # of sound: generous for MusicGen medium; a call that lasts longer is cut off
SHARE_PER_FURTHER_TAKE = 0.25  # of a take's time; a batch shares its reading of the weights
SECONDS_PER_COVER = 10.0
SECONDS_PER_SECOND_SPLIT = 0.2
LONGEST_SECONDS = 240.0
POLL_SECONDS = 0.1
TITLES, WORKER_TITLE = "ZeroGPU", "ZeroGPU worker error"  # how its errors begin, and of them what failed over there


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
class Ends:
    """The callbacks that the other process gets."""

    progress: StepsFile
    should_stop: StopFile
    hear: PiecesFolder | None


@contextmanager
def carried(
    progress: Progress | None, should_stop: ShouldStop | None, hear: Hear | None = None, sample_rate: int = 0
) -> Iterator[Ends]:
    """Yields callbacks for the other process and carries what they say to those of this one.

    Raises:
        Stopped: something failed over there after `should_stop` had turned true.
        NoGpuError: the decorator gave no GPU.
        RuntimeError: it failed over there.
    """
    with tempfile.TemporaryDirectory(prefix="typebeat-gpu-") as folder:
        here = Path(folder)
        ends = Ends(StepsFile(here / "steps"), StopFile(here / "stop"), PiecesFolder(here / "pieces") if hear else None)
        if ends.hear:
            ends.hear.path.mkdir()
        over, told, heard = threading.Event(), "", 0

        def relay() -> None:
            nonlocal told, heard
            is_over = False
            while not is_over:
                is_over = over.wait(POLL_SECONDS)  # once more after the end, for what came last
                if progress and ends.progress.path.exists() and (said := ends.progress.path.read_text()) != told:
                    told = said
                    progress(*map(int, told.split()))
                while ends.hear and hear and (samples := ends.hear.read(heard)) is not None:
                    hear(Audio(samples, sample_rate))
                    heard += 1
                if should_stop and should_stop():
                    ends.should_stop.path.touch()

        thread = threading.Thread(target=relay)
        thread.start()
        try:
            yield ends
        except Exception as failure:  # what was raised over there arrives here as an error of another class
            if ends.should_stop():
                raise Stopped from failure
            title = getattr(failure, "title", "")
            if not title.startswith(TITLES):
                raise
            told = " ".join(re.sub(r"<[^>]*>", "", f"{title}: {failure.message}").split())
            raise (RuntimeError if title == WORKER_TITLE else NoGpuError)(told) from failure
        finally:
            over.set()
            thread.join()


class LentEngine:
    """A beat engine whose `generate` runs under a GPU decorator; otherwise the same engine.

    Args:
        engine: The engine, loaded.
        gpu: `spaces.GPU`, or anything that takes a `duration` function and gives a decorator.
    """

    def __init__(self, engine: BeatEngine, gpu: Callable[..., Any]) -> None:
        self.weights = engine.weights
        self.sample_rate = engine.sample_rate
        self.guidance = engine.guidance
        self.reranker = engine.reranker
        self._generate = gpu(duration=beat_gpu_seconds)(engine.generate)

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
        with carried(progress, should_stop, hear, self.sample_rate) as ends:
            return self._generate(conditions, seconds, seeds, **vars(ends), **sampling)


class LentCoverEngine:
    """A cover engine whose `draw` runs under a GPU decorator; otherwise the same engine. Arguments as `LentEngine`."""

    def __init__(self, engine: CoverEngine, gpu: Callable[..., Any]) -> None:
        self.weights = engine.weights
        self._draw = gpu(duration=cover_gpu_seconds)(engine.draw)

    def draw(
        self,
        prompt: str,
        style: str,
        seeds: Sequence[int],
        *,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
        **options: Any,
    ) -> list[np.ndarray]:
        """Like the engine's own `draw`."""
        with carried(progress, should_stop) as ends:
            told = {"progress": ends.progress, "should_stop": ends.should_stop}
            return self._draw(prompt, style, seeds, **told, **options)


class LentStemSplitter:
    """A stem splitter whose `split` runs under a GPU decorator; otherwise the same. Arguments as `LentEngine`."""

    def __init__(self, splitter: StemSplitter, gpu: Callable[..., Any]) -> None:
        self.method = splitter.method
        self.device = splitter.device
        self._split = gpu(duration=stems_gpu_seconds)(splitter.split)

    def split(self, audio: Audio, *, should_stop: ShouldStop | None = None) -> Stems:
        """Like the splitter's own `split`."""
        with carried(None, should_stop) as ends:
            return self._split(audio, should_stop=ends.should_stop)


def lent(engines: Engines, gpu: Callable[..., Any]) -> Engines:
    """Returns the engines with those that need a GPU under its decorator."""
    cover, stems = engines.cover and LentCoverEngine(engines.cover, gpu), engines.stems
    if stems and stems.device != "cpu":
        stems = LentStemSplitter(stems, gpu)
    return replace(engines, beat=LentEngine(engines.beat, gpu), cover=cover, stems=stems)


def beat_gpu_seconds(conditions: BeatConditions, seconds: float, seeds: Sequence[int], **options: Any) -> float:
    """How long to ask the GPU for: the less, the sooner the visitor's turn comes. Takes are made in one batch."""
    per_second = SECONDS_PER_SECOND * (1 + SHARE_PER_FURTHER_TAKE * (len(seeds) - 1))
    return min(START_SECONDS + per_second * seconds, LONGEST_SECONDS)


def cover_gpu_seconds(prompt: str, style: str, seeds: Sequence[int], **options: Any) -> float:
    """The same for covers."""
    return min(START_SECONDS + SECONDS_PER_COVER * len(seeds), LONGEST_SECONDS)


def stems_gpu_seconds(audio: Audio, **options: Any) -> float:
    """The same for stems."""
    return min(START_SECONDS + SECONDS_PER_SECOND_SPLIT * audio.seconds, LONGEST_SECONDS)
