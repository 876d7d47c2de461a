"""Makes one row: its pack gets the row's id as its name once it is finished; until then its name is hidden."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typebeat.batch.table import Row

PART = ".part"  # how names of what is not finished end
LONGEST_REASON = 300  # characters


@dataclass
class Making:
    """A row that is being made.

    Attributes:
        hidden: The folder in which its pack is made.
        finished: The folder that the pack becomes.
        failed: Why there is no pack, in one line; "" where nothing went wrong.
    """

    hidden: Path
    finished: Path
    failed: str = ""

    def keep(self, pack: Path) -> None:
        """Gives a folder that holds the whole pack its name."""
        os.replace(pack, self.finished)


@contextmanager
def making(row: Row, out: Path) -> Iterator[Making]:
    """Makes a row in `out`. Any error is logged and told by `failed`, so that the other rows are made."""
    made = Making(out / f".{row.id}.{os.getpid()}{PART}", out / row.id)
    try:
        made.hidden.mkdir()
        yield made
    except Exception as error:
        logging.getLogger(__name__).exception("row %s failed", row.id)
        made.failed = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_REASON]
    finally:
        shutil.rmtree(made.hidden, ignore_errors=True)


def clear_unfinished(out: Path) -> None:
    """Removes what a run that was killed left unfinished."""
    for left in out.glob(f".*{PART}"):
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
