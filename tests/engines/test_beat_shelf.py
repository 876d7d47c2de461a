"""Weights that are chosen while the page runs: what there is, one in memory at a time, and what a failure leaves."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from fakes import FakeEngine

from typebeat.engines import Job, Stopped, WeightsError
from typebeat.engines.beat import pace, shelf
from typebeat.engines.weights import MUSICGENS, Musicgen


class Named(FakeEngine):
    def __init__(self, name: str, source: str = "folder", notice: str = "") -> None:
        super().__init__()
        self.weights = replace(self.weights, name=name, source=source, notice=notice)


@pytest.fixture
def loads(monkeypatch):
    """What was loaded, in order, and how many engines the shelf held then."""
    seen = []

    def load(choice):
        seen.append((choice, len(held._engines)))
        if choice == "broken":
            raise WeightsError("it is broken")
        if choice == "far":
            return Named("starter", "starter", "the Hub could not be reached")
        return Named(choice)

    monkeypatch.setattr(shelf, "load_beat_engine", load)
    held = shelf.BeatShelf(Named("starter", "starter"), "auto", ["one", "two", "broken", "far"])
    return held, seen


def test_there_is_the_starter_every_musicgen_and_what_the_settings_name(loads):
    held, _ = loads
    choices = [each.choice for each in held.choices]
    assert choices[0] == held.choice == "starter"
    assert {each.repo for each in MUSICGENS} | {"one", "two"} <= set(choices)
    assert not any(each.why_not for each in held.choices)
    assert next(each for each in held.choices if each.choice == "facebook/musicgen-stem-6cb").gigabytes == 4.4


def test_a_folder_is_listed_by_its_name_whether_it_is_there_or_not(tmp_path):
    (tmp_path / "mine").mkdir()
    held = shelf.BeatShelf(FakeEngine(), "starter", [str(tmp_path / "mine"), str(tmp_path / "gone")])
    assert [each.name for each in held.choices[-2:]] == ["mine", "gone"]


def test_weights_that_are_known_not_to_play_are_listed_with_the_reason_and_never_fetched(loads):
    magnet = "facebook/magnet-small-10secs"
    held = shelf.BeatShelf(FakeEngine(), "starter", [magnet])
    assert "masked tokens" in next(each for each in held.choices if each.choice == magnet).why_not
    with pytest.raises(WeightsError, match="cannot be played: it fills in masked tokens"):
        held.switch(magnet)


def test_where_memory_is_short_one_goes_before_the_next_comes(loads, monkeypatch):
    held, seen = loads
    monkeypatch.setattr(shelf, "free_memory", lambda device: 0)
    assert held.switch("one").name == "one"
    assert held.switch("two").name == "two"
    assert seen == [("one", 0), ("two", 0)]
    assert held.weights.name == "two"


def test_where_memory_is_ample_the_former_stays_and_is_back_at_once(loads, monkeypatch):
    held, seen = loads
    monkeypatch.setattr(shelf, "free_memory", lambda device: 1e12)
    small = MUSICGENS[0].repo
    held.switch(small)
    assert held.switch("starter").source == "starter"
    assert seen == [(small, 1)]


@pytest.mark.parametrize("free", [0, 1e12])
@pytest.mark.parametrize(("choice", "told"), [("broken", "it is broken"), ("far", "could not be reached")])
def test_a_failure_leaves_what_played_before(loads, monkeypatch, free, choice, told):
    held, _ = loads
    monkeypatch.setattr(shelf, "free_memory", lambda device: free)
    held.switch("one")
    with pytest.raises(WeightsError, match=told):
        held.switch(choice)
    assert (held.choice, held.weights.name) == ("one", "one")
    assert held.generate is not None


@pytest.mark.parametrize("free", [0, 1e12])
def test_a_stop_while_weights_load_leaves_what_played_before(loads, monkeypatch, free):
    held, seen = loads
    monkeypatch.setattr(shelf, "free_memory", lambda device: free)
    held.switch("one")
    with pytest.raises(Stopped):
        held.switch("two", Job(should_stop=lambda: seen[-1][0] == "two"))
    assert (held.choice, held.weights.name) == ("one", "one")
    assert held.generate is not None


def test_nothing_but_what_is_listed_can_be_chosen(loads):
    held, seen = loads
    for choice in ("/etc", "me/other", ""):
        with pytest.raises(WeightsError, match="none of the weights"):
            held.switch(choice)
    assert seen == []


def test_what_is_fetched_is_reported(loads, monkeypatch, tmp_path):
    from huggingface_hub import constants

    held, _ = loads
    small = MUSICGENS[0]
    blobs = tmp_path / f"models--{small.repo.replace('/', '--')}" / "blobs"
    blobs.mkdir(parents=True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(shelf, "WATCH_SECONDS", 0.01)
    told = []

    def load(choice):
        (blobs / "half").write_bytes(b"\0" * 3_000_000)
        for _ in range(500):
            if any(done == 3 for done, _, _ in told):
                break
            time.sleep(0.01)
        return Named(choice)

    monkeypatch.setattr(shelf, "load_beat_engine", load)
    held.switch(small.repo, Job(lambda *step: told.append(step)))
    assert (3, 1100, "Loading MusicGen small") in told


def test_the_pace_is_that_of_the_layers_and_of_what_comes_beside_them(monkeypatch):
    monkeypatch.setattr(pace, "_step_seconds", lambda size: 0.010 + 0.003 * size.layers)
    took = pace.seconds_for_a_second(Musicgen("s", "", 0, 40, 192))
    assert took == pytest.approx(50 * (0.010 + 40 * 0.003 * 14 / 12))


def test_the_pace_is_measured_on_a_model_of_the_real_width():
    assert pace._step_seconds(Musicgen("s", "", 0, 2, 128)) > 0


def test_weights_for_which_the_starter_stands_in_can_be_chosen_later(loads):
    held = shelf.BeatShelf(Named("starter", "starter", "the starter stands in for me/beats@main: no"), "me/beats")
    assert held.choice == "starter"
    assert held.switch("me/beats").name == held.choice == "me/beats"


def test_why_the_hubs_weights_did_not_come_is_told_without_the_starter_that_will_not_play(loads, monkeypatch):
    held, _ = loads
    notice = "the starter stands in for me/far@main: its files are wrong"
    monkeypatch.setattr(shelf, "load_beat_engine", lambda choice: Named("starter", "starter", notice))
    with pytest.raises(WeightsError, match=r"^its files are wrong$"):
        held.switch("far")
