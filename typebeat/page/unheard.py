"""Ends jobs to which nobody listens, and forgets what they said; Gradio would keep it for the next 2,000 sessions.

Nobody listens where a connection is lost, where somebody reads a byte a second, or asked for a job and never listened.
"""

from __future__ import annotations

import asyncio
from typing import Any

from gradio.queueing import Queue
from gradio.server_messages import EventMessage, ProcessCompletedMessage

MOST_BEHIND = 300  # messages; at the pace at which jobs tell how far they are that is most of a minute
UNHEARD_S = 120.0  # for how long the end of a job is kept for somebody who did not listen so far
TOO_SLOW = "Your connection was too slow to follow the job, so it was stopped; make it again."

_send, _clean = Queue.send_message, Queue.clean_events


def forget_unheard() -> None:
    """Has Gradio's queue do so."""
    Queue.send_message = _send_to_listener
    Queue.clean_events = _clean_and_forget


def _send_to_listener(self: Queue, event: Any, event_message: EventMessage) -> None:
    waiting = self.pending_messages_per_session.get(event.session_hash)
    if not event.alive or waiting is None:  # it hung up, or is one of too many
        event.alive = False
        return
    is_behind = waiting.qsize() >= MOST_BEHIND
    if is_behind:
        _empty(waiting)
        event_message = ProcessCompletedMessage(output={"error": TOO_SLOW}, success=False)
    _send(self, event, event_message)
    event.alive = not is_behind  # its job ends, as if it had hung up
    if isinstance(event_message, ProcessCompletedMessage):
        asyncio.get_running_loop().call_later(UNHEARD_S, _forget, waiting, event_message)


async def _clean_and_forget(self: Queue, *, session_hash: str | None = None, event_id: str | None = None) -> None:
    await _clean(self, session_hash=session_hash, event_id=event_id)
    if waiting := self.pending_messages_per_session.get(session_hash):
        _empty(waiting)


def _forget(waiting: asyncio.Queue[EventMessage], message: EventMessage) -> None:
    """Forgets all that a session was told, if a message is still not fetched."""
    if message in getattr(waiting, "_queue", ()):
        _empty(waiting)


def _empty(waiting: asyncio.Queue[EventMessage]) -> None:
    while not waiting.empty():
        waiting.get_nowait()
