"""From a folder of beats to a dataset to learn from, in the order in which it happens.

    python -m training.prepare_beats --source beats/ --out prepared/
    python -m training.prepare_beats --config training/configs/prepare_beats.toml

Rights, duplicates, vocals, chunks, tempo and key, words, captions, splits, card. What is left out is named and counted.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import soundfile

from training.data.chunks import cut_points, levelled, stretch
from training.data.dataset import SPLITS, BeatClip, DatasetError, read_split, write_split
from training.data.fingerprints import Fingerprint, fingerprint, match, pcm_sha256
from training.data.recordings import read_sound
from training.data.splits import SPLIT_BY, split_tracks
from training.data.tracks import Track, find_tracks
from training.hub.dataset_card import write_beat_card
from training.hub.folders import source_folder
from training.runs.options import OptionsError, option, run_command
from typebeat.engines import WeightsError
from typebeat.engines.stems import DemucsSplitter, load_stem_splitter
from typebeat.hearing.passport import Grid, measure
from typebeat.request.styles import STYLES
from typebeat.request.words import beat_caption
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs
from typebeat.version import __version__

SURE_OF_TEMPO = 0.3  # bpm_confidence below which a beat is not cut at bars
OTHER_TEMPO_BPM = 1.0  # a measured tempo that is further from the one told was not found
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """What to prepare, and where."""

    source: str = option("a folder of beats with their sidecars, or a dataset on the Hub, owner/name[@revision]")
    out: Path = option("the folder that gets the dataset; what it held is replaced")
    style: str = option("style of the tracks whose sidecar and name do not tell one", "")
    split_by: str = option(f"what is never divided by the split: {' or '.join(SPLIT_BY)}", "creator")
    validation_share: float = option("share of creators or tracks that is for validation, 0 to 1", 0.1)
    contact: str = option("whom somebody writes to who finds a recording of theirs in it, for the card", "")

    def __post_init__(self) -> None:
        if self.split_by not in SPLIT_BY:
            raise OptionsError(f"split_by is {self.split_by!r}; allowed are {', '.join(SPLIT_BY)}")
        if not 0 < self.validation_share < 1:
            raise OptionsError(f"validation_share is {self.validation_share:g}; it lies between 0 and 1")


class DuplicateError(DatasetError):
    """A track that is another one again."""


@dataclass
class Prepared:
    """What was made of a folder.

    Attributes:
        folder: The dataset.
        made_from: The dataset on the Hub that it is made of, "owner/name[@revision]"; empty for a folder.
        clips: All clips, by split.
        refused: Files without rights, and why.
        broken: Files that could not be used, and why.
        duplicates: Files that are another one again, and which.
        silent: How many chunks were silent and so left out.
        notes: What else a reader should know.
    """

    folder: Path
    made_from: str = ""
    clips: dict[str, list[BeatClip]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    refused: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    duplicates: dict[str, str] = field(default_factory=dict)
    silent: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What happened, in one line and one for each note."""
        tracks = {split: len({clip.track_id for clip in clips}) for split, clips in self.clips.items()}
        counts = ", ".join(
            f"{len(clips)} clips of {tracks[split]} tracks for {split}" for split, clips in self.clips.items()
        )
        left_out = f"{len(self.refused)} refused, {len(self.broken)} skipped, {len(self.duplicates)} duplicates"
        notes = "".join(f"\n  {note}" for note in self.notes)
        return f"{self.folder}: {counts}; {left_out}, {self.silent} silent chunks{notes}"

    def facts(self, kind: str, options: PrepareOptions) -> dict[str, Any]:
        """What `typebeat.json` holds and the card tells."""
        return {
            "kind": kind,
            "made_from": self.made_from,
            "split_by": options.split_by,
            "validation_share": options.validation_share,
            "contact": options.contact,
            "refused": self.refused,
            "skipped": self.broken,
            "duplicates": self.duplicates,
            "silent_chunks": self.silent,
            "notes": self.notes,
            "typebeat": __version__,
        }


@dataclass(frozen=True)
class _Heard:
    """A track with its sound, measured."""

    track: Track
    audio: Audio
    sha256: str
    grid: Grid | None
    bpm: float
    key: str


