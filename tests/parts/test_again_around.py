"""Parts made anew beside somebody's own sound: that sound and all other parts stay bit for bit."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import own_inputs as own
import pytest
from brought import asked, brought
from fakes import PartsEngine

from typebeat.engines import Engines, Listeners, load
from typebeat.parts.again import read_parent, settle
from typebeat.pipeline import make_pack
from typebeat.request.options import RequestError

SHARP = {"with_parts": "drums,808,chords", "reference_bpm": 100, "reference_shift": 1, "transpose": 2}


def made(tmp_path, **options):
    reference = brought(tmp_path, own.loop_of_chords(100, 2, cents=30), **options)
    pack = make_pack(asked(reference, bars=4), Engines(PartsEngine()), tmp_path / "first", reference=reference)
    return reference, pack, json.loads((pack.folder / "recipe.json").read_text())


def anew(reference, recipe, out, again="drums", **options):
    request = settle({"again": again, "seed": 99, **options}, recipe)
    return make_pack(request, Engines(PartsEngine()), out, of=recipe, reference=reference)


@pytest.mark.parametrize("options", [SHARP, {"use": "continue", "reference_bpm": 100}, {}])
def test_new_drums_leave_the_sample_and_all_other_parts_as_they_were(tmp_path, options):
    reference, pack, recipe = made(tmp_path, **options)
    another = anew(reference, recipe, tmp_path / "again")
    before, now = (each.recipe["stems"]["dry_sha256"] for each in (pack, another))
    assert "sample" in before
    assert [name for name in before if before[name] != now[name]] == ["drums"]
    assert another.recipe["reference"] == pack.recipe["reference"]
    assert another.recipe["parents"]
    third = anew(reference, another.recipe, tmp_path / "third", "808", seed=3)
    assert third.recipe["stems"]["dry_sha256"]["sample"] == before["sample"]


def test_what_does_not_fit_the_earlier_beat_is_refused_in_one_line(tmp_path):
    reference, _, recipe = made(tmp_path)
    other = brought(tmp_path, own.loop_of_chords(100, 2, cents=-30))
    for given, again, line in (
        (None, "drums", "made around the sound 'loop.wav': bring the same file as reference again"),
        (other, "drums", "not the sound that the beat is made around"),
        (reference, "melody", "that beat has no melody; beside its sample drums and 808 can be made anew"),
        (reference, "sample", "there is no part 'sample'"),
    ):
        with pytest.raises(RequestError, match=line):
            anew(given, recipe, tmp_path / "never", again)
    assert not list((tmp_path / "never").iterdir())


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"gain": "loud"}, "does not say how its sample is used"),
        ({"gain": 1e30}, "cannot be as loud"),
        ({"options": {"transpose": 99}}, "does not say how"),
        ({"options": 3}, "does not say how"),
    ],
)
def test_a_recipe_with_an_edited_sample_gets_one_line(tmp_path, changes, line):
    _, _, recipe = made(tmp_path)
    with pytest.raises(RequestError, match=line):
        read_parent({**recipe, "reference": {**recipe["reference"], **changes}})
    old = {name: value for name, value in recipe["reference"].items() if name != "gain"}
    with pytest.raises(RequestError, match="before parts beside a sample could be kept"):
        read_parent({**recipe, "reference": old})


def test_the_command_line_makes_a_part_anew_beside_the_same_file(play, monkeypatch, tmp_path):
    monkeypatch.setattr(load, "load_listeners", lambda settings: Listeners())
    loop = str(own.sound(tmp_path / "loop.wav", own.loop_of_chords(100, 2)))
    make = partial(play, engine=PartsEngine())
    code, out, err = make(
        "--reference", loop, "--transpose", "3", "--parts", "beat,stems", "--bars", "2", "--seed", "1"
    )
    assert code == 0, err
    first = out.splitlines()[0]
    code, out, err = make("--of", first, "--again", "drums", "--reference", loop, "--seed", "2")
    assert code == 0, err
    before, now = (
        json.loads((Path(folder) / "recipe.json").read_text())["stems"]["dry_sha256"]
        for folder in (first, out.splitlines()[0])
    )
    assert [name for name in before if before[name] != now[name]] == ["drums"]
    for more, line in (
        ((), "bring the same file as reference again"),
        (("--reference", loop, "--transpose", "1"), "leave out transpose"),
    ):
        code, out, err = make("--of", first, "--again", "drums", *more)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert line in err
