"""Takes screenshots of the page in each of its states, with the weights that ship.

python -m benchmarks.screens     writes benchmarks/results/screens/*.png
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import RESULTS
from benchmarks.serve import CHROMIUM, FLAGS
from benchmarks.served_app import end_app, start_app
from typebeat.serving.capacity import MOST_JOBS

SCREENS = RESULTS / "screens"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
COLOURS = 160  # enough for a page, and small files
PATIENCE_MS = 90_000
WISH = "prompt=dark+bells+over+a+slow+808&style=travis-scott&bpm=140&key=Fm&bars=8&seed=7"


def main() -> None:
    """Takes all screenshots."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app, address = start_app(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            on_desk(browser, address)
            elsewhere(browser, address)
            in_line(browser, address)
            in_the_mixer(browser, address)
            browser.close()
        finally:
            end_app(app)


def on_desk(browser: Browser, address: str) -> None:
    """Takes those of a desktop: empty, working, finished, and the other tabs."""
    page = opened(browser, address)
    picture(page, "1_empty")
    page.goto(f"{address}?{WISH}&takes=3")
    page.wait_for_function("document.querySelector('#seed textarea')?.value === '7'")
    page.get_by_role("button", name="Tempo, key, bars").click()
    page.click("#make")
    page.wait_for_function("typebeatLive.told.seconds > 3")
    picture(page, "2_working")
    page.locator('#status [data-state="finished"]').wait_for()
    page.locator("#status .play").click()
    page.wait_for_timeout(2500)
    page.evaluate("scrollTo(0, 0)")
    picture(page, "3_finished", whole=True)
    wav = page.locator('#status a.download:has-text("WAV")')
    with page.expect_download() as download:
        wav.click()
    with tempfile.TemporaryDirectory() as folder:
        beat = Path(folder) / download.value.suggested_filename
        download.value.save_as(beat)
        page.get_by_role("tab", name="Beat to MIDI").click()
        page.set_input_files("#midi-file input", beat)
        page.locator("#midi-file", has_text=beat.stem[:4]).wait_for()
        page.get_by_role("button", name="Write MIDI").click()
        page.locator('#midi-status [data-state="finished"]').wait_for()
        picture(page, "4_midi", whole=True)
    page.get_by_role("tab", name="Cover").click()
    page.fill("#cover-prompt textarea", "moonlit drive, neon and rain")
    page.locator('#cover-style label:has(input[value="don-toliver"])').click()
    page.locator("#cover-variations label").nth(3).click()
    page.get_by_role("button", name="Draw the cover").click()
    page.locator('#cover-status [data-state="finished"]').wait_for()
    page.wait_for_timeout(500)
    picture(page, "5_cover", whole=True)
    page.get_by_role("tab", name="About").click()
    picture(page, "6_about", whole=True)


def elsewhere(browser: Browser, address: str) -> None:
    """Takes those of dark mode, a phone, a wrong input, and a lost connection."""
    dark = opened(browser, address, scheme="dark")
    dark.locator('#style label:has(input[value="kid-cudi"])').click()
    dark.fill("#prompt textarea", "humming over dusty drums")
    picture(dark, "7_dark")
    phone = opened(browser, address, view=PHONE)
    picture(phone, "8_phone")
    phone.goto(f"{address}?style=don-toliver&bars=4&seed=5&bpm=120&key=Am")
    phone.wait_for_function("document.querySelector('#seed textarea')?.value === '5'")
    phone.click("#make")
    phone.locator('#status [data-state="finished"]').wait_for()
    phone.wait_for_timeout(800)
    picture(phone, "9_phone_finished")
    wrong = opened(browser, f"{address}?bpm=9000&style=kid-cudi")
    wrong.locator("#bpm.wrong").wait_for()
    picture(wrong, "10_error")
    lost = opened(browser, address)
    lost.context.set_offline(True)
    lost.locator("#offline").wait_for()
    picture(lost, "11_offline")


def in_line(browser: Browser, address: str) -> None:
    """Takes those of waiting for as many long beats of others as are made at once, and after Stop."""
    pages = [opened(browser, f"{address}?{WISH.replace('bars=8', 'bars=64')}") for _ in range(MOST_JOBS + 1)]
    for page in pages:
        page.wait_for_function("document.querySelector('#seed textarea')?.value === '7'")
        page.click("#make")
    waiting = pages[-1]
    waiting.locator('#status [data-state="waiting"]').wait_for()
    waiting.evaluate("scrollTo(0, 0)")
    picture(waiting, "12_in_line")
    waiting.click("#stop")
    waiting.locator('#status [data-state="stopped"]').wait_for()
    waiting.evaluate("scrollTo(0, 0)")
    picture(waiting, "13_stopped")
    for page in pages:
        page.close()


def in_the_mixer(browser: Browser, address: str) -> None:
    """Takes those of the mixer: played, while a part is made anew, and then in dark mode and on a phone."""
    page = opened(browser, f"{address}?{WISH}&parts=stems&drafts=1")
    page.wait_for_function("document.querySelector('#seed textarea')?.value === '7'")
    page.click("#make")
    play_mixer(page)
    for name in ("Lock drums", "Lock 808", "Mute chords"):
        page.get_by_role("button", name=name).click()
    picture_of_mixer(page, "14_mixer")
    page.get_by_role("button", name="Again: new melody").click()
    page.wait_for_function(
        "Number(document.querySelector('#anew-status [role=progressbar]')?.getAttribute('aria-valuenow')) > 15"
    )
    picture_of_mixer(page, "15_mixer_making")
    page.locator(".lineage").wait_for()
    for name, view, scheme in (("16_mixer_dark", DESK, "dark"), ("17_mixer_phone", PHONE, "light")):
        page.set_viewport_size(view)
        page.emulate_media(color_scheme=scheme)
        page.reload()
        play_mixer(page)
        page.get_by_role("button", name="Solo melody").click()
        picture_of_mixer(page, name)


def play_mixer(page: Page) -> None:
    """Plays all parts for a moment."""
    page.locator(".mixer[data-ready]").wait_for()
    page.get_by_role("button", name="Play all parts").click()
    page.wait_for_function("typebeatParts.position() > 3")


def picture_of_mixer(page: Page, name: str) -> None:
    """Writes a screenshot that begins with the mixer."""
    page.locator("#mixer-card").evaluate("card => card.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(300)
    picture(page, name)


def opened(browser: Browser, address: str, *, view: dict[str, int] = DESK, scheme: str = "light") -> Page:
    """Opens the page as a new visitor."""
    context = browser.new_context(viewport=view, color_scheme=scheme, has_touch=view is PHONE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator("#make:not([disabled])").wait_for()
    page.wait_for_timeout(800)
    return page


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Writes a screenshot with few colours, so that the file stays small."""
    file = SCREENS / f"{name}.png"
    page.screenshot(path=file, full_page=whole, animations="disabled")
    image = Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(file, optimize=True)
    print(f"{file.name}: {np.asarray(image).shape}, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
