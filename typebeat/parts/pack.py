"""Writes a beat pack: one folder and the same as a ZIP, whole or not at all.

The same takes and recipe give the same bytes: there is no clock time inside.
"""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from typebeat.engines import Stems
from typebeat.hearing.passport import Passport
from typebeat.parts.fit import Fit
from typebeat.parts.writing import clear_unfinished, whole
from typebeat.request.settled import SettledRequest
from typebeat.sound.audio import Audio, WavTags, wav_bytes

RECIPE_FILE = "recipe.json"
Recipe = dict[str, Any]  # what `recipe.json` holds
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say
ZIP_SYSTEM = 3  # Unix, on every system, so that bytes are equal
ZIP_RIGHTS = 0o100644  # a plain file


@dataclass(frozen=True)
class Take:
    """One of the beats that a request gave.

    Attributes:
        number: 1, 2, ...
        seed: The seed it was drawn from.
        audio: Mastered, exactly as long as its bars.
        tags: Title, tempo and so on, for its WAV.
        passport: What it measures, beside what was asked for.
        nearness: How near it is to all that was asked for.
        miss: Why its bars are not on the grid; empty where they are.
        facts: What the recipe says about how it was made.
        parts: What each part plays, unmixed; empty where the weights know no parts.
        stems: What of the beat each part is; None where the beat has to be split first.
        tokens: What the model drew, (codebooks, frames) int16; None where the engine draws no tokens.
        fit: How it was fitted to its bars.
        gain: By which a sample in it is louder than it came.
    """

    number: int
    seed: int
    audio: Audio
    tags: WavTags
    passport: Passport
    nearness: float = 0.0
    miss: str = ""
    facts: Recipe = field(default_factory=dict)
    parts: Mapping[str, Audio] = field(default_factory=dict)
    stems: Stems | None = None
    tokens: np.ndarray | None = None
    fit: Fit = field(default_factory=lambda: Fit(1.0, 0.0))
    gain: float = 1.0

    @property
    def file_name(self) -> str:
        """Its file in the pack, named for a DAW: beat_140bpm_Fmin.wav, beat_140bpm_Fmin_take2.wav, ..."""
        take = f"_take{self.number}" if self.number > 1 else ""
        return f"beat_{tempo_and_key(self.tags.bpm, self.tags.key)}{take}.wav"


@dataclass(frozen=True)
class BeatPack:
    """A finished pack.

    Attributes:
        folder: Holds all its files.
        zip: The same as one file, beside the folder.
        takes: The WAV of each take, in their order.
        files: All other files except the recipe.
        recipe: What `recipe.json` holds.
    """

    folder: Path
    zip: Path
    takes: tuple[Path, ...]
    files: tuple[Path, ...]
    recipe: Recipe


def pack_name(request: SettledRequest) -> str:
    """Names a request's pack, such as travis-scott_140bpm_Fmin_8bars_s7."""
    return f"{request.style}_{tempo_and_key(request.bpm, request.key)}_{request.bars}bars_s{request.seed}"


def tempo_and_key(bpm: float, key: str) -> str:
    """Returns tempo and key as file names have them, such as 140bpm_Fmin."""
    note, mode = key.split()
    return f"{bpm:g}bpm_{note}{mode[:3]}"


def write_pack(out: Path, name: str, takes: tuple[Take, ...], files: dict[str, bytes], recipe: Recipe) -> BeatPack:
    """Writes `out/name/` and `out/name.zip`: the takes, other files by their names in the pack, and the recipe.

    A pack of the same name and recipe is written over. If the name has another recipe, that pack is kept and this one
    is called name_2, name_3 and so on.

    Raises:
        OSError: something cannot be written, such as on a full disk; nothing is left behind.
    """
    contents = {take.file_name: wav_bytes(take.audio, take.tags) for take in takes} | files
    contents[RECIPE_FILE] = (json.dumps(recipe, indent=2, ensure_ascii=False) + "\n").encode()
    name = _free_name(out, name, contents[RECIPE_FILE])
    folder, archive = out / name, out / f"{name}.zip"
    for each in folder.glob("**/") if folder.is_dir() else ():
        clear_unfinished(each)
    with ExitStack() as renames:  # once all is written
        renames.enter_context(whole(archive)).write_bytes(_zip_bytes(name, contents))
        is_new = not folder.is_dir()  # else what somebody keeps in the folder stays
        place = renames.enter_context(whole(folder)) if is_new else folder
        for file_name, content in contents.items():
            file = place / file_name
            file.parent.mkdir(parents=True, exist_ok=True)
            (file if is_new else renames.enter_context(whole(file))).write_bytes(content)
    return BeatPack(
        folder,
        archive,
        tuple(folder / take.file_name for take in takes),
        tuple(folder / file_name for file_name in files),
        recipe,
    )


def read_pack(folder: Path) -> BeatPack | None:
    """Reads a pack that `write_pack` wrote; None if it is not there, or not whole."""
    try:
        recipe = json.loads((folder / RECIPE_FILE).read_text(encoding="utf-8"))
        named = [folder / each["name"] for each in recipe["files"]]
        takes = tuple(folder / each["name"] for each in recipe["files"] if each["part"] == "beat")
    except (OSError, ValueError, KeyError, TypeError):
        return None
    others = sorted(path for path in folder.rglob("*") if path.is_file() and path not in (*named, folder / RECIPE_FILE))
    archive = folder.with_name(f"{folder.name}.zip")
    if not takes or not all(path.is_file() for path in (*named, archive)):
        return None
    return BeatPack(folder, archive, takes, (*named[len(takes) :], *others), recipe)


def _free_name(out: Path, name: str, recipe: bytes) -> str:
    """Returns the first of name, name_2, ... that is free or belongs to a pack with this very recipe."""
    for number in itertools.count(1):
        tried = name if number == 1 else f"{name}_{number}"
        folder = out / tried
        if not folder.exists() and not (out / f"{tried}.zip").exists():
            return tried
        written = folder / RECIPE_FILE
        if written.is_file() and written.read_bytes() == recipe:
            return tried
    raise AssertionError("unreachable")


def _zip_bytes(folder: str, contents: dict[str, bytes]) -> bytes:
    """Returns a ZIP of one folder without clock time, not compressed since sound hardly gets smaller."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file_name, content in contents.items():
            entry = zipfile.ZipInfo(f"{folder}/{file_name}", ZIP_DATE)
            entry.create_system = ZIP_SYSTEM
            entry.external_attr = ZIP_RIGHTS << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
