"""Work and its results on their way to another machine and back, with the files that they name."""

from __future__ import annotations

import hashlib
import io
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PART_BYTES = 4_000_000  # of a file that are sent at once
MOST_UPLOADS = 32  # that a replica keeps, so that none is listened to twice; the oldest go first


@dataclass(frozen=True)
class FilePart:
    """The next bytes of a file, which is named as it lies in the job's folder."""

    name: str
    content: bytes
    is_first: bool


@dataclass(frozen=True)
class Failed:
    """Why there is no result, and where in the code, as `watching.where` tells it.

    An error is sent instead of raised, since Ray logs what is raised, with its text, which may quote a visitor.
    """

    error: Exception
    where: tuple[str, ...]


class _Pickler(pickle.Pickler):
    def __init__(self, into: io.BytesIO, name: Callable[[Path], Any]) -> None:
        super().__init__(into, pickle.HIGHEST_PROTOCOL)
        self._name = name

    def persistent_id(self, value: Any) -> Any:
        return self._name(value) if isinstance(value, Path) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, path: Callable[[Any], Path]) -> None:
        super().__init__(io.BytesIO(data))
        self._path = path

    def persistent_load(self, name: Any) -> Path:
        return self._path(name)


def pack_work(work: Any) -> bytes:
    """Returns work with the content of each file that it names; what is no file any more is sent by its name."""

    def content_of(path: Path) -> tuple[str, bytes | None]:
        return path.name, path.read_bytes() if path.is_file() else None

    return _packed(work, content_of)


def unpack_work(parcel: bytes, inbox: Path) -> Any:
    """Returns the work, whose files now lie in `inbox`, each under its own name in a folder named by its content."""

    def kept(told: tuple[str, bytes | None]) -> Path:
        name, content = told
        if content is None:
            return inbox / "gone" / name
        folder = inbox / hashlib.sha256(name.encode() + b"\0" + content).hexdigest()
        if not folder.is_dir():
            folder.mkdir(parents=True)
            (folder / name).write_bytes(content)
        folder.touch()  # it was used now
        return folder / name

    work = _Unpickler(parcel, kept).load()
    by_age = sorted(inbox.iterdir(), key=lambda folder: folder.stat().st_mtime) if inbox.is_dir() else []
    for folder in by_age[:-MOST_UPLOADS]:
        shutil.rmtree(folder, ignore_errors=True)
    return work


def pack_result(result: Any, folder: Path) -> bytes:
    """Returns a result whose paths are those within the job's folder."""
    return _packed(result, lambda path: path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None)


def unpack_result(parcel: bytes, folder: Path) -> Any:
    """Returns the result, whose paths lie in another folder now."""
    return _Unpickler(parcel, lambda name: folder / name).load()


def parts_of_files(folder: Path) -> Iterator[FilePart]:
    """Yields all files of a folder, in parts."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, is_first = path.relative_to(folder).as_posix(), True
        with path.open("rb") as file:
            while (content := file.read(PART_BYTES)) or is_first:
                yield FilePart(name, content, is_first)
                is_first = False


def write_part(part: FilePart, folder: Path) -> None:
    """Writes the next bytes of a file."""
    path = folder / part.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb" if part.is_first else "ab") as file:
        file.write(part.content)


def _packed(value: Any, name: Callable[[Path], Any]) -> bytes:
    into = io.BytesIO()
    _Pickler(into, name).dump(value)
    return into.getvalue()
