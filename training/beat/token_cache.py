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
from training.data.stems import read_stems, stems_file
from training.runs.errors import TrainingError
from training.runs.files import write_whole
from training.runs.options import Say
from typebeat.engines.beat.stem_prefix import plays_stems
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
    path = stems_file(clip) if plays_stems(codec) else clip.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(codec_name.encode() + b"\0" + content).hexdigest()[:24]
    file = cache / f"tokens-{digest}.npy"
    if not file.is_file():
        codes = encode(codec, clip).astype(np.int16)
        write_whole(file, lambda part: _save(part, codes))
    return np.load(file)


@torch.inference_mode()
def encode(codec: CompressionModel, clip: BeatClip) -> np.ndarray:
    """Returns the tokens of a clip, (K, T) int64: of its mix, or of its stems where the codec plays stems."""
    device = next(codec.parameters()).device
    if plays_stems(codec):
        samples = resample(read_stems(clip), int(codec.sample_rate)).samples
        stems = [torch.from_numpy(np.ascontiguousarray(stem, np.float32)).to(device) for stem in samples]
        return codec.encode_parts([stem.expand(1, codec.channels, -1) for stem in stems])[0].cpu().numpy()
    samples = resample(clip.audio(), int(codec.sample_rate)).samples
    if len(samples) != codec.channels:
        samples = samples.mean(axis=0, keepdims=True).repeat(codec.channels, axis=0)
    codes, _ = codec.encode(torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None].to(device))
    return codes[0].cpu().numpy()


def _save(part: Path, codes: np.ndarray) -> None:
    with part.open("wb") as opened:  # given a path, numpy would add an ending to it
        np.save(opened, codes)
