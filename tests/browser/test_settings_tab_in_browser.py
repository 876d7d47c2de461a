"""Settings in a browser on the machine that runs the page: weights load, can be stopped, and recipes ask for theirs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fakes import FakeEngine
from page_server import serve
from playwright.sync_api import Browser, Page, expect
from visits import unfold, visit

from typebeat.engines import UNWATCHED, Job, WeightChoice, Weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
STARTER = WeightChoice("starter", "Typebeat's starter", "mit", 0.1)
SMALL = WeightChoice("facebook/musicgen-small", "MusicGen small", "cc-by-nc-4.0", 1.1)
LARGE = WeightChoice("facebook/musicgen-large", "MusicGen large", "cc-by-nc-4.0", 7.0)


class Switchable(FakeEngine):
    """A fake whose weights can be changed; the large ones take longer than anybody waits."""

    choices = (STARTER, SMALL, LARGE)
    choice = "starter"

    def switch(self, choice: str, job: Job = UNWATCHED) -> Weights:
        for step in range(10_000 if choice == LARGE.choice else 1):
            replace(job, doing="Loading MusicGen").step(step, 10_000)
            time.sleep(0.02)
        self.choice = choice
        self.weights = replace(self.weights, name=choice, licence="cc-by-nc-4.0")
        return self.weights

    def pace(self, choice: str) -> float | None:
        return 3.2


@pytest.fixture
def settings(browser: Browser) -> Iterator[tuple[Page, Switchable]]:
    engine = Switchable()
    with serve(engine) as url:
        page = visit(browser, url)
        yield page, engine
        assert page.strangers == []
        assert page.complaints == []
        page.context.close()


def test_weights_are_stopped_while_they_load_and_those_of_a_recipe_are_offered_and_loaded(
    settings: tuple[Page, Switchable],
) -> None:
    page, engine = settings
    status = page.locator("#settings-status")
    page.get_by_role("tab", name="Settings").click()
    page.locator("#weights label", has_text=LARGE.name).click()
    expect(page.locator("#weights-facts")).to_contain_text("about 3.2 s of work for a second of sound")
    page.click("#weights-load")
    expect(status.locator("[role=progressbar]")).to_be_visible()
    page.click("#weights-stop")
    expect(status.locator("[data-state=stopped]")).to_contain_text("The weights that played before play on.")
    expect(page.locator("#weights-load")).to_be_enabled()
    assert engine.choice == STARTER.choice

    page.get_by_role("tab", name="Make a beat").click()
    unfold(page)
    recipe = {"style": "kid-cudi", "bpm": 140, "seed": 7, "weights": {"beat": {"name": SMALL.choice}}}
    for pasted in ({"style": "kid-cudi"}, recipe):  # one that names no weights asks for none
        page.fill("#paste textarea", json.dumps(pasted))
        page.click("#load")
        expect(page.locator("#paste textarea")).to_have_value("")
    expect(page.get_by_text(f"This recipe was made with {SMALL.name}")).to_be_visible()
    expect(page.locator(".toast-body.error")).to_have_count(0)
    page.get_by_role("tab", name="Settings").click()
    expect(status).to_contain_text(f"The recipe asks for {SMALL.name}")
    expect(status).to_contain_text("About 1.1 GB are fetched once")
    expect(page.locator("#weights label", has_text=SMALL.name).locator("input")).to_be_checked()
    page.click("#weights-load")
    expect(status.locator("[data-state=finished]")).to_contain_text(f"{SMALL.choice} plays")
    assert engine.choice == SMALL.choice
