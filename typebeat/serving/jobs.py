"""Runs jobs for visitors: each waits its turn, can be stopped, and has a folder of its own.

The web page and the API read the same generators. One queue is for jobs that need the beat or cover engine, another for
what a processor does alone (analysis, MIDI of an upload), so that neither waits for the other.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import soundfile

from typebeat.engines import Engines, Job, NoGpuError, WeightsError, without_paths
from typebeat.midi.preview import render_preview
from typebeat.parts import PartMissing, TimeLimitError
from typebeat.parts.cover import draw_covers
from typebeat.parts.midi import MidiOfFile, midi_of_file, write_again
from typebeat.parts.own import Reference
from typebeat.parts.own.reading import bring
from typebeat.parts.pack import BeatPack, Recipe, read_pack
from typebeat.parts.writing import write_files
from typebeat.pipeline import analyze_file, make_pack
from typebeat.request.cover_request import SettledCoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.settled import SettledRequest
from typebeat.serving.heard import HeardUploads
from typebeat.serving.queue import BusyError, Entry, Queue, States
from typebeat.serving.uploads import Uploads
from typebeat.sound.mastering import BrokenAudioError

QUEUE_LENGTH = 24  # visitors that may wait in a queue; the next one is asked to come back later
ENGINE_LIMIT_S, PROCESSOR_LIMIT_S = 1800.0, 300.0  # the longest that one job may take
KEPT_SECONDS = 6 * 3600  # how long a finished folder can be played and downloaded
KEPT_BYTES = 4 * 10**9  # of all folders; the oldest go first
OUR_FAULT = "It is not your request. Nothing was kept; make it again, and tell us if it stays."


class NotLoadedError(Exception):
    """Weights that somebody chose cannot be used; one line that says why. What played before plays on."""


TITLES = {  # of failures whose own line is meant for visitors
    BusyError: "A lot of people are here",
    TimeLimitError: "This took too long",
    PartMissing: "This cannot be made here",
    NotLoadedError: "These weights were not loaded",
    BrokenAudioError: "The model made no music",
}


def explain(failure: Exception) -> tuple[str, str]:
    """Returns a title and one line for visitors; details that they need not see go to the log."""
    if type(failure) in TITLES:
        return TITLES[type(failure)], str(failure)
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
    """Returns one line on which weights are loaded, where they run, and what a user must know of them."""
    loaded = {"beat": engines.beat.weights}
    if engines.cover is not None:
        loaded["cover"] = engines.cover.weights
    lines = [f"{part} {each.name}@{each.revision} on {each.device}, {each.precision}" for part, each in loaded.items()]
    return "; ".join([*lines, *(notice.rstrip(".") for notice in engines.notices)])


@dataclass(frozen=True)
class DrawnCovers:
    """Finished covers: their files, and the recipe of each."""

    files: tuple[Path, ...]
    recipes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class WrittenMidi:
    """A sound as MIDI files, and a WAV of what they play."""

    made: MidiOfFile
    preview: Path


class JobRunner:
    """The engines, the queues in front of them and the visitors' folders.

    Attributes:
        engines: The loaded models.
        folders: Holds a folder for each finished job; the page serves files from nowhere else.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._engine_queue = Queue(QUEUE_LENGTH, ENGINE_LIMIT_S)
        self._processor_queue = Queue(QUEUE_LENGTH, PROCESSOR_LIMIT_S)
        self._visits: dict[str | None, set[threading.Event]] = {}
        self._is_open = True
        self._uploads = Uploads()
        self._heard = HeardUploads()
        self._root = tempfile.TemporaryDirectory(prefix="typebeat-", ignore_cleanup_errors=True)
        self.folders = Path(self._root.name).resolve()

    @asynccontextmanager
    async def visit(self, session: str | None) -> AsyncIterator[threading.Event]:
        """Yields an event that is set when `stop` is called for the same session."""
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
        self._uploads.drop_all()

    def beat(
        self,
        request: SettledRequest,
        stop: threading.Event,
        *,
        aloud: bool = False,
        of: Recipe | None = None,
        reference: Reference | None = None,
        upload: Path | None = None,
    ) -> States:
        """Makes a pack; the result is a `BeatPack`. With `aloud` the sound is yielded as well.

        With `of`, the recipe of an earlier beat, only the parts that the request names are made anew. With `reference`
        it is made around that; its `upload` is deleted with the last pack that was made of it.

        This and the other jobs raise what `Queue.run` raises, and what the work itself does.
        """

        def work(folder: Path, job: Job) -> Any:
            heard = job if aloud else replace(job, hear=None)
            if upload:
                self._uploads.keep(upload, folder)
            return make_pack(request, self.engines, folder, heard, of=of, reference=reference)

        return self._run(self._engine_queue, "beat", request.seconds, work, stop)

    def reference(self, source: Path | str, options: ReferenceOptions, stop: threading.Event) -> States:
        """Hears what an upload is, or reads chords; the result is a `Reference`."""

        def work(folder: Path, job: Job) -> Any:
            replace(job, doing="Listening to what you brought").step(0, 1)
            return bring(source, options, self.engines.pitches, self._heard.of(source))

        size = source.stat().st_size if isinstance(source, Path) else 1
        return self._run(self._processor_queue, "reference", max(1, size), work, stop)

    def weights(self, choice: str, stop: threading.Event) -> States:
        """Loads other beat weights, once no beat is being made; the result is their `Weights`."""

        def work(folder: Path, job: Job) -> Any:
            beat = self.engines.beat
            if not hasattr(beat, "switch"):
                raise PartMissing("the weights cannot be changed while this page runs; set TYPEBEAT_BEAT")
            try:
                return beat.switch(choice, job)
            except WeightsError as error:
                logging.warning("weights were not loaded: %s", error)
                told = without_paths(str(error))
                raise NotLoadedError(f"{told}; {beat.weights.name} plays on") from error

        return self._run(self._engine_queue, "weights", 1.0, work, stop)

    def pack(self, reference: str) -> BeatPack | None:
        """Returns a pack that was made here, by the names of its job's folder and its own, while it is kept."""
        try:
            folder = (self.folders / reference).resolve()
        except (OSError, ValueError):
            return None
        is_pack = folder.parent.parent == self.folders and folder.parent.name
        return read_pack(folder) if is_pack else None

    def upload_of(self, pack: BeatPack) -> Path | None:
        """Returns the upload that a pack is made around; None if there is none."""
        return self._uploads.of(pack.folder.parent)

    def covers(self, request: SettledCoverRequest, stop: threading.Event) -> States:
        """Draws covers; the result is a `DrawnCovers`."""

        def work(folder: Path, job: Job) -> Any:
            if self.engines.cover is None:
                raise PartMissing(self.engines.missing.get("cover", "no cover model is loaded"))
            doing = "Drawing the cover" if request.variations == 1 else f"Drawing {request.variations} covers"
            covers = draw_covers(request, self.engines.cover, replace(job, doing=doing))
            names = [folder / f"cover_{request.style}_s{cover.seed}.png" for cover in covers]
            write_files({path: cover.png for path, cover in zip(names, covers, strict=True)})
            return DrawnCovers(tuple(names), tuple(cover.recipe for cover in covers))

        return self._run(self._engine_queue, "cover", request.variations, work, stop)

    def midi(
        self, file: Path, options: MidiOptions, stop: threading.Event, *, before: MidiOfFile | None = None
    ) -> States:
        """Writes an upload down as MIDI; the result is a `WrittenMidi`.

        With `before`, an earlier result for the same upload, it is only written again with other options.
        """

        def work(folder: Path, job: Job) -> Any:
            if before:
                made = write_again(before, options, folder)
            else:
                made = midi_of_file(file, options, self.engines, folder, job)
            preview = folder / "preview.wav"
            sound = render_preview(made.transcript.parts, made.transcript.grid)
            soundfile.write(preview, sound.samples.T, sound.sample_rate, subtype="PCM_16")
            return WrittenMidi(made, preview)

        kind = "midi again" if before else "midi"
        return self._run(self._processor_queue, kind, max(1, file.stat().st_size), work, stop)

    def analysis(self, file: Path, said: MidiOptions, stop: threading.Event) -> States:
        """Measures an upload; the result is a `Passport`."""

        def work(folder: Path, job: Job) -> Any:
            replace(job, doing="Measuring tempo and key").step(0, 1)
            return analyze_file(file, said)

        return self._run(self._processor_queue, "analysis", max(1, file.stat().st_size), work, stop)

    async def _run(
        self,
        queue: Queue,
        kind: str,
        size: float,
        work: Callable[[Path, Job], Any],
        stop: threading.Event,
    ) -> States:
        """Runs one job in a folder of its own, which is removed if the job fails."""
        if not self._is_open:
            raise BusyError("the server is about to restart; try again in a minute")

        def in_folder(job: Job) -> Any:
            folder = self._new_folder()
            try:
                return work(folder, job)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                self._uploads.leave(folder)
                raise

        async with aclosing(queue.run(Entry(kind, size, in_folder, stop))) as states:
            async for state in states:
                yield state

    def _new_folder(self) -> Path:
        """Makes a folder with a name that nobody can guess; old ones go, and the oldest if all are too large."""
        taken = 0
        for path in sorted(self.folders.iterdir(), key=_written, reverse=True):
            taken += sum(_bytes(file) for file in path.rglob("*"))
            if taken > KEPT_BYTES or time.time() - _written(path) > KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
                self._uploads.drop(path)
        folder = self.folders / secrets.token_urlsafe(16)
        folder.mkdir()
        return folder


def _written(path: Path) -> float:
    with suppress(FileNotFoundError):  # the other queue may have removed it
        return path.stat().st_mtime
    return 0.0


def _bytes(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0
