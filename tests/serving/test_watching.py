"""What is logged and counted of a job: id, kind, result and seconds, and nothing that a visitor wrote or sent."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from fakes import FakeEngine

from typebeat.engines import Engines, Stopped, WeightsError
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.journal import JsonLines
from typebeat.serving.metrics import Metrics
from typebeat.serving.readiness import readiness
from typebeat.serving.states import Finished, States
from typebeat.serving.watching import STAGES, JobRecord

SECRET = "my grandmother's secret bells"
BEAT = resolve(
    BeatRequest(prompt=SECRET, style="kid-cudi", bpm=105, key="A minor", bars=1, seed=987654, parts=("beat",))
)


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    opened = JobRunner(Engines(FakeEngine()))
    yield opened
    opened.close()


@pytest.fixture
def records(runner: JobRunner) -> list[JobRecord]:
    heard: list[JobRecord] = []
    runner.listeners.append(heard.append)
    return heard


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    monkeypatch.delenv("TYPEBEAT_TRACEBACK", raising=False)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("typebeat")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def run(states: States) -> Any:
    async def whole() -> Any:
        async with aclosing(states):
            async for state in states:
                if isinstance(state, Finished):
                    return state.result
        return None

    return asyncio.run(whole())


def break_engine(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(FakeEngine, "generate", broken)


def test_a_job_is_one_line_of_json_with_an_id_its_kind_its_result_and_seconds_by_stage(runner, log):
    run(runner.beat(BEAT, threading.Event()))
    (line,) = lines(log)
    assert re.fullmatch(r"[0-9a-f]{8}", line["job"])
    assert (line["kind"], line["result"], line["level"]) == ("beat", "done", "info")
    assert set(line["seconds"]) <= {"waiting", "other", *STAGES.values()}
    assert line["seconds"]["making"] > 0


def test_the_log_of_a_failure_has_its_class_and_place_and_nothing_that_was_asked_for(runner, log, monkeypatch):
    break_engine(monkeypatch, ZeroDivisionError(f"{SECRET} at /srv/uploads/me.wav\nfor 987654"))
    with pytest.raises(ZeroDivisionError):
        run(runner.beat(BEAT, threading.Event()))
    (line,) = lines(log)
    assert (line["result"], line["error"], line["level"]) == ("failed", "ZeroDivisionError", "error")
    assert any(re.fullmatch(r"test_watching\.py:\d+ broken", place) for place in line["where"])
    assert not [word for word in (SECRET, "A minor", "987654", "me.wav", "/") if word in log.getvalue()]


def test_the_visitor_sees_the_id_that_stands_in_the_log(runner, log, monkeypatch):
    for failure in (ZeroDivisionError(), OSError(28, "No space left on device"), WeightsError("too little memory")):
        break_engine(monkeypatch, failure)
        with pytest.raises(type(failure)) as raised:
            run(runner.beat(BEAT, threading.Event()))
        assert lines(log)[-1]["job"] in explain(raised.value)[1]


def test_a_failure_outside_of_any_job_gets_an_id_and_a_line_too(log):
    told = explain(ZeroDivisionError(SECRET))[1]
    (line,) = lines(log)
    assert line["job"] in told
    assert SECRET not in log.getvalue()


def test_with_traceback_switched_on_the_whole_error_is_logged_in_one_line(runner, log, monkeypatch):
    monkeypatch.setenv("TYPEBEAT_TRACEBACK", "1")
    break_engine(monkeypatch, ZeroDivisionError("here\nis why"))
    with pytest.raises(ZeroDivisionError) as raised:
        run(runner.beat(BEAT, threading.Event()))
    explain(raised.value)
    job, detail = lines(log)
    assert job["job"] == detail["job"]
    assert "ZeroDivisionError: here\nis why" in detail["traceback"]


def test_a_message_cannot_forge_a_line_of_the_log(log):
    logging.getLogger("typebeat.x").warning("no\n%s", '{"job": "forged"}\x1b[2J\r\u2028')
    assert len(log.getvalue().splitlines()) == 1
    (line,) = lines(log)
    assert "job" not in line
    assert log.getvalue().isascii()
    assert "\x1b" not in log.getvalue()


def test_how_a_job_ended_comes_from_a_closed_list(runner, records, monkeypatch, tmp_path):
    run(runner.beat(BEAT, threading.Event()))

    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(RequestError):
        run(runner.analysis(tmp_path / "text.wav", MidiOptions(), threading.Event()))

    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        run(runner.beat(BEAT, stop))

    async def leave() -> None:
        async with aclosing(runner.beat(BEAT, threading.Event())) as states:
            await anext(states)

    asyncio.run(leave())
    break_engine(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run(runner.beat(BEAT, threading.Event()))
    assert [record.result for record in records] == ["done", "refused", "stopped", "left", "failed"]
    assert len({record.id for record in records}) == 5


def test_metrics_count_jobs_stages_queues_memory_and_the_realtime_factor(runner, monkeypatch):
    metrics = Metrics(runner)
    run(runner.beat(BEAT, threading.Event()))
    break_engine(monkeypatch, ZeroDivisionError(SECRET))
    with pytest.raises(ZeroDivisionError):
        run(runner.beat(BEAT, threading.Event()))
    told = metrics.text().decode()
    for line in (
        'typebeat_jobs_total{kind="beat",result="done"} 1.0',
        'typebeat_jobs_total{kind="beat",result="failed"} 1.0',
        'typebeat_stage_seconds_count{kind="beat",stage="making"} 1.0',
        'typebeat_queue_jobs{queue="engine"} 0.0',
        "typebeat_realtime_factor_count 1.0",
    ):
        assert line in told.splitlines()
    assert re.search(r"^process_resident_memory_bytes [1-9]", told, re.MULTILINE)
    assert SECRET not in told


def test_ready_says_what_is_loaded_and_whether_a_job_would_be_taken(runner):
    found = readiness(runner)
    assert found.is_ready
    assert found.facts["weights"]["beat"]["name"] == "fake"
    assert found.facts["jobs"] == {"engine": 0, "processor": 0}
    runner.close()
    assert not readiness(runner).is_ready
    assert not readiness(runner).facts["open"]


def test_while_other_weights_are_loaded_it_is_not_ready(runner):
    class Empty:
        def __getattr__(self, name: str) -> Any:
            raise AttributeError(name)

    runner.engines = Engines(Empty())
    assert not readiness(runner).is_ready
    assert readiness(runner).facts["weights"] == {}
