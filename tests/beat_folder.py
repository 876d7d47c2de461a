"""A folder of beats to learn from, as people have them: corpus beats of the test seeds, with sidecars."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from training.starter.simple_corpus.beats import make_beat

CREATORS = ("Ada", "Bo", "Cy", "Di")  # by the hash of their names, Cy is for validation at a share of a third


def write_beat(folder: Path, seed: int, creator: str, *, bars: int = 4, **told: Any) -> Path:
    """Writes a corpus beat of this seed and its sidecar; `told` changes what the sidecar says, None leaves it out."""
    beat = make_beat(seed, bars)
    path = folder / f"beat{seed}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, beat.mix, beat.sample_rate)
    tags = beat.score.tags
    said = {
        "creator": creator,
        "licence": "cc-by-4.0",
        "source": f"https://example.com/{seed}",
        "style": tags.style,
        "bpm": tags.bpm,
        "key": tags.key,
        "mood": ["dark", "eerie"],
        "instruments": ["bells"],
        **told,
    }
    path.with_suffix(".json").write_text(json.dumps({name: value for name, value in said.items() if value is not None}))
    return path


def write_beats(folder: Path, count: int = 4, bars: int = 4) -> Path:
    """Writes `count` beats, each by another creator in turn."""
    for seed in range(count):
        write_beat(folder, seed, CREATORS[seed % len(CREATORS)], bars=bars)
    return folder


def tone(path: Path, seconds: float, hertz: float = 110.0, rate: int = 16_000) -> Path:
    """Writes a plain sound of an exact length."""
    time = np.arange(round(seconds * rate)) / rate
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hertz * time) * (time % 0.5 < 0.3), rate)
    return path
