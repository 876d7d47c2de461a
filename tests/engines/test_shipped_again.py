"""The starter that ships makes a part anew over parts that stay, bit for bit, and the same again from its recipe."""

from __future__ import annotations

import pytest

from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine
from typebeat.parts.again import settle
from typebeat.parts.pack import BeatPack
from typebeat.pipeline import make_pack

WISH = {
    "prompt": "dark bells",
    "style": "travis-scott",
    "bpm": 140,
    "key": "F minor",
    "bars": 2,
    "seed": 7,
    "drafts": 2,
}
WISH |= {"parts": "beat,stems", "mix": "dry"}


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines(load_beat_engine("starter"))


@pytest.fixture(scope="module")
def packs(engines, tmp_path_factory) -> tuple[BeatPack, BeatPack]:
    first = make_pack(settle(WISH), engines, tmp_path_factory.mktemp("first"))
    request = settle({"again": "melody", "seed": 99}, first.recipe)
    return first, make_pack(request, engines, tmp_path_factory.mktemp("second"), of=first.recipe)


def test_another_melody_over_the_same_drums_808_and_chords(packs):
    before, now = (each.recipe["stems"]["dry_sha256"] for each in packs)
    assert [name for name in before if before[name] != now[name]] == ["melody"]


def test_its_recipe_makes_the_same_bytes_from_itself_alone(packs, engines, tmp_path):
    recipe = packs[1].recipe
    again = make_pack(settle({"again": "melody", "seed": 99}, recipe), engines, tmp_path, of=recipe)
    assert again.zip.read_bytes() == packs[1].zip.read_bytes()
