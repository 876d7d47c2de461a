"""The SHA-256 of files, of which only a block is held at a time."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BLOCK_BYTES = 1 << 20


def sha256_of(*files: Path) -> str:
    """Returns the SHA-256 of the bytes of files, one after the other, in 64 hex digits."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()
