"""A pack is there whole or not at all, and the same recipe makes the same bytes."""

from __future__ import annotations

import errno
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from typebeat.hearing.grid import Grid
from typebeat.hearing.passport import Passport
from typebeat.parts.pack import Take, pack_name, write_pack
from typebeat.parts.writing import check_writable, write_files
from typebeat.request.settled import SettledRequest
from typebeat.sound.audio import SAMPLE_RATE, Audio, WavTags

RECIPE = {"prompt": "dark 🎹", "seed": 7}
NAME = "kid-cudi_90bpm_Amin_4bars_s7"


def take(number: int = 1) -> Take:
    tags = WavTags("beat", 90, "A minor", 16, "Kid Cudi type", "Typebeat", "mit", "")
    samples = np.random.default_rng(number).uniform(-0.5, 0.5, 2_000)
    passport = Passport(Grid(90, 0, 4), 1, "A minor", 1, (), -14, -1)
    return Take(number, 6 + number, Audio(samples, SAMPLE_RATE), tags, passport)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("bpm", "key", "name"),
    [
        (140, "F minor", "travis-scott_140bpm_Fmin_8bars_s7"),
        (92.5, "C# major", "travis-scott_92.5bpm_C#maj_8bars_s7"),
        (100.125, "Bb minor", "travis-scott_100.125bpm_A#min_8bars_s7"),
    ],
)
def test_a_pack_is_named_after_style_tempo_key_bars_and_seed(bpm, key, name):
    assert pack_name(SettledRequest(style="travis-scott", bpm=bpm, key=key, seed=7)) == name


def test_folder_and_zip_hold_the_same(tmp_path):
    pack = write_pack(tmp_path, NAME, (take(1), take(2)), {}, RECIPE)
    in_folder = files_in(pack.folder)
    assert sorted(in_folder) == ["beat_90bpm_Amin.wav", "beat_90bpm_Amin_take2.wav", "recipe.json"]
    assert json.loads(in_folder["recipe.json"]) == pack.recipe == RECIPE
    assert pack.takes == tuple(pack.folder / f"beat_90bpm_Amin{take}.wav" for take in ("", "_take2"))
    with zipfile.ZipFile(pack.zip) as archive:
        assert {name.removeprefix(f"{NAME}/"): archive.read(name) for name in archive.namelist()} == in_folder
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}.zip"]


def test_the_same_takes_and_recipe_make_the_same_bytes_anywhere(tmp_path):
    for place in ("a", "b"):
        check_writable(tmp_path / place)
        write_pack(tmp_path / place, NAME, (take(),), {}, RECIPE)
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")


def test_a_pack_with_the_same_recipe_is_replaced_and_what_else_lies_in_it_stays(tmp_path):
    first = write_pack(tmp_path, NAME, (take(),), {}, RECIPE)
    (first.folder / "song.flp").write_text("mine")
    (first.folder / "beat_90bpm_Amin.wav").write_text("damaged")
    second = write_pack(tmp_path, NAME, (take(),), {}, RECIPE)
    assert second == first
    assert second.takes[0].read_bytes()[:4] == b"RIFF"
    assert (first.folder / "song.flp").read_text() == "mine"


def test_a_pack_with_another_recipe_is_kept(tmp_path):
    first = write_pack(tmp_path, NAME, (take(),), {}, RECIPE)
    before = files_in(first.folder)
    second = write_pack(tmp_path, NAME, (take(2),), {}, {**RECIPE, "prompt": "bright"})
    third = write_pack(tmp_path, NAME, (take(2),), {}, {**RECIPE, "prompt": "brighter"})
    assert files_in(first.folder) == before
    assert [pack.folder.name for pack in (second, third)] == [f"{NAME}_2", f"{NAME}_3"]


def test_a_full_disk_leaves_nothing_of_the_new_pack_and_all_of_the_old(tmp_path, monkeypatch):
    write_pack(tmp_path, NAME, (take(),), {}, RECIPE)
    before = files_in(tmp_path)
    write = Path.write_bytes

    def fill(path, content):
        if path.name.endswith(".zip.part"):
            write(path, content[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fill)
    for recipe in (RECIPE, {"seed": 8}):
        with pytest.raises(OSError, match="space"):
            write_pack(tmp_path, NAME, (take(2),), {}, recipe)
    assert files_in(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}.zip"]


def test_of_several_files_a_full_disk_leaves_none_and_all_of_the_old(tmp_path, monkeypatch):
    first, second = tmp_path / "cover.png", tmp_path / "cover_2.png"
    write_files({first: b"old"})
    write = Path.write_bytes

    def fill(path, content):
        if second.name in path.name:
            write(path, content[:1])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(OSError, match="space"):
        write_files({first: b"new", second: b"new"})
    assert files_in(tmp_path) == {"cover.png": b"old"}


def test_an_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_pack(tmp_path, NAME, (take(),), {}, RECIPE)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_can_be_made_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())


@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="cannot be written") as caught:
        check_writable(tmp_path / place)
    assert caught.value.filename == str(tmp_path / place)
