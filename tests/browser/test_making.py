"""Beats made on the page: from a sentence to a pack, heard on the way, stopped, varied, kept."""

from __future__ import annotations

import json
import re
import time
import zipfile
from pathlib import Path

import pytest
import soundfile
from page_server import SlowEngine
from playwright.sync_api import Browser, Page, expect
from visits import ask, card, in_state, visit

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


def test_one_sentence_and_one_click_make_a_beat_that_plays_and_downloads(page: Page, tmp_path: Path) -> None:
    page.fill("#prompt textarea", "dark <b>bells</b>, 160 bpm in C# minor")
    page.click("#make")
    stage = in_state(page, "working")
    expect(stage.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", re.compile(r"^\d"))
    expect(stage).to_contain_text(re.compile(r"step \d+ of \d+"))
    done = in_state(page, "finished")
    expect(done).to_contain_text("dark <b>bells</b>")
    expect(done).to_contain_text("160 BPM")
    expect(done).to_contain_text("C# minor")
    expect(page.locator(".take")).to_have_count(1)

    page.get_by_role("button", name="Play take 1").click()
    page.wait_for_function("typebeatPlayer.told.playing")
    told = page.evaluate("typebeatPlayer.told")
    assert told["seconds"] == pytest.approx(8 * 4 * 60 / 160, abs=1e-3)
    assert told["loop"], "it loops"
    page.wait_for_function("document.querySelector('.player.playing input').value > 5")
    page.get_by_role("button", name="Pause take 1").click()

    with page.expect_download() as download:
        page.locator("a.download.big").click()
    assert re.fullmatch(r"travis-scott_160bpm_C#min_8bars_s\d+\.zip", download.value.suggested_filename)
    download.value.save_as(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        assert pack.testzip() is None
        names = {Path(name).name: name for name in pack.namelist() if not name.endswith("/")}
        recipe = json.loads(pack.read(names["recipe.json"]))
        (tmp_path / "beat.wav").write_bytes(pack.read(names["beat_160bpm_C#min.wav"]))
    assert {"README.txt", "beat_160bpm_C#min.rpp"} <= set(names)
    assert recipe["prompt"] == "dark <b>bells</b>, 160 bpm in C# minor"
    assert soundfile.info(tmp_path / "beat.wav").frames == 12 * 44_100

    page.get_by_text("Show the recipe").click()
    expect(page.locator("#recipe")).to_contain_text(str(recipe["seed"]))
    with page.expect_download() as single:
        page.get_by_role("link", name="README.txt").click()
    assert single.value.suggested_filename == "README.txt"


def test_options_that_were_folded_away_count(page: Page) -> None:
    ask(page, bars=1)
    card(page, "kid-cudi").click()
    page.locator("#takes label").nth(1).click()
    page.click("#dice")
    seed = page.locator("#seed textarea")
    expect(seed).to_have_value(re.compile(r"^\d+$"))
    page.click("#make")
    done = in_state(page, "finished")
    expect(done).to_contain_text("Kid Cudi type")
    expect(done).to_contain_text(f"seed {seed.input_value()}")
    expect(page.locator(".take")).to_have_count(2)
    recipe = json.loads(page.locator("#recipe").text_content() or "")
    assert {"part": "stems", "why": "not asked for"} in recipe["missing"]


def test_a_pack_shows_its_stems_rolls_and_passport(page: Page) -> None:
    page.fill("#prompt textarea", "dark bells, 150 bpm, 2 bars")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator("#status .passport")).to_contain_text("measured")
    expect(page.locator("#mixer .strip")).to_have_count(3)
    expect(page.locator("#results .roll").first).to_be_visible()
    expect(page.locator("#results .song")).to_contain_text("Not with these weights: the loaded weights")
    page.get_by_role("button", name="Play these notes").click(force=True)  # it is off, and says why
    expect(page.locator("#toast")).to_contain_text("were not taught to play given notes")
    assert "cover.png" in (page.locator("#status .sleeve.square").get_attribute("style") or "")


def test_recipe_and_link_are_copied_and_the_link_fills_the_form(page: Page) -> None:
    ask(page, "dusty <i>keys</i>", bars=1)
    page.click("#make")
    in_state(page, "finished")
    recipe = page.locator("#recipe").text_content() or ""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy recipe").click()
    expect(page.locator("#toast")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == recipe
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('http'))")
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(page.locator("#prompt textarea")).to_have_value("dusty <i>keys</i>")
    expect(page.locator("#seed textarea")).to_have_value(str(json.loads(recipe)["seed"]))


def test_the_beat_is_heard_while_it_is_made_and_stop_silences_it(page: Page) -> None:
    ask(page, "dark bells, 80 bpm", bars=8)
    page.click("#make")
    page.wait_for_function("typebeatLive.told.pieces >= 2")
    in_state(page, "working")
    page.wait_for_function("typebeatLive.told.seconds > 4")
    assert page.evaluate("typebeatLive.told.seconds") < 20  # of 24, so it was still at work
    page.click("#stop")
    in_state(page, "stopped")
    heard = page.evaluate("typebeatLive.told.seconds")
    time.sleep(0.5)
    assert page.evaluate("typebeatLive.told.seconds") == heard


def test_stop_stops_and_says_so(page: Page, engine: SlowEngine) -> None:
    ask(page, bars=64)
    page.click("#make")
    in_state(page, "working")
    expect(page.locator("#make")).to_be_disabled()
    page.click("#stop")
    expect(in_state(page, "stopped")).to_contain_text("Stopped")
    expect(page.locator("#make")).to_be_enabled()
    expect(page.locator("#stop")).to_be_disabled()
    assert engine.running == 0

    ask(page, bars=1)
    page.click("#make")
    in_state(page, "finished")


def test_vary_draws_another_seed_and_extend_goes_on_from_the_same_one(page: Page) -> None:
    ask(page, bars=1)
    page.click("#make")
    in_state(page, "finished")
    first = json.loads(page.locator("#recipe").text_content() or "")
    page.get_by_role("button", name="Extend by 8 bars").click()
    expect(page.locator("#status .chips")).to_contain_text("9 bars")
    longer = json.loads(page.locator("#recipe").text_content() or "")
    same = ("prompt", "style", "bpm", "key", "seed", "guidance", "temperature", "top_k")
    assert [longer[name] for name in same] == [first[name] for name in same]
    page.get_by_role("button", name="Vary").click()
    expect(page.locator("#status .chips")).not_to_contain_text(f"seed {first['seed']}")
    varied = json.loads(page.locator("#recipe").text_content() or "")
    assert (varied["bars"], varied["bpm"], varied["key"]) == (9, first["bpm"], first["key"])


def test_a_kept_take_stays_on_the_shelf_and_its_recipe_opens(page: Page, address: str) -> None:
    ask(page, "dusty <i>keys</i>", bars=1)
    page.click("#make")
    in_state(page, "finished")
    seed = json.loads(page.locator("#recipe").text_content() or "")["seed"]
    page.get_by_role("button", name="Keep").click()
    page.goto(address)
    shelf = page.locator("#shelf li")
    expect(shelf).to_have_count(1)
    shelf.get_by_role("link", name="Open recipe").click()
    expect(page.locator("#seed textarea")).to_have_value(str(seed))
    expect(page.locator("#prompt textarea")).to_have_value("dusty <i>keys</i>")
    page.locator("#shelf").get_by_role("button", name="Remove").click()
    expect(page.locator("#shelf")).to_be_hidden()


def test_a_second_visitor_waits_in_line_and_neither_sees_the_other(browser: Browser, address: str) -> None:
    first, second = visit(browser, address), visit(browser, address)
    ask(first, "first", bars=64)
    first.click("#make")
    in_state(first, "working")
    ask(second, "second", bars=1)
    second.click("#make")
    expect(in_state(second, "waiting")).to_contain_text("1 job is ahead of yours")
    expect(second.locator("#stop")).to_be_enabled()
    first.context.close()  # who leaves frees the engine
    expect(in_state(second, "finished")).to_contain_text("second")
    assert "first" not in second.locator("#hear").inner_text()
    second.context.close()


def test_the_last_beat_is_found_again_after_a_reload_and_said_to_be_gone_once_it_is(page: Page, address: str) -> None:
    ask(page, "dusty keys, 92 bpm", bars=1)
    page.click("#make")
    expect(in_state(page, "finished")).to_contain_text("92 BPM")
    recipe = json.loads(page.locator("#recipe").text_content() or "")
    page.wait_for_function("history.state?.typebeat?.pack")
    page.reload()
    expect(in_state(page, "finished")).to_contain_text(f"seed {recipe['seed']}")
    expect(page.locator("#results")).to_contain_text("Recipe")
    page.evaluate("history.replaceState({typebeat: {...history.state.typebeat, pack: 'nowhere/else'}}, '')")
    page.reload()
    gone = in_state(page, "gone")
    expect(gone).to_contain_text("no longer on the server")
    expect(page.locator("#prompt textarea")).to_have_value("dusty keys, 92 bpm")
    gone.get_by_role("link", name="Open its recipe").click()
    expect(page.locator("#seed textarea")).to_have_value(str(recipe["seed"]))


def test_no_tick_stands_at_what_was_drawn(page: Page) -> None:
    ask(page, "dusty keys, 92 bpm", bars=1)
    page.click("#make")
    rows = in_state(page, "finished").locator(".passport tr")
    expect(rows.nth(2)).to_contain_text("chosen")
    expect(rows.nth(2).locator(".hit, .miss")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("92 BPM")
