"""What trials of faults share: their outcome, the starter, a process that makes a pack, and a look at what it left."""

from __future__ import annotations

import os
import resource
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # processes are forked, which threads do not survive

from typebeat.engines import Engines
from typebeat.parts.again import settle
from typebeat.parts.pack import RECIPE_FILE, read_pack
from typebeat.parts.writing import check_writable
from typebeat.pipeline import make_pack
from typebeat.serving.failures import UNKNOWN, explain

WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 160, "bars": 1, "drafts": 1, "parts": "beat,stems"}
# how a forked process ends: with a pack, with an error that has words of its own, or another way
MADE, NAMED, BROKEN = 0, 3, 4


@dataclass
class Outcome:
    """What a fault did.

    Attributes:
        tried: How many times it was tried.
        lost: How many half packs, half files, lost finished packs or errors without words of their own there were.
        seen: What the visitor was told, the last time; empty where nothing was told.
        recover_s: Seconds until the next pack was made, or until it was answered; the longest of all trials.
        figures: What else was measured.
    """

    tried: int
    lost: int
    seen: str
    recover_s: float
    figures: dict[str, float] = field(default_factory=dict)


@cache
def starter() -> Engines:
    """Returns the starter, loaded once for one thread."""
    import torch

    from typebeat.engines.load import load_beat_engine

    torch.set_num_threads(1)
    return Engines(load_beat_engine("starter"))


def make(out: Path, seed: int, **others: Any) -> None:
    """Makes a short pack with stems; `others` are further options."""
    make_pack(settle({**WISH, "seed": seed, **others}), starter(), out)


def forked(work: Callable[[], Any], told: Path) -> int:
    """Does some work in a process of its own and returns its id; it ends with `MADE`, `NAMED` or `BROKEN`.

    What a visitor would be told of an error is written into `told`.
    """
    starter()
    if pid := os.fork():
        return pid
    code = BROKEN
    try:
        code = _done(work, told)
    finally:
        os._exit(code)


def _done(work: Callable[[], Any], told: Path) -> int:
    limits = {kind: resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS)}
    try:
        work()
    except Exception as error:
        for kind, limit in limits.items():  # so that what is told can be written
            resource.setrlimit(kind, limit)
        said = ": ".join(explain(error))
        told.write_text(said)
        return NAMED if is_told(said) else BROKEN
    return MADE


def is_told(said: str) -> bool:
    """Whether an error's words say what broke, instead of only that something did."""
    return bool(said) and not said.startswith(UNKNOWN)


def ended(pid: int) -> int:
    """Waits for a process and returns its exit code; a negative number is the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def halves(out: Path) -> int:
    """Returns how many things that look finished are not: ZIPs that do not open, packs without some of their files."""
    wrong = 0
    for path in out.iterdir():
        if path.name.startswith("."):
            continue
        if path.suffix == ".zip":
            wrong += not zipfile.is_zipfile(path) or zipfile.ZipFile(path).testzip() is not None
        elif (path / RECIPE_FILE).exists() and path.with_name(f"{path.name}.zip").exists():
            wrong += read_pack(path) is None
    return wrong


def leftovers(out: Path) -> int:
    """Returns how many hidden files stay once the next run has looked at the folder."""
    check_writable(out)
    return sum(path.name.startswith(".") for path in out.iterdir())
