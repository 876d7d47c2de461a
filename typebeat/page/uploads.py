"""Checks the files that visitors send: only what came through the server's own upload is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder, is_in_or_equal

from typebeat.parts.pack import Recipe
from typebeat.parts.recipes import checked_recipe, read_recipe, recipe_of_text
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.sound_limits import SOUND_FILE

A_FILE = "gradio.FileData"


def uploaded_file(value: Any) -> Path:
    """Returns the file that a request names, which must lie in the folder of Gradio's uploads; else RequestError.

    The value is what a client or the browser sends: a mapping with a path, or a list of one.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    path = value.get("path") if isinstance(value, dict) else None
    if not isinstance(path, str) or not path or "\0" in path:
        raise RequestError("file", f"no file is given; upload a sound: {SOUND_FILE}")
    try:
        file = Path(path).resolve()
        is_upload = is_in_or_equal(file, Path(get_upload_folder()).resolve()) and file.is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_upload = False
    if not is_upload:
        raise RequestError("file", f"this is no uploaded file; upload a sound: {SOUND_FILE}")
    return file


def recipe_given(value: Any) -> Recipe | None:
    """Returns the recipe that a request gives as an object, as JSON text or as an uploaded file; None for nothing.

    Raises:
        RequestError: it is none of these, or cannot be used.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return recipe_of_text(value)
    if not _is_file(value):
        return checked_recipe(value)
    try:
        return read_recipe(uploaded_file(value))
    except RequestError as wrong:
        raise RequestError(
            "of", str(wrong) if wrong.field == "of" else "this is no uploaded recipe.json or ZIP"
        ) from wrong


def reference_given(value: Any) -> Path | str | None:
    """Returns the uploaded file or the chords that a request is made around; None for nothing.

    Raises:
        RequestError: it is neither; a text is never taken for a path.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return value
    try:
        return uploaded_file(value)
    except RequestError as wrong:
        raise RequestError(
            "reference", f"this is no uploaded file; upload a sound ({SOUND_FILE}) or a MIDI file, or write chords"
        ) from wrong


def notes_given(value: Any) -> tuple[Path, ReferenceOptions]:
    """Returns the MIDI file of notes that were edited in the browser, and how they are used.

    The value is a JSON text, as `roll_midi.js` makes it: "path" of the upload and "use".

    Raises:
        RequestError: it is none.
    """
    try:
        told = json.loads(value)
        return uploaded_file({"path": told["path"]}), ReferenceOptions(use=told["use"])
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:  # a RequestError is a ValueError
        raise RequestError(
            "reference", "these notes did not reach the server; check the connection and press Play these notes again"
        ) from wrong


def _is_file(value: Any) -> bool:
    return hasattr(value, "model_dump") or (isinstance(value, dict) and value.get("meta") == {"_type": A_FILE})
