"""Parts made anew: the others stay bit for bit, the same recipe makes the same bytes, and bad recipes get one line."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from fakes import FAKE_WEIGHTS, FakeEngine, PartsEngine

from typebeat.engines import Engines
from typebeat.parts.again import read_parent, read_tokens, settle, tokens_text
from typebeat.parts.pack import BeatPack, Recipe
from typebeat.parts.recipes import MOST_BYTES, read_recipe
from typebeat.pipeline import make_pack
from typebeat.request.options import RequestError

WISH = {
    "prompt": "dark bells",
    "style": "travis-scott",
    "bpm": 140,
    "key": "F minor",
    "bars": 1,
    "seed": 7,
    "drafts": 2,
}
WISH |= {"parts": "beat,stems", "mix": "dry"}


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> BeatPack:
    return make_pack(settle(WISH), Engines(PartsEngine()), tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def another(pack, tmp_path_factory) -> BeatPack:
    request = settle({"again": "melody", "seed": 99}, pack.recipe)
    return make_pack(request, Engines(PartsEngine()), tmp_path_factory.mktemp("again"), of=pack.recipe)


def changed(pack: BeatPack, **changes) -> Recipe:
    return {**json.loads((pack.folder / "recipe.json").read_text()), **changes}


def line_of(recipe: Recipe, engine: FakeEngine | None = None, again: str = "melody") -> str:
    """What is said of a recipe that cannot be used, in one line."""

    def make() -> None:
        make_pack(settle({"again": again}, recipe), Engines(engine or PartsEngine()), Path("never"), of=recipe)

    with pytest.raises(RequestError) as refused:
        make()
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250
    return str(refused.value)


def test_what_is_not_made_anew_is_the_same_bit_for_bit(pack, another):
    before, now = (each.recipe["stems"]["dry_sha256"] for each in (pack, another))
    assert [name for name in before if before[name] != now[name]] == ["melody"]


def test_everything_else_is_as_it_was_and_the_parent_is_named(pack, another):
    for name in (*WISH, "guidance", "temperature", "top_k", "fit"):
        if name != "seed":
            assert another.recipe[name] == pack.recipe[name], name
    assert another.recipe["parents"] == ["travis-scott 140 BPM F minor 1 bars seed 7"]
    assert another.recipe["again"] == ["melody"]


def test_its_recipe_makes_the_same_bytes_from_itself_alone(another, tmp_path):
    recipe = read_recipe(another.folder)
    once_more = make_pack(settle({"again": "melody", "seed": 99}, recipe), Engines(PartsEngine()), tmp_path, of=recipe)
    assert once_more.zip.read_bytes() == another.zip.read_bytes()


def test_kept_parts_lie_on_their_bars_as_before_whatever_the_new_ones_measure(tmp_path):
    first = make_pack(settle({**WISH, "bars": 2}), Engines(PartsEngine(speed=0.965)), tmp_path / "a")
    assert first.recipe["fit"]["speed"] != 1
    request = settle({"again": "drums", "seed": 3}, first.recipe)
    second = make_pack(request, Engines(PartsEngine(speed=0.965)), tmp_path / "b", of=first.recipe)
    assert second.recipe["fit"] == first.recipe["fit"]
    before, now = (each.recipe["stems"]["dry_sha256"] for each in (first, second))
    assert [name for name in before if before[name] != now[name]] == ["drums"]


def test_a_recipe_is_read_from_a_folder_a_zip_and_its_file(pack):
    assert read_recipe(pack.folder) == read_recipe(pack.zip) == read_recipe(pack.folder / "recipe.json")


def test_tokens_keep_their_values_and_no_piece_is_taken_for_the_whole():
    tokens = read_tokens(text := tokens_text(np.arange(60).reshape(4, 15)))
    assert tokens.shape == (4, 15)
    for wrong in (text[:-8], text[:30], text.replace("4x15", "4x14"), text.replace("4x15", "4x16"), "4x15", "x:", ""):
        with pytest.raises(ValueError):  # noqa: PT011 -- of several kinds
            read_tokens(wrong)


# --- what cannot be used ---


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"versions": {"typebeat": "9.1.0"}}, "made by Typebeat 9.1.0, and .* runs here"),
        ({"tokens": None}, "without parts that can be kept"),
        ({"tokens": "4x46:AAAA"}, "damaged"),
        ({"tokens": "9999x9999:AAAA"}, "damaged"),
        ({"tokens": 7}, "without parts that can be kept"),
        ({"bpm": "fast"}, "was edited: bpm must be"),
        ({"bpm": None}, "was edited: bpm is missing"),
        ({"prompt": "x" * 9000}, "was edited"),
        ({"bars": 3}, "not as long"),
        ({"fit": {"speed": "1e9", "moved": 0}}, "was edited"),
        ({"fit": None}, "was edited"),
        ({"weights": "mine"}, "no recipe of a beat"),
        ({"weights": {"beat": {"name": "/etc/\npasswd", "revision": "x" * 500}}}, "only the weights that drew"),
    ],
)
def test_a_recipe_that_does_not_fit_gets_one_line(pack, changes, line):
    assert re.search(line, line_of(changed(pack, **changes)))


@pytest.mark.parametrize("strange", ["\x1b[31mred\x07", "two\r\nlines", "\u202eback", "\x9b2J"])
def test_a_strangers_recipe_puts_nothing_but_letters_on_the_terminal(pack, strange):
    """What a recipe names may come from anybody, and a control character can hide or move what a terminal shows."""
    for changes in (
        {"versions": {"typebeat": f"9.1{strange}"}},
        {"weights": {"beat": {"name": strange, "revision": strange}}},
        {"bpm": strange},
        {"mix": strange},
    ):
        assert line_of(changed(pack, **changes)).isprintable()
    named = read_parent(changed(pack, parents=[strange])).parents
    assert len(named) == 1
    assert named[0].isprintable()


@pytest.mark.parametrize("rows", [slice(0, 1), slice(0, -1), [0, 0, *range(4)]])
def test_tokens_with_rows_taken_or_added_are_said_to_be_those_of_other_weights(pack, rows):
    tokens = read_tokens(pack.recipe["tokens"])
    assert "not those of these weights" in line_of(changed(pack, tokens=tokens_text(tokens[rows])))


def test_a_request_that_does_not_fit_gets_one_line(pack):
    assert "no part 'flute'" in line_of(pack.recipe, again="flute")
    assert "plays one sound" in line_of(pack.recipe, FakeEngine())
    other = PartsEngine(replace(FAKE_WEIGHTS, name="fake-parts", revision="beef"))
    assert "fake-parts@beef is loaded" in line_of(pack.recipe, other)
    for options, line in (
        ({}, "which parts are made anew"),
        ({"again": "melody", "bpm": "150"}, "have bpm 140"),
        ({"again": "melody", "bars": "8"}, "have bars 1"),
    ):
        with pytest.raises(RequestError, match=line):
            settle(options, pack.recipe)
    with pytest.raises(RequestError, match="say of which beat"):
        settle({"again": "melody"})


def test_files_that_are_no_pack_get_one_line_and_nothing_is_unpacked(pack, tmp_path):
    whole = pack.zip.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "cut.json").write_text((pack.folder / "recipe.json").read_text()[:-40])
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "nan.json").write_text('{"bpm": NaN}')
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "large.json").write_bytes(b" " * (MOST_BYTES + 1))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/recipe.json", b" " * (MOST_BYTES * 4))
    with zipfile.ZipFile(tmp_path / "away.zip", "w") as archive:
        archive.writestr("../../recipe.json", "{}")
    (tmp_path / "empty").mkdir()
    for name in (*(path.name for path in tmp_path.iterdir()), "nowhere"):
        with pytest.raises(RequestError) as refused:
            read_recipe(tmp_path / name)
        assert "\n" not in str(refused.value)


@pytest.fixture
def play(play):
    return partial(play, engine=PartsEngine())


def test_the_command_line_makes_a_part_anew_of_folder_zip_and_recipe(play, pack):
    for of in (pack.folder, pack.zip, pack.folder / "recipe.json"):
        code, out, _ = play("--of", str(of), "--again", "melody,chords", "--seed", "5")
        assert code == 0
    recipe = read_recipe(Path(out.splitlines()[0]))
    assert (recipe["again"], recipe["bpm"], recipe["mix"]) == (["melody", "chords"], 140, "dry")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--again", "melody"),
        ("--again", "flute", "--of", "PACK"),
        ("--of", "PACK"),
        ("--again", "drums", "--of", "gone"),
    ],
)
def test_the_command_line_refuses_in_one_line(play, pack, arguments):
    code, out, err = play(*(str(pack.folder) if each == "PACK" else each for each in arguments))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
