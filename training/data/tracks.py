"""Raw material with its rights: what a folder of beats or pictures holds, and what its sidecars say of each file.

What is known of a file stands in `<name>.json` beside it, or in one line of a `metadata.jsonl` or `metadata.csv` (with
a column `file_name`) in its folder or one above. The nearest wins. Without a licence and a source nothing is learnt
from.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.data.dataset import DatasetError
from typebeat.request.captions import sounding_words
from typebeat.request.reading import read_words
from typebeat.request.styles import STYLES
from typebeat.request.words import canonical_key

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
TABLES = ("metadata.jsonl", "metadata.csv")
# words that stand where a licence should, and allow nothing
NO_LICENCE = {"", "none", "unknown", "?", "tbd", "n/a", "all rights reserved", "copyright", "fair use"}
_SPELLINGS = {"license": "licence", "artist": "creator", "author": "creator", "url": "source", "source_url": "source"}
_WORDS = ("words", "prompt", "text", "caption", "mood", "moods", "instrument", "instruments", "tags", "keywords")


@dataclass(frozen=True)
class Track:
    """A file that may be learnt from.

    Attributes:
        path: The file.
        track_id: What tells it from all others; the path below the folder without its ending, unless a sidecar says.
        creator: Who made it; the track's own id where nobody is named.
        licence: What allows the training.
        source: Where it came from.
        style: A slug; empty where nothing tells.
        bpm: What a sidecar or the name says; None where nothing does.
        key: The same, canonical.
        words: Moods, instruments and the like, in one line.
    """

    path: Path
    track_id: str
    creator: str
    licence: str
    source: str
    style: str = ""
    bpm: float | None = None
    key: str | None = None
    words: str = ""


@dataclass
class Gate:
    """What came through the rights gate, and what did not and why, by the name of the file."""

    tracks: list[Track] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def find_tracks(folder: Path, endings: Sequence[str] = SOUNDS) -> Gate:
    """Reads a folder, and all below, with its sidecars.

    Raises:
        DatasetError: there is no such folder, no such file in it, or a table of it is broken.
    """
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in endings and path.is_file())
    if not paths:
        raise DatasetError(f"{folder} holds no file that ends in {', '.join(endings)}")
    told = _tables(folder)
    gate = Gate()
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            track = _track(folder, path, {**told.get(path, {}), **_sidecar(path)})
        except DatasetError as error:
            gate.refused[name] = str(error)
        else:
            gate.tracks.append(track)
    return gate


def _tables(folder: Path) -> dict[Path, dict[str, Any]]:
    """Returns what the tables say of each file; tables further down, which are nearer to it, win."""
    told: dict[Path, dict[str, Any]] = {}
    tables = [path for name in TABLES for path in folder.rglob(name)]
    for table in sorted(tables, key=lambda path: len(path.parts)):
        for number, row in enumerate(_rows(table), start=1):
            if not isinstance(row, dict) or not isinstance(row.get("file_name"), str):
                raise DatasetError(f"row {number} of {table} has no file_name")
            path = table.parent / row["file_name"]
            told[path] = {**told.get(path, {}), **row}
    return told


def _rows(table: Path) -> Iterator[Any]:
    try:
        text = table.read_text(encoding="utf-8-sig")
        if table.suffix == ".csv":
            yield from csv.DictReader(text.splitlines())
        else:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise DatasetError(f"{table} cannot be read ({error})") from error


def _sidecar(path: Path) -> dict[str, Any]:
    file = path.with_suffix(".json")
    if not file.is_file():
        return {}
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DatasetError(f"its sidecar {file.name} is no JSON") from error
    if not isinstance(held, dict):
        raise DatasetError(f"its sidecar {file.name} is no JSON object")
    return held


def _track(folder: Path, path: Path, held: dict[str, Any]) -> Track:
    """Raises DatasetError where the rights are not told, or a tempo or key is none."""
    told = {_SPELLINGS.get(name, name): value for name, value in held.items() if value not in (None, "", [])}
    for right in ("licence", "source"):
        value = " ".join(str(told.get(right, "")).split())
        if value.lower() in NO_LICENCE:
            said = f"its {right} is {value!r}, which allows nothing" if value else f"no {right} is told for it"
            raise DatasetError(said)
        told[right] = value
    # the slug of a name has hyphens where free text has spaces
    named = read_words(" ".join(path.relative_to(folder).with_suffix("").as_posix().replace("_", " ").split("/")))
    track_id = str(told.get("track_id") or path.relative_to(folder).with_suffix("").as_posix())
    return Track(
        path=path,
        track_id=track_id,
        creator=str(told.get("creator") or track_id),
        licence=told["licence"],
        source=told["source"],
        style=style_slug(str(told["style"])) if "style" in told else named.style or "",
        bpm=_tempo(told["bpm"]) if "bpm" in told else named.bpm,
        key=_key(str(told["key"])) if "key" in told else named.key,
        words=sounding_words(", ".join(dict.fromkeys(word for name in _WORDS for word in _listed(told.get(name))))),
    )


def style_slug(text: str) -> str:
    """Returns the slug of `STYLES` that a style's name means, or the name as a slug of its own."""
    known = read_words(text).style
    slug = "-".join("".join(c if c.isalnum() else " " for c in text.lower()).removesuffix("type beat").split())
    return slug if slug in STYLES else known or slug


def _tempo(value: Any) -> float:
    try:
        bpm = float(value)
    except (TypeError, ValueError):
        bpm = 0.0
    if not 30 <= bpm <= 300:
        raise DatasetError(f"its bpm is {value!r}; a number from 30 to 300 is wanted")
    return bpm


def _key(text: str) -> str:
    key = canonical_key(text)
    if key is None:
        raise DatasetError(f"its key is {text!r}; wanted is such as F minor")
    return key


def _listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [" ".join(str(each).split()) for each in values]
