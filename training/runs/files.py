"""Writes files whole or not at all, so that a full disk or a power cut never damages an earlier version."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.runs.errors import TrainingError


def write_whole(file: Path, write: Callable[[Path], Any]) -> None:
    """Writes a file whole or not at all: `write` fills a temporary file, which then replaces `file`.

    Raises:
        TrainingError: the disk is full; an earlier `file` stays as it was.
    """
    part = file.with_name(file.name + ".part")
    try:
        write(part)
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise TrainingError(
                f"the disk is full: {file} could not be written, its last good version stays; free some space and "
                "start the same command again"
            ) from error
        raise
