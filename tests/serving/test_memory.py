"""A job's memory goes back to the system once it is done."""

from __future__ import annotations

import asyncio
import ctypes
import platform
import threading

import psutil
import pytest
from fakes import FakeCover, FakeEngine

from typebeat.engines import Engines
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.serving import jobs
from typebeat.serving.jobs import JobRunner
from typebeat.serving.memory import give_back

BLOCK, BLOCKS = 60_000, 3000  # bytes, so few that they come from the heap; 180 MB


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep nothing back")
def test_freed_memory_below_what_is_still_used_is_given_back():
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(ctypes.c_size_t(BLOCK)) for _ in range(BLOCKS)]
    for block in blocks:
        ctypes.memset(block, 1, BLOCK)
    *most, last = blocks
    for block in most:
        libc.free(block)
    before = psutil.Process().memory_info().rss
    give_back()
    assert before - psutil.Process().memory_info().rss > BLOCK * BLOCKS / 2
    libc.free(last)


@pytest.mark.parametrize("prompt", ["dark bells", "crash"])
def test_it_is_given_back_after_each_job_also_one_that_failed(prompt, monkeypatch):
    given = []
    monkeypatch.setattr(jobs, "give_back", lambda: given.append(prompt))

    async def make() -> None:
        runner = JobRunner(Engines(FakeEngine(), cover=FakeCover()))
        try:
            async for _ in runner.beat(resolve(BeatRequest(prompt, bars=1, seed=1)), threading.Event()):
                pass
        finally:
            runner.close()

    if prompt == "crash":
        monkeypatch.setattr(FakeEngine, "generate", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            asyncio.run(make())
    else:
        asyncio.run(make())
    assert given == [prompt]
