"""Makes a dataset to train on from a folder of beats.

    python -m training.prepare_beats --source beats/ --out prepared/
    python -m training.prepare_beats --config training/configs/prepare_beats.toml

Checks rights, leaves out duplicates, removes vocals, measures tempo and key, cuts at bars, writes captions, splits into
training and validation, and writes a card. Everything that is left out is named and counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import soundfile

from training.data import preparation
from training.data.chunks import cut_alike, cut_points, gain_to_level, stretch
from training.data.fingerprints import Fingerprint, match, pcm_sha256, sound_fingerprint
from training.data.preparation import DuplicateError, Prepared, write_dataset
from training.data.recordings import read_sound
from training.data.records import BeatClip, DatasetError
from training.data.stems import stems_of, write_stems
from training.data.tracks import Track, find_tracks
from training.hub.dataset_card import write_beat_card
from training.hub.folders import source_folder
from training.runs.options import Say, option, run_command
from typebeat.engines import WeightsError
from typebeat.engines.stems import DemucsSplitter, load_stem_splitter
from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.request.styles import STYLES
from typebeat.request.words import beat_caption
from typebeat.sound.audio import Audio
from typebeat.sound.mastering import loudness_lufs

SURE_OF_TEMPO = 0.3  # lowest bpm_confidence at which a beat is cut at bars
OTHER_TEMPO_BPM = 1.0  # largest difference between the measured and the stated tempo


@dataclass(frozen=True, kw_only=True)
class PrepareOptions(preparation.PrepareOptions):
    """What beats to prepare, and where to write them."""

    stems: bool = option("keep bass, drums and other of each clip too, for a model of stems: given or split", False)


@dataclass(frozen=True)
class MeasuredSound:
    """The sound of a track and what was measured in it; the grid is None where the tempo is uncertain."""

    audio: Audio
    stems: Audio | None  # of a track that is kept with its stems
    sha256: str
    grid: Grid | None
    bpm: float
    key: str


def prepare(options: PrepareOptions, say: Say = print) -> Prepared:
    """Makes the dataset.

    Raises:
        HubError: the dataset cannot be fetched from the Hub.
        DatasetError, OSError: as `write_dataset`.
    """
    folder, made_from = source_folder(options.source)
    gate, done = find_tracks(folder), Prepared(options.out, made_from)

    def write_card(part: Path) -> None:
        for split, clips in done.clips.items():
            if not clips:
                raise DatasetError(f"no track of the split {split} has 5 seconds of sound")
        _note_words(done)
        write_beat_card(part, done.facts("beats", options), done.records)

    splitter = _splitter(done.notes)
    read = partial(_measure, prints={}, splitter=splitter, with_stems=options.stems)
    return write_dataset(done, gate, options, BeatClip, read, partial(_write_clips, done), write_card, say)


def _note_words(done: Prepared) -> None:
    """Notes how many clips have no words besides style, tempo and key, and which styles the app does not offer."""
    clips = done.records
    bare = sum(not clip.words for clip in clips)
    if bare:
        done.notes.append(
            f"{bare} of {len(clips)} clips have no words for mood and instruments: their captions tell style, tempo "
            "and key alone"
        )
    own = sorted({clip.style for clip in clips} - set(STYLES))
    if own:
        done.notes.append(f"styles that the page does not offer: {', '.join(own)}")


def _measure(
    track: Track, prints: dict[str, tuple[str, Fingerprint]], splitter: DemucsSplitter | None, with_stems: bool
) -> MeasuredSound:
    """Reads and measures a track, and adds its fingerprint to `prints`.

    Raises:
        DatasetError: it cannot be used. DuplicateError: it is the same as an earlier track.
    """
    audio = read_sound(track.path)
    sha256, mine = pcm_sha256(audio), sound_fingerprint(audio)
    for other, (other_sha256, theirs) in prints.items():
        if sha256 == other_sha256:
            raise DuplicateError(f"the same samples as {other}")
        if match(mine, theirs).is_same:
            raise DuplicateError(f"nearly the same sound as {other}")
    prints[track.path.name] = (sha256, mine)
    passport = measure(audio, bpm=track.bpm, key=track.key)
    if splitter is not None:
        audio = splitter.without_vocals(audio)
    stems = stems_of(track.path, audio, splitter) if with_stems else None
    grid: Grid | None = passport.grid if passport.bpm_confidence >= SURE_OF_TEMPO else None
    bpm = written(passport.grid.bpm)
    if track.bpm is not None and abs(bpm - track.bpm) > OTHER_TEMPO_BPM:  # trust the stated tempo, but do not cut by it
        bpm, grid = track.bpm, None
    key = track.key or passport.key
    if not key:
        raise DatasetError("nothing in it has a pitch, and no key is told")
    return MeasuredSound(audio, stems, sha256, grid, bpm, key)


def written(bpm: float) -> float:
    """Rounds a tempo as a producer would write it: to a whole or half number if one is near, else to one decimal."""
    half = round(bpm * 2) / 2
    return half if abs(bpm - half) < 0.1 else round(bpm, 1)


def _splitter(notes: list[str]) -> DemucsSplitter | None:
    """Returns what removes vocals and splits stems, or None without Demucs' weights; notes which of the two it is."""
    try:
        splitter = load_stem_splitter("auto")
    except WeightsError as error:
        notes.append(f"vocals are left in: {error}")
        return None
    if not isinstance(splitter, DemucsSplitter):
        notes.append("vocals are left in: Demucs' weights are not on this machine; give instrumentals")
        return None
    notes.append("vocals are removed by Demucs")
    return splitter


def _write_clips(done: Prepared, track: Track, measured: MeasuredSound, folder: Path) -> list[BeatClip]:
    """Cuts a track into clips, writes them as 16-bit FLAC, and counts the silent chunks in `done`."""
    clips = []
    for chunk in cut_points(measured.audio.seconds, measured.grid):
        sound = stretch(measured.audio, chunk)
        if sound is None:
            done.silent += 1
            continue
        stems = cut_alike(measured.stems, chunk) if measured.stems else None
        gain = gain_to_level(sound, stems)
        sound = Audio(sound.samples * gain, sound.sample_rate)
        name = re.sub(r"[^\w-]+", "_", track.track_id)
        path = folder / f"{name}-{measured.sha256[:6]}_{round(chunk.start * 1000):07d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound.samples.T, sound.sample_rate, subtype="PCM_16")
        if stems:
            write_stems(path, Audio(stems.samples * gain, stems.sample_rate))
        clips.append(
            BeatClip(
                path=path,
                caption=beat_caption(track.words, track.style, measured.bpm, measured.key),
                style=track.style,
                bpm=measured.bpm,
                key=measured.key,
                words=track.words,
                track_id=track.track_id,
                creator=track.creator,
                licence=track.licence,
                source=track.source,
                start_s=round(chunk.start, 4),
                seconds=round(sound.seconds, 4),
                bars=chunk.bars,
                lufs=round(loudness_lufs(sound), 2),
                sha256=measured.sha256,
            )
        )
    return clips


if __name__ == "__main__":
    run_command(PrepareOptions, prepare, "training.prepare_beats", __doc__)
