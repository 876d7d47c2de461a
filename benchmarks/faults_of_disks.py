"""Faults of disks: full, without inodes, or read-only; each a small file system in memory, which only root may make."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fault_trials import Outcome, halves, is_told, leftovers, make
from typebeat.serving.failures import explain

NOT_TRIED = Outcome(0, 0, "not tried: it needs root on Linux", 0.0)
ROOM_MB = 64


@contextmanager
def disk(options: str) -> Iterator[Path]:
    """Yields the folder of a new file system in memory."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def change(folder: Path, options: str) -> None:
    """Changes the options of a mounted file system."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def can_mount() -> bool:
    """Whether this process may make file systems."""
    try:
        with disk("size=1m"):
            return True
    except (subprocess.CalledProcessError, OSError):
        return False


def full_disk(trials: int) -> Outcome:
    """A disk that is full at some point of writing the pack."""
    return _tried([f"size={256 + i * 4096 // trials}k" for i in range(trials)])


def no_inodes(trials: int) -> Outcome:
    """A disk that takes no more files at some point of writing the pack."""
    return _tried([f"size={ROOM_MB}m,nr_inodes={2 + i * 10 // trials}" for i in range(trials)])


def read_only_disk(trials: int) -> Outcome:
    """A folder that became read-only."""
    return _tried(["ro"] * trials)


def _tried(limits: list[str]) -> Outcome:
    """Makes a finished pack on a disk, limits the disk, fails there, and makes the same pack once there is room."""
    if not can_mount():
        return NOT_TRIED
    seen, lost, longest = "", 0, 0.0
    for number, limit in enumerate(limits):
        with disk(f"size={ROOM_MB}m") as folder:
            out = folder / "packs"
            out.mkdir()
            change(folder, limit if limit != "ro" else f"ro,size={ROOM_MB}m")
            try:
                make(out, number)
            except Exception as error:
                seen = ": ".join(explain(error))
                lost += not is_told(seen)
            lost += halves(out) + sum(path.name.startswith(".") for path in out.iterdir())
            began = time.monotonic()
            change(folder, f"rw,size={ROOM_MB}m,nr_inodes=10000")
            make(out, number)
            longest = max(longest, time.monotonic() - began)
            lost += halves(out) + leftovers(out)
    return Outcome(len(limits), lost, seen, round(longest, 1))
