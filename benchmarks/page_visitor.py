"""A visitor of the page without a browser, who presses Make and listens: sends and reads what the browser would."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx

from typebeat.page.links import OPTIONS

LONGEST_S = 1800.0
LIVE = '\\"samples\\"'  # stands in what the page's script gets as the next piece of sound


@dataclass(frozen=True)
class Waits:
    """Seconds from the click until something came.

    Attributes:
        first_sound: The first piece of the beat, while the rest is made.
        pack: The finished pack.
    """

    first_sound: float
    pack: float


def make_on_page(address: str, wish: dict[str, Any]) -> Waits:
    """Makes a beat as a new visitor; `wish` holds options by name, what it leaves out is as the form has it.

    Raises:
        RuntimeError: there was no sound or no pack; with the end of what the page showed.
    """
    with httpx.Client(base_url=f"{address}gradio_api/", timeout=LONGEST_S) as client:
        config = client.get(f"{address}config").json()
        event, data = click_of(config, wish)
        session, began = secrets.token_hex(8), time.monotonic()
        asked = {"data": data, "event_data": None, "fn_index": event, "session_hash": session, "trigger_id": None}
        client.post("queue/join", json=asked).raise_for_status()
        first_sound, is_made, last = 0.0, False, ""
        with client.stream("GET", "queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                if LIVE in line and not first_sound:
                    first_sound = time.monotonic() - began
                is_made = is_made or ".zip" in line
                last = line or last
                if '"process_completed"' in line:
                    break
        taken = time.monotonic() - began
    if not (first_sound and is_made):
        raise RuntimeError(f"no beat was made: {last[:300]}")
    return Waits(first_sound, taken)


def click_of(config: dict[str, Any], wish: dict[str, Any]) -> tuple[int, list[Any]]:
    """Returns the number of the event behind the button Make, and what the form sends with it."""
    props = {each["id"]: each["props"] for each in config["components"]}
    make = next(number for number, each in props.items() if each.get("elem_id") == "make")
    event = next(each for each in config["dependencies"] if [make, "click"] in each["targets"] and each["inputs"])
    values = [props[number].get("value") for number in event["inputs"]]
    names = list(OPTIONS)
    for name, value in wish.items():
        values[names.index(name)] = value
    return event["id"], values
