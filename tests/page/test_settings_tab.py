"""Settings: whoever runs the page changes the weights of its beats; others do not, and a recipe says which it wants."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest
from fakes import FakeEngine

from typebeat.engines import UNWATCHED, Engines, WeightChoice, WeightsError
from typebeat.page import build_page
from typebeat.page.settings_tab import is_operator, match, weights_of_recipe
from typebeat.serving.jobs import JobRunner

SMALL = WeightChoice("facebook/musicgen-small", "MusicGen small", "cc-by-nc-4.0", 1.1)
MINE = WeightChoice("runs/mine/export", "export", "", 0.4)
CHOICES = (WeightChoice("starter", "Typebeat's starter", "mit", 0.1), SMALL, MINE)


class Switchable(FakeEngine):
    """A fake whose weights can be changed to any of its choices but the broken one."""

    choices = CHOICES
    choice = "starter"

    def switch(self, choice, job=UNWATCHED):
        if choice == MINE.choice:
            raise WeightsError("/srv/runs/mine/export/state_dict.bin is truncated")
        self.choice = choice
        self.weights = replace(self.weights, name=choice, licence=SMALL.licence)
        return self.weights

    def pace(self, choice):
        return 3.2 if choice == SMALL.choice else None


def visitor(host: str = "127.0.0.1", **headers: str) -> gr.Request:
    return SimpleNamespace(client=SimpleNamespace(host=host), headers=headers, session_hash="me")


@pytest.fixture
def runner():
    runner = JobRunner(Engines(Switchable()))
    yield runner
    runner.close()


def event(page: gr.Blocks, name: str):
    """Returns the function of the page's private event that is called so."""
    return next(each.fn for each in page.fns.values() if getattr(each.fn, "__name__", "") == name and "settings" in
                each.fn.__module__)  # fmt: skip


def last_of(run, *values):
    async def all_of():
        return [updates async for updates in run(*values)]

    said = asyncio.run(all_of())
    return {getattr(component, "elem_id", ""): update for update in said for component, update in update.items()}


def test_a_browser_on_the_same_machine_may_and_nobody_else():
    assert is_operator(visitor())
    assert is_operator(visitor("::1"))
    assert not is_operator(visitor("10.0.0.7"))
    assert not is_operator(visitor(**{"x-forwarded-for": "1.2.3.4"}))


def test_weights_are_loaded_in_the_queue_and_told(runner):
    page = build_page(runner)
    run = event(page, "run")
    shown = last_of(run, visitor(), "1")
    assert "facebook/musicgen-small plays" in shown["settings-status"]
    assert "It plays now." in shown["weights-facts"]
    assert runner.engines.beat.choice == SMALL.choice

    refused = last_of(run, visitor("10.0.0.7"), "0")
    assert "Only a browser on the machine" in refused["settings-status"]
    broken = last_of(run, visitor(), "2")
    assert "These weights were not loaded" in broken["settings-status"]
    assert "state_dict.bin is truncated; facebook/musicgen-small plays on" in broken["settings-status"]
    assert "/srv" not in broken["settings-status"]
    assert runner.engines.beat.choice == SMALL.choice


def test_the_page_names_no_folder_of_this_machine(runner):
    config = json.dumps(build_page(runner).get_config_file(), default=str)
    assert SMALL.name in config
    assert MINE.choice not in config


def test_a_page_whose_weights_are_fixed_says_so():
    runner = JobRunner(Engines(FakeEngine()))
    page = build_page(runner)
    told = [block.value for block in page.blocks.values() if getattr(block, "elem_id", "") == "settings-status"]
    assert "cannot be changed while this page runs" in told[0]
    runner.close()


def test_a_recipe_names_the_weights_that_it_wants():
    recipe = json.dumps({"style": "kid-cudi", "weights": {"beat": {"name": SMALL.choice, "revision": "abc"}}})
    assert weights_of_recipe(recipe) == SMALL.choice
    assert match(CHOICES, SMALL.choice) is SMALL
    assert match(CHOICES, "somebody/else") is None
    for text in ("", "{", "[]", "null", '{"weights": 1}', '{"weights": {"beat": {"name": 3}}}', "?style=kid-cudi"):
        assert weights_of_recipe(text) == ""
