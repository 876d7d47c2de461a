"""Writes files and folders whole or not at all: first under a hidden name beside their place, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Yields a path for a file or a folder, which takes the place of `target` once the block ends.

    If the block fails nothing is left behind, and what stood at `target` still does.
    """
    part = target.with_name(f".{secrets.token_hex(4)}.{target.name}.part")
    try:
        yield part
        if part.is_dir():
            shutil.rmtree(target, ignore_errors=True)
        os.replace(part, target)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        part.unlink(missing_ok=True)


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes several files; if one of them fails none is changed. Missing folders are made."""
    with ExitStack() as renames:  # once all are written
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            renames.enter_context(whole(file)).write_bytes(content)


def check_writable(out: Path) -> None:
    """Makes a folder if need be and proves that a file can be made in it, before any work is done.

    Raises:
        OSError: it cannot be; the message names the folder.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".{secrets.token_hex(4)}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = f"the output folder cannot be written ({error.strerror}), choose another"
        raise OSError(error.errno, reason, str(out)) from error
