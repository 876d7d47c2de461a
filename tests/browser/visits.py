"""What a visitor does on the page in a browser, in a line each."""

from __future__ import annotations

from urllib.parse import urlparse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
COLOURS = ("color-contrast", "link-in-text-block")  # the rules of axe-core that look at them
PATIENCE_MS = 60_000  # for machines that are busy with something else

expect.set_options(timeout=PATIENCE_MS)


def window(browser: Browser, *, view: dict[str, int] = DESK, scheme: str = "light") -> Page:
    """Opens an empty window that notes what its pages ask of other hosts, and the errors in their consoles."""
    context = browser.new_context(viewport=view, color_scheme=scheme, has_touch=view is PHONE)
    page = context.new_page()
    page.own = ""
    page.strangers = []
    page.complaints = []
    page.on("request", lambda asked: _note(page, asked.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    return page


def arrive(page: Page, address: str) -> Page:
    """Opens the page in a window as a new visitor: nothing is kept there, but what was fetched need not come again."""
    page.own = urlparse(address).netloc
    storage = page.context.new_cdp_session(page)
    storage.send("Storage.clearDataForOrigin", {"origin": f"http://{page.own}", "storageTypes": "all"})
    storage.detach()
    page.context.clear_permissions()
    page.goto(address)
    expect(page.locator("#make")).to_be_enabled()
    expect(page.locator("#make")).to_be_visible()  # the page is hidden till it stands
    return page


def visit(browser: Browser, address: str, *, view: dict[str, int] = DESK, scheme: str = "light") -> Page:
    """Opens the page as a new visitor with a browser of their own."""
    return arrive(window(browser, view=view, scheme=scheme), address)


def serious(page: Page, *rules: str) -> list[str]:
    """What axe-core finds serious or critical, by these rules or by all; contrast is among them."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def _note(page: Page, url: str) -> None:
    if url.startswith(("http", "ws")) and urlparse(url).netloc != page.own:
        page.strangers.append(url)


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
