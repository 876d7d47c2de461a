"""Requests drawn side by side: each makes what it makes alone, whenever it joins and whatever befalls the others."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batch_models import MODELS, Wish
from tiny_models import DARK, load, save_model
from waiting import LATEST_S, wait_until

from typebeat.engines import BeatSound, Job, Stopped
from typebeat.engines.beat.linear import FP16_WEIGHTS, has_fbgemm
from typebeat.request.options import RequestError

PRECISIONS = ["fp32", *([FP16_WEIGHTS, "int8"] if has_fbgemm() else [])]
SHARED = pytest.mark.skipif(not has_fbgemm(), reason="without AVX2 no step is shared")


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[Wish]]:
    return MODELS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load(save_model(tmp_path_factory.mktemp("tiny")))


def in_precision(engine: Any, precision: str) -> Any:
    engine.weights = replace(engine.weights, precision=precision)
    engine._pack()
    return engine


def in_company(
    engine: Any,
    first: Wish,
    others: dict[int, tuple[Wish, Job]],
    job: Job = Job(),  # noqa: B008, it is frozen
) -> list[Future[list[BeatSound]]]:
    """Makes `first` and, beside it, each of the others, which joins when `first` has done so many steps."""
    futures: list[Future[list[BeatSound]]] = []
    with ThreadPoolExecutor() as pool:

        def report(done: int, needed: int, doing: str) -> None:
            if done in others:
                before = set(engine._batch._running)
                futures.append(pool.submit(others[done][0].made_by, engine, others[done][1]))
                wait_until(lambda: set(engine._batch._running) - before or futures[-1].done())
            if job.report:
                job.report(done, needed, doing)

        futures.insert(0, pool.submit(first.made_by, engine, replace(job, report=report)))
        futures[0].exception()
    assert not engine._batch._running
    return futures


def same(one: list[BeatSound], other: list[BeatSound]) -> bool:
    return all(
        np.array_equal(mine.tokens, yours.tokens) and mine.samples.tobytes() == yours.samples.tobytes()
        for mine, yours in zip(one, other, strict=True)
    )


def spied(engine: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns a list that gets the number of requests of each step that the decoder does from now on."""
    step_all, counts = engine._decoder.step_all, []
    monkeypatch.setattr(engine._decoder, "step_all", lambda asks: counts.append(len(asks)) or step_all(asks))
    return counts


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_request_makes_the_same_alone_and_in_company_whenever_it_joins(model, precision, monkeypatch):
    engine, wishes = model
    in_precision(engine, precision)
    alone = [wish.made_by(engine) for wish in wishes]
    assert len({take.tokens.tobytes() for made in alone for take in made}) > len(wishes)
    counts = spied(engine, monkeypatch)
    longest, next_one = sorted(range(len(wishes)), key=lambda number: -wishes[number].seconds)[:2]
    cases = {(1, 2, 3): longest, (11, 49, 50): next_one}
    for joins, number in list(cases.items())[: 1 if precision == "fp32" else None]:  # which shares no step
        others = [n for n in range(len(wishes)) if n != number]
        plan = {step: (wishes[n], Job()) for step, n in zip(joins, others, strict=False)}
        made = in_company(engine, wishes[number], plan)
        for n, future in zip([number, *others], made, strict=True):
            assert same(future.result(), alone[n]), f"request {n} beside {number}, joins at {joins}"
    assert max(counts) == (1 if precision == "fp32" else len(wishes))


@SHARED
def test_rows_filled_up_as_on_a_gpu_change_no_token(model, monkeypatch):
    engine, wishes = model
    in_precision(engine, FP16_WEIGHTS)
    alone = [wish.made_by(engine) for wish in wishes]
    monkeypatch.setattr(engine._decoder, "_filled", 32)
    expand, shapes = engine._decoder._layers[0].expand, set()
    monkeypatch.setattr(engine._decoder._layers[0], "expand", lambda x: shapes.add(x.shape[:2]) or expand(x))
    made = in_company(engine, wishes[0], {5: (wishes[1], Job()), 9: (wishes[2], Job())})
    assert all(same(future.result(), alone[number]) for number, future in enumerate(made))
    assert {shape for shape in shapes if shape[1] == 1} == {(32, 1)}


@SHARED
def test_all_that_run_go_on_at_every_step(engine):
    in_precision(engine, FP16_WEIGHTS)
    steps: dict[str, int] = {}
    behind: list[int] = []

    def count(name: str) -> Job:
        return Job(lambda done, needed, doing: steps.update({name: done}))

    def look(done: int, needed: int, doing: str) -> None:
        if done in (60, 150):
            behind.extend(done - steps[name] for name in ("second", "third"))

    long = Wish(DARK, 3.5, (1,))
    in_company(engine, long, {1: (long, count("second")), 2: (long, count("third"))}, Job(look))
    assert behind == [2, 3, 2, 3]  # as they joined: the steps of before count for the first alone


def test_everybody_hears_pieces_while_others_are_drawn_and_they_are_those_heard_alone(engine):
    in_precision(engine, PRECISIONS[-1])
    wishes = [Wish(DARK, 3.5, (1,)), Wish(replace(DARK, bpm=90.0), 4.5, (2,)), Wish(DARK, 2.5, (3,))]

    def listening() -> tuple[Job, list[bytes]]:
        heard: list[bytes] = []
        return Job(hear=lambda piece: heard.append(piece.samples.tobytes())), heard

    alone = []
    for wish in wishes:
        job, heard = listening()
        wish.made_by(engine, job)
        alone.append(heard)
    jobs = [listening() for _ in wishes]
    in_company(engine, wishes[0], {3: (wishes[1], jobs[1][0]), 40: (wishes[2], jobs[2][0])}, jobs[0][0])
    assert [heard for _, heard in jobs] == alone
    assert all(len(heard) >= 3 for heard in alone)


