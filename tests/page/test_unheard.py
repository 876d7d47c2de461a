"""A job to which nobody listens ends, and what it said is forgotten."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from gradio import Blocks
from gradio.queueing import Queue
from gradio.server_messages import LogMessage, ProcessCompletedMessage

from typebeat.page import unheard

SESSION = "somebody"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(unheard, "UNHEARD_S", 0.01)
    unheard.forget_unheard()
    made = Blocks().queue()._queue
    made.pending_messages_per_session[SESSION] = asyncio.Queue()
    return made


def event() -> SimpleNamespace:
    return SimpleNamespace(session_hash=SESSION, alive=True, _id="first")


def message(text: str) -> LogMessage:
    return LogMessage(log=text, level="info", duration=None, visible=True, title="")


def said(queue: Queue) -> int:
    return queue.pending_messages_per_session[SESSION].qsize()


def test_a_listener_who_is_far_behind_is_told_so_and_its_job_ends(queue):
    job = event()
    for number in range(unheard.MOST_BEHIND):
        queue.send_message(job, message(str(number)))
    assert (job.alive, said(queue)) == (True, unheard.MOST_BEHIND)

    async def one_more() -> str:
        queue.send_message(job, message("more"))
        return str(queue.pending_messages_per_session[SESSION]._queue)

    assert "too slow" in asyncio.run(one_more())
    assert not job.alive
    queue.send_message(job, message("after"))
    assert said(queue) == 1


@pytest.mark.parametrize("is_heard", [True, False])
def test_the_end_of_a_job_that_nobody_fetched_is_forgotten_in_time_and_later_jobs_are_heard(queue, is_heard):
    async def end() -> None:
        queue.send_message(event(), ProcessCompletedMessage(output={"data": ["a pack"]}, success=True))
        if is_heard:
            queue.pending_messages_per_session[SESSION].get_nowait()
            queue.send_message(event(), message("the next job"))
        await asyncio.sleep(0.05)

    asyncio.run(end())
    assert said(queue) == is_heard


def test_what_somebody_who_hung_up_did_not_fetch_is_forgotten(queue):
    job = event()
    queue.send_message(job, message("a piece of sound"))
    asyncio.run(queue.clean_events(session_hash=SESSION))
    assert said(queue) == 0


def test_a_session_that_is_gone_ends_its_job(queue):
    job = event()
    del queue.pending_messages_per_session[SESSION]
    queue.send_message(job, message("a piece of sound"))
    assert not job.alive
