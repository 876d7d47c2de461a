"""Why there is no beat, in words for visitors: a title and one line for every failure."""

from __future__ import annotations

from typebeat.engines import NoGpuError, WeightsError, without_paths
from typebeat.parts import PartMissing, TimeLimitError
from typebeat.serving.journal import noted
from typebeat.serving.queue import BusyError
from typebeat.serving.ray.connecting import ClusterError
from typebeat.serving.zerogpu import GpuCallError
from typebeat.sound.mastering import BrokenAudioError

UNKNOWN = "This job failed"  # the title of a failure that has no words of its own
# why a server ends before it serves; a disk may be full before all weights are fetched
CANNOT_START = (WeightsError, ClusterError, OSError)
OUT_OF_MEMORY = ("allocate memory", "could not create a primitive")  # of torch; of oneDNN, which torch passes on
OUR_FAULT = "It is not your request. Nothing was kept; make it again, and tell us {} if it stays."


class NotLoadedError(Exception):
    """Weights that somebody chose cannot be used; one line that says why. What played before plays on."""


TITLES = {  # of failures whose own line is meant for visitors
    BusyError: "A lot of people are here",
    TimeLimitError: "This took too long",
    PartMissing: "This cannot be made here",
    ClusterError: "The machines that make it are in trouble",
    NotLoadedError: "These weights were not loaded",
    BrokenAudioError: "The model made no music",
}


def explain(failure: Exception) -> tuple[str, str]:
    """Returns a title and one line for visitors; details that they need not see go to the log."""
    if type(failure) in TITLES:
        return TITLES[type(failure)], str(failure)
    if isinstance(failure, NoGpuError):
        return "No GPU is free for you", f"{failure} On a computer of your own there is no such limit."
    id = noted(failure)
    our_fault = OUR_FAULT.format(id)
    if is_out_of_memory(failure):
        return "The memory ran out", f"Ask for fewer bars or takes, or try again in a minute; tell us {id} if it stays."
    if isinstance(failure, GpuCallError):
        return "The GPU broke off", our_fault
    if isinstance(failure, OSError):
        return "The files could not be written", f"{failure.strerror or 'the disk refused'}. {our_fault}"
    if isinstance(failure, WeightsError):
        told = without_paths(str(failure))
        return "The model cannot do this here", f"{told}; try another seed, ask for less at once, or tell us {id}"
    return UNKNOWN, our_fault


def is_out_of_memory(failure: Exception) -> bool:
    """Whether an error says that memory ran out; torch has a class of its own for that on GPUs only."""
    return (
        isinstance(failure, MemoryError)
        or type(failure).__name__ == "OutOfMemoryError"
        or any(words in str(failure) for words in OUT_OF_MEMORY)
    )
