"""From a folder of pictures to a dataset of covers to learn from: rights, duplicates, squares, captions, splits, card.

    python -m training.prepare_covers --source pictures/ --out prepared/

Sidecars and the rights gate are those of beats (data/tracks.py). Take pictures without letters and without faces of
people who can be told: a model that learns from them draws both.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy.fft import dctn

from training.data.dataset import SPLITS, CoverImage, DatasetError, read_split, write_split
from training.data.splits import SPLIT_BY, split_tracks
from training.data.tracks import PICTURES, Track, find_tracks
from training.hub.dataset_card import write_cover_card
from training.hub.folders import source_folder
from training.prepare_beats import DuplicateError, Prepared, Report
from training.runs.options import OptionsError, option, run_command
from typebeat.covers.looks import cover_prompt
from typebeat.request.styles import STYLES

SMALLEST_SIDE = 128  # pixels
_HASH_SIDE, _HASH_PIXELS = 8, 32
SAME_BITS = 6  # pictures whose hashes differ in no more of 64 bits are the same picture


@dataclass(frozen=True, kw_only=True)
class CoverOptions:
    """What to prepare, and where."""

    source: str = option("a folder of pictures with their sidecars, or a dataset on the Hub, owner/name[@revision]")
    out: Path = option("the folder that gets the dataset; what it held is replaced")
    style: str = option("style of the pictures whose sidecar and name do not tell one", "")
    side: int = option("width and height of what is written, in pixels; bigger ones are scaled down", 1024)
    split_by: str = option(f"what is never divided by the split: {' or '.join(SPLIT_BY)}", "creator")
    validation_share: float = option("share of creators or pictures that is for validation, 0 to 1", 0.1)
    contact: str = option("whom somebody writes to who finds a picture of theirs in it, for the card", "")

    def __post_init__(self) -> None:
        if self.split_by not in SPLIT_BY:
            raise OptionsError(f"split_by is {self.split_by!r}; allowed are {', '.join(SPLIT_BY)}")
        if not 0 < self.validation_share < 1:
            raise OptionsError(f"validation_share is {self.validation_share:g}; it lies between 0 and 1")
        if self.side < SMALLEST_SIDE:
            raise OptionsError(f"side is {self.side}; {SMALLEST_SIDE} at least is wanted")


def prepare(options: CoverOptions, report: Report = print) -> Prepared:
    """Makes the dataset. Raises as `prepare_beats.prepare` does."""
    folder, made_from = source_folder(options.source)
    gate = find_tracks(folder, PICTURES)
    done = Prepared(options.out, made_from, refused=gate.refused)
    for name, why in gate.refused.items():
        report(f"refused: {name}: {why}")
    hashes: dict[str, np.ndarray] = {}
    seen: list[tuple[Track, Image.Image]] = []
    for track in gate.tracks:
        try:
            seen.append(_see(track, options, hashes))
        except DuplicateError as error:
            done.duplicates[track.path.name] = str(error)
            report(f"duplicate: {track.path.name}: {error}")
        except DatasetError as error:
            done.broken[track.path.name] = str(error)
            report(f"skipped: {track.path.name}: {error}")
    if not seen:
        raise DatasetError(f"none of {len(gate.tracks) + len(gate.refused)} files in {folder} can be used; see above")
    splits = split_tracks([track for track, _ in seen], options.split_by, options.validation_share)
    part = options.out.with_name(f".{options.out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for track, picture in seen:
            split = splits[track.track_id]
            done.clips[split].append(_write(track, picture, part / split))
        for split, covers in done.clips.items():
            write_split(part, split, covers)
        covers = [cover for covers in done.clips.values() for cover in covers]
        write_cover_card(part, done.facts("covers", options), covers)
        shutil.rmtree(options.out, ignore_errors=True)
        part.rename(options.out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    done.clips = {split: list(read_split(options.out, split, CoverImage)) for split in SPLITS}
    report(done.summary)
    return done


def picture_hash(picture: Image.Image) -> np.ndarray:
    """Returns 64 bits that stand another size, format and brightness: which low cosines are above their median."""
    grey = np.asarray(picture.convert("L").resize((_HASH_PIXELS, _HASH_PIXELS), Image.Resampling.LANCZOS), np.float32)
    low = dctn(grey)[:_HASH_SIDE, :_HASH_SIDE].ravel()
    return low > np.median(low[1:])


def _see(track: Track, options: CoverOptions, hashes: dict[str, np.ndarray]) -> tuple[Track, Image.Image]:
    """Reads a picture, cuts it square around its middle, and remembers its hash.

    Raises:
        DatasetError: it cannot be used. DuplicateError: it is another one again.
    """
    style = track.style or options.style
    if not style:
        raise DatasetError("neither its sidecar nor its name tells a style; give one, or --style for all")
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
    side = min(options.side, *picture.size)
    return replace(track, style=style), ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def _write(track: Track, picture: Image.Image, folder: Path) -> CoverImage:
    """Writes a picture as PNG. A tempo or key that nothing tells is a usual one of the style."""
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
    return CoverImage(path=path, caption=caption, style=track.style, words=track.words, sha256=sha256, **told)


if __name__ == "__main__":
    run_command(CoverOptions, prepare, "training.prepare_covers", __doc__)
