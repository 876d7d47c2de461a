"""A beat pack on disk: one folder and the same as a ZIP, whole or not at all.

Everything is written under a hidden temporary name and then renamed. The same takes and recipe give the same bytes:
there is no clock time inside. How a take is made is `pipeline.py`'s business.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import secrets
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typebeat.hearing.passport import Passport
from typebeat.request.requests import BeatRequest
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
        seed: What it was drawn from.
        audio: Mastered, exactly as long as its bars.
        tags: What its WAV says about itself.
        passport: What it measures, beside what was asked for.
        facts: What the recipe says of how it came about.
    """

    number: int
    seed: int
    audio: Audio
    tags: WavTags
    passport: Passport
    facts: Recipe = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """Its file in the pack, named for a DAW: beat_140bpm_Fmin.wav, beat_140bpm_Fmin_take2.wav, ..."""
        take = f"_take{self.number}" if self.number > 1 else ""
        return f"beat_{tempo_and_key(self.tags.bpm, self.tags.key)}{take}.wav"


@dataclass(frozen=True)
class BeatPack:
    """A finished pack.

    Attributes:
        folder: Where it lies.
        zip: The same as one file, beside the folder.
        takes: The WAV of each take, in their order.
        files: Everything else but the recipe.
        recipe: What `recipe.json` holds.
    """

    folder: Path
    zip: Path
    takes: tuple[Path, ...]
    files: tuple[Path, ...]
    recipe: Recipe


def pack_name(request: BeatRequest) -> str:
    """Names a resolved request's pack, such as travis-scott_140bpm_Fmin_8bars_s7."""
    return f"{request.style}_{tempo_and_key(request.bpm, str(request.key))}_{request.bars}bars_s{request.seed}"


def tempo_and_key(bpm: float, key: str) -> str:
    """Returns how file names say tempo and key, such as 140bpm_Fmin."""
    note, mode = key.split()
    return f"{bpm:g}bpm_{note}{mode[:3]}"


def check_writable(out: Path) -> None:
    """Makes the output folder if need be and proves that a file can be made in it, before any work is done.

    Raises:
        OSError: it cannot be; the message names the folder.
    """
    probe = out / f".{secrets.token_hex(4)}.part"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = f"the output folder cannot be written ({error.strerror}), choose another"
        raise OSError(error.errno, reason, str(out)) from error


def write_pack(out: Path, name: str, takes: tuple[Take, ...], files: dict[str, bytes], recipe: Recipe) -> BeatPack:
    """Writes `out/name/` and `out/name.zip`: the takes, other files by their names in the pack, and the recipe.

    The files of a pack with the same name and recipe are replaced; a pack with another recipe is kept, and this one
    is called name_2, name_3 and so on.

    Raises:
        OSError: something cannot be written, such as on a full disk; nothing is left behind.
    """
    contents = {take.file_name: wav_bytes(take.audio, take.tags) for take in takes} | files
    contents[RECIPE_FILE] = (json.dumps(recipe, indent=2, ensure_ascii=False) + "\n").encode()
    name = _free_name(out, name, contents[RECIPE_FILE])
    folder, archive = out / name, out / f"{name}.zip"
    part = out / f".{name}.{secrets.token_hex(4)}.part"
    part_archive = part.with_suffix(".zip.part")
    try:
        part.mkdir()
        for file_name, content in contents.items():
            (part / file_name).parent.mkdir(exist_ok=True)
            (part / file_name).write_bytes(content)
        part_archive.write_bytes(_zip_bytes(name, contents))
        if folder.is_dir():  # what else somebody keeps in it stays
            for file_name in contents:
                (folder / file_name).parent.mkdir(exist_ok=True)
                os.replace(part / file_name, folder / file_name)
        else:
            os.rename(part, folder)
        os.replace(part_archive, archive)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        part_archive.unlink(missing_ok=True)
    return BeatPack(
        folder,
        archive,
        tuple(folder / take.file_name for take in takes),
        tuple(folder / file_name for file_name in files),
        recipe,
    )


def write_files(files: dict[Path, bytes]) -> None:
    """Writes files whole or not at all: each under a hidden name first, and renamed once all are written.

    Raises:
        OSError: one cannot be written; nothing is left behind.
    """
    parts = {file: file.with_name(f".{file.name}.{secrets.token_hex(4)}.part") for file in files}
    try:
        for file, content in files.items():
            parts[file].write_bytes(content)
        for file, part in parts.items():
            os.replace(part, file)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _free_name(out: Path, name: str, recipe: bytes) -> str:
    """Returns the first of name, name_2, ... that nothing has, or that a pack with this very recipe has."""
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
    """A ZIP of one folder, stored as it is (sound hardly gets smaller), without clock time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file_name, content in contents.items():
            entry = zipfile.ZipInfo(f"{folder}/{file_name}", ZIP_DATE)
            entry.create_system = ZIP_SYSTEM
            entry.external_attr = ZIP_RIGHTS << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
