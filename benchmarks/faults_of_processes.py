"""Faults of processes: killed, told to end, short of files or memory."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.fault_trials import MADE, NAMED, WISH, Outcome, ended, forked, halves, leftovers, make
from benchmarks.served_app import LOG, end_app, start_app
from typebeat.serving.own_folder import NEW_SECONDS

ENDS_WITHIN_S = 30.0  # a server that is told to


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
        return Outcome(trials, lost, "", round(time.monotonic() - began, 1))


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
    lost, seen, longest = 0, "", 0.0
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
        self.process, self.address = start_app(temporary)
        self._log = temporary / LOG

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Asks for a long beat, and does not wait for it; its client stays as long as the block."""
        from gradio_client import Client

        client = Client(self.address, verbose=False)
        try:
            client.submit(api_name="/make", **{**WISH, "bars": 32, "parts": ["beat"]})
            time.sleep(1.0)
            yield
        finally:
            client.close()

    def end(self, how: signal.Signals) -> str:
        """Ends it and returns what it said."""
        end_app(self.process, how)
        return self._log.read_text()


def killed_server(trials: int) -> Outcome:
    """The server killed (SIGKILL) in the middle of a job, and started again."""
    lost, longest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(trials):
            server = Server(Path(folder))
            with server.asked():
                time.sleep(NEW_SECONDS)
                server.end(signal.SIGKILL)
            began = time.monotonic()
            second = Server(Path(folder))
            longest = max(longest, time.monotonic() - began)
            lost += "earlier runs that were killed" not in second.end(signal.SIGTERM)
            lost += len(list(Path(folder).glob("typebeat-*")))
    return Outcome(trials, lost, "", round(longest, 1))


def told_to_end(trials: int) -> Outcome:
    """The server told to end (SIGTERM) in the middle of a job, which the log names as ended."""
    lost, longest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(trials):
            server = Server(Path(folder))
            with server.asked():
                began = time.monotonic()
                said = server.end(signal.SIGTERM)
                took = time.monotonic() - began
            longest = max(longest, took)
            lost += took > ENDS_WITHIN_S
            lost += "Traceback" in said or server.process.returncode != 0
            lost += not re.search(r'"kind": "beat", "result": "(stopped|left)"', said)
            lost += len(list(Path(folder).glob("typebeat-*")))
    return Outcome(trials, lost, "", round(longest, 1))
