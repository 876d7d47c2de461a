"""Clocks that jump, two processes on one folder, forks in the middle, and a start while another one still loads."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.fault_trials import MADE, WISH, Outcome, ended, forked, halves, is_told, leftovers, make, starter
from benchmarks.faults_of_long_files import LOOP
from benchmarks.page_visitor import make_on_page
from benchmarks.served_app import LOG, begin_app, end_app, wait_until_ready
from typebeat.engines import Engines
from typebeat.parts.again import settle
from typebeat.pipeline import analyze_file
from typebeat.serving.failures import explain
from typebeat.serving.jobs import JobRunner
from typebeat.serving.states import Finished
from typebeat.serving.zerogpu import on_zerogpu

JUMPS_H = (-90_000, -1, 7, 90_000)  # from what the clock was to what it is then
CALL_S = 120.0  # the longest that a call in a fork may take
SHORT = {**WISH, "parts": "beat"}


def clock_jumps(trials: int) -> Outcome:
    """The clock set back and forth while packs are made: all stay, and none takes longer than its limit."""
    lost, longest = 0, 0.0
    for trial in range(trials):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            pid = forked(lambda trial=trial: _with_jumps(trial), Path(folder) / "told")
            lost += ended(pid) != MADE
            longest = max(longest, time.monotonic() - began)
    return Outcome(trials, lost, "", round(longest, 1))


def _with_jumps(trial: int) -> None:
    """Makes a pack before, while and after the clock jumps; raises if one of them is gone or late."""
    real, ahead = time.time, [0.0]
    time.time = lambda: real() + ahead[0]
    runner = JobRunner(starter())
    packs = []
    for number, hours in enumerate((0, *JUMPS_H)):
        jump = threading.Timer(0.3, ahead.__setitem__, (0, 3600.0 * hours))
        jump.start()
        packs.append(_pack(runner, 10 * trial + number))
        jump.join()
        packs.append(_pack(runner, 100_000 + 10 * trial + number))
    gone = [pack for pack in packs if runner.pack(f"{pack.folder.parent.name}/{pack.folder.name}") is None]
    runner.close()
    if gone:
        raise AssertionError(f"{len(gone)} of {len(packs)} packs are gone")


def _pack(runner: JobRunner, seed: int) -> Any:
    """Makes a pack as a visitor of a runner."""

    async def visit() -> Any:
        request = settle({**SHORT, "seed": seed})
        async with runner.visit(str(seed)) as stop, aclosing(runner.beat(request, stop)) as states:
            async for state in states:
                if isinstance(state, Finished):
                    return state.result
        raise AssertionError("a queue ends with Finished or raises")

    return asyncio.run(visit())


def same_pack_twice(trials: int) -> Outcome:
    """Two processes make the same pack in the same folder at the same time."""
    lost, longest = 0, 0.0
    for trial in range(trials):
        with tempfile.TemporaryDirectory() as folder:
            out, began = Path(folder) / "packs", time.monotonic()
            out.mkdir()
            works = [partial(make, out, trial)] * 2
            pids = [forked(work, Path(folder) / f"told{number}") for number, work in enumerate(works)]
            lost += sum(ended(pid) != MADE for pid in pids)
            longest = max(longest, time.monotonic() - began)
            lost += halves(out) + leftovers(out) + (len(list(out.iterdir())) != 2)
    return Outcome(trials, lost, "", round(longest, 1))


def forks(trials: int) -> Outcome:
    """The models in forks, as on ZeroGPU, while sounds are measured; every third fork is killed (SIGKILL)."""
    lost, longest, seen = 0, 0.0, ""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        for trial in range(trials):
            is_killed = trial % 3 == 2
            began = time.monotonic()
            code = ended(forked(lambda trial=trial, is_killed=is_killed: _forking(trial, is_killed, folder), told))
            longest = max(longest, time.monotonic() - began)
            lost += code != MADE
            seen = told.read_text() if told.exists() else seen
    return Outcome(trials, lost, seen, round(longest, 1))


def _forking(trial: int, is_killed: bool, folder: str) -> None:
    """Makes a pack in forks while another thread measures a sound, and compares it with one without forks."""
    engines, over = starter(), threading.Event()
    there, here = JobRunner(on_zerogpu(engines, _gpu(is_killed))), JobRunner(engines)

    def measure() -> None:
        while not over.is_set():
            analyze_file(LOOP)

    beside = threading.Thread(target=measure)
    beside.start()
    try:
        try:
            pack = _pack(there, trial)
        except Exception as error:
            if is_killed and is_told(": ".join(explain(error))):
                return
            raise
        finally:
            over.set()
            beside.join()
        if not is_killed and pack.zip.read_bytes() != _pack(here, trial).zip.read_bytes():
            raise AssertionError("the pack is another one")
        if JobRunner(Engines(engines.beat)).folders == there.folders or not there.folders.is_dir():
            raise AssertionError("a fork took the folder away")
    finally:
        there.close()
        here.close()


class WorkerError(Exception):
    """What the decorator of the `spaces` package raises where its worker is gone."""

    title = "ZeroGPU worker error"


def _gpu(is_killed: bool) -> Callable[..., Any]:
    """Returns what does as `spaces.GPU`: it forks for each call; with `is_killed` the first one is killed in it."""

    def decorator(duration: Callable[..., float]) -> Callable[..., Any]:
        def decorate(task: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                here, there = multiprocessing.Pipe()
                if not (pid := os.fork()):
                    there.send(task(*arguments, **options))
                    os._exit(0)
                there.close()
                if is_killed:
                    time.sleep(0.2)
                    os.kill(pid, signal.SIGKILL)
                try:
                    if not here.poll(CALL_S):  # which ZeroGPU ends from outside too
                        os.kill(pid, signal.SIGKILL)
                    return here.recv()
                except EOFError:
                    raise WorkerError from None
                finally:
                    os.waitpid(pid, 0)

            return call

        return decorate

    return decorator


def two_apps(trials: int) -> Outcome:
    """Two apps on one temporary folder, the second started while the first still loads; then the first one ends."""
    lost, longest = 0, 0.0
    for trial in range(trials):
        with tempfile.TemporaryDirectory() as folder:
            place, began = Path(folder), time.monotonic()
            apps = [begin_app(place, f"{LOG}{number}") for number in range(2)]
            try:
                for number, (app, address) in enumerate(apps):
                    wait_until_ready(app, address, place, f"{LOG}{number}")
                longest = max(longest, time.monotonic() - began)
                wish = {"prompt": "dark bells", "bars": 1, "drafts": 1, "parts": [], "seed": trial}
                for _, address in apps:
                    make_on_page(address, wish)
                end_app(apps[0][0])
                lost += len(list(place.glob("typebeat-*/files/*/*.zip"))) != 1
                lost += httpx.get(f"{apps[1][1]}ready").status_code != httpx.codes.OK
                make_on_page(apps[1][1], {**wish, "seed": trial + 1000})
            finally:
                for app, _ in apps:
                    if app.poll() is None:
                        end_app(app)
            lost += len(list(place.glob("typebeat-*")))
            lost += sum("Traceback" in (place / f"{LOG}{number}").read_text() for number in range(2))
    return Outcome(trials, lost, "", round(longest, 1))
