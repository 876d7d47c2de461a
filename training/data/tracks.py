"""Finds the beats or pictures in a folder, reads what their sidecars say, and refuses files without rights.

The facts of a file are in `<name>.json` beside it, or in a line of a `metadata.jsonl` or `metadata.csv` (with a column
`file_name`) in its folder or in one above; the nearest wins. Files without a licence or a source are refused.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.data.records import DatasetError
from typebeat.request.captions import sounding_words
from typebeat.request.reading import read_words
from typebeat.request.styles import STYLES
from typebeat.request.words import canonical_key

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
STEMS_ENDING = ".stems"  # of a folder beside a beat, with the stems of it
TABLES = ("metadata.jsonl", "metadata.csv")
# entries in the place of a licence that allow nothing
NO_LICENCE = {"", "none", "unknown", "?", "tbd", "n/a", "all rights reserved", "copyright", "fair use"}
_SPELLINGS = {"license": "licence", "artist": "creator", "author": "creator", "url": "source", "source_url": "source"}
_WORDS = ("words", "prompt", "text", "caption", "mood", "moods", "instrument", "instruments", "tags", "keywords")


@dataclass(frozen=True)
class Track:
    """A file that may be used for training.

    Attributes:
        path: The file.
        track_id: Its identity: as the sidecar says, else its path in the folder without the ending.
        creator: Who made it; the track id if nobody is named.
        licence: The licence that allows training.
        source: Where it came from.
        style: A slug; empty if unknown.
        bpm: The tempo that a sidecar or the file name gives, or None.
        key: The key that they give, in canonical form, or None.
        words: Moods, instruments and the like, separated by commas.
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
    """The tracks with rights, and the files that were refused, by name, with the reason."""

    tracks: list[Track] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def find_tracks(folder: Path, endings: Sequence[str] = SOUNDS) -> Gate:
    """Finds the tracks in a folder and its subfolders.

    Raises:
        DatasetError: the folder is missing, holds no such file, or has a broken metadata table.
    """
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}")
    found = (path for path in folder.rglob("*") if path.suffix.lower() in endings and path.is_file())
    paths = sorted(path for path in found if path.parent.suffix != STEMS_ENDING)
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
    """Returns the facts of each file from metadata tables; of several tables the nearest one wins."""
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
    """Returns a track. Raises DatasetError if its rights are missing, or its tempo or key is invalid."""
    told = {_SPELLINGS.get(name, name): value for name, value in held.items() if value not in (None, "", [])}
    for right in ("licence", "source"):
        value = " ".join(str(told.get(right, "")).split())
        if value.lower() in NO_LICENCE:
            said = f"its {right} is {value!r}, which allows nothing" if value else f"no {right} is told for it"
            raise DatasetError(said)
        told[right] = value
    # a name may have underscores where free text has spaces
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
    """Returns the slug of `STYLES` that a name stands for, or else the name as a slug."""
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
