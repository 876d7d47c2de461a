"""The form in a browser: filled by hand, by a link, a recipe or the last visit, and what it says of a wrong value."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect
from visits import ask, card, in_state, unfold

from typebeat.request.styles import STYLES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


def test_a_link_fills_the_form_and_a_wrong_one_says_so_at_the_field(page: Page, address: str) -> None:
    page.goto(f"{address}?style=kid-cudi&bpm=84&key=Dm&bars=2&seed=9&prompt=%3Cb%3Ehi&guidance=4.5&parts=midi")
    expect(page.locator("#bpm textarea")).to_have_value("84")
    expect(page.locator('#style input[value="kid-cudi"]')).to_be_checked()
    expect(page.locator("#seed textarea")).to_have_value("9")
    expect(page.locator("#prompt textarea")).to_have_value("<b>hi")
    expect(page.get_by_label("Cover", exact=True)).not_to_be_checked()
    page.click("#make")
    expect(in_state(page, "finished")).to_contain_text("D minor")
    page.goto(f"{address}?bpm=9000")
    expect(page.locator("#bpm.wrong .info-text")).to_contain_text("70 to 170")
    expect(page.locator("#bpm textarea")).to_have_value("9000")


def test_a_recipe_is_loaded_from_its_text(page: Page) -> None:
    unfold(page)
    recipe = {"style": "don-toliver", "bpm": 111, "key": "A minor", "bars": 3, "seed": 77, "made": "up"}
    page.fill("#paste textarea", json.dumps(recipe))
    page.click("#load")
    expect(page.locator("#bpm textarea")).to_have_value("111")
    expect(page.locator("#seed textarea")).to_have_value("77")
    for wrong in ("no recipe", "[1]", json.dumps({**recipe, "bars": "many"})):
        page.fill("#paste textarea", wrong)
        page.click("#load")
        expect(page.locator("#paste.wrong")).to_be_visible()
        expect(page.locator("#bpm textarea")).to_have_value("111")


def test_each_card_shows_picture_name_line_and_tempo_range(page: Page) -> None:
    for style in STYLES.values():
        shown = card(page, style.slug)
        expect(shown).to_contain_text(style.name)
        expect(shown).to_contain_text(style.line)
        assert shown.evaluate("label => getComputedStyle(label, '::before').backgroundImage").startswith("url(")
        range_told = shown.evaluate("label => getComputedStyle(label, '::after').content")
        assert range_told.strip('"') == f"{style.bpm_low}–{style.bpm_high} BPM"


def test_an_example_fills_prompt_and_style(page: Page) -> None:
    page.get_by_role("button", name="Neon coast").click()
    expect(page.locator("#prompt textarea")).to_have_value(re.compile("plucks"))
    expect(page.locator('#style input[value="don-toliver"]')).to_be_checked()


def test_the_last_settings_come_back_without_words_and_seed(page: Page, address: str) -> None:
    ask(page, bars=3)
    page.fill("#seed textarea", "5")
    card(page, "kid-cudi").click()
    page.click("#make")
    in_state(page, "finished")
    page.goto("about:blank")
    page.goto(address)  # a new visit; a reload keeps the words too
    expect(page.locator('#style input[value="kid-cudi"]')).to_be_checked()
    unfold(page)
    expect(page.locator("#bars input")).to_have_value("3")
    expect(page.locator("#seed textarea")).to_have_value("")
    expect(page.locator("#prompt textarea")).to_have_value("")


WRONG = [
    ("bpm", "fast", "70 to 170", "130"),
    ("bpm", "65", "130", "130"),
    ("bars", "10000", "1 to 64", "1"),
    ("key", "H minor", "C to B", "Fm"),
]


def test_what_is_wrong_stands_at_its_field_until_it_is_right(page: Page) -> None:
    ask(page)
    for field, typed, says, right in WRONG:
        box = page.locator(f"#{field} :is(input, textarea)")
        box.fill(typed)
        box.press("Tab")
        page.click("#make")
        in_state(page, "trouble")
        expect(page.locator(f"#{field}.wrong .info-text")).to_contain_text(says)
        expect(page.locator(".wrong")).to_have_count(1)
        expect(page.locator(".toast-body")).to_have_count(0)
        box.fill(right)
        box.press("Tab")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator(".wrong")).to_have_count(0)


def test_an_empty_page_says_what_to_write_and_a_wrong_folded_option_is_unfolded(page: Page) -> None:
    page.click("#make")
    in_state(page, "trouble")
    expect(page.locator("#prompt.wrong .info-text")).to_contain_text("write a prompt or choose a style")
    ask(page)
    page.fill("#seed textarea", "minus one")
    page.get_by_role("button", name="Tempo, key, bars").click()
    page.click("#make")
    expect(page.locator("#seed.wrong .info-text")).to_be_visible()


def test_cards_are_chosen_by_keyboard_and_the_page_takes_their_colour(page: Page) -> None:
    ask(page, bars=1)
    colours = set()
    page.locator('#style input[value=""]').focus()
    for slug in ("don-toliver", "kid-cudi", "travis-scott"):
        page.keyboard.press("ArrowUp")
        expect(page.locator(f'#style input[value="{slug}"]')).to_be_checked()
        page.wait_for_timeout(250)  # the colour fades over
        colours.add(page.locator("#make").evaluate("button => getComputedStyle(button).backgroundColor"))
    assert len(colours) == 3
    page.locator("#prompt textarea").press("Shift+Enter")
    expect(in_state(page, "finished")).to_contain_text("Travis Scott type")


def test_the_sample_of_a_style_plays(page: Page) -> None:
    page.get_by_role("button", name="Play a Kid Cudi type beat").click()
    page.wait_for_function("typebeatPlayer.told.playing")
    assert page.evaluate("typebeatPlayer.told.src").endswith("kid-cudi.mp3")
    expect(page.locator('#style input[value="kid-cudi"]')).not_to_be_checked()


def test_words_and_options_survive_a_reload_and_back(page: Page, address: str) -> None:
    ask(page, "dark bells, 150 bpm", bars=3)
    page.fill("#seed textarea", "5")
    card(page, "kid-cudi").click()
    expect(page.locator("#heard")).to_contain_text("150 BPM")
    page.wait_for_function("history.state?.typebeat?.options?.style === 'kid-cudi'")
    for leave_and_return in (page.reload, lambda: (page.goto("about:blank"), page.go_back())):
        leave_and_return()
        expect(page.locator("#prompt textarea")).to_have_value("dark bells, 150 bpm")
        expect(page.locator('#style input[value="kid-cudi"]')).to_be_checked()
        unfold(page)
        expect(page.locator("#seed textarea")).to_have_value("5")
        expect(page.locator("#bars input")).to_have_value("3")
        expect(page.locator("#heard")).to_contain_text("150 BPM")


def test_what_is_understood_is_told_while_somebody_types(page: Page) -> None:
    heard = page.locator("#heard")
    expect(heard).to_have_attribute("aria-live", "polite")
    page.locator("#prompt textarea").press_sequentially("flute in a-Moll, no drums, 6/8, Zxqv")
    expect(heard.locator(".chips")).to_contain_text("A minor")
    expect(heard).to_contain_text("no drums")
    expect(heard).to_contain_text("Not understood Zxqv")
    expect(heard).to_contain_text("6/8: beats are made in 4/4 only")
    page.fill("#prompt textarea", "")
    expect(heard).to_be_hidden()
