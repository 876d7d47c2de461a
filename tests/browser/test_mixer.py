"""The mixer under a finished beat, in a browser: its parts play together and can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from mixers import PARTS, STEP_S, SlowParts, expect_heard, make_beat, play, press, told
from page_server import SlowEngine, serve
from playwright.sync_api import Browser, Page, expect
from visits import COLOURS, PHONE, ask, in_state, serious, visit

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(SlowParts(step_s=STEP_S)) as url:
        yield url


@pytest.fixture(scope="module")
def standing(browser: Browser, address: str) -> Iterator[Page]:
    """A window with a beat, for the tests that make none."""
    opened = visit(browser, address)
    make_beat(opened)
    opened.wait_for_function("history.state?.typebeat?.pack")
    yield opened
    assert opened.strangers == []
    assert opened.complaints == []
    opened.context.close()


@pytest.fixture
def mixed(standing: Page) -> Page:
    """The page with a beat whose mixer nobody has touched."""
    standing.reload()
    expect(standing.locator(".mixer[data-ready]")).to_be_visible()
    return standing


def test_all_parts_play_in_time_from_one_clock_and_loop(mixed: Page) -> None:
    page = mixed
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


def test_mute_solo_and_level_change_what_sounds_at_once(mixed: Page) -> None:
    page = mixed
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


def test_one_ruler_seeks_all_parts_and_only_one_thing_plays(mixed: Page) -> None:
    page = mixed
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


def test_on_a_phone_nothing_sticks_out_and_axe_finds_nothing_serious(browser: Browser, address: str) -> None:
    phone = visit(browser, address, view=PHONE)
    make_beat(phone)
    for name in ("Mute drums", "Solo 808", "Lock chords"):
        phone.get_by_role("button", name=name).tap()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sizes = phone.locator(".mixer button").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert min(sizes) >= 36
    for scheme, rules in (("light", ()), ("dark", COLOURS)):
        phone.emulate_media(color_scheme=scheme)
        phone.wait_for_function("dark => document.body.classList.contains('dark') === dark", arg=scheme == "dark")
        phone.wait_for_timeout(300)  # colours fade over
        assert serious(phone, *rules) == []
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
