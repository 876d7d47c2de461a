"""The mixer under a finished beat, in a browser: its parts play together, can be told apart, and are made anew."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fakes import PartsEngine
from page_server import SlowEngine, serve, serve_runner
from playwright.sync_api import Browser, Page, expect
from visits import PHONE, ask, in_state, serious, visit

from typebeat.serving.jobs import JobRunner

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
PARTS = ["drums", "808", "chords", "melody"]
STEP_S, SLOW_STEP_S = 0.01, 0.5  # of the engine; a bar has about 40 steps


@dataclass
class SlowParts(PartsEngine, SlowEngine):
    """Plays in parts, and takes its time."""


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


def test_all_parts_play_in_time_from_one_clock_and_loop(page: Page) -> None:
    make_beat(page)
    expect(page.locator(".strip h3")).to_have_text(["Drums", "808", "Chords", "Melody"])
    colours = page.locator(".strip .wave").evaluate_all(
        "all => all.map(each => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(colours)) == 4
    play(page)
    now = told(page)
    samples = round(4 * 60 / 150 * 44_100)
    assert (now["sources"], now["rate"], now["lengths"]) == (4, 44_100, [samples] * 4)
    assert now["loops"] == [True] * 4
    page.wait_for_function("typebeatParts.position() > 1.4")
    page.wait_for_function("typebeatParts.position() < 0.8")  # it went around
    expect(page.get_by_role("button", name="Pause all parts")).to_be_visible()
    press(page, "Loop")
    assert told(page)["loops"] == [False] * 4
    page.wait_for_function("!typebeatParts.isPlaying()")  # at its end
    expect(page.get_by_role("button", name="Play all parts")).to_be_visible()
    assert page.evaluate("typebeatParts.position()") == 0


def test_mute_solo_and_level_change_what_sounds_at_once(page: Page) -> None:
    make_beat(page)
    play(page)
    expect_heard(page, *PARTS)
    press(page, "Mute drums")
    expect_heard(page, "808", "chords", "melody")
    press(page, "Solo melody")
    expect_heard(page, "melody")
    press(page, "Solo drums")  # muted all the same
    expect_heard(page, "melody")
    press(page, "Mute drums")
    expect_heard(page, "drums", "melody")
    press(page, "Solo drums")
    press(page, "Solo melody")
    expect_heard(page, *PARTS)
    level = page.get_by_role("slider", name="Level of chords")
    level.fill("-20")
    page.wait_for_function("Math.abs(typebeatParts.told().gains.chords - 0.1) < 1e-3")
    expect(level).to_have_attribute("aria-valuetext", "−20 dB")
    level.fill("-40")
    expect_heard(page, "drums", "808", "melody")
    expect(level).to_have_attribute("aria-valuetext", "off")


def test_one_ruler_seeks_all_parts_and_only_one_thing_plays(page: Page) -> None:
    make_beat(page)
    ruler = page.get_by_role("slider", name="Position in the beat")
    ruler.fill("2")
    assert page.evaluate("typebeatParts.position()") == pytest.approx(0.8, abs=1e-3)
    expect(ruler).to_have_attribute("aria-valuetext", "bar 1, beat 3")
    play(page)
    assert page.evaluate("typebeatParts.position()") >= 0.8 - 0.03 or told(page)["loops"] == [True] * 4
    page.get_by_role("button", name="Play take 1").click()
    page.wait_for_function("typebeatPlayer.told.playing")
    assert not page.evaluate("typebeatParts.isPlaying()")
    play(page)
    assert not page.evaluate("typebeatPlayer.told.playing")


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


def test_a_beat_without_stems_says_how_it_gets_a_mixer(page: Page) -> None:
    ask(page, bars=1)
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator("#mixer-card")).to_be_hidden()
    page.get_by_role("button", name="Make it with its stems").click()
    expect(page.locator(".strip")).to_have_count(4)


def test_the_mixer_is_used_by_keyboard_and_keeps_the_focus(page: Page) -> None:
    make_beat(page)
    page.get_by_role("button", name="Play all parts").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("typebeatParts.isPlaying()")
    names = []
    for _ in range(7):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.type"))
    assert names == [
        "Position in the beat",
        "Loop",
        "Mute drums",
        "Solo drums",
        "Lock drums",
        "range",
        "Again: new drums",
    ]
    page.keyboard.press("Space")
    expect(page.locator(".lineage")).to_be_visible()
    expect(page.get_by_role("button", name="Again: new drums")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out_and_axe_finds_nothing_serious(
    browser: Browser, address: str, scheme: str
) -> None:
    phone = visit(browser, address, view=PHONE, scheme=scheme)
    make_beat(phone)
    for name in ("Mute drums", "Solo 808", "Lock chords"):
        phone.get_by_role("button", name=name).tap()
    phone.wait_for_timeout(300)  # colours fade over
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sizes = phone.locator(".mixer button").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(sizes) >= 36
    assert serious(phone) == []
    phone.context.close()


def test_weights_without_parts_say_what_would_be_needed(browser: Browser) -> None:
    from typebeat.engines.stems import load_stem_splitter

    with serve(SlowEngine(), stems=load_stem_splitter("starter")) as url:
        page = visit(browser, url)
        make_beat(page)
        expect(page.locator(".why-not")).to_contain_text("fake plays one sound, not parts")
        expect(page.locator(".why-not")).to_contain_text("the starter and MusicGen-Stem can")
        again = page.get_by_role("button", name=re.compile("^Again: new")).first
        expect(again).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#anew")).to_be_hidden()
        play(page)
        press(page, "Mute drums")
        page.context.close()
