"""Runs jobs for visitors: each waits its turn, can be stopped, and has a folder of its own.

The web page and the API read the same generators. One queue is for jobs that need the beat or cover engine, another for
what a processor does alone (analysis, MIDI of an upload), so that neither waits for the other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import soundfile

from typebeat.engines import Engines, Job, WeightsError, without_paths
from typebeat.midi.preview import render_preview
from typebeat.parts import PartMissing
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
from typebeat.serving.capacity import jobs_at_once
from typebeat.serving.failures import NotLoadedError
from typebeat.serving.heard import HeardUploads
from typebeat.serving.journal import log_job
from typebeat.serving.kept_folders import KeptFolders
from typebeat.serving.own_folder import OwnFolder
from typebeat.serving.queue import BusyError, Entry, Follower, Queue, States
from typebeat.serving.uploads import Uploads
from typebeat.serving.watching import Listener, watched

QUEUE_LENGTH = 24  # visitors that may wait in a queue; the next one is asked to come back later
ENGINE_LIMIT_S, PROCESSOR_LIMIT_S = 1800.0, 300.0  # the longest that one job may take


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
        listeners: Are told how each job went.
        is_open: Whether jobs are taken.
    """

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self._engine_queue = Queue(QUEUE_LENGTH, ENGINE_LIMIT_S, jobs_at_once(engines.beat))
        self._processor_queue = Queue(QUEUE_LENGTH, PROCESSOR_LIMIT_S)
        self.listeners: list[Listener] = [log_job]
        self._visits: dict[str | None, set[threading.Event]] = {}
        self.is_open = True
        self._uploads = Uploads()
        self._heard = HeardUploads()
        self._own_folder = OwnFolder()
        self.folders = self._own_folder.files
        self._kept = KeptFolders(self.folders, self._uploads.drop)

    @property
    def queues(self) -> dict[str, Queue]:
        """Both queues, by what is waited for."""
        return {"engine": self._engine_queue, "processor": self._processor_queue}

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
        self.is_open = False
        for session in list(self._visits):
            self.stop(session)
        self._own_folder.remove()
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

        return self._run(self._engine_queue, "weights", 1.0, work, stop, is_alone=True)

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
        *,
        is_alone: bool = False,
    ) -> States:
        """Runs one job in a folder of its own, which is removed if the job fails."""
        if not self.is_open:
            raise BusyError("the server is about to restart; try again in a minute")

        def in_folder(job: Job) -> Any:
            folder = self._kept.new()
            try:
                made = work(folder, job)
            except BaseException:
                self._kept.discard(folder)
                self._uploads.leave(folder)
                raise
            self._kept.finish(folder)
            return made

        entry = Entry(kind, size, in_folder, stop, self._visitor_of(stop), is_alone)
        async with aclosing(watched(kind, size, queue.run(entry), self.listeners)) as states:
            async for state in states:
                yield state

    def _visitor_of(self, stop: threading.Event) -> object:
        """Returns the session of a visit's event; an event of no session is a visitor of its own."""
        whole = stop.whole if isinstance(stop, Follower) else stop
        return next((session for session, events in self._visits.items() if session and whole in events), whole)
