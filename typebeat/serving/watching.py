"""Follows a job from outside: how long each stage took and how it ended, without anything that a visitor wrote or sent.

Logs and metrics are told these records. They name no prompt, file, key, seed or token, and stages come from a closed
list, since what a job says that it is doing may name weights.
"""

from __future__ import annotations

import asyncio
import secrets
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from typebeat.engines import NoGpuError, Stopped
from typebeat.parts import PartMissing, TimeLimitError
from typebeat.request.options import RequestError
from typebeat.serving.queue import BusyError
from typebeat.serving.states import Finished, State, States, Waiting, Working

FRAMES = 6  # of a traceback that a record holds, the innermost ones
WAITING, OTHER = "waiting", "other"
STAGES = {  # first word of what a job is doing -> stage
    "Getting": "starting",
    "Loading": "loading",
    "Making": "making",
    "The": "making",  # "The tempo was off: making another beat"
    "Splitting": "stems",
    "Listening": "listening",
    "Measuring": "measuring",
    "Writing": "writing",
    "Drawing": "drawing",
}
RESULTS: tuple[tuple[type[BaseException], str], ...] = (
    (RequestError, "refused"),
    (Stopped, "stopped"),
    (GeneratorExit, "left"),
    (asyncio.CancelledError, "left"),
    (BusyError, "busy"),
    (TimeLimitError, "late"),
    (NoGpuError, "no_gpu"),
    (PartMissing, "missing"),
)


@dataclass(frozen=True)
class JobRecord:
    """How a job went.

    Attributes:
        id: What its visitor sees in an error: 8 hexadecimal digits.
        kind: As `Entry.kind`, such as "beat".
        size: As `Entry.size`; of a beat the seconds of sound that were asked for.
        result: "done", "failed", or one of `RESULTS`.
        seconds: Stage -> how long it took; "waiting" is the time in the queue.
        failure: The class of the error; empty where there was none.
        where: Where the error came from, innermost last, such as "fit.py:41 stretch".
    """

    id: str
    kind: str
    size: float
    result: str
    seconds: dict[str, float]
    failure: str = ""
    where: tuple[str, ...] = ()


Listener = Callable[[JobRecord], None]


async def watched(kind: str, size: float, states: States, listeners: Iterable[Listener]) -> States:
    """Yields the states of a job, and tells the listeners how it went once it is over.

    An error that it raises carries the job's id, which `id_of` returns.
    """
    id, stage, since = new_id(), WAITING, time.monotonic()
    seconds: dict[str, float] = {}
    failure: BaseException | None = None
    is_done = False
    try:
        async with aclosing(states):
            async for state in states:
                if (now := _stage(state)) not in (None, stage):
                    seconds[stage] = seconds.get(stage, 0.0) + time.monotonic() - since
                    stage, since = now or stage, time.monotonic()
                is_done = isinstance(state, Finished)
                yield state
    except BaseException as error:
        if not is_done:  # whoever has the result may close the generator
            failure = error
        if isinstance(error, Exception):
            error.job_id = id  # type: ignore[attr-defined]
        raise
    finally:
        seconds[stage] = seconds.get(stage, 0.0) + time.monotonic() - since
        record = JobRecord(id, kind, size, result_of(failure), seconds, name_of(failure), where(failure))
        for listener in listeners:
            listener(record)


def new_id() -> str:
    """Returns an id that no other job has."""
    return secrets.token_hex(4)


def id_of(failure: BaseException) -> str:
    """Returns the id of the job that raised an error; empty where it was raised outside of any."""
    return getattr(failure, "job_id", "")


def result_of(failure: BaseException | None) -> str:
    """Returns how a job ended, from a closed list."""
    if failure is None:
        return "done"
    return next((result for kind, result in RESULTS if isinstance(failure, kind)), "failed")


def name_of(failure: BaseException | None) -> str:
    """Returns the class of an error. Its text is left out: it may quote what a visitor wrote."""
    return type(failure).__name__ if failure else ""


def where(failure: BaseException | None) -> tuple[str, ...]:
    """Returns the innermost places that an error passed through: file, line and function, without folders.

    An error that came from another process has them as `where`.
    """
    if told := getattr(failure, "where", ()):
        return tuple(told)
    frames = traceback.extract_tb(failure.__traceback__)[-FRAMES:] if failure else []
    return tuple(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def _stage(state: State) -> str | None:
    if isinstance(state, Waiting):
        return WAITING
    if isinstance(state, Working):
        return STAGES.get(state.doing.split(" ", 1)[0], OTHER)
    return None
