"""The scenarios of faults count what is lost, and their visitors do on a real page what they say."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from page_server import SlowEngine, serve

from benchmarks import faults, faults_of_load
from benchmarks.fault_trials import Outcome, is_told
from benchmarks.faults_of_load import Crowd, abandoned, reloaded, stopped
from benchmarks.faults_of_repositories import NEW_COMMIT, _is_right, _not_of_their_commit
from benchmarks.folder_hub import COMMIT
from benchmarks.page_visitor import COMPLETED, PageVisitor, state_of
from benchmarks.served_app import IDLE_S, until_idle
from benchmarks.tables import table
from typebeat.serving.failures import UNKNOWN, explain


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(SlowEngine(step_s=0.01)) as url:
        yield url


def test_an_error_without_words_of_its_own_counts_as_lost():
    assert not is_told(": ".join(explain(ZeroDivisionError())))
    assert not is_told(UNKNOWN)
    assert not is_told("")
    assert is_told(": ".join(explain(MemoryError())))


def test_every_scenario_has_a_row_of_its_own_in_the_table():
    names = [faults.row_name(scenario) for scenario, *_ in faults.SCENARIOS]
    assert len(set(names)) == len(names)
    rows = {name: asdict(Outcome(3, 0, "told", 1.5, {"page_worst_s": 0.25})) | {"processor": "any"} for name in names}
    drawn = table("faults", {"rows": rows})
    assert f"| {names[0]} | 3 | 0 | 1.5 | told | page_worst_s 0.25 | any |" in drawn


def test_what_the_page_shows_at_the_end_is_read(address):
    ends = []
    for wish in ({"bars": 1, "parts": []}, {"bars": 1, "prompt": "crash", "parts": []}):
        with PageVisitor(address) as visitor:
            visitor.make({"prompt": "dark bells", "bpm": 140, "seed": 3, **wish})
            text = ""
            with visitor.told() as lines:
                for line in lines:
                    text += line
                    if COMPLETED in line:
                        break
        ends.append(state_of(text))
    assert ends == [("done", ""), ("trouble", UNKNOWN)]


def test_a_crowd_stops_leaves_and_reloads_and_leaves_the_server_idle(address, monkeypatch):
    monkeypatch.setattr(faults_of_load, "STOP_AFTER_S", (0.3, 0.5))
    crowd, rng = Crowd(address, Path("none.flac"), threading.Event()), random.Random(0)
    with PageVisitor(address) as visitor:
        assert stopped(crowd, rng, visitor, None) == "stopped"
        assert abandoned(crowd, rng, visitor, None) == "left"
        assert reloaded(crowd, rng, visitor, None) == "done"
    assert not crowd.told.unnamed
    assert until_idle(address) < IDLE_S


def test_a_file_of_another_commit_counts_as_lost(tmp_path):
    folders = {commit: tmp_path / commit for commit in ("old", "new")}
    given = tmp_path / "cache" / "models--me--beats" / "snapshots" / "old"
    for number, folder in enumerate((*folders.values(), given)):
        folder.mkdir(parents=True)
        (folder / "lm.safetensors").write_bytes(bytes([number % 2]))
        (folder / "config.json").write_text("the same")
    assert _not_of_their_commit(tmp_path / "cache", folders) == 0
    (given / "lm.safetensors").write_bytes(b"\1")
    assert _not_of_their_commit(tmp_path / "cache", folders) == 1


@pytest.mark.parametrize(
    ("weights", "commit", "is_right"),
    [
        ({"source": "starter", "notice": "the starter stands in for me/beats@main: it is away"}, "", True),
        ({"source": "starter", "notice": ""}, "", False),
        ({"source": "hub", "name": "me/beats", "revision": COMMIT, "notice": ""}, COMMIT, True),
        ({"source": "hub", "name": "me/beats", "revision": NEW_COMMIT, "notice": ""}, COMMIT, False),
    ],
)
def test_what_played_is_right_only_if_it_is_the_commit_or_the_starter_with_a_reason(weights, commit, is_right):
    assert _is_right({"name": "starter", "revision": "", **weights}, commit) == is_right
