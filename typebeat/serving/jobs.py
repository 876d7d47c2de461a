"""Jobs for visitors: who may run what when, each in its own folder, each stoppable, nobody in anybody else's way.

The web page and the API drain the same generators. One lane holds the engines, another what a processor does alone
(analysis, MIDI of an upload), so that neither waits for the other. How a thing is made is the pipeline's business, how
it looks the page's.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import soundfile

from typebeat.engines import Engines, NoGpuError, WeightsError, without_paths
from typebeat.midi.preview import render_preview
from typebeat.parts import PartMissing, TimeLimitError
from typebeat.parts.cover import cover_alone
from typebeat.parts.midi import MidiOfFile, midi_of_file, write_again
from typebeat.parts.pack import write_files
from typebeat.pipeline import analyze_file, make_pack
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.requests import BeatRequest
from typebeat.serving.queue import BusyError, Job, Lane, Report, State
from typebeat.sound.mastering import BrokenAudioError

LINE_LENGTH = 24  # visitors that may wait in a lane; the next one is told to come back
ENGINE_LIMIT_S, PROCESSOR_LIMIT_S = 1800.0, 300.0  # the longest that one job may take
KEPT_SECONDS = 6 * 3600  # how long a finished folder can be played and downloaded
KEPT_BYTES = 4 * 10**9  # of all folders; the oldest go first
OUR_FAULT = "It is not your request. Nothing was kept; make it again, and tell us if it stays."


def explain(failure: Exception) -> tuple[str, str]:
    """Puts a failure into a few words and one line for visitors, and what they need not see into the log."""
    if isinstance(failure, BusyError):
        return "A lot of people are here", str(failure)
    if isinstance(failure, TimeLimitError):
        return "This took too long", str(failure)
    if isinstance(failure, PartMissing):
        return "This cannot be made here", str(failure)
    if isinstance(failure, BrokenAudioError):
        return "The model made no music", str(failure)
    if isinstance(failure, NoGpuError):
        return "No GPU is free for you", f"{failure} On a computer of your own there is no such limit."
    logging.error("a job failed", exc_info=failure)
    if isinstance(failure, OSError):
        return "The files could not be written", f"{failure.strerror or 'the disk refused'}. {OUR_FAULT}"
    if isinstance(failure, WeightsError):
        told = without_paths(str(failure))
        return "The model cannot do this here", f"{told}; try again with another seed, or ask for less at once"
    return "This job failed", OUR_FAULT


def health(engines: Engines) -> str:
    """Says in one line which weights are loaded, where they run, and what a user must know of them."""
    loaded = {"beat": engines.beat.weights}
    if engines.cover is not None:
        loaded["cover"] = engines.cover.weights
    told = [f"{part} {each.name}@{each.revision} on {each.device}, {each.precision}" for part, each in loaded.items()]
    return "; ".join([*told, *(notice.rstrip(".") for notice in engines.notices)])


@dataclass(frozen=True)
class DrawnCovers:
    """Finished covers: their files, and what makes each again."""

    files: tuple[Path, ...]
    recipes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class WrittenMidi:
    """A sound as MIDI files, and a WAV of what they play."""

    made: MidiOfFile
    preview: Path


class Booth:
    """The engines, the lanes in front of them and the visitors' folders.

    Attributes:
        folders: Where finished folders lie; the page serves files from here, and only from here.
        engines: What is loaded.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._engine_lane = Lane(LINE_LENGTH, ENGINE_LIMIT_S)
        self._processor_lane = Lane(LINE_LENGTH, PROCESSOR_LIMIT_S)
        self._visits: dict[str | None, set[threading.Event]] = {}
        self._is_open = True
        self._root = tempfile.TemporaryDirectory(prefix="typebeat-", ignore_cleanup_errors=True)
        self.folders = Path(self._root.name).resolve()

    @asynccontextmanager
    async def visit(self, session: str | None) -> AsyncIterator[threading.Event]:
        """Yields the event that stops whatever runs inside, once `stop` is called for the same session."""
        stop = threading.Event()
        events = self._visits.setdefault(session, set())
        events.add(stop)
        try:
            yield stop
        finally:
            events.discard(stop)
            if not events:
                self._visits.pop(session, None)

    def stop(self, session: str | None) -> None:
        """Stops what the session has running, and nothing else."""
        for stop in list(self._visits.get(session, ())):
            stop.set()

    def close(self) -> None:
        """Stops every job, takes no more, and removes all folders; for the end of the server."""
        self._is_open = False
        for session in list(self._visits):
            self.stop(session)
        self._root.cleanup()

    def beat(self, request: BeatRequest, stop: threading.Event, *, aloud: bool = False) -> AsyncIterator[State]:
        """Makes one pack of a resolved request: yields how it goes, with `aloud` the sound on the way; a `BeatPack`.

        Raises:
            Stopped, BusyError, TimeLimitError: see `Lane.run`.
            Exception: whatever `make_pack` raises.
        """

        def work(folder: Path, report: Report, job: Job) -> Any:
            make = partial(make_pack, request, self.engines, folder, progress=report, should_stop=stop.is_set)
            return make(hear=job.pieces.append) if aloud else make()

        return self._run(self._engine_lane, "beat", request.seconds, work, stop)

    def covers(self, request: CoverRequest, stop: threading.Event) -> AsyncIterator[State]:
        """Draws covers of a resolved request; a `DrawnCovers`.

        Raises:
            PartMissing: there is no cover model.
            Stopped, BusyError, TimeLimitError: see `Lane.run`.
            Exception: whatever `cover_alone` raises.
        """

        def work(folder: Path, report: Report, job: Job) -> Any:
            if self.engines.cover is None:
                raise PartMissing(self.engines.missing.get("cover", "no cover model is loaded"))
            doing = "Drawing the cover" if request.variations == 1 else f"Drawing {request.variations} covers"
            covers = cover_alone(
                request,
                self.engines.cover,
                progress=lambda done, needed: report(done, needed, doing),
                should_stop=stop.is_set,
            )
            names = [folder / f"cover_{request.style}_s{cover.seed}.png" for cover in covers]
            write_files({path: cover.png for path, cover in zip(names, covers, strict=True)})
            return DrawnCovers(tuple(names), tuple(cover.recipe for cover in covers))

        return self._run(self._engine_lane, "cover", request.variations, work, stop)

    def midi(
        self, file: Path, options: MidiOptions, stop: threading.Event, *, before: MidiOfFile | None = None
    ) -> AsyncIterator[State]:
        """Writes an upload down as MIDI, or with `before` the same sound again with other options; a `WrittenMidi`.

        Raises:
            Stopped, BusyError, TimeLimitError: see `Lane.run`.
            Exception: whatever `midi_of_file` raises.
        """

        def work(folder: Path, report: Report, job: Job) -> Any:
            if before:
                made = write_again(before, options, folder)
            else:
                made = midi_of_file(file, options, self.engines, folder, progress=report, should_stop=stop.is_set)
            preview = folder / "preview.wav"
            sound = render_preview(made.transcript.parts, made.transcript.grid)
            soundfile.write(preview, sound.samples.T, sound.sample_rate, subtype="PCM_16")
            return WrittenMidi(made, preview)

        kind = "midi again" if before else "midi"
        return self._run(self._processor_lane, kind, max(1, file.stat().st_size), work, stop)

    def analysis(self, file: Path, bpm: float | None, key: str | None, stop: threading.Event) -> AsyncIterator[State]:
        """Measures an upload; a `Passport`.

        Raises:
            RequestError: it cannot be read as sound.
            Stopped, BusyError, TimeLimitError: see `Lane.run`.
        """

        def work(folder: Path, report: Report, job: Job) -> Any:
            report(0, 1, "Measuring tempo and key")
            return analyze_file(file, bpm=bpm, key=key)

        return self._run(self._processor_lane, "analysis", max(1, file.stat().st_size), work, stop)

    async def _run(
        self,
        lane: Lane,
        kind: str,
        size: float,
        work: Callable[[Path, Report, Job], Any],
        stop: threading.Event,
    ) -> AsyncIterator[State]:
        """Runs one job in a folder of its own, which goes if the job fails."""
        if not self._is_open:
            raise BusyError("the server is about to restart; try again in a minute")

        def in_folder(report: Report) -> Any:
            folder = self._new_folder()
            try:
                return work(folder, report, job)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

        job = Job(kind, size, in_folder, stop)
        async with aclosing(lane.run(job)) as states:
            async for state in states:
                yield state

    def _new_folder(self) -> Path:
        """Makes an empty folder with a name that nobody guesses, and removes those of long ago and too many."""
        taken = 0
        for path in sorted(self.folders.iterdir(), key=_written, reverse=True):
            taken += sum(_bytes(file) for file in path.rglob("*"))
            if taken > KEPT_BYTES or time.time() - _written(path) > KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        folder = self.folders / secrets.token_urlsafe(16)
        folder.mkdir()
        return folder


def _written(path: Path) -> float:
    with suppress(FileNotFoundError):  # the other lane may have removed it
        return path.stat().st_mtime
    return 0.0


def _bytes(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
