"""Which batch a folder holds: of which table, and made by which weights. Another one is refused there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typebeat.parts.writing import whole
from typebeat.request.options import RequestError, shown
from typebeat.request.settings import Settings
from typebeat.version import __version__

if TYPE_CHECKING:
    from typebeat.engines import Engines

STATE_FILE = "batch.json"


@dataclass(frozen=True)
class Batch:
    """What all rows share: the folder, the hash of the table, the settings, and which parts of packs are made."""

    out: Path
    table: str
    settings: Settings
    parts: list[str]


def refuse_other(out: Path, batch: dict[str, Any]) -> bool:
    """Returns whether this batch was begun in a folder.

    Args:
        out: The folder.
        batch: What the state file must say, as far as it is known yet.

    Raises:
        RequestError: another batch was begun there.
    """
    file = out / STATE_FILE
    if not file.exists():
        return False
    try:
        begun = json.loads(file.read_text())
        differs = next((name for name in batch if begun[name] != batch[name]), None)
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError("out", f"{shown(str(file))} is damaged: choose another folder") from error
    if differs == "table":
        raise RequestError("out", f"{shown(str(out))} holds the packs of another table: choose another folder")
    if differs:
        told = f"was begun with {begun[differs]}, here are {batch[differs]}"
        raise RequestError("out", f"{shown(str(out))} {told}: choose another folder")
    return True


def weights_of(engines: Engines) -> dict[str, str]:
    """Returns which weights are loaded, in words, by part."""
    loaded = {"beat": engines.beat.weights}
    if engines.cover:
        loaded["cover"] = engines.cover.weights
    return {part: f"{each.name}@{each.revision}, {each.precision}" for part, each in loaded.items()}


def keep_weights(batch: Batch, weights: dict[str, str]) -> None:
    """Writes which weights make a new batch; raises RequestError for others than one was begun with."""
    state = {"table": batch.table, "weights": weights, "typebeat": __version__}
    if not refuse_other(batch.out, state):
        with whole(batch.out / STATE_FILE) as part:
            part.write_text(json.dumps(state, indent=2) + "\n")
