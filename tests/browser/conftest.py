"""A browser, a page to open in it, and a visitor who watches what the page asks of other hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsers import chromium
from fakes import FakeCover
from page_server import SlowEngine, serve
from playwright.sync_api import Browser, Page
from visits import arrive, window

from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.stems import load_stem_splitter

STEP_S = 0.01  # an engine step: a beat of 2 bars takes about a second


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def engine() -> SlowEngine:
    return SlowEngine(step_s=STEP_S)


@pytest.fixture(scope="module")
def address(engine: SlowEngine) -> Iterator[str]:
    with serve(engine, cover=FakeCover(), stems=load_stem_splitter("starter"), pitches=BasicPitch()) as url:
        yield url


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Page:
    return window(browser)


@pytest.fixture
def page(desk: Page, address: str) -> Iterator[Page]:
    desk.strangers.clear()
    desk.complaints.clear()
    yield arrive(desk, address)
    desk.context.set_offline(False)
    desk.goto("about:blank")  # who leaves frees the engine
    assert desk.strangers == [], "the page asks only its own server"
    assert desk.complaints == []
