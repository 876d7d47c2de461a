"""A visitor of the page without a browser, who presses Make and listens: sends and reads what the browser would."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from typebeat.page.links import OPTIONS

LONGEST_S = 1800.0
LIVE = '\\"samples\\"'  # stands in what the page's script gets as the next piece of sound
STAGE = re.compile(r'data-state=\\"(\w+)\\"')  # of the page, as JSON has it
TITLE = re.compile(r"<h2[^>]*>([^<]*)</h2>")  # of a stage
COMPLETED = '"process_completed"'  # stands in the last line of an event


@dataclass(frozen=True)
class Waits:
    """Seconds from the click until something came.

    Attributes:
        first_sound: The first piece of the beat, while the rest is made.
        pack: The finished pack.
    """

    first_sound: float
    pack: float


class PageVisitor:
    """Somebody who has the page open, with a session of their own. A context manager, which leaves at its end."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = secrets.token_hex(8)
        self._client = httpx.Client(base_url=f"{address}gradio_api/", timeout=LONGEST_S)
        self.config = self._client.get(f"{address}config").raise_for_status().json()

    def __enter__(self) -> PageVisitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def make(self, wish: dict[str, Any]) -> str:
        """Presses Make and returns the id of what was asked for."""
        return self.press(*click_of(self.config, wish))

    def press(self, event: int, data: list[Any]) -> str:
        """Presses what takes its turn, with what its form sends, and returns the id of what was asked for."""
        return str(self._client.post("queue/join", json=self._asked(event, data)).raise_for_status().json()["event_id"])

    @contextmanager
    def told(self) -> Iterator[Iterator[str]]:
        """Yields what the page is told of all that was asked for, line by line; leaving the block earlier hangs up."""
        with self._client.stream("GET", "queue/data", params={"session_hash": self.session}) as stream:
            yield stream.iter_lines()

    def stop(self) -> None:
        """Presses Stop."""
        self._press(event_of(self.config, "stop", has_inputs=False), [])

    def type(self, wish: dict[str, Any]) -> None:
        """Types words, and waits until what is understood of them would be shown."""
        _, data = click_of(self.config, wish)
        heard = event_of(self.config, "heard", has_inputs=True)
        self._press(heard, data[: len(heard["inputs"])])

    def _press(self, event: dict[str, Any], data: list[Any]) -> None:
        self._client.post("run/predict", json=self._asked(event["id"], data)).raise_for_status()

    def _asked(self, event: int, data: list[Any]) -> dict[str, Any]:
        return {
            **{"data": data, "event_data": None, "fn_index": event},
            **{"session_hash": self.session, "trigger_id": None},
        }


def make_on_page(address: str, wish: dict[str, Any]) -> Waits:
    """Makes a beat as a new visitor; `wish` holds options by name, what it leaves out is as the form has it.

    Raises:
        RuntimeError: there was no sound or no pack; with the end of what the page showed.
    """
    first_sound, is_made, last = 0.0, False, ""
    with PageVisitor(address) as visitor:
        began = time.monotonic()
        visitor.make(wish)
        with visitor.told() as lines:
            for line in lines:
                if LIVE in line and not first_sound:
                    first_sound = time.monotonic() - began
                is_made = is_made or ".zip" in line
                last = line or last
                if COMPLETED in line:
                    break
        taken = time.monotonic() - began
    if not (first_sound and is_made):
        raise RuntimeError(f"no beat was made: {last[:300]}")
    return Waits(first_sound, taken)


def click_of(config: dict[str, Any], wish: dict[str, Any]) -> tuple[int, list[Any]]:
    """Returns the number of the event behind the button Make, and what the form sends with it."""
    event = event_of(config, "make", has_inputs=True)
    props = {each["id"]: each["props"] for each in config["components"]}
    values = [props[number].get("value") for number in event["inputs"]]
    names = list(OPTIONS)
    for name, value in wish.items():
        values[names.index(name)] = value
    return event["id"], values


def event_of(config: dict[str, Any], name: str, *, has_inputs: bool) -> dict[str, Any]:
    """Returns the event of a click that the server answers, by the component's id on the page."""
    number = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == name)
    return next(
        each
        for each in config["dependencies"]
        if [number, "click"] in each["targets"] and bool(each["inputs"]) == has_inputs and each["backend_fn"]
    )


def state_of(text: str) -> tuple[str, str]:
    """Returns what the stage of the page shows, and its title; "done" where there is a pack."""
    if ".zip" in text:
        return "done", ""
    states, titles = STAGE.findall(text), TITLE.findall(text)
    return states[-1] if states else "", titles[-1] if titles else ""
