"""Files and folders are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from typebeat.parts.writing import check_writable, whole


def test_a_folder_takes_the_place_of_another(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "old").touch()
    with whole(tmp_path / "packs") as part:
        part.mkdir()
        (part / "new").touch()
        assert (tmp_path / "packs" / "old").exists()
    assert [path.name for path in (tmp_path / "packs").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["packs"]


@pytest.mark.parametrize("make", ["mkdir", "touch"])
def test_what_fails_leaves_nothing_and_keeps_what_was_there(tmp_path, make):
    (tmp_path / "held").write_text("as it was")

    def fail() -> None:
        with whole(tmp_path / "held") as part:
            getattr(part, make)()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["held"]
    assert (tmp_path / "held").read_text() == "as it was"


@pytest.mark.parametrize("call", ["rename", "unlink"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_folder_that_is_replaced_is_there_whole_however_far_the_process_comes(tmp_path, monkeypatch, call, number):
    target = tmp_path / "export"
    target.mkdir()
    for name in ("config", "weights"):
        (target / name).write_text("old")
    done, calls = getattr(os, call), 0

    def killed_at(*arguments, **options):
        nonlocal calls
        calls += 1
        if calls == number:
            os._exit(9)
        return done(*arguments, **options)

    if not (pid := os.fork()):
        monkeypatch.setattr(os, call, killed_at)
        with whole(target) as part:
            part.mkdir()
            for name in ("config", "weights"):
                (part / name).write_text("new")
        os._exit(0)
    os.waitpid(pid, 0)
    if target.exists():
        assert whole_or_old(target)
    check_writable(tmp_path)
    assert whole_or_old(target)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def whole_or_old(folder: Path) -> bool:
    contents = {path.name: path.read_text() for path in folder.iterdir()}
    return contents in [dict.fromkeys(("config", "weights"), age) for age in ("old", "new")]


def test_processes_that_write_the_same_folder_at_once_all_succeed(tmp_path):
    pids = []
    for _ in range(4):
        if not (pid := os.fork()):
            code = 1
            try:
                for _ in range(20):
                    with whole(tmp_path / "pack") as part:
                        part.mkdir()
                        (part / "beat.wav").write_text("sound")
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    assert [path.name for path in tmp_path.rglob("*")] == ["pack", "beat.wav"]


def killed_while_it_writes(target: Path) -> None:
    """Writes a file and a folder in a process that ends before they are whole."""
    if not (pid := os.fork()):
        with whole(target) as file, whole(target.with_name("folder")) as folder:
            file.write_text("half")
            folder.mkdir()
            (folder / "first").touch()
            os._exit(9)
    os.waitpid(pid, 0)


def test_what_a_killed_process_left_unfinished_is_removed_by_the_next_and_what_others_write_stays(tmp_path, caplog):
    killed_while_it_writes(tmp_path / "beat.zip")
    assert len(list(tmp_path.iterdir())) == 2
    with whole(tmp_path / "mine") as part:
        part.touch()
        (tmp_path / ".hidden.part").touch()  # not ours
        check_writable(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {part.name, ".hidden.part"}
    assert "killed" in caplog.text
    assert "2 files or folders" in caplog.text
