"""A beat around somebody's own sound in a browser: its drums are made anew, and it is varied, beside the same sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import own_inputs as own
import pytest
from mixers import SlowParts
from page_server import serve
from playwright.sync_api import Page, expect
from test_own import LOOP, start_from
from visits import ask, in_state

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(SlowParts(step_s=0.01, takes_notes=True)) as url:
        yield url


def test_drums_are_made_anew_and_the_beat_is_varied_beside_the_same_sample(page: Page) -> None:
    start_from(page, "Sample")
    page.set_input_files("#own-sample input[type=file]", LOOP)
    expect(page.locator("#own-heard")).to_contain_text("120 BPM, 4 whole bars")
    ask(page)
    page.get_by_label("Stems", exact=True).check()
    page.click("#make")
    expect(in_state(page, "finished")).to_contain_text("F minor")
    sample = page.locator('.strip[data-part="sample"]')
    expect(sample.locator("[data-anew], .lock")).to_have_count(0)
    page.get_by_role("button", name="Again: new drums").click()
    expect(page.locator(".lineage")).to_contain_text("Drums is new")
    expect(sample).to_be_visible()
    page.locator("#start label", has_text="Words").click()  # what the form says by now does not count
    page.get_by_role("button", name="Vary").first.click()
    expect(page.locator(".lineage")).to_have_count(0)
    in_state(page, "finished")
    expect(sample).to_be_visible()


def test_the_part_of_a_midi_voice_is_shown_and_chosen(page: Page, tmp_path: Path) -> None:
    file = own.midi(tmp_path / "song.mid", [own.melody(name="One"), own.melody(name="Low", channel=1, pitch=36)])
    start_from(page, "MIDI")
    page.set_input_files("#own-midi input[type=file]", file)
    voice = page.get_by_label("Part that voice 1, One, plays")
    expect(voice).to_have_value("melody")
    expect(page.get_by_label("Part that voice 2, Low, plays")).to_have_value("808")
    voice.select_option("Chords")
    expect(page.locator("#own-heard")).to_contain_text("as you said")
    expect(page.locator("#own-heard h3").first).to_have_text("808")
    expect(page.locator("#own-heard h3").last).to_have_text("Chords")
    voice.select_option("Nothing")
    page.get_by_label("Part that voice 2, Low, plays").select_option("Nothing")
    expect(page.locator("#own-heard [role=alert]")).to_contain_text("none of its voices was taken")
    voice.select_option("Melody")
    expect(page.locator("#own-heard [role=alert]")).to_have_count(0)
    ask(page, prompt="")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator("#recipe")).to_contain_text('"voices": "1=melody,2=none"')
