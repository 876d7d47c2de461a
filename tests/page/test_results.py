"""What a finished pack shows: honest ticks, the best take first, and nothing that somebody typed as HTML."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine, PartsEngine

from typebeat.engines import Engines
from typebeat.page.links import OPTIONS
from typebeat.page.mixer import mixer
from typebeat.page.results import board, hero, passport
from typebeat.parts.again import settle
from typebeat.parts.beat import seed_again
from typebeat.parts.pack import BeatPack
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

PROMPT = "dusty <script>alert(1)</script> \"keys\" & 'bells'"
MEASURED = {
    "tempo": "140 BPM, felt at 70",
    "key": "F minor",
    "bpm_confidence": 1.0,
    "key_confidence": 1.0,
    "bpm_hit": True,
    "key_hit": True,
}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> BeatPack:
    """Two takes, the first of which misses its tempo whatever is tried."""
    engine = FakeEngine(speeds={seed: 1.15 for seed in (7, seed_again(7, 1), seed_again(7, 2))})
    request = BeatRequest(PROMPT, "kid-cudi", bpm=100, key="A minor", bars=2, seed=7, takes=2, parts=("beat",))
    return make_pack(request, Engines(engine), tmp_path_factory.mktemp("packs"))


def rows(told: str) -> dict[str, str]:
    return dict(re.findall(r"<tr><th scope=row>(\w+)</th>(.*?)</tr>", told))


@pytest.mark.parametrize(
    ("measured", "tempo", "key"),
    [
        ({}, "as asked", "as asked"),
        ({"bpm_hit": False}, "not as asked", "as asked"),
        ({"key_hit": False}, "as asked", "not as asked"),
        ({"bpm_hit": None, "key_hit": None}, None, None),
    ],
)
def test_a_tick_stands_only_where_asked_and_measured_agree(
    measured: dict[str, Any], tempo: str | None, key: str | None
) -> None:
    told = rows(passport({**MEASURED, **measured}, 140, "F minor"))
    for row, expected in (("Tempo", tempo), ("Key", key)):
        assert re.findall(r'aria-label="(.*?)"', told[row]) == ([expected] if expected else [])
        assert ("✓" in told[row]) == (expected == "as asked")


def test_what_is_hardly_heard_is_called_a_guess() -> None:
    told = rows(passport({**MEASURED, "key_confidence": 0.1}, None, None))
    assert "a guess" in told["Key"]
    assert "a guess" not in told["Tempo"]
    assert "open" in told["Key"]


def test_the_best_take_is_the_hero_and_the_other_stands_below(pack: BeatPack) -> None:
    assert "Best of 2 takes" in hero(pack)
    assert re.findall(r"<h3>Take (\d)", hero(pack)) == ["2"]
    assert re.findall(r"<h3>Take (\d)", board(pack)) == ["1"]
    assert "not as asked" in board(pack)
    assert "tempo of take 1" in board(pack)


def test_words_are_shown_as_words(pack: BeatPack) -> None:
    told = hero(pack) + board(pack)
    assert "<script" not in told
    assert "dusty &lt;script&gt;" in told


def test_every_file_can_be_downloaded_under_its_own_name(pack: BeatPack) -> None:
    links = re.findall(r'<a class="download [\w ]*" href="([^"]+)" download="([^"]+)"', hero(pack) + board(pack))
    assert all(href.startswith("gradio_api/file=") for href, _ in links)
    written = {path.name for path in pack.folder.rglob("*") if path.is_file()}
    assert {name for _, name in links} == written | {pack.zip.name}
    assert not any("<" in Path(name).name for _, name in links)


def test_each_stem_is_called_by_its_part(tmp_path: Path) -> None:
    request = BeatRequest(style="kid-cudi", bpm=100, key="A minor", bars=1, seed=7, parts=("beat", "stems"))
    told = mixer(make_pack(request, Engines(PartsEngine()), tmp_path), why_not="")
    assert re.findall(r"<h3>(.*?)</h3>", told) == ["Drums", "808", "Chords", "Melody"]
    assert re.findall(r'download="\d_(\w+)_100bpm.wav"', told) == ["drums", "808", "chords", "melody"]


def test_what_is_made_on_from_a_beat_with_kept_parts_keeps_nothing(tmp_path: Path) -> None:
    engines = Engines(PartsEngine())
    wish = {"style": "kid-cudi", "bpm": 100, "key": "A minor", "bars": 1, "seed": 7, "parts": "beat,stems"}
    first = make_pack(settle(wish), engines, tmp_path)
    pack = make_pack(settle({"again": "melody", "seed": 8}, first.recipe), engines, tmp_path, of=first.recipe)
    told = hero(pack)
    vary = json.loads(unescape(re.findall(r'data-again="(.*?)"', told)[0]))
    assert vary[list(OPTIONS).index("again")] == ""
    assert "it keeps parts of an earlier beat" in told, "so it cannot be extended"
    assert "Melody</b> is new; all else is of <b>kid-cudi 100 BPM A minor 1 bars seed 7</b>" in mixer(pack, "")
