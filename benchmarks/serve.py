"""Measures the served page under load: packs per minute, waiting times, errors, memory, page load and accessibility.

    python -m benchmarks.serve                    1, 4 and 16 clients for two minutes each
    python -m benchmarks.serve --quick --json     1 and 4 clients, a pack of one bar each; nothing is warmed up

`app.py` runs in its own process with the weights that ship; each client is a `gradio_client` that requests one whole
pack after the other (seeds from 5000 on, which nothing else uses). Waiting time is from the request to the finished
pack. Then four visitors press the page's button at once, and it is measured when each of them first hears something.
Memory is the resident memory of the server after the first packs and after the last. The page is loaded in Chromium
three times, until the button Make can be pressed, and checked by axe-core.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from gradio_client import Client
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.page_visitor import make_on_page
from benchmarks.report import read_options, write_results
from benchmarks.served_app import end_app, megabytes, start_app
from benchmarks.tables import table

CROWDS, SECONDS = (1, 4, 16), 120.0
QUICK_CROWDS, QUICK_SECONDS = (1, 4), 1.0
AT_ONCE = 4  # visitors who press the button at once
WARM_PACKS = 2  # number of packs before memory is first measured
FIRST_SEED = 5000
BARS, QUICK_BARS = 4, 1
WISHES = (
    {"prompt": "dark bells over a slow 808", "style": "travis-scott", "bpm": 140, "key": "F minor"},
    {"prompt": "warm keys and dusty drums", "style": "kid-cudi", "bpm": 84, "key": "D minor"},
    {"prompt": "glossy plucks, crisp claps", "style": "don-toliver", "bpm": 122, "key": "F# minor"},
)
PAGE_LOADS = 3
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SERIOUS = ("serious", "critical")


@dataclass
class Crowd:
    """A number of clients and what they experienced."""

    clients: int
    seconds: float
    bars: int
    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    megabytes_before: float = 0.0
    megabytes_after: float = 0.0

    def row(self) -> dict[str, float]:
        """Returns the figures of the crowd."""
        waits = self.waits or [float("nan")]
        return {
            "clients": self.clients,
            "seconds": round(self.seconds, 1),
            "packs": len(self.waits),
            "packs_per_min": round(60 * len(self.waits) / self.seconds, 2),
            "wait_p50_s": round(float(np.percentile(waits, 50)), 2),
            "wait_p95_s": round(float(np.percentile(waits, 95)), 2),
            "errors": len(self.errors),
            "mb_before": round(self.megabytes_before),
            "mb_after": round(self.megabytes_after),
        }


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options(__doc__)
    crowds, seconds = (QUICK_CROWDS, QUICK_SECONDS) if options.quick else (CROWDS, SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        app, address = start_app(Path(folder))
        try:
            page_s, violations = (0.0, []) if options.quick else look_at_page(address, PAGE_LOADS)
            seeds = iter(range(FIRST_SEED, 10**6))
            bars, warm_packs = (QUICK_BARS, 0) if options.quick else (BARS, WARM_PACKS)
            visit(address, Crowd(1, 0.0, bars), seeds, threading.Event(), most=warm_packs)
            measured = [run_crowd(app, address, Crowd(clients, seconds, bars), seeds) for clients in crowds]
            heard = first_sounds(address, {"bars": bars} | ({"parts": []} if options.quick else {}), seeds)
        finally:
            end_app(app)
    figures = figures_of(measured, heard)
    if not options.quick:
        figures |= {"page_s": round(page_s, 2), "axe_serious": len(violations)}
    rows = [crowd.row() for crowd in measured]
    kept = {"figures": figures, "rows": rows, "axe": violations, "crowds": [asdict(crowd) for crowd in measured]}
    print(table("serve", kept))
    for crowd in measured:
        for error in crowd.errors[:3]:
            print(f"error with {crowd.clients} clients: {error}")
    for violation in violations:
        print(f"axe: {violation}")
    if not options.quick:
        write_results("serve", kept)
    if options.json:
        print(json.dumps(figures))


def run_crowd(app: subprocess.Popen[bytes], address: str, crowd: Crowd, seeds: Iterator[int]) -> Crowd:
    """Lets the clients request packs for the seconds of the crowd, and waits for the last packs."""
    over = threading.Event()
    crowd.megabytes_before = megabytes(app)
    threads = [threading.Thread(target=visit, args=(address, crowd, seeds, over)) for _ in range(crowd.clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    over.wait(crowd.seconds)
    over.set()
    for thread in threads:
        thread.join()
    crowd.seconds = time.monotonic() - began
    crowd.megabytes_after = megabytes(app)
    return crowd


def visit(address: str, crowd: Crowd, seeds: Iterator[int], over: threading.Event, most: int = 10**6) -> None:
    """Requests packs as one client, at least one if any, until `over` is set."""
    folder = tempfile.mkdtemp(prefix="typebeat-client-")
    client = Client(address, verbose=False, download_files=folder)
    for _ in range(most):
        seed, began = next(seeds), time.monotonic()
        try:
            client.predict(api_name="/make", **WISHES[seed % len(WISHES)], bars=crowd.bars, seed=seed)
            crowd.waits.append(time.monotonic() - began)
        except Exception as error:  # counted, and printed at the end
            crowd.errors.append(f"{type(error).__name__}: {error}")
        if over.is_set():
            break
    client.close()
    shutil.rmtree(folder, ignore_errors=True)


def look_at_page(address: str, loads: int) -> tuple[float, list[str]]:
    """Returns the median seconds until the page is usable, and the serious findings of axe-core on every tab."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        taken, violations = [], []
        for _ in range(loads):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            began = time.monotonic()
            page.goto(address)
            page.locator("#make:not([disabled])").wait_for()
            taken.append(time.monotonic() - began)
        for scheme in ("light", "dark"):
            page = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme).new_page()
            page.goto(address)
            page.get_by_role("button", name="Tempo, key, bars").click()
            for tab in page.get_by_role("tab").all():
                tab.click()
                page.wait_for_timeout(400)  # until colours have faded
                violations += [f"{scheme}, {tab.inner_text()}: {each}" for each in serious(page)]
        browser.close()
    return float(np.median(taken)), violations


