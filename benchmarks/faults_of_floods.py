"""One visitor who asks for more than all others together."""

from __future__ import annotations

import re
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.fault_trials import Outcome, is_told
from benchmarks.page_visitor import PageVisitor, make_on_page, state_of
from benchmarks.served_app import IDLE_S, end_app, start_app, until_idle

FLOOD, GUESTS = 500, 4
EVENT = re.compile(r'"event_id":\s*"(\w+)"')
KEPT_TEXT = 20_000  # characters of the end of what a page was told


def one_visitor_floods(trials: int) -> Outcome:
    """One visitor asks for 500 packs at once, and then four others for one each."""
    lost, longest, seen = 0, 0.0, ""
    figures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        app, address = start_app(Path(folder))
        try:
            for trial in range(trials):
                flood, waits = Flood(address), [0.0] * GUESTS
                guests = [threading.Thread(target=_guest, args=(address, trial, waits, each)) for each in range(GUESTS)]
                with flood.pouring(trial):
                    for guest in guests:
                        guest.start()
                    for guest in guests:
                        guest.join()
                    ends = flood.ends()
                lost += sum(not wait for wait in waits)
                longest = max(longest, *waits)
                refused = [title for state, title in ends if state == "trouble"]
                lost += sum(not is_told(title) for title in refused)
                seen = refused[-1] if refused else seen
                figures["packs_of_the_flood_before_those_of_the_others"] += sum(state == "done" for state, _ in ends)
                figures["refused"] += len(refused) + flood.turned_away
                lost += until_idle(address) >= IDLE_S
        finally:
            end_app(app)
    return Outcome(trials, lost, seen, round(longest, 1), dict(figures))


class Flood:
    """One visitor who asks for much more than one pack.

    Attributes:
        turned_away: How many requests the server did not even take.
    """

    def __init__(self, address: str) -> None:
        self._visitor = PageVisitor(address)
        self.turned_away = 0
        self._told: dict[str, str] = {}
        self._over = threading.Event()

    @contextmanager
    def pouring(self, trial: int) -> Iterator[None]:
        """Asks for all packs, and listens as long as the block lasts; then leaves."""
        listener: threading.Thread | None = None
        with self._visitor as visitor:
            for each in range(FLOOD):
                try:
                    visitor.make(_short(trial, each))
                except httpx.HTTPStatusError:
                    self.turned_away += 1
                if listener is None:
                    listener = threading.Thread(target=self._listen, daemon=True)
                    listener.start()
            yield
            self._over.set()

    def ends(self) -> list[tuple[str, str]]:
        """Returns state and title of each request that was told anything."""
        return [state_of(text) for text in list(self._told.values())]

    def _listen(self) -> None:
        with suppress(httpx.HTTPError, RuntimeError), self._visitor.told() as lines:
            for line in lines:
                if found := EVENT.search(line):
                    self._told[found[1]] = (self._told.get(found[1], "") + line)[-KEPT_TEXT:]
                if self._over.is_set():
                    break


def _short(trial: int, each: int) -> dict[str, Any]:
    return {"prompt": "dark bells", "bars": 1, "drafts": 1, "parts": [], "seed": 1000 * trial + each}


def _guest(address: str, trial: int, waits: list[float], place: int) -> None:
    """Makes a pack as a visitor who comes once, and notes how long that took; 0 stays where there was none."""
    began = time.monotonic()
    make_on_page(address, _short(trial, FLOOD + place))
    waits[place] = time.monotonic() - began
