"""Divides tracks into training and validation by a hash, so that a track keeps its split when others are added."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from training.data.records import SPLITS, DatasetError
from training.data.tracks import Track

SPLIT_BY = ("creator", "track")


def split_of(name: str, validation_share: float) -> str:
    """Returns "train" or "validation" for the name of a creator or track; the result never changes."""
    place = int(hashlib.sha1(name.encode("utf-8")).hexdigest(), 16) % 10_000 / 10_000
    return SPLITS[1] if place < validation_share else SPLITS[0]


def split_tracks(tracks: Sequence[Track], by: str, validation_share: float) -> dict[str, str]:
    """Returns the split of each track id.

    Raises:
        DatasetError: all tracks would be in one split.
    """
    if len(tracks) == 1:
        raise DatasetError("there is one usable track; two at least are needed, one to train on, one to validate with")
    splits = {track.track_id: split_of(getattr(track, "creator" if by == "creator" else "track_id"), validation_share)
              for track in tracks}  # fmt: skip
    if len(set(splits.values())) == 1:
        creators = len({track.creator for track in tracks})
        raise DatasetError(
            f"all {len(tracks)} tracks of {creators} creators fall into {next(iter(splits.values()))}; add tracks, "
            "split by track instead of by creator, or change the validation share"
        )
    return splits