@pytest.mark.parametrize("precision", PRECISIONS[:2])
def test_who_is_stopped_leaves_at_the_next_step_and_the_others_go_on(engine, precision):
    in_precision(engine, precision)
    long = Wish(DARK, 3.0, (1,), {"top_k": 20})
    alone = long.made_by(engine)
    stop, running = threading.Event(), {}

    def look(done: int, needed: int, doing: str) -> None:
        if done == 40:
            stop.set()
        running[done] = sum(not each.is_over for each in engine._batch._running)

    made = in_company(engine, long, {10: (Wish(DARK, 3.9, (2,)), Job(should_stop=stop.is_set))}, Job(look))
    assert (running[39], running[42]) == (2, 1)
    assert isinstance(made[1].exception(), Stopped)
    assert same(made[0].result(), alone)


def test_an_error_of_one_request_is_told_to_it_alone(engine, monkeypatch):
    in_precision(engine, PRECISIONS[-1])
    long, other = Wish(DARK, 2.0, (1,), {"top_k": 20}), Wish(DARK, 1.5, (2, 3), {"top_k": 20})
    alone = long.made_by(engine)

    def break_at(step: int) -> Callable[..., None]:
        def report(done: int, needed: int, doing: str) -> None:
            if done == step:
                raise ZeroDivisionError

        return report

    def leave(piece: Any) -> None:
        raise BrokenPipeError

    for job, error in ((Job(break_at(0)), ZeroDivisionError), (Job(break_at(9)), ZeroDivisionError)):
        made = in_company(engine, long, {5: (other, job)})
        assert isinstance(made[1].exception(), error)
        assert same(made[0].result(), alone)
    made = in_company(engine, long, {5: (other, Job(hear=leave))})
    assert isinstance(made[1].exception(), BrokenPipeError)
    assert same(made[0].result(), alone)

    step_all = engine._decoder.step_all

    def breaking(asks: Any) -> list[Any]:
        return [logits / (0 if ask.session.takes == 2 else 1) for ask, logits in zip(asks, step_all(asks), strict=True)]

    monkeypatch.setattr(engine._decoder, "step_all", breaking)
    made = in_company(engine, long, {5: (other, Job())})
    assert "NaN" in str(made[1].exception())
    assert same(made[0].result(), alone)


@SHARED
def test_a_step_that_fails_for_all_is_tried_for_each_and_fails_for_one(engine, monkeypatch):
    in_precision(engine, FP16_WEIGHTS)
    long, other = Wish(DARK, 2.0, (1,), {"top_k": 20}), Wish(DARK, 1.5, (2, 3), {"top_k": 20})
    alone, feed = long.made_by(engine), engine._decoder._feed

    def breaking(sessions: Any, embedded: Any) -> Any:
        if any(session.takes == 2 and session.position > 20 for session in sessions):
            raise MemoryError("no room")
        return feed(sessions, embedded)

    monkeypatch.setattr(engine._decoder, "_feed", breaking)
    made = in_company(engine, long, {5: (other, Job())})
    assert isinstance(made[1].exception(), MemoryError)
    assert same(made[0].result(), alone)


def test_between_requests_nothing_runs_so_that_a_forked_process_finds_nothing(engine):
    threads = threading.active_count()
    Wish(DARK, 1.0, (1,)).made_by(engine)
    assert threading.active_count() == threads
    assert (engine._batch._running, engine._batch._is_driven) == ([], False)
    assert (engine._admission._inside, engine._admission._waiting) == ([], [])


def test_who_does_not_fit_beside_others_waits_and_is_not_refused(engine, monkeypatch):
    from typebeat.engines.beat import musicgen

    in_precision(engine, PRECISIONS[-1])
    long, short = Wish(DARK, 2.0, (1,)), Wish(DARK, 1.0, (2,))
    needed = engine._decoder.bytes_needed(1, 104)
    monkeypatch.setattr(musicgen, "free_memory", lambda device: 1.3 * needed / musicgen.MEMORY_SHARE)
    at_once, waited = [], threading.Event()

    def look(done: int, needed: int, doing: str) -> None:
        at_once.append(len(engine._batch._running))
        if done == 30:
            future = pool.submit(short.made_by, engine)
            wait_until(lambda: len(engine._admission._waiting) == 1)
            future.add_done_callback(lambda _: waited.set())

    with ThreadPoolExecutor() as pool:
        long.made_by(engine, Job(look))
    assert waited.is_set()
    assert max(at_once) == 1
    monkeypatch.setattr(musicgen, "free_memory", lambda device: 0.9 * needed)
    with pytest.raises(RequestError, match="ask for fewer takes"):
        long.made_by(engine)


def test_in_a_process_that_is_forked_while_others_draw_nothing_is_waited_for(engine):
    asked = Wish(DARK, 1.0, (1,), {"top_k": 20})
    seen, go_on = threading.Event(), threading.Event()

    def report(done: int, needed: int, doing: str) -> None:
        seen.set()
        assert go_on.wait(LATEST_S)

    with ThreadPoolExecutor() as pool:
        drawing = pool.submit(asked.made_by, engine, Job(report))
        assert seen.wait(LATEST_S)
        if not (pid := os.fork()):
            signal.alarm(int(LATEST_S / 2))  # which ends it if it waits
            asked.made_by(engine)
            os._exit(7)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        go_on.set()
        drawing.result()
    assert code == 7
