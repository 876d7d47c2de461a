"""Prepared beats and covers to train tiny models on: clicks over a tone, and pictures in red."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from training.data.records import SPLITS, BeatClip, CoverImage, write_split
from typebeat.request.words import beat_caption

SAMPLE_RATE = 16_000  # Hz
TRAIN, HELD_OUT = 4, 2
SIDE = 32  # pixels


def save_beats(folder: Path, seconds: float = 4.0) -> Path:
    """Writes an AudioFolder of `TRAIN` and `HELD_OUT` clips of different tracks."""
    for split, count in zip(SPLITS, (TRAIN, HELD_OUT), strict=True):
        (folder / split).mkdir(parents=True)
        clips = []
        for i in range(count):
            bpm, path = 120.0 + 5 * i, folder / split / f"track{i}_0.flac"
            time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
            clicks = np.exp(-40 * (time % (60 / bpm)))
            soundfile.write(path, 0.2 * np.sin(2 * np.pi * (110 + 20 * i) * time) + 0.4 * clicks, SAMPLE_RATE)
            words, key = ("dark bells", "warm keys", "hard 808", "dreamy pad")[i % 4], "F minor"
            facts = {"creator": "me", "licence": "own work", "source": "made here", "start_s": 0.0, "bars": 2}
            facts |= {"seconds": seconds, "lufs": -14.0, "sha256": f"{split}{i}", "track_id": f"{split}{i}"}
            clips.append(BeatClip(path, beat_caption(words, "phonk", bpm, key), "phonk", bpm, key, words, **facts))
        write_split(folder, split, clips)
    return folder


def save_pictures(folder: Path, count: int = 6) -> Path:
    """Writes an ImageFolder of red pictures of two styles in turn, `count` to learn from and 2 to validate on."""
    rng = np.random.default_rng(0)
    for split, many in zip(SPLITS, (count, 2), strict=True):
        (folder / split).mkdir(parents=True)
        records = []
        for i in range(many):
            path = folder / split / f"{i}.png"
            pixels = rng.integers(0, 40, (SIDE, SIDE, 3)).astype(np.uint8)
            pixels[..., 0] += 200
            Image.fromarray(pixels).save(path)
            style = ("travis-scott", "kid-cudi")[i % 2]
            facts = {"creator": "me", "licence": "own work", "source": "drawn", "sha256": str(i)}
            records.append(CoverImage(path, f"album cover, red {i}", style, f"red {i}", f"{split}{i}", **facts))
        write_split(folder, split, records)
    return folder
