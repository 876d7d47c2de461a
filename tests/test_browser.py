"""The page in a real browser: Debian's Chromium, driven by Playwright. It may ask nothing but the page's own server."""

from __future__ import annotations

import json
import re
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import mido
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from browsers import chromium
from fakes import FakeCover, FakeEngine
from page_server import SlowEngine, serve
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from typebeat.engines import BeatConditions
from typebeat.engines.stems import load_stem_splitter
from typebeat.engines.transcriber import BasicPitch

STEP_S = 0.01  # an engine step: a beat of 2 bars takes about a second
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000  # for machines that are busy with something else

expect.set_options(timeout=PATIENCE_MS)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


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
def beat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A beat of two bars at 150 BPM as somebody might upload it."""
    conditions = BeatConditions("a beat", 150, "F minor")
    (audio,) = FakeEngine().generate(conditions, 2 * 4 * 60 / 150, [3])
    file = tmp_path_factory.mktemp("mine") / "my <i>beat.wav"
    soundfile.write(file, audio.samples.T, audio.sample_rate)
    return file


def visit(browser: Browser, address: str, *, view: dict[str, int] = DESK, scheme: str = "light") -> Page:
    """Opens the page as a new visitor; whatever it asks of another host is an error, and so is one in its console."""
    context = browser.new_context(viewport=view, color_scheme=scheme, has_touch=view is PHONE)
    page = context.new_page()
    page.strangers = []
    page.complaints = []
    own = urlparse(address).netloc
    page.on("request", lambda asked: _note(page.strangers, asked.url, own))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    expect(page.locator("#make")).to_be_enabled()
    return page


def _note(strangers: list[str], url: str, own: str) -> None:
    if url.startswith(("http", "ws")) and urlparse(url).netloc != own:
        strangers.append(url)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = visit(browser, address)
    yield opened
    assert opened.strangers == [], "the page asks only its own server"
    assert opened.complaints == []
    opened.context.close()


def ask(page: Page, prompt: str = "dark bells", bars: int = 2) -> None:
    """Fills the form for the beat alone, which is soon made."""
    page.fill("#prompt textarea", prompt)
    if not page.locator("#bars input").is_visible():
        unfold(page)
    page.fill("#bars input", str(bars))
    for part in ("Stems", "MIDI", "Cover"):
        page.get_by_label(part, exact=True).uncheck()


def card(page: Page, slug: str) -> Locator:
    return page.locator(f'#style label:has(input[value="{slug}"])')


def in_state(page: Page, state: str) -> Locator:
    stage = page.locator(f'[data-state="{state}"]')
    expect(stage).to_be_visible(timeout=PATIENCE_MS)
    return stage


def unfold(page: Page) -> None:
    page.get_by_role("button", name="Tempo, key, bars").click()
    expect(page.locator("#bars input")).to_be_visible()


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


def test_the_last_settings_come_back_without_words_and_seed(page: Page, address: str) -> None:
    ask(page, bars=3)
    page.fill("#seed textarea", "5")
    card(page, "kid-cudi").click()
    page.click("#make")
    in_state(page, "finished")
    page.goto(address)
    expect(page.locator('#style input[value="kid-cudi"]')).to_be_checked()
    unfold(page)
    expect(page.locator("#bars input")).to_have_value("3")
    expect(page.locator("#seed textarea")).to_have_value("")
    expect(page.locator("#prompt textarea")).to_have_value("")


def test_a_lost_connection_is_said_and_taken_back(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_count(0)


def test_stop_stops_within_a_second_and_says_so(page: Page, engine: SlowEngine) -> None:
    round_trip_s = -time.monotonic()  # what the page needs for an answer of any kind, on this machine, now
    page.click("#make")
    in_state(page, "trouble")
    round_trip_s += time.monotonic()

    ask(page, bars=64)
    page.click("#make")
    in_state(page, "working")
    expect(page.locator("#make")).to_be_disabled()
    began = time.monotonic()
    page.click("#stop")
    expect(in_state(page, "stopped")).to_contain_text("Stopped")
    assert time.monotonic() - began < 1 + round_trip_s
    expect(page.locator("#make")).to_be_enabled()
    expect(page.locator("#stop")).to_be_disabled()
    assert engine.running == 0

    ask(page, bars=1)
    page.click("#make")
    in_state(page, "finished")


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


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [("bpm", "fast", "70 to 170"), ("bpm", "65", "130"), ("bars", "10000", "1 to 64"), ("key", "H minor", "C to B")],
)
def test_what_is_wrong_stands_at_its_field(page: Page, field: str, typed: str, says: str) -> None:
    ask(page)
    box = page.locator(f"#{field} :is(input, textarea)")
    box.fill(typed)
    box.press("Tab")
    page.click("#make")
    in_state(page, "trouble")
    wrong = page.locator(f"#{field}.wrong .info-text")
    expect(wrong).to_contain_text(says)
    expect(page.locator(".wrong")).to_have_count(1)
    expect(page.locator(".toast-body")).to_have_count(0)
    box.fill({"bars": "1", "key": "Fm"}.get(field, "130"))
    box.press("Tab")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator(".wrong")).to_have_count(0)


def test_an_upload_becomes_midi_that_is_heard_seen_and_written_anew(page: Page, beat: Path) -> None:
    page.get_by_role("tab", name="Beat to MIDI").click()
    write = page.get_by_role("button", name="Write MIDI")
    write.click()
    expect(page.locator("#midi-file-wrong")).to_contain_text("upload a WAV")
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


def test_a_pack_shows_its_stems_rolls_and_passport(page: Page) -> None:
    page.fill("#prompt textarea", "dark bells, 150 bpm")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator("#status .passport")).to_contain_text("measured")
    expect(page.locator("#results .stem")).to_have_count(3)
    expect(page.locator("#results .roll").first).to_be_visible()


def test_the_sample_of_a_style_plays(page: Page) -> None:
    page.get_by_role("button", name="Play a Kid Cudi type beat").click()
    page.wait_for_function("typebeatPlayer.told.playing")
    assert page.evaluate("typebeatPlayer.told.src").endswith("kid-cudi.mp3")
    expect(page.locator('#style input[value="kid-cudi"]')).not_to_be_checked()


def test_an_empty_page_says_what_to_write_and_a_wrong_folded_option_is_unfolded(page: Page) -> None:
    page.click("#make")
    in_state(page, "trouble")
    expect(page.locator("#prompt.wrong .info-text")).to_contain_text("write a prompt or choose a style")
    ask(page)
    page.fill("#seed textarea", "minus one")
    page.get_by_role("button", name="Tempo, key, bars").click()
    page.click("#make")
    expect(page.locator("#seed.wrong .info-text")).to_be_visible()


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


def test_cards_are_chosen_by_keyboard_and_the_page_takes_their_colour(page: Page) -> None:
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


def test_an_example_fills_prompt_and_style(page: Page) -> None:
    page.get_by_role("button", name="Neon coast").click()
    expect(page.locator("#prompt textarea")).to_have_value(re.compile("plucks"))
    expect(page.locator('#style input[value="don-toliver"]')).to_be_checked()


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_style_and_tab(browser: Browser, address: str, scheme: str) -> None:
    page = visit(browser, address, scheme=scheme)
    assert ("dark" in (page.locator("body").get_attribute("class") or "")) == (scheme == "dark")
    unfold(page)
    page.fill("#bpm textarea", "1")
    for slug in ("travis-scott", "kid-cudi", "don-toliver", ""):
        card(page, slug).click()
        page.click("#make")
        in_state(page, "trouble")
        page.wait_for_timeout(300)  # colours fade over
        assert serious(page) == []
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        page.wait_for_timeout(300)
        assert serious(page) == []
    page.context.close()


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical; contrast is among it."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]
