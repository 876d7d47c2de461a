"""Jobs of visitors: folders that nobody else finds and that go in time, and failures in words for people."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine

from typebeat.engines import Engines, NoGpuError, WeightsError
from typebeat.parts import PartMissing
from typebeat.parts import midi as midi_part
from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import SettledRequest, resolve
from typebeat.serving import capacity, kept_folders, work
from typebeat.serving.capacity import jobs_at_once
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner, health
from typebeat.serving.queue import BusyError, Follower, TimeLimitError
from typebeat.serving.states import Finished
from typebeat.serving.zerogpu import GpuCallError, OnZeroGpu
from typebeat.sound.mastering import BrokenAudioError

BEAT = resolve(BeatRequest(style="kid-cudi", bpm=105, key="A minor", bars=1, seed=3, parts=("beat",)))


@pytest.fixture
def runner():
    opened = JobRunner(Engines(FakeEngine()))
    yield opened
    opened.close()


def make(runner: JobRunner, request: SettledRequest = BEAT, session: str | None = None) -> Any:
    """One whole job; returns its result."""

    async def run() -> Any:
        async with runner.visit(session) as stop, aclosing(runner.beat(request, stop)) as states:
            return [state async for state in states][-1]

    last = asyncio.run(run())
    assert isinstance(last, Finished)
    return last.result


def test_each_job_has_a_folder_of_its_own_that_nobody_guesses(runner):
    first, second = (make(runner).folder.parent for _ in range(2))
    assert first != second
    assert first.parent == second.parent == runner.folders
    assert all(len(folder.name) >= 20 for folder in (first, second))


def test_a_job_that_fails_leaves_no_folder(runner, monkeypatch):
    def break_down(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(FakeEngine, "generate", break_down)
        with pytest.raises(ZeroDivisionError):
            make(runner)
    assert not list(runner.folders.iterdir())
    assert make(runner).zip.is_file()


def test_folders_of_long_ago_go_when_the_next_job_begins(runner, monkeypatch):
    clock = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr(kept_folders, "time", clock)
    make(runner)
    clock.monotonic = lambda: time.monotonic() + kept_folders.KEPT_SECONDS - 60
    young = make(runner).folder.parent
    clock.monotonic = lambda: time.monotonic() + kept_folders.KEPT_SECONDS + 60
    newest = make(runner).folder.parent
    assert set(runner.folders.iterdir()) == {young, newest}


def test_of_too_many_bytes_the_oldest_folders_go(runner, monkeypatch):
    _, second = make(runner).folder.parent, make(runner).folder.parent
    of_one = sum(path.stat().st_size for path in second.rglob("*") if path.is_file())
    monkeypatch.setattr(kept_folders, "KEPT_BYTES", 1.5 * of_one)
    newest = make(runner).folder.parent
    assert set(runner.folders.iterdir()) == {second, newest}


def test_a_clock_that_is_set_takes_no_pack_away(runner, monkeypatch):
    pack, now = make(runner).folder, time.time
    for hours in (-100_000, 100_000):
        monkeypatch.setattr(time, "time", lambda hours=hours: now() + 3600 * hours)
        os.utime(pack.parent, (0, 0))
        make(runner)
    assert runner.pack(f"{pack.parent.name}/{pack.name}")


def test_the_folder_of_a_job_that_runs_stays_whatever_others_need(runner, monkeypatch):
    make_pack, kept = work.make_pack, []

    def slow(request: SettledRequest, engines: Engines, folder: Path, *rest: Any, **others: Any) -> Any:
        if not kept:
            kept.append(folder)
            runner._kept.new()  # as another job does that begins
            assert folder.is_dir()
        return make_pack(request, engines, folder, *rest, **others)

    monkeypatch.setattr(work, "make_pack", slow)
    monkeypatch.setattr(kept_folders, "KEPT_BYTES", -1)
    assert make(runner).zip.is_file()


def test_stop_stops_the_jobs_of_one_session_alone(runner):
    async def stopped_first() -> list[bool]:
        async with runner.visit("one") as one, runner.visit("two") as two:
            runner.stop("one")
            return [one.is_set(), two.is_set()]

    assert asyncio.run(stopped_first()) == [True, False]


def test_a_closed_runner_stops_what_runs_takes_no_more_and_leaves_nothing(runner):
    async def closed() -> None:
        async with runner.visit(None) as stop:
            runner.close()
            assert stop.is_set()

    asyncio.run(closed())
    assert not runner.folders.exists()
    with pytest.raises(BusyError, match="try again"):
        make(runner)


def test_without_a_cover_model_the_reason_is_told(runner):
    runner.engines = Engines(FakeEngine(), missing={"cover": "the Hub has no such repository"})

    async def draw() -> None:
        async with aclosing(runner.covers(CoverRequest(prompt="bells").resolved(), threading.Event())) as states:
            async for _ in states:
                pass

    with pytest.raises(PartMissing, match="no such repository"):
        asyncio.run(draw())


@pytest.mark.parametrize(
    ("failure", "title", "says"),
    [
        (GpuCallError("ZeroGPU worker error: GPU task aborted"), "The GPU broke off", "make it again"),
        (BusyError("24 jobs are waiting already; try again in a few minutes"), "A lot of people", "try again"),
        (TimeLimitError("it took longer than 30 minutes; ask for less at once"), "too long", "ask for less"),
        (midi_part.TimeLimitError("a.wav took longer than 240 s; try a shorter piece"), "too long", "a shorter piece"),
        (PartMissing("no cover model is loaded"), "cannot be made here", "no cover model"),
        (BrokenAudioError("the model made silence from seed 7; try another seed"), "no music", "another seed"),
        (NoGpuError("ZeroGPU quota exceeded: try again in 0:12:00."), "No GPU", "again in 0:12:00. On a computer"),
        (WeightsError("memory does not suffice to draw with x"), "cannot do this here", "ask for less"),
        (OSError(errno.ENOSPC, "No space left on device", "/srv/x"), "could not be written", "No space left"),
        (RuntimeError("could not create a primitive"), "The memory ran out", "Ask for fewer bars"),
        (ZeroDivisionError("secret"), "This job failed", "make it again"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_failure_is_a_title_and_a_line_with_a_next_step(failure, title, says):
    told = explain(failure)
    assert title in told[0]
    assert says in told[1]
    assert "\n" not in "".join(told)
    assert "secret" not in told[1]
    assert "/srv" not in told[1]


def test_health_is_one_line_with_weights_device_precision_and_notices():
    cover = FakeCover(replace(FAKE_WEIGHTS, name="art", notice="no adapter for phonk."))
    told = health(Engines(FakeEngine(), cover=cover, missing={"stems": "none"}))
    assert told.startswith("beat fake@0123456789ab on cpu, fp32; cover art@0123456789ab on cpu, fp32; ")
    assert told.endswith("no adapter for phonk; no stems: none")


def test_a_wrong_sound_file_is_refused_by_its_name_alone(runner, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")

    async def measured() -> None:
        async with aclosing(runner.analysis(tmp_path / "text.wav", MidiOptions(), threading.Event())) as states:
            async for _ in states:
                pass

    with pytest.raises(RequestError) as refused:
        asyncio.run(measured())
    assert str(tmp_path) not in str(refused.value)
    assert not list(runner.folders.iterdir())


def test_engines_that_draw_side_by_side_serve_several_visitors_at_once_and_others_one(monkeypatch):
    monkeypatch.setattr(capacity.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(capacity.psutil, "virtual_memory", lambda: SimpleNamespace(available=64e9))
    engine = FakeEngine(side_by_side=True)
    assert jobs_at_once(engine) == 4
    assert jobs_at_once(FakeEngine()) == 1
    assert jobs_at_once(OnZeroGpu(engine, "generate", lambda duration: lambda call: call, lambda *_: 1.0)) == 1
    monkeypatch.setattr(capacity.os, "cpu_count", lambda: 1)
    assert jobs_at_once(engine) == 2
    monkeypatch.setattr(capacity.psutil, "virtual_memory", lambda: SimpleNamespace(available=0.5e9))
    assert jobs_at_once(engine) == 1


def test_two_visitors_are_served_at_once_and_each_gets_a_pack_of_its_own(monkeypatch):
    monkeypatch.setattr("typebeat.serving.jobs.jobs_at_once", lambda beat: 2)
    both, generate = threading.Barrier(2, timeout=30), FakeEngine.generate

    def meet(self: FakeEngine, *given: Any, **more: Any) -> Any:
        both.wait()  # breaks if the other is not let in
        return generate(self, *given, **more)

    monkeypatch.setattr(FakeEngine, "generate", meet)
    runner = JobRunner(Engines(FakeEngine()))

    async def visit(session: str) -> Any:
        async with runner.visit(session) as stop, aclosing(runner.beat(BEAT, stop)) as states:
            return [state async for state in states][-1].result

    async def meeting() -> list[Any]:
        return await asyncio.gather(visit("one"), visit("two"))

    first, second = asyncio.run(meeting())
    assert first.folder.parent != second.folder.parent
    assert first.zip.read_bytes() == second.zip.read_bytes()
    runner.close()


def test_the_jobs_of_a_session_are_those_of_one_visitor(runner):
    async def visitors() -> list[object]:
        async with runner.visit("one") as one, runner.visit("one") as again, runner.visit(None) as nobody:
            return [runner._visitor_of(stop) for stop in (one, Follower(again), nobody, threading.Event())]

    first, again, nobody, stranger = asyncio.run(visitors())
    assert first == again == "one"
    assert len({first, nobody, stranger}) == 3
