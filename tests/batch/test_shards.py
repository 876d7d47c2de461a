"""Packs in tar files, as WebDataset reads them: each row once, whatever was killed, and whole."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from typebeat.batch import shards
from typebeat.batch.runs import run_batch
from typebeat.batch.shards import Shards, sharded
from typebeat.batch.table import Row, read_table
from typebeat.request.settings import Settings


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    table = tmp_path / "requests.csv"
    table.write_text("id,prompt\n" + "".join(f"row{i},dark bells {i}\n" for i in range(4)))
    return read_table(table)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (folder := tmp_path / "packs").mkdir()
    return folder


def finish(out: Path, name: str) -> None:
    """Stands for a pack that was made."""
    (out / name / "stems").mkdir(parents=True)
    (out / name / "recipe.json").write_text(json.dumps({"prompt": name}))
    (out / name / "stems" / "1_drums_140bpm.wav").write_bytes(b"sound of " + name.encode())


def samples(out: Path) -> dict[str, dict[str, bytes]]:
    """The samples of all shards: as WebDataset does, files that follow each other are grouped by what the dot ends."""
    found: dict[str, dict[str, bytes]] = {}
    last = ""
    for shard in sorted(out.glob("shard-*.tar")):
        with tarfile.open(shard) as tar:
            for member in tar:
                name, field = member.name.split(".", 1)
                assert name == last or name not in found, "a sample's files follow each other, and it is there once"
                found.setdefault(name, {})[field] = tar.extractfile(member).read()
                last = name
    return found


def test_a_pack_is_a_sample_and_each_of_its_files_a_field(out, rows):
    for row in rows:
        finish(out, row.id)
    Shards(out, rows, sharded(out)).write()
    assert sorted(samples(out)) == ["row0", "row1", "row2", "row3"]
    assert samples(out)["row2"] == {
        "recipe.json": b'{"prompt": "row2"}',
        "stems.1_drums_140bpm.wav": b"sound of row2",
    }
    assert [each.name for each in out.iterdir()] == ["shard-00000.tar"]


def test_a_shard_is_written_when_it_is_full_and_the_rest_at_the_end(out, rows, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", 50)  # less than two packs have
    made = Shards(out, rows, sharded(out))
    for row in rows[:3]:
        finish(out, row.id)
        made.add(row.id)
    assert sharded(out) == {"row0", "row1"}
    assert (out / "row2").is_dir()
    made.write()
    made.write()  # nothing waits
    assert sorted(each.name for each in out.iterdir()) == ["shard-00000.tar", "shard-00001.tar"]
    assert sorted(samples(out)) == ["row0", "row1", "row2"]


def test_a_pack_that_a_killed_run_left_in_a_folder_and_a_shard_is_in_one_after_the_next(out, rows):
    for row in rows[:2]:
        finish(out, row.id)
    Shards(out, rows, sharded(out)).write()
    finish(out, "row1")  # killed before it was removed
    finish(out, "row2")  # finished, and not in a shard yet
    Shards(out, rows, sharded(out)).write()
    assert not [each for each in out.iterdir() if each.is_dir()]
    assert sorted(samples(out)) == ["row0", "row1", "row2"]


def test_the_same_packs_make_the_same_bytes(out, rows, tmp_path):
    made = []
    for _ in range(2):
        for row in rows:
            finish(out, row.id)
        Shards(out, rows, sharded(out)).write()
        made.append((out / "shard-00000.tar").read_bytes())
        shutil.rmtree(out)
        out.mkdir()
    assert made[0] == made[1]


def test_rows_in_shards_are_done_also_for_a_run_that_asks_for_none(out, rows):
    for row in rows:
        finish(out, row.id)
    outcome = run_batch(rows, out, Settings(), 1, print, in_shards=True)
    again = run_batch(rows, out, Settings(), 1, print)
    assert (outcome.before, again.before) == (4, 4)
    assert sorted(samples(out)) == ["row0", "row1", "row2", "row3"]
