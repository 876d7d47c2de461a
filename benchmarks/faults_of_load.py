"""Load: many visitors with different jobs at once."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from benchmarks.fault_trials import Outcome, is_told
from benchmarks.faults_of_long_files import ten_minutes
from benchmarks.page_visitor import COMPLETED, PageVisitor, state_of
from benchmarks.served_app import IDLE_S, LOG, end_app, megabytes, start_app, until_idle

CLIENTS, PROCESSES = 64, 4
WARM_UP = 0.3  # share of the time until memory is first measured
LOOKS_S = 0.5  # between two looks at the page
STOP_AFTER_S = (0.5, 8.0)
MIDI_RATE = 22_050  # Hz, of the ten-minute file
KEPT_TEXT = 20_000  # characters of the end of what a page was told
Kind = Callable[["Crowd", random.Random, PageVisitor, Client], str]  # returns how it ended


@dataclass
class Told:
    """What clients were told.

    Attributes:
        ends: How often each visit ended in which way.
        unnamed: What was told in errors without words of their own.
        page_s: Seconds that the page's own requests took.
    """

    ends: Counter[str] = field(default_factory=Counter)
    unnamed: list[str] = field(default_factory=list)
    page_s: list[float] = field(default_factory=list)


class Crowd:
    """Some clients in one process, and what they were told."""

    def __init__(self, address: str, sound: Path, over: threading.Event | Event) -> None:
        self.address, self.sound, self.over = address, sound, over
        self.told = Told()
        self._lock = threading.Lock()

    def visit(self, seed: int) -> None:
        """Does one thing after the other, as one client, until it is over."""
        try:
            with PageVisitor(self.address) as visitor, tempfile.TemporaryDirectory() as folder:
                self._visit(random.Random(seed), visitor, Client(self.address, verbose=False, download_files=folder))
        except Exception as error:
            self._named("", f"a client could not come or go: {type(error).__name__}: {error}")

    def _visit(self, rng: random.Random, visitor: PageVisitor, client: Client) -> None:
        try:
            while not self.over.is_set():
                kind = rng.choices(KINDS, WEIGHTS)[0]
                try:
                    end = kind(self, rng, visitor, client)
                except AppError as error:
                    end = self._named(str(error))
                except Exception as error:  # whatever it is, it is counted
                    end = self._named("", f"{kind.__name__}: {type(error).__name__}: {error}")
                with self._lock:
                    self.told.ends[end] += 1
                self.over.wait(rng.uniform(0.5, 5))
        finally:
            client.close()

    def watch(self) -> None:
        """Looks at the page now and then, and at what it understands of words."""
        with PageVisitor(self.address) as visitor, httpx.Client(timeout=60) as client:
            looks: tuple[Callable[[], Any], ...] = (
                lambda: client.get(self.address).raise_for_status(),
                lambda: client.get(f"{self.address}ready"),
                lambda: visitor.type({"prompt": "dark bells over a slow 808"}),
            )
            while not self.over.wait(LOOKS_S):
                for look in looks:
                    began = time.monotonic()
                    try:
                        look()
                    except httpx.HTTPError as error:
                        self._named("", f"page: {error!r}")
                    self.told.page_s.append(time.monotonic() - began)

    def result(self, client: Client, **wish: Any) -> str:
        """Waits for a job of the API, or leaves it once all is over."""
        job = client.submit(**wish)
        while not job.done():
            if self.over.wait(0.2):
                job.cancel()
                return "left"
        job.result()
        return "done"

    def _named(self, said: str, whole: str = "") -> str:
        if is_told(said):
            return "refused"
        with self._lock:
            self.told.unnamed.append(whole or said)
        return "unnamed"

    def ended(self, text: str) -> str:
        """Returns how a job of the page ended, from the end of what the page was told."""
        state, title = state_of(text)
        return self._named(title) if state == "trouble" else state


def pack(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Makes a short pack through the API."""
    return crowd.result(
        client, api_name="/make", prompt="dark bells", bars=rng.choice((1, 2)), seed=rng.randrange(10**6)
    )


