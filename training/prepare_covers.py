"""Makes a dataset to train on from a folder of pictures.

    python -m training.prepare_covers --source pictures/ --out prepared/

Checks rights, leaves out duplicates, cuts squares, writes captions, splits into training and validation, and writes a
card. Sidecar files have the same format as for beats (data/tracks.py). Choose pictures without letters and without
recognisable faces: a model that learns from such pictures draws them too.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy.fft import dctn

from training.data.preparation import DuplicateError, Prepared, PrepareOptions, write_dataset
from training.data.records import CoverImage, DatasetError
from training.data.tracks import PICTURES, Track, find_tracks
from training.hub.dataset_card import write_cover_card
from training.hub.folders import source_folder
from training.runs.options import OptionsError, Say, option, run_command
from typebeat.covers.looks import cover_prompt
from typebeat.request.styles import STYLES

SMALLEST_SIDE = 128  # pixels
_HASH_SIDE, _HASH_PIXELS = 8, 32
SAME_BITS = 6  # two pictures are the same if at most this many of their 64 hash bits differ


@dataclass(frozen=True, kw_only=True)
class CoverOptions(PrepareOptions):
    """What to prepare, and where to write it."""

    side: int = option("largest width and height of the squares that are written, in pixels", 1024)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.side < SMALLEST_SIDE:
            raise OptionsError(f"side is {self.side}; {SMALLEST_SIDE} at least is wanted")


def prepare(options: CoverOptions, say: Say = print) -> Prepared:
    """Makes the dataset. Raises as `prepare_beats.prepare` does."""
    folder, made_from = source_folder(options.source)
    gate, done = find_tracks(folder, PICTURES), Prepared(options.out, made_from)

    def write_card(part: Path) -> None:
        write_cover_card(part, done.facts("covers", options), done.records)

    read = partial(_read_square, largest=options.side, hashes={})
    return write_dataset(done, gate, options, CoverImage, read, _write, write_card, say)


def picture_hash(picture: Image.Image) -> np.ndarray:
    """Returns 64 bits that survive a change of size, format or brightness: which low cosines exceed their median."""
    grey = np.asarray(picture.convert("L").resize((_HASH_PIXELS, _HASH_PIXELS), Image.Resampling.LANCZOS), np.float32)
    low = dctn(grey)[:_HASH_SIDE, :_HASH_SIDE].ravel()
    return low > np.median(low[1:])


def _read_square(track: Track, largest: int, hashes: dict[str, np.ndarray]) -> Image.Image:
    """Reads a picture, cuts a square from its middle, and adds its hash to `hashes`.

    Raises:
        DatasetError: it cannot be used. DuplicateError: it is the same as an earlier picture.
    """
    try:
        with Image.open(track.path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise DatasetError("it cannot be read as a picture") from error
    if min(picture.size) < SMALLEST_SIDE:
        raise DatasetError(f"it has {picture.size[0]} x {picture.size[1]} pixels; {SMALLEST_SIDE} at least are wanted")
    mine = picture_hash(picture)
    for other, theirs in hashes.items():
        if np.count_nonzero(mine != theirs) <= SAME_BITS:
            raise DuplicateError(f"nearly the same picture as {other}")
    hashes[track.path.name] = mine
    side = min(largest, *picture.size)
    return ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def _write(track: Track, picture: Image.Image, folder: Path) -> list[CoverImage]:
    """Writes a picture as PNG; a missing tempo or key is replaced by a usual one of the style."""
    usual = STYLES.get(track.style)
    bpm = track.bpm or (round((usual.bpm_low + usual.bpm_high) / 2) if usual else 110.0)
    key = track.key or (usual.keys[0] if usual else "A minor")
    sha256 = hashlib.sha256(picture.tobytes()).hexdigest()
    name = re.sub(r"[^\w-]+", "_", track.track_id)
    path = folder / f"{name}-{sha256[:6]}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    caption = cover_prompt(track.words, track.style, bpm, key)
    told = {"track_id": track.track_id, "creator": track.creator, "licence": track.licence, "source": track.source}
    return [CoverImage(path=path, caption=caption, style=track.style, words=track.words, sha256=sha256, **told)]


if __name__ == "__main__":
    run_command(CoverOptions, prepare, "training.prepare_covers", __doc__)
