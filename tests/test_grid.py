"""The grid, the passport, and what is measured in sounds whose truth is known."""

from __future__ import annotations

import json

import pytest

from typebeat.grid import Grid, Passport


def passport(**changes):
    facts = {
        "grid": Grid(140.0, 0.25, 8),
        "bpm_confidence": 0.9,
        "key": "F minor",
        "key_confidence": 0.7,
        "next_keys": (("G# major", 0.2), ("C minor", 0.05)),
        "lufs": -14.0,
        "true_peak_dbtp": -1.3,
    }
    return Passport(**facts | changes)


def test_a_grid_knows_its_seconds():
    grid = Grid(bpm=120, downbeat=0.5, bars=4)
    assert (grid.beat_seconds, grid.bar_seconds, grid.sixteenth_seconds, grid.end) == (0.5, 2.0, 0.125, 8.5)


def test_half_time_is_said_in_words():
    assert passport().tempo_words == "140 BPM, felt at 70"
    assert passport(grid=Grid(92.5, 0, 8)).tempo_words == "92.5 BPM"


def test_asked_and_measured_stand_side_by_side_and_a_miss_is_a_miss():
    assert (passport().bpm_hit, passport().key_hit) == (None, None)
    hit = passport(asked_bpm=140, asked_key="F minor")
    assert (hit.bpm_hit, hit.key_hit) == (True, True)
    miss = passport(asked_bpm=141, asked_key="C minor")
    assert (miss.bpm_hit, miss.key_hit) == (False, False)
    assert (miss.facts()["asked_bpm"], miss.facts()["bpm"]) == (141, 140)


@pytest.mark.parametrize("level", [-14.0, float("-inf")])
def test_facts_are_plain_json(level):
    facts = passport(lufs=level).facts()
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
