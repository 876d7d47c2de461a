"""What a pack hands over: stems that sort, and projects in which they play as tracks of their own."""

from __future__ import annotations

import re
import zipfile

import numpy as np
import pytest
import soundfile
from fakes import FakeEngine, PartsEngine
from lxml import etree

from typebeat.engines import Engines, Job
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.parts.pack import BeatPack
from typebeat.parts.stems import part_of, stem_files
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

ASKED = BeatRequest(
    style="travis-scott", bpm=140, key="F minor", bars=2, seed=7, parts=("beat", "stems", "midi"), drafts=1
)
PLAYED = [f"stems/{name}_140bpm.wav" for name in ("1_drums", "2_808", "3_chords", "4_melody")]
SPLIT = [f"stems/{name}_140bpm.wav" for name in ("1_drums", "2_bass", "3_other")]


@pytest.fixture(scope="module", params=["played", "split"])
def pack(request, tmp_path_factory) -> BeatPack:
    engine = PartsEngine() if request.param == "played" else FakeEngine()
    engines = Engines(engine, stems=SoftMaskSplitter(), pitches=BasicPitch())
    return make_pack(ASKED, engines, tmp_path_factory.mktemp(request.param))


def names_of(pack: BeatPack) -> list[str]:
    return [path.relative_to(pack.folder).as_posix() for path in pack.files if path.parent.name == "stems"]


def test_stems_have_names_that_sort_and_sum_to_the_beat(pack):
    names = names_of(pack)
    assert names == sorted(names) == (PLAYED if pack.recipe["stems"].get("mode") else SPLIT)
    beat, _ = soundfile.read(pack.takes[0], always_2d=True)
    total = sum(soundfile.read(pack.folder / name, always_2d=True)[0] for name in names)
    assert np.abs(total - beat).max() < (1e-4 if "mode" in pack.recipe["stems"] else 1e-3)


def test_the_recipe_says_how_parts_were_mixed(pack):
    told = pack.recipe["stems"]
    if told["method"] == "played apart by the model":
        assert told["mode"] == "finished"
        assert set(told["levels_db"]) <= set(told["dry_sha256"]) == {"drums", "808", "chords", "melody"}
    else:
        assert list(told) == ["method"]


def test_in_reaper_every_stem_plays_at_its_fader_and_the_beat_is_muted(pack):
    project = (pack.folder / "beat_140bpm_Fmin.rpp").read_text()
    tracks = {re.search('NAME "(.*?)"', each).group(1): each for each in project.split("<TRACK")[1:]}
    assert "MUTESOLO 1" in tracks["beat_140bpm_Fmin"]
    for name in names_of(pack):
        track = tracks[name.split("/")[1].removesuffix(".wav")]
        assert "MUTESOLO 0" in track
        assert "VOLPAN 1.0" in track


def test_the_dawproject_holds_every_stem_and_all_notes(pack):
    with zipfile.ZipFile(pack.folder / "beat_140bpm_Fmin.dawproject") as archive:
        project = etree.fromstring(archive.read("project.xml"))
        for name in names_of(pack):
            assert archive.read(f"audio/{name.split('/')[1]}") == (pack.folder / name).read_bytes()
    tracks = [each.get("name") for each in project.findall("Structure/Track")]
    parts = [part_of(name) for name in names_of(pack)]
    assert [each for each in tracks if each in parts] == parts
    assert "drums notes" in tracks
    heard = [path for path in pack.files if path.suffix == ".mid" and not path.name.startswith("all")]
    assert sum(each.endswith(" notes") for each in tracks) == len(heard) > 1


def test_the_readme_names_both_projects(pack):
    text = (pack.folder / "README.txt").read_text(encoding="utf-8")
    for said in ("_Fmin.rpp", "_Fmin.dawproject", "the stems play and the beat is muted", "Bitwig"):
        assert said in text
    assert all(len(line) <= 140 for line in text.splitlines())


def test_without_stems_the_beat_plays_and_there_is_no_exchange_file(tmp_path):
    pack = make_pack(BeatRequest(style="kid-cudi", bars=1, seed=3, parts=("beat",)), Engines(PartsEngine()), tmp_path)
    assert not [path for path in pack.files if path.suffix == ".dawproject"]
    assert "the beat plays" in (pack.folder / "README.txt").read_text(encoding="utf-8")
    assert "tokens" in pack.recipe


def test_nothing_says_that_it_is_split_where_parts_were_played(tmp_path):
    said: list[str] = []
    engines = Engines(PartsEngine(), stems=SoftMaskSplitter(), pitches=BasicPitch())
    make_pack(ASKED, engines, tmp_path, Job(report=lambda done, needed, doing: said.append(doing)))
    assert "Writing stems" in said
    assert "Splitting stems" not in said


def test_a_part_that_nobody_knew_comes_last():
    names = stem_files(dict.fromkeys(("flute", "melody", "drums")), 92.5)
    assert list(names.values()) == [f"stems/{name}_92.5bpm.wav" for name in ("1_drums", "2_melody", "3_flute")]
