"""The prepared datasets on disk: beats as an AudioFolder, covers as an ImageFolder, one record for each file.

    folder/train/metadata.jsonl         one line of JSON a file; `file_name` is relative to the split's folder
    folder/train/<track>_<start>.flac
    folder/validation/...
    folder/README.md                    the dataset card

The finetunings read it; the Hub's viewer and `datasets` understand it too. How a file gets in is not told here.
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
    """A dataset or its raw material that cannot be used, in one line that says what is wrong and what is wanted."""


@dataclass(frozen=True)
class BeatClip:
    """A stretch of a beat that a model learns from.

    Attributes:
        path: The sound file.
        caption: What serving would ask the model for: `beat_caption` without shuffling.
        style: A slug, one of `STYLES` or one's own, such as "phonk".
        bpm: Beats a minute.
        key: A name of `KEYS`.
        words: Mood, instruments and the like: what a user would have written in the prompt.
        track_id: The recording that it was cut from; all clips of a track are in one split.
        creator: Who made the recording.
        licence: What allows the training, such as "cc-by-4.0" or "own work".
        source: Where it came from: an address, or words.
        start_s: Where in the recording it begins, in seconds.
        seconds: Length.
        bars: Whole bars in it; 0 where the tempo is not known well enough to cut at bars.
        lufs: Loudness as it stands on disk.
        sha256: Of the track's decoded samples.
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
        """Returns the caption with its parts shuffled and some of them dropped, as training wants it anew each time."""
        return beat_caption(self.words, self.style, self.bpm, self.key, rng)

    def audio(self) -> Audio:
        """Reads the sound. Raises DatasetError where the file is missing or broken."""
        try:
            samples, rate = soundfile.read(self.path, dtype="float32", always_2d=True)
            return Audio(samples.T, rate)
        except (soundfile.LibsndfileError, ValueError) as error:
            raise DatasetError(f"{self.path} cannot be read as sound ({error})") from error


@dataclass(frozen=True)
class CoverImage:
    """A picture that a cover model learns from.

    Attributes:
        path: The picture, square RGB.
        caption: What serving would ask the model for: `cover_prompt` without a random generator.
        style: A slug, one of `STYLES` or one's own, such as "phonk".
        words: What is to be seen, as a user would write it.
        track_id: The picture's identity; a group that must not be divided by the split.
        creator: Who made it.
        licence: What allows the training.
        source: Where it came from.
        sha256: Of the decoded pixels.
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
    """Writes `metadata.jsonl` of a split, in the order of the file names; the files stand in `folder/split` already."""
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
    """Returns the records of a split, in the order of its metadata.

    Args:
        folder: What `prepare_beats` or `prepare_covers` wrote.
        split: One of `SPLITS`.
        kind: `BeatClip` or `CoverImage`.

    Raises:
        DatasetError: there is no such split, it is empty, or a line or a file of it is missing or broken.
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