def notes(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Sends a file of ten minutes to be written down."""
    return crowd.result(client, api_name="/midi", file=handle_file(crowd.sound))


def cover(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Draws a cover through the API."""
    return crowd.result(client, api_name="/cover", prompt="red moon", seed=rng.randrange(10**6))


def stopped(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Presses Make on the page, and soon after that Stop."""
    text = ""
    press = threading.Timer(rng.uniform(*STOP_AFTER_S), visitor.stop)
    visitor.make(_long(rng))
    with visitor.told() as lines:
        press.start()
        for line in lines:
            text = (text + line)[-KEPT_TEXT:]
            if COMPLETED in line:
                break
    press.cancel()
    return crowd.ended(text)


def abandoned(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Presses Make on the page, listens for a moment, and closes the tab."""
    with PageVisitor(crowd.address) as passing:
        passing.make(_long(rng))
        with passing.told() as lines:
            for _ in range(rng.randrange(1, 12)):
                next(lines, "")
    return "left"


def reloaded(crowd: Crowd, rng: random.Random, visitor: PageVisitor, client: Client) -> str:
    """Reloads the page and types."""
    with PageVisitor(crowd.address) as again:
        again.type({"prompt": "warm keys"})
    return "done"


KINDS: tuple[Kind, ...] = (pack, notes, cover, stopped, abandoned, reloaded)
WEIGHTS = (6, 2, 2, 3, 3, 4)


def _long(rng: random.Random) -> dict[str, Any]:
    return {"prompt": "dark bells", "bars": 16, "seed": rng.randrange(10**6), "parts": []}


def many_clients(seconds: int) -> Outcome:
    """64 clients at once: packs, MIDI of ten minutes, covers, stops, reloads, closed tabs (`tried` is seconds).

    `lost` counts errors without words of their own, and jobs that go on when nobody waits for them any more. Clients
    and the look at the page are spread over processes, so that they wait for the server and not for each other.
    """
    with tempfile.TemporaryDirectory() as folder:
        app, address = start_app(Path(folder))
        try:
            sound = ten_minutes(Path(folder) / "long.flac", MIDI_RATE)
            spawn = multiprocessing.get_context("spawn")
            over = spawn.Event()
            with ProcessPoolExecutor(PROCESSES + 1, spawn, _remember, (over,)) as pool:
                told = [pool.submit(_watch, address, sound)]
                told += [pool.submit(_crowd, address, sound, range(k, CLIENTS, PROCESSES)) for k in range(PROCESSES)]
                time.sleep(WARM_UP * seconds)
                warm = megabytes(app)
                time.sleep((1 - WARM_UP) * seconds)
                grown = megabytes(app) - warm
                over.set()
                crowd = _all(told)
            idle_s = until_idle(address)
        finally:
            end_app(app)
        failed = (Path(folder) / LOG).read_text().count('"result": "failed"')
    figures = {**crowd.ends, "failed_in_log": failed, "page_p95_s": round(float(np.percentile(crowd.page_s, 95)), 2)}
    figures |= {"page_worst_s": round(max(crowd.page_s), 2), "grown_mb": round(grown)}
    lost = len(crowd.unnamed) + (idle_s >= IDLE_S)
    return Outcome(seconds, lost, "; ".join(crowd.unnamed[:3]), round(idle_s, 1), figures)


def _remember(over: Event) -> None:
    """Keeps the event that ends it all where the functions of this process find it."""
    global _over
    _over = over


def _watch(address: str, sound: Path) -> Told:
    crowd = Crowd(address, sound, _over)
    crowd.watch()
    return crowd.told


def _crowd(address: str, sound: Path, seeds: Iterable[int]) -> Told:
    """Lets one client come for each seed, and returns what they were told once it is over."""
    crowd = Crowd(address, sound, _over)
    threads = [threading.Thread(target=crowd.visit, args=(seed,), daemon=True) for seed in seeds]
    for thread in threads:
        thread.start()
    _over.wait()
    latest = time.monotonic() + IDLE_S
    for thread in threads:
        thread.join(max(0.0, latest - time.monotonic()))
    return crowd.told


def _all(parts: Iterable[Future[Told]]) -> Told:
    """Returns what the clients of all processes were told."""
    whole = Told()
    for each in (part.result() for part in parts):
        whole.ends.update(each.ends)
        whole.unnamed += each.unnamed
        whole.page_s += each.page_s
    return whole
