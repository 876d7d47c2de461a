"""Reads and writes prepared datasets: beats as an AudioFolder, covers as an ImageFolder, with one record per file.

    folder/train/metadata.jsonl         one line of JSON per file; `file_name` is relative to this folder
    folder/train/<track>_<start>.flac
    folder/validation/...
    folder/README.md                    the dataset card

Finetuning reads this format, and so do the viewer of the Hub and the library `datasets`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random
from typing import TypeVar

import soundfile

from training.runs.errors import TrainingError
from training.runs.files import write_whole
from typebeat.request.words import beat_caption
from typebeat.sound.audio import Audio

SPLITS = ("train", "validation")
METADATA = "metadata.jsonl"


class DatasetError(TrainingError):
    """A dataset or a source file that cannot be used."""


@dataclass(frozen=True)
class BeatClip:
    """A clip of a beat to train on.

    Attributes:
        path: The sound file.
        caption: The text that the app would give to the model: `beat_caption` without shuffling.
        style: A slug, one of `STYLES` or one's own, such as "phonk".
        bpm: Beats per minute.
        key: A name of `KEYS`.
        words: Mood, instruments and the like, as a user might write them into the prompt.
        track_id: The recording that it was cut from; all clips of a recording are in the same split.
        creator: Who made the recording.
        licence: The licence that allows training, such as "cc-by-4.0" or "own work".
        source: Where it came from: a URL or a description.
        start_s: Its start in the recording, in seconds.
        seconds: Its length.
        bars: Number of whole bars; 0 if the tempo was too uncertain to cut at bars.
        lufs: Loudness of the file.
        sha256: Hash of the decoded samples of the recording.
    """

    path: Path
    caption: str
    style: str
    bpm: float
    key: str
    words: str
    track_id: str
    creator: str
    licence: str
    source: str
    start_s: float
    seconds: float
    bars: int
    lufs: float
    sha256: str

    def reworded(self, rng: Random) -> str:
        """Returns the caption with its parts shuffled and some dropped, to vary it in training."""
        return beat_caption(self.words, self.style, self.bpm, self.key, rng)

    def audio(self) -> Audio:
        """Reads the sound. Raises DatasetError if the file is missing or broken."""
        try:
            samples, rate = soundfile.read(self.path, dtype="float32", always_2d=True)
            return Audio(samples.T, rate)
        except (soundfile.LibsndfileError, ValueError) as error:
            raise DatasetError(f"{self.path} cannot be read as sound ({error})") from error


@dataclass(frozen=True)
class CoverImage:
    """A picture to train a cover model on.

    Attributes:
        path: The picture file, square and RGB.
        caption: The text that the app would give to the model: `cover_prompt` without a random generator.
        style: A slug, one of `STYLES` or one's own, such as "phonk".
        words: What the picture shows, as a user might write it.
        track_id: Identity of the picture; pictures with the same one are in the same split.
        creator: Who made it.
        licence: The licence that allows training.
        source: Where it came from.
        sha256: Hash of the decoded pixels.
    """

    path: Path
    caption: str
    style: str
    words: str
    track_id: str
    creator: str
    licence: str
    source: str
    sha256: str


Record = TypeVar("Record", BeatClip, CoverImage)


def write_split(folder: Path, split: str, records: Iterable[BeatClip | CoverImage]) -> Path:
    """Writes the `metadata.jsonl` of a split, ordered by file name; the files must be in `folder/split` already."""
    lines = []
    for record in sorted(records, key=lambda record: record.path):
        held = asdict(record)
        name = held.pop("path").relative_to(folder / split).as_posix()
        lines.append(json.dumps({"file_name": name, **held}, ensure_ascii=False))
    target = folder / split / METADATA
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, lambda part: part.write_text("".join(line + "\n" for line in lines), encoding="utf-8"))
    return target


def read_split(folder: Path, split: str, kind: type[Record] = BeatClip) -> tuple[Record, ...]:
    """Returns the records of a split, in the order of its `metadata.jsonl`.

    Args:
        folder: A dataset made by `prepare_beats` or `prepare_covers`.
        split: One of `SPLITS`.
        kind: `BeatClip` or `CoverImage`.

    Raises:
        DatasetError: the split is missing or empty, a line is broken, or a file is missing.
    """
    metadata = folder / split / METADATA
    if not metadata.is_file():
        raise DatasetError(
            f"{metadata} is missing; wanted is a folder with train/ and validation/, a {METADATA} in each"
        )
    wanted = {field.name for field in fields(kind)} - {"path"}
    records = []
    for number, line in enumerate(metadata.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            held = json.loads(line)
            path = metadata.parent / held["file_name"]
            records.append(kind(path=path, **{name: held[name] for name in wanted}))
        except (ValueError, KeyError, TypeError) as error:
            raise DatasetError(f"line {number} of {metadata} is no {kind.__name__} ({error!r})") from error
        if not path.is_file():
            raise DatasetError(f"{path} is missing; {metadata} names it in line {number}")
    if not records:
        raise DatasetError(f"the split {split} of {folder} is empty")
    return tuple(records)
