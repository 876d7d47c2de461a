"""What a visitor does on the page in a browser, in a line each."""

from __future__ import annotations

from urllib.parse import urlparse

from playwright.sync_api import Browser, Locator, Page, expect

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000  # for machines that are busy with something else

expect.set_options(timeout=PATIENCE_MS)


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
    expect(page.locator("#make")).to_be_visible()  # the page is hidden till it stands
    return page


def _note(strangers: list[str], url: str, own: str) -> None:
    if url.startswith(("http", "ws")) and urlparse(url).netloc != own:
        strangers.append(url)


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
