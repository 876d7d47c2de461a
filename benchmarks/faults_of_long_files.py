"""The largest sounds that are allowed: ten minutes at 192 kHz, read within a stated memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil
import soundfile

from benchmarks.fault_trials import MADE, Outcome, ended, forked
from benchmarks.served_app import ROOT
from typebeat.request.sound_limits import LONGEST_SECONDS
from typebeat.sound.audio import Audio, resample
from typebeat.sound.files import FASTEST_RATE, read_audio

LOOP = ROOT / "docs" / "samples" / "loop.ogg"
READ_MB = 300  # the most that reading the longest file in stereo may take, beside what the process has already


def longest_file(channels: int) -> Outcome:
    """Ten minutes at 192 kHz in as many channels as stated under tried, read for MIDI within 300 MB."""
    with tempfile.TemporaryDirectory() as folder:
        file, told = ten_minutes(Path(folder) / "long.flac", FASTEST_RATE, channels), Path(folder) / "told"
        began = time.monotonic()
        code = ended(forked(lambda: _read(file, told), told))
        took = time.monotonic() - began
        read_mb = float(told.read_text())
        size_mb = file.stat().st_size / 1e6
    lost = (code != MADE) + (read_mb > READ_MB)
    return Outcome(channels, lost, "", round(took, 1), {"file_mb": round(size_mb), "grown_mb": round(read_mb)})


def _read(file: Path, told: Path) -> None:
    """Reads a file and writes down by how many megabytes the process was larger than before at its largest."""
    before = psutil.Process().memory_info().rss / 1e6
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    read_audio(file)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    told.write_text(str(int(peak.split()[1]) * 1024 / 1e6 - before))


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
