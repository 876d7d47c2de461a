"""Batches on the real starter: killed in the middle, gone on with, each row once and whole; other tables refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from typebeat import cli
from typebeat.batch import on_processes
from typebeat.batch.begun import STATE_FILE
from typebeat.batch.on_processes import DIED
from typebeat.batch.rows import making
from typebeat.batch.runs import FAILED_FILE, read_workers, run_batch
from typebeat.batch.table import Row, read_table
from typebeat.request.options import RequestError
from typebeat.request.settings import Settings

ROOT = Path(__file__).parents[2]
TABLE = "id,prompt,bars,parts,drafts\n" + "".join(f"row{i},dark bells,1,beat,1\n" for i in range(3))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "requests.csv"
    file.write_text(TABLE)
    return file


def finished(out: Path) -> set[str]:
    return {each.name for each in out.glob("row*")}


def test_a_killed_batch_goes_on_where_it_was_and_makes_each_row_once(table, tmp_path, capsys):
    out = tmp_path / "packs"
    asked = ["batch", str(table), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen([sys.executable, "-m", "typebeat", *asked], cwd=ROOT, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 500
    while not finished(out) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {name: (out / name / "recipe.json").stat().st_mtime_ns for name in finished(out)}
    assert before

    code = cli.main(asked)
    said = capsys.readouterr().err
    assert code == 0, said
    assert f"3 rows: {len(before)} done already" in said
    assert finished(out) == {"row0", "row1", "row2"}
    assert {name: (out / name / "recipe.json").stat().st_mtime_ns for name in before} == before
    for name in finished(out):
        recipe = json.loads((out / name / "recipe.json").read_text())
        assert {file["name"] for file in recipe["files"]} <= set(os.listdir(out / name))
    assert not [each for each in os.listdir(out) if each.endswith(".part")]


def starts_nothing(*_: object) -> None:
    """Stands for loading weights."""


def no_weights() -> dict[str, str]:
    return {}


def dies_on_row1(row: Row, out: Path) -> str:
    """Makes a row's folder, but ends the process on one of them."""
    if row.id == "row1":
        os._exit(9)
    time.sleep(0.1)
    (out / row.id).mkdir()
    return ""


def test_a_row_whose_process_dies_fails_alone_and_costs_no_other_row(table, tmp_path, monkeypatch):
    for name, fake in (("_start_worker", starts_nothing), ("_weights", no_weights), ("_make_row", dies_on_row1)):
        monkeypatch.setattr(on_processes, name, fake)
    outcome = run_batch(read_table(table), tmp_path / "packs", Settings(), 2, print)
    assert outcome.failed == {"row1": DIED}
    assert sorted(outcome.made) == ["row0", "row2"] == sorted(finished(tmp_path / "packs"))
    assert (tmp_path / "packs" / FAILED_FILE).read_text() == f'row,id,reason\n2,row1,"{DIED}"\n'


@pytest.mark.parametrize("failure", [ValueError("no\nchords"), None])
def test_a_row_gets_its_name_when_its_pack_is_whole_and_one_that_fails_leaves_only_why(table, tmp_path, failure):
    row = read_table(table)[0]
    with making(row, tmp_path) as made:
        (made.hidden / "pack").mkdir()
        assert not finished(tmp_path)
        if failure:
            raise failure
        made.keep(made.hidden / "pack")
    assert made.failed == ("ValueError: no chords" if failure else "")
    assert finished(tmp_path) == (set() if failure else {"row0"})
    assert not made.hidden.exists()


def test_the_folder_of_another_table_is_refused_and_so_is_a_damaged_state(table, tmp_path):
    out = tmp_path / "packs"
    out.mkdir()
    for state, says in (('{"table": "of another"}', "another table"), ("{", "is damaged")):
        (out / STATE_FILE).write_text(state)
        with pytest.raises(RequestError, match=says):
            run_batch(read_table(table), out, Settings(), 1, print)


def test_two_runs_do_not_share_a_folder(table, tmp_path):
    from filelock import FileLock

    (out := tmp_path / "packs").mkdir()
    with FileLock(out / ".lock"), pytest.raises(RequestError, match="another run works in"):
        run_batch(read_table(table), out, Settings(), 1, print)


@pytest.mark.parametrize("text", ["0", "-1", "65", "many", "1.5"])
def test_a_number_of_workers_that_makes_no_sense_is_refused(text):
    with pytest.raises(RequestError, match="from 1 to 64"):
        read_workers(text)
