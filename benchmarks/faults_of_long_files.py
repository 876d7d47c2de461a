"""The largest sounds that are allowed: ten minutes at 192 kHz, read and written down within a stated memory."""

from __future__ import annotations

from pathlib import Path

import soundfile

from benchmarks.served_app import ROOT
from typebeat.request.sound_limits import LONGEST_SECONDS
from typebeat.sound.audio import Audio, resample

LOOP = ROOT / "docs" / "samples" / "loop.ogg"
MOST_MB = 3000  # that a process takes at its peak while it writes down the longest file in stereo


def ten_minutes(file: Path, rate: int, channels: int = 1) -> Path:
    """Writes a file of ten minutes of a loop, and returns it."""
    sound, its_rate = soundfile.read(LOOP, dtype="float32", always_2d=True)
    one = resample(Audio(sound[:, :1].T, its_rate), rate).samples.T.repeat(channels, axis=1)
    with soundfile.SoundFile(file, "w", rate, channels) as opened:
        left = int(LONGEST_SECONDS) * rate
        while left > 0:
            opened.write(one[:left])
            left -= len(one)
    return file


