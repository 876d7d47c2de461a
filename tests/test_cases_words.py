"""What people write, through the command line's own door: `make ... --dry-run` prints what it takes from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeCover, FakeEngine

from typebeat import cli
from typebeat.engines import load


@pytest.fixture
def understood(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> dict[str, Any]:
        assert cli.main(["make", *arguments, "--dry-run"]) == 0
        out = capsys.readouterr().out
        assert not list(tmp_path.iterdir()), "nothing is made"
        return json.loads(out)

    return run


@pytest.mark.parametrize(
    ("prompt", "bpm", "key"),
    [
        ("BPM: 128", 128, None),
        ("140 b.p.m.", 140, None),
        ("dark_140bpm_Fmin", 140, "F minor"),
        ("tempo 140", 140, None),
        ("jersey club 140", 140, None),
        ("tempo 75 or 150", 75, None),
        ("B-flat minor", None, "A# minor"),
        ("in a-Moll", None, "A minor"),
        ("Fマイナー", None, "F minor"),
        ("3 AM in the city", None, None),
        ("DM me for collab", None, None),
        ("I saw her walk away, but she Em", None, None),
        ("happy major key", None, "major"),
        ("felt at 65 bpm", 130, None),
    ],
)
def test_tempo_and_key_are_read_where_they_are_said_and_nowhere_else(
    understood: Any, prompt: str, bpm: float | None, key: str | None
) -> None:
    told = understood(prompt)
    assert (told["bpm"], told["key"], told["seed"]) == (bpm, key, None)


@pytest.mark.parametrize(
    ("prompt", "excluded", "left_out"),
    [
        ("no bells, no choir", {"lead:bells", "lead:choir"}, []),
        ("no 808", set(), ["808"]),
        ("without piano", {"lead:piano"}, []),
        ("less reverb", {"fx:reverb"}, []),
        ("no drums, just a piano loop, no bass", set(), ["drums", "808"]),
    ],
)
def test_negation_is_obeyed(understood: Any, prompt: str, excluded: set[str], left_out: list[str]) -> None:
    told = understood(prompt)
    assert excluded <= set(told["excluded"])
    assert told["parts_left_out"] == left_out


@pytest.mark.parametrize(("prompt", "named"), [("in the style of Future", "Future"), ("x", "x"), ("6/8", "6/8")])
def test_what_cannot_be_followed_is_named(understood: Any, prompt: str, named: str) -> None:
    assert understood(prompt)["not_understood"] == [named]


def test_fields_in_words_are_followed_or_named_as_not_possible(understood: Any) -> None:
    assert understood("16 bars")["bars"] == 16
    assert understood("two takes")["takes"] == 2
    told = understood("dark, 6/8, 900 bars")
    assert told["metre"] == "4/4"
    assert {each["option"] for each in told["not_possible"]} == {"metre", "bars"}
    assert told["bars"] == 8


def test_an_option_wins_over_the_words_and_that_is_said(understood: Any) -> None:
    told = understood("16 bars, 84 bpm, A minor, major key", "--bpm", "120", "--bars", "8", "--key", "Fm")
    assert (told["bpm"], told["bars"], told["key"]) == (120, 8, "F minor")
    assert {"bpm", "bars", "key"} <= {each["option"] for each in told["contradicted"]}


def test_with_a_seed_what_it_draws_is_chosen_and_not_asked(understood: Any) -> None:
    told = understood("dark bells", "--seed", "7")
    assert (told["seed"], told["bpm"], told["key"]) == (7, None, None)
    assert set(told["chosen"]) == {"style", "bpm", "key"}


def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: FakeEngine, *arguments: str) -> dict[str, Any]:
    monkeypatch.setattr(load, "load_beat_engine", lambda choice: engine)
    monkeypatch.setattr(load, "load_cover_engine", lambda choice: FakeCover())
    assert cli.main(["make", *arguments, "--bars", "1", "--parts", "beat", "--out", str(tmp_path)]) == 0
    return json.loads(next(tmp_path.rglob("recipe.json")).read_text(encoding="utf-8"))


def test_drawn_values_stand_under_chosen_and_have_no_hit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recipe = make(monkeypatch, tmp_path, FakeEngine(), "dark bells in F minor")
    assert recipe["asked"] == {"bpm": None, "key": "F minor"}
    assert set(recipe["chosen"]) == {"style", "bpm", "seed"}
    measured = recipe["files"][0]["measured"]
    assert (measured["bpm_hit"], measured["asked_bpm"], measured["asked_key"]) == (None, None, "F minor")


def test_parts_left_out_reach_weights_that_know_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = FakeEngine(parts=("drums", "808", "chords", "melody"))
    recipe = make(monkeypatch, tmp_path, engine, "no drums, just a piano loop, no bass")
    assert engine.asked[0][0].left_out == ("drums", "808")
    assert recipe["parts_left_out"] == ["drums", "808"]
    assert not [each for each in recipe["missing"] if each["part"].startswith("no ")]


def test_weights_that_know_no_parts_say_that_none_could_be_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = make(monkeypatch, tmp_path, FakeEngine(), "no 808, warm Xylqz")
    assert [each["part"] for each in recipe["missing"] if "left out" in each["why"]] == ["no 808"]
    told = capsys.readouterr().err
    assert "808 cannot be left out" in told
    assert "not understood: 'Xylqz'" in told
