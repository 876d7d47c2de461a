"""A beat from somebody's own sound in a browser: heard at once, corrected, refused in a line, and made."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from visits import ask, in_state

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
LOOP = Path(__file__).parents[2] / "docs" / "samples" / "loop.ogg"


def start_from(page: Page, name: str) -> None:
    page.locator("#start label", has_text=name).click()
    expect(page.locator("#own")).to_be_visible()


def test_a_sample_is_heard_corrected_and_stays_in_the_beat(page: Page) -> None:
    start_from(page, "Sample")
    page.set_input_files("#own-sample input[type=file]", LOOP)
    expect(page.locator("#own-heard")).to_contain_text("120 BPM, 4 whole bars")
    page.locator("#reference-tempo label", has_text="/2").click()
    expect(page.locator("#own-heard")).to_contain_text("60 BPM, 2 whole bars")
    page.locator("#reference-tempo label", has_text="x1").click()
    expect(page.locator("#own-heard")).to_contain_text("120 BPM")
    ask(page)
    page.get_by_label("Stems", exact=True).check()
    page.click("#make")
    expect(in_state(page, "finished")).to_contain_text("F minor")
    expect(page.locator("#mixer")).to_contain_text("Sample")


def test_chords_that_are_none_are_told_at_once_and_weights_that_play_no_notes_say_so(page: Page) -> None:
    start_from(page, "Chords")
    expect(page.locator("#own")).to_contain_text("Not with these weights")
    page.fill("#own-chords textarea, #own-chords input", "Am F H G")
    page.keyboard.press("Enter")
    expect(page.locator("#own-heard [role=alert]")).to_contain_text("the German H is written B")
    page.fill("#own-chords textarea, #own-chords input", "Am F C G")
    page.keyboard.press("Enter")
    expect(page.locator("#own-heard .chips")).to_contain_text("A minor")
    ask(page)
    page.click("#make")
    expect(page.locator("#status")).to_contain_text("were not taught to play given notes")


def test_a_microphone_that_is_refused_is_told(page: Page) -> None:
    start_from(page, "Hum")
    page.get_by_role("button", name="Count in and record").click()
    expect(page.locator(".count-in [role=status]")).to_contain_text("The microphone was refused")
