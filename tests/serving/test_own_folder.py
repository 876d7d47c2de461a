"""A server's files go with it, also if it was killed; those of a server that lives stay."""

from __future__ import annotations

import os
import tempfile
import time

import pytest

from typebeat.serving.own_folder import ALIVE, NEW_SECONDS, OwnFolder


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def killed() -> None:
    """A server that made a file and was killed some time ago."""
    if not (pid := os.fork()):
        folder = OwnFolder()
        (folder.files / "beat.wav").write_bytes(b"sound")
        then = time.time() - 2 * NEW_SECONDS
        os.utime(folder.files.parent / ALIVE, (then, then))
        os._exit(9)
    os.waitpid(pid, 0)


def test_the_next_start_removes_the_files_of_a_server_that_was_killed_and_says_so(tmp_path, caplog):
    killed()
    (left,) = tmp_path.iterdir()
    assert (left / "files" / "beat.wav").exists()
    own = OwnFolder()
    assert [own.files.parent] == list(tmp_path.iterdir())
    assert "earlier runs that were killed: 1" in caplog.text
    own.remove()
    assert not list(tmp_path.iterdir())


def test_the_files_of_a_server_that_lives_stay(tmp_path, caplog):
    living = OwnFolder()
    then = time.time() - 2 * NEW_SECONDS
    os.utime(living.files.parent / ALIVE, (then, then))
    second = OwnFolder()
    assert living.files.is_dir()
    assert not caplog.text
    for each in (living, second):
        each.remove()