def prepare(options: PrepareOptions, report: Report = print) -> Prepared:
    """Makes the dataset.

    Raises:
        DatasetError: nothing, or one track alone, can be used; all tracks would be in one split.
        HubError: the dataset on the Hub cannot be had.
        OSError: it cannot be written, such as on a full disk; the last dataset stays as it was.
    """
    # 1. the files, and what may be learnt from
    folder, made_from = source_folder(options.source)
    gate = find_tracks(folder)
    done = Prepared(options.out, made_from, refused=gate.refused)
    for name, why in gate.refused.items():
        report(f"refused: {name}: {why}")
    # 2. their sound, measured; broken ones and duplicates are left out
    remove_vocals = _vocal_remover(done.notes)
    prints: dict[str, tuple[str, Fingerprint]] = {}
    heard = []
    for track in gate.tracks:
        name = track.path.name
        try:
            heard.append(_hear(track, options.style, prints, remove_vocals))
        except DuplicateError as error:
            done.duplicates[name] = str(error)
            report(f"duplicate: {name}: {error}")
        except DatasetError as error:
            done.broken[name] = str(error)
            report(f"skipped: {name}: {error}")
    if not heard:
        raise DatasetError(
            f"none of the {len(gate.tracks) + len(gate.refused)} files in {folder} can be used; see above"
        )
    # 3. who is for validation
    splits = split_tracks([each.track for each in heard], options.split_by, options.validation_share)
    # 4. clips, metadata, card: the folder appears whole
    part = options.out.with_name(f".{options.out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for each in heard:
            split = splits[each.track.track_id]
            done.clips[split] += _write_clips(each, part / split, done)
        for split, clips in done.clips.items():
            if not clips:
                raise DatasetError(f"no track of the split {split} has 5 seconds of sound")
            write_split(part, split, clips)
        _note_words(done)
        write_beat_card(part, done.facts("beats", options), [clip for clips in done.clips.values() for clip in clips])
        shutil.rmtree(options.out, ignore_errors=True)
        part.rename(options.out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    done.clips = {split: list(read_split(options.out, split)) for split in SPLITS}
    report(done.summary)
    return done


def _note_words(done: Prepared) -> None:
    """Says which clips have no words beside style, tempo and key."""
    clips = [clip for clips in done.clips.values() for clip in clips]
    bare = sum(not clip.words for clip in clips)
    if bare:
        done.notes.append(
            f"{bare} of {len(clips)} clips have no words for mood and instruments: their captions tell style, tempo "
            "and key alone"
        )
    own = sorted({clip.style for clip in clips} - set(STYLES))
    if own:
        done.notes.append(f"styles that the page does not offer: {', '.join(own)}")


def _hear(
    track: Track,
    style: str,
    prints: dict[str, tuple[str, Fingerprint]],
    remove_vocals: Callable[[Audio], Audio] | None,
) -> _Heard:
    """Reads and measures a track, and remembers its fingerprint.

    Raises:
        DatasetError: it cannot be used. DuplicateError: it is another track again.
    """
    style = track.style or style
    if not style:
        raise DatasetError("neither its sidecar nor its name tells a style; give one, or --style for all")
    audio = read_sound(track.path)
    sha256, mine = pcm_sha256(audio), fingerprint(audio)
    for other, (other_sha256, theirs) in prints.items():
        if sha256 == other_sha256:
            raise DuplicateError(f"the same samples as {other}")
        if match(mine, theirs).is_same:
            raise DuplicateError(f"nearly the same sound as {other}")
    prints[track.path.name] = (sha256, mine)
    passport = measure(audio, bpm=track.bpm, key=track.key)
    if remove_vocals is not None:
        audio = remove_vocals(audio)
    grid: Grid | None = passport.grid if passport.bpm_confidence >= SURE_OF_TEMPO else None
    bpm = written(passport.grid.bpm)
    if track.bpm is not None and abs(bpm - track.bpm) > OTHER_TEMPO_BPM:  # then it is as told, but not cut at bars
        bpm, grid = track.bpm, None
    key = track.key or passport.key
    if not key:
        raise DatasetError("nothing in it has a pitch, and no key is told")
    return _Heard(replace(track, style=style), audio, sha256, grid, bpm, key)


def written(bpm: float) -> float:
    """Returns the tempo as a producer would write it: a whole or half number where the measured one is next to it."""
    half = round(bpm * 2) / 2
    return half if abs(bpm - half) < 0.1 else round(bpm, 1)


def _vocal_remover(notes: list[str]) -> Callable[[Audio], Audio] | None:
    """Returns what removes vocals if Demucs' weights can be had, else None and a note that says why."""
    try:
        splitter = load_stem_splitter("auto")
    except WeightsError as error:
        notes.append(f"vocals are left in: {error}")
        return None
    if not isinstance(splitter, DemucsSplitter):
        notes.append("vocals are left in: Demucs' weights are not on this machine; give instrumentals")
        return None
    notes.append("vocals are removed by Demucs")
    return splitter.without_vocals


def _write_clips(heard: _Heard, folder: Path, done: Prepared) -> list[BeatClip]:
    """Cuts a track, and writes its clips as 16-bit FLAC."""
    track, clips = heard.track, []
    for chunk in cut_points(heard.audio.seconds, heard.grid):
        sound = stretch(heard.audio, chunk)
        if sound is None:
            done.silent += 1
            continue
        sound = levelled(sound)
        name = re.sub(r"[^\w-]+", "_", track.track_id)
        path = folder / f"{name}-{heard.sha256[:6]}_{round(chunk.start * 1000):07d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound.samples.T, sound.sample_rate, subtype="PCM_16")
        clips.append(
            BeatClip(
                path=path,
                caption=beat_caption(track.words, track.style, heard.bpm, heard.key),
                style=track.style,
                bpm=heard.bpm,
                key=heard.key,
                words=track.words,
                track_id=track.track_id,
                creator=track.creator,
                licence=track.licence,
                source=track.source,
                start_s=round(chunk.start, 4),
                seconds=round(sound.seconds, 4),
                bars=chunk.bars,
                lufs=round(loudness_lufs(sound), 2),
                sha256=heard.sha256,
            )
        )
    return clips


if __name__ == "__main__":
    run_command(PrepareOptions, prepare, "training.prepare_beats", __doc__)
