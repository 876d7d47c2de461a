"""Faults of processes: killed, told to end, short of files or memory, and one visitor who asks for too much."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.fault_trials import MADE, NAMED, WISH, Outcome, ended, forked, halves, leftovers, make, starter
from typebeat.parts.again import settle
from typebeat.serving.jobs import JobRunner
from typebeat.serving.own_folder import NEW_SECONDS

ROOT = Path(__file__).parents[1]
START_S, END_S = 180.0, 30.0
FLOOD = 8  # jobs of one visitor at once


def killed_packs(trials: int) -> Outcome:
    """Killed (SIGKILL) at a random moment of making a pack."""
    lost, rng = 0, random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        out, told = Path(folder) / "packs", Path(folder) / "told"
        out.mkdir()
        began = time.monotonic()
        ended(forked(lambda: make(out, 0), told))
        takes = time.monotonic() - began
        for seed in range(1, trials + 1):
            pid = forked(lambda seed=seed: make(out, seed), told)
            time.sleep(rng.uniform(0, 1.1 * takes))
            os.kill(pid, signal.SIGKILL)
            ended(pid)
            lost += halves(out)
        began = time.monotonic()
        lost += ended(forked(lambda: make(out, 1), told)) != MADE
        lost += leftovers(out) + halves(out)
        return Outcome(trials, lost, "no pack; the next run makes it", round(time.monotonic() - began, 1))


def few_files(trials: int) -> Outcome:
    """No file descriptors left at some point of making a pack."""

    def limit(number: int) -> None:
        free = os.dup(0)  # the lowest that is free
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + number, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        os.close(free)

    return _limited(trials, limit)


def little_memory(trials: int) -> Outcome:
    """Memory that is used up at some point of making a pack."""

    def limit(number: int) -> None:
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + number * 8_000_000, resource.RLIM_INFINITY))

    return _limited(trials, limit, bars=8, parts="beat")


def _limited(trials: int, limit: Callable[[int], None], **others: Any) -> Outcome:
    """Makes a pack in a process with a limit, which is higher each time, and then one without; `others` are options."""
    lost, seen, longest = 0, "a pack", 0.0
    with tempfile.TemporaryDirectory() as folder:
        out, told = Path(folder) / "packs", Path(folder) / "told"
        out.mkdir()
        for number in range(trials):

            def work(number: int = number) -> None:
                limit(number)
                make(out, number, **others)

            code = ended(forked(work, told))
            lost += code not in (MADE, NAMED)
            seen = told.read_text() if told.exists() else seen
            lost += halves(out)
            began = time.monotonic()
            lost += ended(forked(lambda: make(out, number), told)) != MADE  # noqa: B023
            longest = max(longest, time.monotonic() - began)
        lost += leftovers(out)
    return Outcome(trials, lost, seen, round(longest, 1))


class Server:
    """The app in a process of its own, with a temporary folder of its own."""

    def __init__(self, temporary: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = {"TYPEBEAT_BEAT": "starter", "GRADIO_SERVER_PORT": str(port), "TMPDIR": str(temporary)}
        environment = {**os.environ, **own, "HF_HUB_OFFLINE": "1"}
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, text=True, **pipes)
        self.address = f"http://127.0.0.1:{port}/"
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.2)
            try:
                if httpx.get(f"{self.address}ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
        raise RuntimeError(f"app.py did not start: {self.end(signal.SIGKILL)}")

    def ask(self) -> None:
        """Asks for a long beat and does not wait for it."""
        from gradio_client import Client

        Client(self.address, verbose=False).submit(api_name="/make", **{**WISH, "bars": 32, "parts": ["beat"]})
        time.sleep(1.0)

    def end(self, how: signal.Signals) -> str:
        """Ends it and returns what it said."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=END_S)[1]


def killed_server(trials: int) -> Outcome:
    """The server killed (SIGKILL) in the middle of a job, and started again."""
    lost, longest, said = 0, 0.0, ""
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(trials):
            server = Server(Path(folder))
            server.ask()
            time.sleep(NEW_SECONDS)
            server.end(signal.SIGKILL)
            began = time.monotonic()
            second = Server(Path(folder))
            longest = max(longest, time.monotonic() - began)
            said = second.end(signal.SIGTERM)
            lost += "earlier runs that were killed" not in said
            lost += len(list(Path(folder).glob("typebeat-*")))
    return Outcome(trials, lost, "the page cannot be reached until it is up again", round(longest, 1))


def told_to_end(trials: int) -> Outcome:
    """The server told to end (SIGTERM) in the middle of a job."""
    lost, longest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(trials):
            server = Server(Path(folder))
            server.ask()
            began = time.monotonic()
            said = server.end(signal.SIGTERM)
            longest = max(longest, time.monotonic() - began)
            lost += "Traceback" in said or server.process.returncode != 0
            lost += len(list(Path(folder).glob("typebeat-*")))
    return Outcome(trials, lost, "the job is named as ended", round(longest, 1))


def one_visitor_floods(trials: int) -> Outcome:
    """One visitor asks for eight packs at once, and then another for one."""
    late, longest = 0, 0.0
    for trial in range(trials):
        order, waited = asyncio.run(_flood(trial))
        late += order.index("guest") > len(order) // 2
        longest = max(longest, waited)
    return Outcome(trials, late, "the guest's pack comes before the flood's second half", round(longest, 1))


async def _flood(trial: int) -> tuple[list[str], float]:
    """Returns whose packs were done in which order, and the seconds that the guest waited for theirs."""
    runner, order = JobRunner(starter()), []

    async def pack(session: str, seed: int) -> None:
        async with runner.visit(session) as stop:
            await _finished(runner, settle({**WISH, "parts": "beat", "seed": seed}), stop)
        order.append(session)

    flood = [asyncio.create_task(pack("flood", 100 * trial + each)) for each in range(FLOOD)]
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await pack("guest", 100 * trial + FLOOD)
    waited = time.monotonic() - began
    await asyncio.gather(*flood)
    runner.close()
    return order, waited


async def _finished(runner: JobRunner, request: Any, stop: threading.Event) -> None:
    async for _ in runner.beat(request, stop):
        pass
