"""Reads a table of requests, one a row: CSV, JSON Lines or Parquet; the columns are the options of `make`.

A column `id` names the rows; without it they are called by their numbers. A row without a seed gets one from its id, so
that the same table always asks for the same beats. The whole table is checked, and every wrong row is told at once.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

from typebeat.request.options import RequestError, shown
from typebeat.request.requests import SEEDS, BeatRequest
from typebeat.request.settled import SettledRequest, resolve

MOST_ROWS = 100_000
MOST_TOLD = 20  # wrong rows that a message names
ID_CHARACTERS = 64
KINDS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_ID = re.compile(r"[\w+-]+")
_OF_ONE_BEAT = ("again", "chosen")  # options that are about an earlier beat or are written by us


@dataclass(frozen=True)
class Row:
    """A request of a table.

    Attributes:
        number: Of the row, from 1 on, the heading not counted.
        id: Its name; unique in the table.
        request: What it asks for.
    """

    number: int
    id: str
    request: SettledRequest


def read_table(path: Path) -> list[Row]:
    """Reads and checks all rows.

    Raises:
        RequestError: the file is no such table, or rows are wrong; the message names them, `MOST_TOLD` at most.
    """
    known = [each.name for each in fields(BeatRequest) if each.name not in _OF_ONE_BEAT]
    rows, wrong = [], []
    numbers_of: dict[str, int] = {}  # what was seen already -> the row that had it
    told_rows = list(islice(_told_rows(path), MOST_ROWS + 1))
    if len(told_rows) > MOST_ROWS:
        raise RequestError("table", f"{shown(path.name)} has more than {MOST_ROWS:,} rows: split it into several")
    for number, told in enumerate(told_rows, 1):
        try:
            row = _row(number, told, known)
            for what, name in ((f"the id {row.id}", row.id.lower()), ("the same beat", repr(row.request))):
                if numbers_of.setdefault(name, number) != number:
                    raise RequestError("id", f"row {numbers_of[name]} has {what} already")
            rows.append(row)
        except RequestError as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        more = f"; and {len(wrong) - MOST_TOLD} more rows" if len(wrong) > MOST_TOLD else ""
        raise RequestError("table", "; ".join(wrong[:MOST_TOLD]) + more)
    if not rows:
        raise RequestError("table", f"{shown(path.name)} holds no rows")
    return rows


def digest(rows: list[Row]) -> str:
    """Returns a hash of what the rows ask for, by which the table of a folder is recognised."""
    return hashlib.sha256(repr([(row.id, row.request) for row in rows]).encode()).hexdigest()


def _row(number: int, told: Mapping[str, Any], known: list[str]) -> Row:
    unknown = [name for name in told if name not in ("id", *known)]
    if unknown:
        raise RequestError("table", f"there is no option {shown(str(unknown[0]))}; there are id, {', '.join(known)}")
    options = {name: value for name, value in told.items() if name != "id" and value not in (None, "")}
    name = str(told.get("id") or number)
    if len(name) > ID_CHARACTERS or not _ID.fullmatch(name):
        raise RequestError("id", f"{shown(name)} is no id: letters, digits, - _ and + only, {ID_CHARACTERS} at most")
    options.setdefault("seed", int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % SEEDS)
    return Row(number, name, resolve(BeatRequest.parse(**options), list(options)))


def _told_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yields the rows as they stand in the file."""
    if path.suffix.lower() not in KINDS:
        raise RequestError("table", f"{shown(path.name)} is no table: give {', '.join(KINDS)}")
    if not path.is_file():
        raise RequestError("table", f"there is no file {shown(str(path))}")
    if path.suffix.lower() == ".parquet":
        return _parquet_rows(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError("table", f"{shown(path.name)} is not UTF-8 text: save it as CSV in UTF-8") from error
    return _csv_rows(text) if path.suffix.lower() in (".csv", ".tsv") else _json_rows(text)


def _csv_rows(text: str) -> Iterator[Mapping[str, Any]]:
    heading = text.partition("\n")[0]
    mark = max(",;\t", key=heading.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if len(set(names)) < len(names):
            raise RequestError("table", "two columns have the same name")
        for values in reader:
            if len(values) > len(names):
                raise RequestError("table", f"line {reader.line_num} has more values than the heading has names")
            if any(values):  # spreadsheets end with empty lines
                yield {name: value.strip() for name, value in zip(names, values, strict=False)}
    except csv.Error as error:
        raise RequestError("table", f"line {reader.line_num} is no CSV: {error}") from error


def _json_rows(text: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise RequestError("table", f"line {number} is no JSON") from error
            if not isinstance(row, dict):
                raise RequestError("table", f"line {number} is no JSON object of options")
            yield row


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    import pandas

    try:
        frame = pandas.read_parquet(path)
    except ImportError as error:
        raise RequestError("table", "Parquet needs pyarrow (pip install pyarrow); or save the table as CSV") from error
    except Exception as error:  # whatever the reader meets in a damaged file
        raise RequestError("table", f"{shown(path.name)} cannot be read as Parquet") from error
    for row in frame.to_dict("records"):
        yield {name: None if value != value else value for name, value in row.items()}  # NaN is an empty cell
