"""Reads the sound files that people bring: WAV, FLAC, MP3, OGG, AIFF and CAF of any rate, depth and number of channels.

A file that cannot be used is refused with one line that says what is wrong and what is allowed. `audio.py` writes.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from typebeat.request.options import RequestError
from typebeat.request.sound_limits import ALLOWED, LARGEST_MB, LONGEST_SECONDS, SHORTEST_SECONDS
from typebeat.sound.audio import RESAMPLING, SAMPLE_RATE, Audio

if TYPE_CHECKING:
    import soundfile

MOST_CHANNELS = 32
SLOWEST_RATE, FASTEST_RATE = 4_000, 192_000  # Hz
KEPT_RATE = 48_000  # Hz; higher rates are converted to 44.1 kHz

_SOUNDFILE_FORMATS = {"WAV", "WAVEX", "RF64", "W64", "FLAC", "MP3", "OGG", "AIFF", "CAF"}
_SILENT = 1e-4  # peak below which a file counts as silent: -80 dB
_MISSING_SHARE = 0.02  # share of the header's length that may be missing, since that of an MP3 is an estimate
_BLOCK_FRAMES = 2**18
_WITHOUT_NOTES = (
    b"RIFF",
    b"RF64",
    b"fLaC",
    b"OggS",
    b"FORM",
    b"caff",
)  # first bytes of formats whose decoders print nothing
# kinds that no permissive library reads: where their first bytes stand, what these are, and the name of the kind
_TO_CONVERT = (
    (4, b"ftyp", "M4A/AAC"),
    (0, b"\xff\xf1", "AAC"),
    (0, b"\xff\xf9", "AAC"),
    (0, b"\x30\x26\xb2\x75", "WMA"),
    (0, b"\x1a\x45\xdf\xa3", "WebM"),
    (0, b"#!AMR", "AMR"),
)
_QUIET = threading.Lock()


def read_audio(path: str | os.PathLike[str]) -> Audio:
    """Reads a whole sound file; more than two channels become one, a rate above 48 kHz becomes 44.1 kHz.

    Raises:
        RequestError: the field "file": the file does not exist, is no sound, is cut off, silent, too short or too
            long, or holds samples that are not numbers.
    """
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise _wrong(f"there is no file {_name(path)}")
    opened = False
    try:
        _check_kind_and_size(path)
        with _without_decoders_notes(path), soundfile.SoundFile(path) as file:
            opened = True
            _check_header(path, file)
            return _decode(path, file)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        what = "is damaged or cut off" if opened else "is no sound that can be read"
        raise _wrong(f"{_name(path)} {what}; allowed: {ALLOWED}") from error
    except OSError as error:
        raise _wrong(f"{_name(path)} cannot be read: {error.strerror}") from error


def _check_kind_and_size(path: Path) -> None:
    """Refuses what is too large, or of a kind that must be converted first, before anything is opened as sound."""
    size = path.stat().st_size
    if size > LARGEST_MB * 1_000_000:
        raise _wrong(f"{_name(path)} is {size / 1e6:.0f} MB large; allowed: {ALLOWED}")
    with path.open("rb") as file:
        begins = file.read(12)
    for at, mark, kind in _TO_CONVERT:
        if begins[at : at + len(mark)] == mark:
            wav = shlex.quote(f"{path.stem}.wav")
            raise _wrong(
                f"{_name(path)} is {kind}, which cannot be read here; convert it first, for example with "
                f"ffmpeg -i {shlex.quote(path.name)} {wav} (on a Mac: afconvert -f WAVE -d LEI16), or export it as WAV"
            )


def _check_header(path: Path, file: soundfile.SoundFile) -> None:
    """Refuses an unusable file by its header, before anything is decoded."""
    if file.format not in _SOUNDFILE_FORMATS:
        raise _wrong(f"{_name(path)} is a file of the kind {file.format}; allowed: {ALLOWED}")
    if not SLOWEST_RATE <= file.samplerate <= FASTEST_RATE:
        allowed = f"{SLOWEST_RATE / 1000:g} to {FASTEST_RATE / 1000:g} kHz"
        raise _wrong(f"{_name(path)} has a sample rate of {file.samplerate / 1000:g} kHz; allowed: {allowed}")
    if file.channels > MOST_CHANNELS:
        raise _wrong(f"{_name(path)} has {file.channels} channels; up to {MOST_CHANNELS} are allowed")
    _check_length(path, file.frames / file.samplerate)


def _decode(path: Path, file: soundfile.SoundFile) -> Audio:
    """Decodes and resamples in blocks, never beyond the allowed length, whatever the header says."""
    rate, channels = file.samplerate, file.channels if file.channels <= 2 else 1
    limit = int(LONGEST_SECONDS * rate) + 1
    kept = _Collected(rate, channels, min(file.frames, limit))
    frames, peak, are_numbers = 0, 0.0, True
    while frames < limit and len(block := file.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
        mixed = block if file.channels <= 2 else block.mean(axis=1, keepdims=True)
        are_numbers = are_numbers and bool(np.isfinite(mixed).all())
        peak = max(peak, float(mixed.max()), -float(mixed.min()))
        kept.add(mixed)
        frames += len(block)
    seconds, promised = frames / rate, file.frames / rate
    if promised - seconds > max(_MISSING_SHARE * promised, 0.1):
        raise _wrong(f"{_name(path)} is cut off: {seconds:.1f} s of {promised:.1f} s are there; allowed: whole files")
    _check_length(path, seconds)
    if not are_numbers:
        raise _wrong(f"{_name(path)} holds samples that are not numbers; export it again as 16 or 24 bit")
    if peak < _SILENT:
        raise _wrong(f"{_name(path)} is silent; bring a sound that can be heard")
    return kept.audio()


class _Collected:
    """Blocks of a sound at the rate that is kept, in one array from the start, so that no two copies of it are held.

    Args:
        rate: Of the blocks, in Hz.
        channels: Of the blocks.
        frames: How many frames of the blocks are expected; more are taken too.
    """

    def __init__(self, rate: int, channels: int, frames: int) -> None:
        import soxr

        self._rate = rate if rate <= KEPT_RATE else SAMPLE_RATE
        self._stream = None
        if self._rate != rate:
            self._stream = soxr.ResampleStream(rate, self._rate, channels, dtype="float32", quality=RESAMPLING)
        self._samples = np.empty((frames * self._rate // rate + 1, channels), np.float32)
        self._n = 0

    def add(self, block: np.ndarray) -> None:
        """Adds a block, (frames, channels) float32."""
        self._put(block if self._stream is None else self._stream.resample_chunk(block))

    def audio(self) -> Audio:
        """Returns the whole sound; nothing may be added after that."""
        if self._stream is not None:
            self._put(self._stream.resample_chunk(np.empty((0, self._samples.shape[1]), np.float32), last=True))
        return Audio(self._samples[: self._n].T, self._rate)

    def _put(self, samples: np.ndarray) -> None:
        end = self._n + len(samples)
        if end > len(self._samples):  # the header promised less
            more = np.empty((2 * end, samples.shape[1]), np.float32)
            self._samples = np.concatenate([self._samples[: self._n], more])
        self._samples[self._n : end] = samples
        self._n = end


def _check_length(path: Path, seconds: float) -> None:
    if seconds < SHORTEST_SECONDS:
        raise _wrong(f"{_name(path)} is {seconds:.2g} s long; at least {SHORTEST_SECONDS:g} s are needed")
    if seconds > LONGEST_SECONDS:
        raise _wrong(f"{_name(path)} is {seconds / 60:.1f} minutes long; up to {LONGEST_SECONDS / 60:g} are allowed")


@contextmanager
def _without_decoders_notes(path: Path) -> Iterator[None]:
    """Keeps libmpg123 from printing its own messages about a damaged MP3.

    Meanwhile nothing else can reach stderr either, so this is not done for formats that do not need it.
    """
    with path.open("rb") as file:
        begins = file.read(4)
    if begins in _WITHOUT_NOTES:
        yield
        return
    with _QUIET:
        stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(nowhere)


def _wrong(message: str) -> RequestError:
    return RequestError("file", message)


def _name(path: Path) -> str:
    """Returns the file's name without its folders, shortened if it is very long."""
    name = path.name or str(path)
    return repr(name if len(name) <= 60 else f"{name[:57]}...")
