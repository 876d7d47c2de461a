"""Turns a folder of raw files into a prepared dataset: the steps that beats and covers share.

Rights are checked, files read, duplicates left out, tracks split into training and validation, and the result is
written with its card. Everything that is left out is named, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from training.data.records import SPLITS, BeatClip, CoverImage, DatasetError, Record, read_split, write_split
from training.data.splits import SPLIT_BY, split_tracks
from training.data.tracks import Gate, Track
from training.runs.options import OptionsError, Say, option
from typebeat.parts.writing import check_writable, whole
from typebeat.version import __version__

Content = TypeVar("Content")  # what is read of a file: a measured sound, a picture


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """What to prepare, and where to write it."""

    source: str = option("folder of beats or pictures with sidecar files, or a Hub dataset, owner/name[@revision]")
    out: Path = option("folder to write the dataset to; anything already in it is replaced")
    style: str = option("style of the files for which neither sidecar nor file name gives one", "")
    split_by: str = option(f"what must not be divided between the splits: {' or '.join(SPLIT_BY)}", "creator")
    validation_share: float = option("share of creators or tracks to put into the validation split, 0 to 1", 0.1)
    contact: str = option("whom people who find their work in the dataset should write to; printed in the card", "")

    def __post_init__(self) -> None:
        if self.split_by not in SPLIT_BY:
            raise OptionsError(f"split_by is {self.split_by!r}; allowed are {', '.join(SPLIT_BY)}")
        if not 0 < self.validation_share < 1:
            raise OptionsError(f"validation_share is {self.validation_share:g}; it lies between 0 and 1")


class DuplicateError(DatasetError):
    """A track that is the same as an earlier one."""


@dataclass
class Prepared:
    """A prepared dataset and what was left out of it.

    Attributes:
        folder: The dataset.
        made_from: The Hub dataset that it was made from, "owner/name[@revision]"; empty for a local folder.
        clips: All records, by split.
        refused: Files without rights, and why.
        broken: Files that could not be used, and why.
        duplicates: Files that are the same as an earlier one, and which one.
        silent: Number of chunks that were left out because they were silent.
        notes: Anything else that a reader of the card should know.
    """

    folder: Path
    made_from: str = ""
    clips: dict[str, list[BeatClip] | list[CoverImage]] = field(default_factory=lambda: {name: [] for name in SPLITS})
    refused: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    silent: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def records(self) -> list[BeatClip] | list[CoverImage]:
        """The records of both splits."""
        return [record for records in self.clips.values() for record in records]

    @property
    def summary(self) -> str:
        """The counts in one line, followed by a line for each note."""
        tracks = {split: len({clip.track_id for clip in clips}) for split, clips in self.clips.items()}
        counts = ", ".join(
            f"{len(clips)} clips of {tracks[split]} tracks for {split}" for split, clips in self.clips.items()
        )
        left_out = f"{len(self.refused)} refused, {len(self.broken)} skipped, {len(self.duplicates)} duplicates"
        notes = "".join(f"\n  {note}" for note in self.notes)
        return f"{self.folder}: {counts}; {left_out}, {self.silent} silent chunks{notes}"

    def facts(self, kind: str, options: PrepareOptions) -> dict[str, Any]:
        """Returns what `typebeat.json` holds and the card shows."""
        asked = {name: getattr(options, name) for name in ("split_by", "validation_share", "contact")}
        left_out = {"refused": self.refused, "skipped": self.broken, "duplicates": self.duplicates}
        about = {"silent_chunks": self.silent, "notes": self.notes, "typebeat": __version__}
        return {"kind": kind, "made_from": self.made_from, **asked, **left_out, **about}


def write_dataset(
    done: Prepared,
    gate: Gate,
    options: PrepareOptions,
    kind: type[Record],
    read: Callable[[Track], Content],
    write: Callable[[Track, Content, Path], list[Record]],
    write_card: Callable[[Path], None],
    say: Say,
) -> Prepared:
    """Reads the tracks that passed the rights gate, writes the dataset, whole or not at all, and completes `done`.

    `read` returns the content of a track whose style is known; `write` puts it into the folder of its split and returns
    its records; `write_card` completes the folder when `done` holds all records.

    Raises:
        DatasetError: no track, or only one, can be used; or all tracks would be in one split.
        OSError: the dataset cannot be written, for example on a full disk; an earlier dataset stays as it was.
    """
    # 1. read the tracks; name those that are left out
    done.refused = gate.refused
    for name, why in gate.refused.items():
        say(f"refused: {name}: {why}")
    contents: list[tuple[Track, Content]] = []
    for track in gate.tracks:
        name, track = track.path.name, replace(track, style=track.style or options.style)
        try:
            if not track.style:
                raise DatasetError("neither its sidecar nor its name tells a style; give one, or --style for all")
            contents.append((track, read(track)))
        except DuplicateError as error:
            done.duplicates[name] = str(error)
            say(f"duplicate: {name}: {error}")
        except DatasetError as error:
            done.broken[name] = str(error)
            say(f"skipped: {name}: {error}")
    if not contents:
        count = len(gate.tracks) + len(gate.refused)
        raise DatasetError(f"none of the {count} files in {options.source} can be used; see above")
    # 2. choose the split of each track
    splits = split_tracks([track for track, _ in contents], options.split_by, options.validation_share)
    # 3. write files, metadata and card into a temporary folder, then rename it
    check_writable(options.out.parent)
    with whole(options.out) as part:
        for track, content in contents:
            split = splits[track.track_id]
            done.clips[split] += write(track, content, part / split)
        for split, records in done.clips.items():
            write_split(part, split, records)
        write_card(part)
    done.clips = {split: list(read_split(options.out, split, kind)) for split in SPLITS}
    say(done.summary)
    return done
