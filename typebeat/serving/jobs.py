"""Runs jobs for visitors: each waits its turn, can be stopped, and has a folder of its own.

The web page and the API read the same generators. One queue is for jobs that need the beat or cover engine, another for
what a processor does alone (analysis, MIDI of an upload), so that neither waits for the other. What a job does is a
record of `work`; it is done in a thread, or handed on to other machines.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from typebeat.engines import Engines, Job
from typebeat.parts.midi import MidiOfFile
from typebeat.parts.own import Reference
from typebeat.parts.pack import BeatPack, Recipe, read_pack
from typebeat.request.cover_request import SettledCoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.settled import SettledRequest
from typebeat.serving.capacity import jobs_at_once
from typebeat.serving.heard import HeardUploads
from typebeat.serving.journal import log_job
from typebeat.serving.kept_folders import KeptFolders
from typebeat.serving.memory import give_back
from typebeat.serving.own_folder import OwnFolder
from typebeat.serving.queue import BusyError, Entry, Follower, Queue
from typebeat.serving.states import States
from typebeat.serving.uploads import Uploads
from typebeat.serving.watching import Listener, watched
from typebeat.serving.work import (
    DrawCovers,
    Elsewhere,
    HearReference,
    LoadWeights,
    MakeBeat,
    Measure,
    Work,
    Workshop,
    WriteMidi,
)

QUEUE_LENGTH = 24  # visitors that may wait in a queue; the next one is asked to come back later
ENGINE_LIMIT_S, PROCESSOR_LIMIT_S = 1800.0, 300.0  # the longest that one job may take


def health(engines: Engines) -> str:
    """Returns one line on which weights are loaded, where they run, and what a user must know of them."""
    loaded = {"beat": engines.beat.weights}
    if engines.cover is not None:
        loaded["cover"] = engines.cover.weights
    lines = [f"{part} {each.name}@{each.revision} on {each.device}, {each.precision}" for part, each in loaded.items()]
    return "; ".join([*lines, *(notice.rstrip(".") for notice in engines.notices)])


class JobRunner:
    """The engines, the queues in front of them and the visitors' folders.

    Args:
        engines: The loaded models; of other processes what must be known of theirs.
        elsewhere: Does the work in place of this process.

    Attributes:
        engines: The same.
        elsewhere: The same.
        queues: Both queues, by what is waited for.
        folders: Holds a folder for each finished job; the page serves files from nowhere else.
        listeners: Are told how each job went.
        is_open: Whether jobs are taken.
    """

    def __init__(self, engines: Engines, elsewhere: Elsewhere | None = None) -> None:
        self.engines = engines
        self.elsewhere = elsewhere
        self.queues = queues_of(elsewhere) if elsewhere else queues_here(engines)
        self.listeners: list[Listener] = [log_job]
        self._visits: dict[str | None, set[threading.Event]] = {}
        self.is_open = True
        self._uploads = Uploads()
        self._heard = HeardUploads()
        self._own_folder = OwnFolder()
        self.folders = self._own_folder.files
        self._kept = KeptFolders(self.folders, self._uploads.drop)

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

        work = MakeBeat(request, aloud, of, reference)
        return self._run(self.queues["engine"], "beat", request.seconds, work, stop, upload=upload)

    def reference(self, source: Path | str, options: ReferenceOptions, stop: threading.Event) -> States:
        """Hears what an upload is, or reads chords; the result is a `Reference`."""

        size = source.stat().st_size if isinstance(source, Path) else 1
        return self._run(self.queues["processor"], "reference", max(1, size), HearReference(source, options), stop)

    def weights(self, choice: str, stop: threading.Event) -> States:
        """Loads other beat weights, once no beat is being made; the result is their `Weights`."""

        is_alone = self.elsewhere is None
        return self._run(
            self.queues["engine"], "weights", 1.0, LoadWeights(choice), stop, is_alone=is_alone, is_here=True
        )

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

        return self._run(self.queues["engine"], "cover", request.variations, DrawCovers(request), stop)

    def midi(
        self, file: Path, options: MidiOptions, stop: threading.Event, *, before: MidiOfFile | None = None
    ) -> States:
        """Writes an upload down as MIDI; the result is a `WrittenMidi`.

        With `before`, an earlier result for the same upload, it is only written again with other options.
        """

        kind = "midi again" if before else "midi"
        work = WriteMidi(file, options, before)
        return self._run(self.queues["processor"], kind, max(1, file.stat().st_size), work, stop)

    def analysis(self, file: Path, said: MidiOptions, stop: threading.Event) -> States:
        """Measures an upload; the result is a `Passport`."""

        size = max(1, file.stat().st_size)
        return self._run(self.queues["processor"], "analysis", size, Measure(file, said), stop)

    async def _run(
        self,
        queue: Queue,
        kind: str,
        size: float,
        work: Work,
        stop: threading.Event,
        *,
        upload: Path | None = None,
        is_alone: bool = False,
        is_here: bool = False,
    ) -> States:
        """Runs one job in a folder of its own; with `is_here` in this process, whatever is elsewhere."""
        if not self.is_open:
            raise BusyError("the server is about to restart; try again in a minute")
        elsewhere = None if is_here else self.elsewhere

        def here(job: Job) -> Any:
            try:
                with self._folder(upload) as folder:
                    return work(Workshop(self.engines, self._heard), folder, job)
            finally:
                give_back()

        async def there(job: Job) -> Any:
            assert elsewhere is not None
            with self._folder(upload) as folder:
                return await elsewhere.do(work, folder, job)

        entry = Entry(kind, size, there if elsewhere else here, stop, self._visitor_of(stop), is_alone)
        async with aclosing(watched(kind, size, queue.run(entry), self.listeners)) as states:
            async for state in states:
                yield state

    @contextmanager
    def _folder(self, upload: Path | None) -> Iterator[Path]:
        """Yields a new folder for what is made of an upload, if of any; it is removed if nothing is made."""
        folder = self._kept.new()
        try:
            if upload:
                self._uploads.keep(upload, folder)
            yield folder
        except BaseException:
            self._kept.discard(folder)
            self._uploads.leave(folder)
            raise
        self._kept.finish(folder)

    def _visitor_of(self, stop: threading.Event) -> object:
        """Returns the session of a visit's event; an event of no session is a visitor of its own."""
        whole = stop.whole if isinstance(stop, Follower) else stop
        return next((session for session, events in self._visits.items() if session and whole in events), whole)


def queues_here(engines: Engines) -> dict[str, Queue]:
    """Returns the queues in front of the engines and the processor of this process."""
    return {
        "engine": Queue(QUEUE_LENGTH, ENGINE_LIMIT_S, jobs_at_once(engines.beat)),
        "processor": Queue(QUEUE_LENGTH, PROCESSOR_LIMIT_S),
    }


def queues_of(elsewhere: Elsewhere) -> dict[str, Queue]:
    """Returns queues in front of other processes; the more these are, the more may wait."""

    def processes() -> int:
        return max(1, elsewhere.processes())  # one is let through to wake those that sleep

    def length() -> int:
        return QUEUE_LENGTH * processes()

    return {
        "engine": Queue(length, ENGINE_LIMIT_S, elsewhere.jobs_at_once),
        "processor": Queue(length, PROCESSOR_LIMIT_S, processes),
    }
