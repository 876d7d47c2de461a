"""Reads the recipe of an earlier pack: from its folder, its ZIP, its recipe.json, or the JSON itself.

It may come from a stranger. Sizes are limited, one member of a ZIP is read by its name and nothing is unpacked, and no
path in a recipe is followed.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from typebeat.parts.pack import RECIPE_FILE, Recipe
from typebeat.request.options import RequestError, shown

MOST_BYTES = 8_000_000  # of a recipe; that of 64 bars in parts has less than one
MOST_MEMBERS = 1000  # of a ZIP
MOST_DIRECTORY_BYTES = 1_000_000  # of the list of its members
UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # methods of which a piece at a time can be unpacked
WANTED = f"give the folder of a pack, its ZIP or its {RECIPE_FILE}"


def read_recipe(path: Path) -> Recipe:
    """Reads the recipe of a pack's folder, of its ZIP, or of a recipe.json.

    Raises:
        RequestError: there is none, or it is damaged or too large.
    """
    try:
        file = path / RECIPE_FILE if path.is_dir() else path
        if not file.is_file():
            raise RequestError("of", f"there is no {RECIPE_FILE} at {shown(str(path))}; {WANTED}")
        if zipfile.is_zipfile(file):
            return recipe_of_text(_member(file))
        with file.open("rb") as opened:
            return recipe_of_text(opened.read(MOST_BYTES + 1))
    except (OSError, ValueError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError("of", f"{shown(str(path))} cannot be read; {WANTED}") from error


def recipe_of_text(text: str | bytes) -> Recipe:
    """Returns the recipe in a JSON text; raises RequestError if it is none, is truncated or is too large."""
    if len(text) > MOST_BYTES:
        raise RequestError("of", f"this is too large for a recipe; {WANTED}")
    try:
        recipe = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise RequestError("of", f"this is no recipe, or only a piece of one; {WANTED}") from error
    return checked_recipe(recipe)


def checked_recipe(recipe: Any) -> Recipe:
    """Returns what is a recipe at least by its form; raises RequestError for anything else."""
    if not isinstance(recipe, dict):
        raise RequestError("of", f"this is no recipe; {WANTED}")
    return recipe


def _member(file: Path) -> bytes:
    """Returns the recipe of a pack's ZIP: pack/recipe.json, or recipe.json at its top."""
    try:
        with _Sparing(file) as opened, zipfile.ZipFile(opened) as archive:
            members = archive.infolist()[:MOST_MEMBERS]
            found = [each for each in members if _is_recipe(PurePosixPath(each.filename))]
            if len(found) != 1 or found[0].compress_type not in UNPACKED:
                raise RequestError("of", f"{shown(file.name)} holds no {RECIPE_FILE}; {WANTED}")
            opened.most = MOST_BYTES + 1
            with archive.open(found[0]) as member:
                return member.read(MOST_BYTES + 1)  # whatever size its header claims
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise RequestError("of", f"{shown(file.name)} is damaged; {WANTED}") from error


class _Sparing(io.FileIO):
    """A file of which at most so many bytes are read at once, whatever the directory of the ZIP in it claims."""

    most = MOST_DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        left = os.fstat(self.fileno()).st_size - self.tell()
        if min(left, left if size is None or size < 0 else size) > self.most:
            raise zipfile.BadZipFile("a directory that is larger than that of any pack")
        return super().read(size) or b""


def _is_recipe(name: PurePosixPath) -> bool:
    return name.name == RECIPE_FILE and len(name.parts) <= 2


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of a recipe")
