"""Encodes clips as codec tokens, once, and keeps them on disk for all later runs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from training.data.records import BeatClip, DatasetError
from training.runs.errors import TrainingError
from training.runs.files import write_whole
from training.runs.options import Say
from typebeat.sound.audio import resample

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel

SHORTEST_FRAMES = 8  # shorter clips are left out


@dataclass(frozen=True)
class TokenClip:
    """A clip and its codec tokens, (K, T) int16."""

    clip: BeatClip
    codes: np.ndarray


def tokenize_clips(
    codec: CompressionModel, codec_name: str, clips: Sequence[BeatClip], cache: Path, say: Say
) -> list[TokenClip]:
    """Encodes clips, or reads their tokens from the cache; a clip that cannot be read is reported and left out.

    Args:
        codec: The codec.
        codec_name: Name and revision of the codec, which identify its tokens in the cache.
        clips: The clips to encode.
        cache: Folder for the tokens, one small file per clip.
        say: Receives a line for each clip that is left out, and their number.

    Raises:
        TrainingError: no clip is left.
    """
    cache.mkdir(parents=True, exist_ok=True)
    found = []
    for clip in clips:
        try:
            codes = _tokens(codec, codec_name, clip, cache)
        except DatasetError as error:
            say(f"left out: {error}")
            continue
        if codes.shape[1] < SHORTEST_FRAMES:
            say(f"left out: {clip.path} is only {codes.shape[1]} frames long")
            continue
        found.append(TokenClip(clip, codes))
    if len(found) < len(clips):
        say(f"{len(clips) - len(found)} of {len(clips)} clips were left out")
    if not found:
        raise TrainingError(f"none of the {len(clips)} clips can be used")
    return found


def _tokens(codec: CompressionModel, codec_name: str, clip: BeatClip, cache: Path) -> np.ndarray:
    try:
        content = clip.path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{clip.path} cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(codec_name.encode() + b"\0" + content).hexdigest()[:24]
    file = cache / f"tokens-{digest}.npy"
    if not file.is_file():
        codes = encode(codec, clip).astype(np.int16)
        write_whole(file, lambda part: _save(part, codes))
    return np.load(file)


@torch.inference_mode()
def encode(codec: CompressionModel, clip: BeatClip) -> np.ndarray:
    """Returns the tokens of a clip, (K, T) int64."""
    samples = resample(clip.audio(), int(codec.sample_rate)).samples
    if len(samples) != codec.channels:
        samples = samples.mean(axis=0, keepdims=True).repeat(codec.channels, axis=0)
    device = next(codec.parameters()).device
    codes, _ = codec.encode(torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None].to(device))
    return codes[0].cpu().numpy()


def _save(part: Path, codes: np.ndarray) -> None:
    with part.open("wb") as opened:  # given a path, numpy would add an ending to it
        np.save(opened, codes)