def serious(page: Page) -> list[str]:
    """Returns the serious and critical findings of axe-core on the page as it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} at {each['nodes'][0]['target']}: {each['help']}" for each in found if each["impact"] in SERIOUS
    ]


def first_sounds(address: str, wish: dict[str, Any], seeds: Iterator[int]) -> list[float]:
    """Returns after how many seconds each of four visitors who come at once hears something, the first one first."""
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        wishes = [{**WISHES[seed % len(WISHES)], **wish, "seed": seed} for seed in islice(seeds, AT_ONCE)]
        waits = list(crowd.map(lambda each: make_on_page(address, each), wishes))
    return sorted(wait.first_sound for wait in waits)


def figures_of(crowds: list[Crowd], heard: list[float]) -> dict[str, float]:
    """Returns the main figures; packs and waiting times are those of four clients, ratios are to one client."""
    rows = {crowd.clients: crowd.row() for crowd in crowds}
    one, four, most = rows[1], rows[4], rows[max(rows)]
    return {
        "packs_per_min": four["packs_per_min"],
        "packs_n": four["packs"],
        "wait_p95_s": four["wait_p95_s"],
        "packs_ratio_4": round(four["packs_per_min"] / max(one["packs_per_min"], 0.01), 2),
        "packs_ratio_most": round(most["packs_per_min"] / max(one["packs_per_min"], 0.01), 2),
        "wait_p95_most_s": most["wait_p95_s"],
        "first_sound_4_s": round(heard[-1], 2),
        "errors": sum(len(crowd.errors) for crowd in crowds),
        "growth_mb": round(crowds[-1].megabytes_after - crowds[0].megabytes_before, 1),
    }


if __name__ == "__main__":
    main()
