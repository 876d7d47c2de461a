"""The stems of beats to train a model of stems on: given beside a beat or split by Demucs, kept beside its clips.

A beat `night.wav` may have a folder `night.stems/` with `drums.wav`, `bass.wav` (or `808.wav`) and any others, which
together are "other"; vocals are left out. Prepared stems lie in `stems/<split>/`, a file for each clip with a channel
for each of `STEMS`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from training.data.recordings import read_sound
from training.data.records import BeatClip, DatasetError
from training.data.tracks import SOUNDS, STEMS_ENDING
from typebeat.engines.beat.formats import STEMS
from typebeat.sound.audio import Audio, resample

if TYPE_CHECKING:
    from typebeat.engines import StemSplitter

FOLDER = "stems"
LEFT_OUT = ("vocals", "vocal", "voice")
SLACK_SECONDS = 0.02  # that stems may differ from their beat by, as encoders pad what they write
_NAMES = {"808": "bass", "bass": "bass", "drums": "drums"}  # all others are "other"


def stems_of(path: Path, audio: Audio, splitter: StemSplitter | None) -> Audio:
    """Returns the stems of a beat, a mono channel for each of `STEMS`, as long as the beat and at its rate.

    Args:
        path: The file of the beat, beside which stems may be given.
        audio: The beat.
        splitter: Splits it where none are given.

    Raises:
        DatasetError: given stems are broken, differ in length or lack drums or bass; or there is nothing to split with.
    """
    folder = path.with_suffix(STEMS_ENDING)
    if folder.is_dir():
        return _given(folder, audio)
    if splitter is None:
        raise DatasetError(f"it has no stems: give them in {folder.name}/, or get Demucs' weights, which split it")
    split = splitter.split(audio).sounds
    return Audio(np.stack([split[stem].samples.mean(axis=0) for stem in STEMS]), audio.sample_rate)


def write_stems(clip: Path, stems: Audio) -> None:
    """Writes the stems of a clip, each as it is in the clip, where `read_stems` finds them."""
    file = _place(clip)
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, stems.samples.T, stems.sample_rate, subtype="PCM_24")


def read_stems(clip: BeatClip) -> Audio:
    """Returns the stems of a clip, a channel for each of `STEMS`. Raises DatasetError if there are none."""
    file = stems_file(clip)
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, ValueError) as error:
        raise DatasetError(f"{file} cannot be read as sound ({error})") from error
    if samples.shape[1] != len(STEMS):
        raise DatasetError(f"{file} has {samples.shape[1]} channels; wanted is one for each of {', '.join(STEMS)}")
    return Audio(samples.T, rate)


def stems_file(clip: BeatClip) -> Path:
    """Returns the file with the stems of a clip. Raises DatasetError if there is none."""
    file = _place(clip.path)
    if not file.is_file():
        raise DatasetError(f"{clip.path} has no stems; a model of stems learns from what prepare_beats --stems made")
    return file


def _place(clip: Path) -> Path:
    return clip.parents[1] / FOLDER / clip.parent.name / clip.name


def _given(folder: Path, audio: Audio) -> Audio:
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SOUNDS)
    found = {file: read_sound(file) for file in files if file.stem.lower() not in LEFT_OUT}
    lengths = {file.name: sound.seconds for file, sound in found.items()}
    if any(abs(seconds - audio.seconds) > SLACK_SECONDS for seconds in lengths.values()):
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in lengths.items())
        raise DatasetError(f"its stems differ in length from its {audio.seconds:.2f} s: {told}")
    sums = {stem: np.zeros(audio.length, np.float32) for stem in STEMS}
    for file, sound in found.items():
        mono = resample(sound, audio.sample_rate).samples.mean(axis=0)[: audio.length]
        sums[_stem(file)][: len(mono)] += mono
    if missing := [stem for stem in ("drums", "bass") if stem not in {_stem(file) for file in found}]:
        raise DatasetError(f"its {folder.name}/ holds no {' and no '.join(missing)}; a silent file says there is none")
    return Audio(np.stack(list(sums.values())), audio.sample_rate)


def _stem(file: Path) -> str:
    return _NAMES.get(file.stem.lower(), "other")
