"""The other tabs in a browser, and what holds on all of them: contrast and labels, a phone, a lost connection."""

from __future__ import annotations

import re
from pathlib import Path

import mido
import pytest
import soundfile
from fakes import FakeEngine
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from visits import COLOURS, DESK, PHONE, card, in_state, serious, unfold, visit

from typebeat.engines import BeatConditions

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
GOOD_LAYOUT_SHIFT = 0.1  # of the Web Vitals, summed over all shifts that no click has just caused
LAYOUT_SHIFT = """() => new Promise(done => {
    let sum = 0;
    const add = list => list.getEntries().forEach(each => { if (!each.hadRecentInput) sum += each.value; });
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 500);
})"""


@pytest.fixture(scope="module")
def beat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A beat of two bars at 150 BPM as somebody might upload it."""
    conditions = BeatConditions("a beat", 150, "F minor")
    (audio,) = FakeEngine().generate(conditions, 2 * 4 * 60 / 150, [3])
    file = tmp_path_factory.mktemp("mine") / "my <i>beat.wav"
    soundfile.write(file, audio.samples.T, audio.sample_rate)
    return file


def test_an_upload_becomes_midi_that_is_heard_seen_and_written_anew(page: Page, beat: Path) -> None:
    page.get_by_role("tab", name="Beat to MIDI").click()
    write = page.get_by_role("button", name="Write MIDI")
    write.click()
    expect(page.locator("#midi-file-wrong")).to_contain_text("upload a sound: WAV")
    page.set_input_files("#midi-file input", beat)
    expect(page.locator("#midi-file")).to_contain_text("beat")
    page.fill("#midi-bpm textarea", "9000")
    write.click()
    expect(page.locator("#midi-bpm.wrong .info-text")).to_contain_text("40 to 240")
    page.fill("#midi-bpm textarea", "150")
    write.click()
    done = page.locator('#midi-status [data-state="finished"]')
    expect(done).to_contain_text("150 BPM")
    expect(page.locator("#midi-results .roll").first).to_be_visible()
    with page.expect_download() as download:
        done.locator("a.download.big").click()
    assert download.value.suggested_filename.startswith("all_150bpm")
    notes = mido.MidiFile(download.value.path())
    assert sum(message.type == "note_on" for track in notes.tracks for message in track) > 8

    page.get_by_role("button", name="Play what the midi plays").click()
    page.wait_for_function("typebeatPlayer.told.playing")
    before = download.value.url
    page.locator("#midi-feel label").nth(2).click()
    expect(done.locator("a.download.big")).not_to_have_attribute("href", re.compile(re.escape(before[-60:])))


def test_covers_are_drawn_and_downloaded(page: Page, tmp_path: Path) -> None:
    page.get_by_role("tab", name="Cover").click()
    page.fill("#cover-prompt textarea", "moonlit <b>drive")
    page.locator("#cover-style label").nth(2).click()
    page.locator("#cover-variations label").nth(1).click()
    page.get_by_role("button", name="Draw the cover").click()
    done = page.locator('#cover-status [data-state="finished"]')
    expect(done).to_contain_text("Don Toliver type cover")
    expect(page.locator("#cover-results img")).to_have_count(1)
    with page.expect_download() as download:
        done.locator("a.download.big").click()
    download.value.save_as(tmp_path / "cover.png")
    assert Image.open(tmp_path / "cover.png").size == (1400, 1400)


def test_the_about_tab_tells_weights_licences_and_limits(page: Page) -> None:
    page.get_by_role("tab", name="About").click()
    for said in ("fake", "use and sell what it makes", "not for commercial use", "It is not MusicGen", "No vocals"):
        expect(page.locator("#about")).to_contain_text(said)


def test_a_lost_connection_is_said_and_taken_back(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_count(0)


def test_on_a_phone_nothing_sticks_out_and_make_is_in_reach(browser: Browser, address: str) -> None:
    phone = visit(browser, address, view=PHONE)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(phone.locator("#make")).to_be_in_viewport()
    card(phone, "don-toliver").tap()
    phone.locator("#make").tap()
    in_state(phone, "finished")
    expect(phone.locator("#status h2")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.context.close()


@pytest.mark.parametrize("view", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_jumps_while_the_page_opens_and_a_beat_is_made(
    browser: Browser, address: str, view: dict[str, int]
) -> None:
    page = visit(browser, address, view=view)
    card(page, "kid-cudi").click()
    page.click("#make")
    in_state(page, "working")
    page.wait_for_function("typebeatLive.told.pieces >= 1")
    assert page.evaluate(LAYOUT_SHIFT) < GOOD_LAYOUT_SHIFT
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_style_and_tab(browser: Browser, address: str, scheme: str) -> None:
    page = visit(browser, address, scheme=scheme)
    assert ("dark" in (page.locator("body").get_attribute("class") or "")) == (scheme == "dark")
    rules = () if scheme == "light" else COLOURS  # schemes and styles differ in nothing else
    unfold(page)
    page.fill("#bpm textarea", "1")
    for slug in ("travis-scott", "kid-cudi", "don-toliver", ""):
        card(page, slug).click()
        page.click("#make")
        in_state(page, "trouble")
        page.wait_for_timeout(300)  # colours fade over
        assert serious(page, *(COLOURS if slug else rules)) == []
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        page.wait_for_timeout(300)
        assert serious(page, *rules) == []
    page.context.close()
