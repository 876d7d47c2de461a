"""What a visitor does with the mixer under a finished beat, and an engine that plays in parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fakes import PartsEngine
from page_server import SlowEngine
from playwright.sync_api import Page, expect
from visits import ask, in_state

PARTS = ["drums", "808", "chords", "melody"]
STEP_S, SLOW_STEP_S = 0.01, 0.5  # of the engine; a bar has about 40 steps


@dataclass
class SlowParts(PartsEngine, SlowEngine):
    """Plays in parts, and takes its time."""


@contextmanager
def slowly(engine: SlowParts) -> Iterator[None]:
    """Gives the visitor time to look around while something is made."""
    engine.step_s = SLOW_STEP_S
    try:
        yield
    finally:
        engine.step_s = STEP_S


def make_beat(page: Page, prompt: str = "dark bells, 150 bpm, seed 5", bars: int = 1) -> dict[str, Any]:
    """Makes a beat with stems alone, and returns its recipe."""
    ask(page, prompt, bars)
    page.get_by_label("Stems", exact=True).check()
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator(".mixer[data-ready]")).to_be_visible()
    return recipe_of(page)


def recipe_of(page: Page) -> dict[str, Any]:
    return json.loads(page.locator("#recipe").text_content() or "")


def press(page: Page, name: str) -> None:
    page.locator("#mixer").get_by_role("button", name=name, exact=True).click()


def play(page: Page) -> None:
    press(page, "Play all parts")
    page.wait_for_function("typebeatParts.isPlaying()")


def told(page: Page) -> dict[str, Any]:
    return page.evaluate("typebeatParts.told()")


def expect_heard(page: Page, *parts: str) -> None:
    """Waits till these parts sound, by their analysers, and no other does."""
    loudest = "part => Array.from({length: 3}, () => typebeatParts.heard(part)).reduce((a, b) => Math.max(a, b))"
    page.wait_for_function(
        f"([parts, all]) => all.every(part => (({loudest})(part) > 1e-4) === parts.includes(part))",
        arg=[list(parts), PARTS],
    )
