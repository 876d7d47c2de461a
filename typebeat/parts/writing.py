"""Writes files and folders whole or not at all: first under a hidden name beside their place, then renamed.

The hidden name tells which process writes. What a process that was killed left behind is removed by the next one that
writes into the same folder, and a folder that it had set aside for a newer one is put back.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_UNFINISHED = re.compile(rf"\.{_HOST}-(\d+)-[0-9a-f]{{8}}\..*part")  # of this host, with the process
_ASIDE = re.compile(rf"\.{_HOST}-(\d+)-[0-9a-f]{{8}}\.(.+)\.aside")  # the same, with the name of the folder
_NOT_FREE = (errno.ENOTEMPTY, errno.EEXIST)
_TRIES = 100  # to take the place of a folder while other processes try the same


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Yields a path for a file or a folder, which takes the place of `target` once the block ends.

    If the block fails nothing is left behind, and what stood at `target` still does.
    """
    part = target.with_name(f"{_unfinished_name()}.{target.name}.part")
    try:
        yield part
        if part.is_dir():
            _replace_folder(part, target)
        else:
            os.replace(part, target)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)


def _replace_folder(part: Path, target: Path) -> None:
    """Lets a folder take the place of another, of which no half is ever seen under its name."""
    for _ in range(_TRIES):
        try:
            os.rename(part, target)
            return
        except OSError as error:
            if error.errno not in _NOT_FREE:
                raise
        aside = target.with_name(f"{_unfinished_name()}.{target.name}.aside")
        with suppress(FileNotFoundError):  # another process took it away
            os.rename(target, aside)
        try:
            os.rename(part, target)
            return
        except OSError as error:
            if error.errno not in _NOT_FREE:
                with suppress(OSError):
                    os.rename(aside, target)
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    raise FileExistsError(errno.EEXIST, "others write this folder all the time", str(target))


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes several files; if one of them fails none is changed. Missing folders are made."""
    with ExitStack() as renames:  # once all are written
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            renames.enter_context(whole(file)).write_bytes(content)


class OutputFolderError(OSError):
    """A folder for results cannot be written."""


def check_writable(out: Path) -> None:
    """Makes a folder if need be and proves that a file can be made in it, before any work is done.

    What a process that was killed has left unfinished in it is removed.

    Raises:
        OutputFolderError: it cannot be; the message names the folder.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f"{_unfinished_name()}.part"
        probe.touch()
        probe.unlink()
        clear_unfinished(out)
    except OSError as error:
        reason = f"the output folder cannot be written ({error.strerror})"
        raise OutputFolderError(error.errno, reason, str(out)) from error


def clear_unfinished(folder: Path) -> None:
    """Removes what processes of this host that are gone left unfinished in a folder, and logs how much that was."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    gone = 0
    for name in names:
        path, unfinished, aside = folder / name, _UNFINISHED.fullmatch(name), _ASIDE.fullmatch(name)
        if not (match := unfinished or aside) or psutil.pid_exists(int(match[1])):
            continue
        gone += 1
        if aside and not (folder / aside[2]).exists():  # it was killed before the newer one had the name
            os.rename(path, folder / aside[2])
        elif path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    if gone:
        logging.warning("removed what a run that was killed left unfinished: %d files or folders", gone)


def _unfinished_name() -> str:
    return f".{_HOST}-{os.getpid()}-{secrets.token_hex(4)}"
