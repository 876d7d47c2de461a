"""Makes the stems of a beat: one WAV for each part, with names that sort; together they are the mix."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from typebeat.engines import UNWATCHED, Job, Listeners, NoGpuError, Stems
from typebeat.parts import MadePart, PartMissing
from typebeat.parts.pack import Take
from typebeat.sound.audio import Audio, WavTags, wav_bytes

FOLDER = "stems/"
ORDER = (
    "drums",
    "808",
    "bass",
    "chords",
    "melody",
    "other",
    "sample",
)  # in which parts are numbered; others come after them
DIGITS = 16  # of a hash in the recipe


def stems_of(take: Take, engines: Listeners, job: Job = UNWATCHED) -> Stems:
    """Returns the stems that the model itself played, or splits the take; raises PartMissing if that fails."""
    return take.stems or split_stems(take.audio, engines, job)


def split_stems(beat: Audio, engines: Listeners, job: Job = UNWATCHED) -> Stems:
    """Splits a beat, for its stems and for its MIDI; raises PartMissing if that fails."""
    if engines.stems is None:
        raise PartMissing("no stem splitter is loaded")
    try:
        return engines.stems.split(beat, job=job)
    except (MemoryError, RuntimeError, NoGpuError) as error:  # torch's out-of-memory errors are RuntimeErrors
        raise PartMissing(f"the stems could not be split: {' '.join(str(error).split())[:160]}") from error


def make_stems(stems: Stems, tags: WavTags, parts: Mapping[str, Audio] | None = None) -> MadePart:
    """Writes each stem as a WAV under stems/, with the beat's tags.

    Args:
        stems: What the beat consists of.
        tags: Of the beat.
        parts: What the model played before the mix, if it knows its parts. The recipe holds a hash of each, by which
            anyone can tell that a part which was kept is the same.
    """
    names = stem_files(stems.sounds, tags.bpm)
    files = {
        file: wav_bytes(stems.sounds[name], replace(tags, title=f"{tags.title}, {name}"))
        for name, file in names.items()
    }
    facts: dict[str, Any] = {"method": stems.method}
    if stems.mode:
        facts |= {"mode": stems.mode, "levels_db": dict(stems.levels_db)}
    if parts:
        facts["dry_sha256"] = {name: hash_of(part) for name, part in parts.items()}
    return MadePart(files, facts)


def stem_files(names: Mapping[str, Any], bpm: float) -> dict[str, str]:
    """Returns the file of each part, in an order that lists of files keep: stems/1_drums_140bpm.wav, ..."""
    known = [name for name in ORDER if name in names]
    ordered = [*known, *(name for name in names if name not in known)]
    return {name: f"{FOLDER}{number}_{name}_{bpm:g}bpm.wav" for number, name in enumerate(ordered, start=1)}


def part_of(file: str) -> str:
    """Returns the part that a stem's file is of, such as "808" for stems/2_808_140bpm.wav."""
    return file.removeprefix(FOLDER).split("_")[1]


def hash_of(sound: Audio) -> str:
    """Returns the beginning of a hash of samples, the same for the same bits."""
    return hashlib.sha256(np.ascontiguousarray(sound.samples, "<f4").tobytes()).hexdigest()[:DIGITS]
