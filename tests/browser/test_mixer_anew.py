"""Parts made anew under the mixer, in a browser: the others stay, the music goes on, and it says what it cannot do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from mixers import PARTS, STEP_S, SlowParts, expect_heard, make_beat, play, press, recipe_of, slowly
from page_server import serve_runner
from playwright.sync_api import Page, expect
from visits import in_state

from typebeat.serving.jobs import JobRunner

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


@pytest.fixture(scope="module")
def engine() -> SlowParts:
    return SlowParts(step_s=STEP_S)


@pytest.fixture(scope="module")
def served(engine: SlowParts) -> Iterator[tuple[str, JobRunner]]:
    with serve_runner(engine) as address_and_runner:
        yield address_and_runner


@pytest.fixture(scope="module")
def address(served: tuple[str, JobRunner]) -> str:
    return served[0]


def test_one_part_is_made_anew_while_the_others_stay_and_the_music_goes_on(page: Page, engine: SlowParts) -> None:
    first = make_beat(page)
    play(page)
    press(page, "Mute chords")
    with slowly(engine):
        press(page, "Again: new melody")
        expect(page.locator("#mixer-card [data-state=working] [role=progressbar]")).to_be_visible()
        expect(page.locator("#mixer-card [data-state=working]")).to_contain_text("Making the new melody")
        expect(page.locator("#make")).to_be_disabled()
        expect(page.locator("#status [data-state=finished]")).to_be_visible()  # the old beat stays
        assert page.evaluate("typebeatParts.isPlaying()")
        page.get_by_role("button", name="Vary").dispatch_event("click")
        expect(page.locator("#toast")).to_contain_text("Something is being made")
    expect(page.locator(".lineage")).to_contain_text("Melody is new")
    second = recipe_of(page)
    before, now = (each["stems"]["dry_sha256"] for each in (first, second))
    assert [part for part in PARTS if before[part] != now[part]] == ["melody"]
    parent = f"{first['style']} 150 BPM {first['key']} 1 bars seed 5"
    assert (second["again"], second["parents"]) == (["melody"], [parent])
    assert second["seed"] != 5, "the seed that the words name would make the same melody once more"
    expect(page.locator("#make")).to_be_enabled()
    expect(page.locator("#anew")).to_have_text("Make the unlocked parts anew")
    expect(page.locator("#toast")).to_contain_text("Melody is new")
    expect(page.get_by_role("button", name="Mute chords")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("typebeatParts.isPlaying()")
    expect_heard(page, "drums", "808", "melody")

    press(page, "Back to the beat before")
    expect(page.locator(".lineage")).to_have_count(0)
    assert recipe_of(page) == first


def test_locked_parts_stay_and_all_parts_locked_is_refused(page: Page) -> None:
    first = make_beat(page)
    for part in ("808", "melody"):
        press(page, f"Lock {part}")
    expect(page.locator(".plan")).to_have_text("New: drums and chords. Stays: 808 and melody.")
    page.get_by_role("button", name="Again: new melody").dispatch_event("click")  # it says that it is off
    expect(page.locator("#toast")).to_contain_text("Unlock the melody first")
    page.click("#anew")
    expect(page.locator(".lineage")).to_contain_text("Drums and chords are new")
    second = recipe_of(page)
    before, now = (each["stems"]["dry_sha256"] for each in (first, second))
    assert second["again"] == ["drums", "chords"]
    assert before["drums"] != now["drums"]  # this engine's chords sound the same from any seed
    assert (before["808"], before["melody"]) == (now["808"], now["melody"])
    expect(page.get_by_role("button", name="Lock melody")).to_have_attribute("aria-pressed", "true")
    for part in ("drums", "chords"):
        press(page, f"Lock {part}")
    page.click("#anew")
    expect(page.locator("#mixer-card [data-state=trouble]")).to_contain_text("every part is locked")
    expect(page.locator("#anew")).to_be_enabled()
    assert page.locator(".lineage").is_visible()


def test_stop_leaves_the_beat_as_it_was(page: Page, engine: SlowParts) -> None:
    first = make_beat(page, bars=2)
    with slowly(engine):
        press(page, "Again: new drums")
        expect(page.locator("#mixer-card [data-state=working]")).to_be_visible()
        page.click("#anew-stop")
        expect(page.locator("#mixer-card [data-state=stopped]")).to_contain_text("The beat is as it was.")
    assert recipe_of(page) == first
    play(page)
    expect(page.locator("#make")).to_be_enabled()


def test_a_beat_that_is_gone_is_told_with_the_next_step(page: Page, served: tuple[str, JobRunner]) -> None:
    make_beat(page)
    for folder in served[1].folders.iterdir():
        shutil.rmtree(folder)
    press(page, "Again: new drums")
    told_there = page.locator("#mixer-card [data-state=trouble]")
    expect(told_there).to_contain_text("no longer on the server")
    expect(told_there).to_contain_text("copy its recipe below")


def test_a_pasted_recipe_of_such_a_beat_says_what_it_needs_and_makes_it_again(page: Page, address: str) -> None:
    make_beat(page)
    press(page, "Again: new 808")
    expect(page.locator(".lineage")).to_be_visible()
    recipe = recipe_of(page)
    page.goto(f"{address}?again=808&style={recipe['style']}&bpm=150&bars=1")
    expect(in_state(page, "kept")).to_contain_text("This beat needs the one that it belongs to")
    page.fill("#paste textarea", json.dumps(recipe))
    page.click("#load")
    expect(in_state(page, "kept")).to_contain_text("Only its 808 came from its seed")
    page.get_by_role("button", name="Make this beat again").click()
    in_state(page, "finished")
    assert recipe_of(page) == recipe
