"""Faults of a repository on the Hub: files that are not what the Hub told, and a commit between two of a model's files.

The app is started with a repository that holds the starter's weights. Right is that it starts, that it says what it
plays and why, and that what it plays is of one commit and whole; what did not come is loaded later on the page.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.fault_trials import Outcome
from benchmarks.folder_hub import COMMIT, LARGE, Hub, listening
from benchmarks.page_visitor import COMPLETED, PageVisitor, event_of, make_on_page
from benchmarks.served_app import LOG, end_app, start_app
from typebeat.engines.locate import STARTER_FOLDER
from typebeat.parts.pack import RECIPE_FILE

REPO, NEW_COMMIT = "me/beats", "1" * 40
WISH = {"prompt": "dark bells", "bars": 1, "drafts": 1, "parts": []}

Fault = Callable[[Hub, Path], None]  # gets the folder of another commit


def _other_bytes(hub: Hub, newer: Path) -> None:
    hub.spoil = lambda content: content[:-1] + bytes([content[-1] ^ 1])


def _fewer_bytes(hub: Hub, newer: Path) -> None:
    hub.spoil = lambda content: content[:-1]


def _new_commit(hub: Hub, newer: Path) -> None:
    hub.after_large = lambda: hub.commits[REPO].setdefault(NEW_COMMIT, newer) and None


def _only_the_new_commit(hub: Hub, newer: Path) -> None:
    def rewrite() -> None:
        hub.commits[REPO] = {NEW_COMMIT: newer}

    hub.after_large = rewrite


# a fault, the commit that plays at first (empty: the starter), and the one that plays in the end
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "files of the right size with other bytes": (_other_bytes, "", COMMIT),
    "files of another size than it told": (_fewer_bytes, "", COMMIT),
    "a new commit between two files": (_new_commit, COMMIT, COMMIT),
    "a new commit between two files, the old one gone": (_only_the_new_commit, "", NEW_COMMIT),
}


def tried(name: str) -> Outcome:
    """Starts the app among a fault and plays; then, without it, loads the weights if they did not come, and plays."""
    fault, at_first, at_last = FAULTS[name]
    with tempfile.TemporaryDirectory() as folder, listening({REPO: STARTER_FOLDER}) as hub:
        place = Path(folder)
        fault(hub, _changed(place / "newer"))
        own = {"TYPEBEAT_BEAT": REPO, "HF_ENDPOINT": hub.url, "HF_HOME": str(place / "hf"), "HF_HUB_OFFLINE": "0"}
        app, address = start_app(place, HF_HUB_DISABLE_XET="1", **own)
        try:
            first = _played(address, place, 0)
            hub.spoil, hub.after_large = (lambda content: content), (lambda: None)
            began = time.monotonic()
            if not at_first:
                _load(address)
            last = _played(address, place, 1)
            recover_s = time.monotonic() - began
        finally:
            end_app(app)
        said = (place / LOG).read_text()
        wrong = _not_of_their_commit(place / "hf" / "hub", {COMMIT: STARTER_FOLDER, NEW_COMMIT: place / "newer"})
    lost = sum((not _is_right(first, at_first), not _is_right(last, at_last), "Traceback" in said)) + wrong
    return Outcome(1, lost, first["notice"], round(recover_s, 1))


def _changed(folder: Path) -> Path:
    """Makes a folder of the starter's weights in which every file is another one."""
    shutil.copytree(STARTER_FOLDER, folder)
    for file in folder.iterdir():
        content = file.read_bytes()
        other = content[:-1] + bytes([content[-1] ^ 1]) if file.name.endswith(LARGE) else content + b"\n"
        file.write_bytes(other)
    return folder


def _played(address: str, place: Path, seed: int) -> dict[str, Any]:
    """Makes a pack, and returns what its recipe says of the weights."""
    make_on_page(address, {**WISH, "seed": seed})
    recipes = sorted(place.glob(f"typebeat-*/files/*/*/{RECIPE_FILE}"), key=lambda file: file.stat().st_mtime)
    return json.loads(recipes[-1].read_text())["weights"]["beat"]


def _load(address: str) -> None:
    """Chooses the repository's weights on the page and waits until they are loaded, or that fails."""
    with PageVisitor(address) as visitor:
        listed = next(each for each in visitor.config["components"] if each["props"].get("elem_id") == "weights")
        number = next(value for label, value in listed["props"]["choices"] if label.startswith(REPO))
        visitor.press(event_of(visitor.config, "weights-load", has_inputs=True)["id"], [number])
        with visitor.told() as lines:
            next((line for line in lines if COMPLETED in line), None)


def _is_right(weights: dict[str, Any], commit: str) -> bool:
    """Whether the weights of a commit played, or for none the starter with a reason."""
    if commit:
        return (weights["name"], weights["revision"]) == (REPO, commit)
    return weights["source"] == "starter" and f"stands in for {REPO}@" in weights["notice"]


def _not_of_their_commit(cache: Path, commits: dict[str, Path]) -> int:
    """Returns how many files that the Hub's cache gives out are not those of their commit."""
    given = [file for file in cache.glob("models--*/snapshots/*/*") if file.is_file()]
    return sum(_hash(file) != _hash(commits[file.parent.name] / file.name) for file in given)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
