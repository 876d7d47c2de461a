"""Runs a job of a queue to its end."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from typebeat.serving.queue import Entry, Queue


async def drain(queue: Queue, entry: Entry) -> list[Any]:
    """Returns all that the queue told of it."""
    async with aclosing(queue.run(entry)) as states:
        return [state async for state in states]
