"""Defines `Audio`, the record for sound, and resamples it, mixes it to mono and encodes it as WAV.

Loudness is handled in `mastering.py`. numpy, and soxr to resample; no torch.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

SAMPLE_RATE = 44_100  # Hz, of every WAV that is written
PCM_BYTES = 3  # bytes of a sample: 24 bit
FULL_SCALE = 2**23 - 1  # largest 24-bit sample
RESAMPLING = "VHQ"  # soxr's name for its best quality
SILENT_CHANNEL = 0.01  # share of the loudest channel's level (-40 dB) below which a channel is silent
CANCELLED = 0.3  # share of the loudest channel's level below which the mean of all has cancelled out
OFFSET = 0.05  # constant part, as a share of the level, from which it is removed
MIDDLE_C = 60  # MIDI pitch


@dataclass(frozen=True)
class Audio:
    """A sound.

    Attributes:
        samples: float32 (channels, n), nominally in [-1, 1]; (n,) is taken as one channel.
        sample_rate: In Hz.

    Raises:
        ValueError: there is no sample, there are more than two dimensions, or the rate is not positive.
    """

    samples: np.ndarray
    sample_rate: int

    def __post_init__(self) -> None:
        samples = np.atleast_2d(np.asarray(self.samples, dtype=np.float32))
        if samples.ndim != 2 or samples.size == 0:
            raise ValueError(f"samples must be (channels, n) with at least one sample, not {samples.shape}")
        if self.sample_rate <= 0:
            raise ValueError(f"a sample rate must be positive, not {self.sample_rate}")
        object.__setattr__(self, "samples", samples)
        object.__setattr__(self, "sample_rate", int(self.sample_rate))

    @property
    def length(self) -> int:
        """Number of samples in one channel."""
        return self.samples.shape[1]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.length / self.sample_rate


@dataclass(frozen=True)
class WavTags:
    """The tags that a WAV carries for DAWs and players."""

    title: str  # such as "Travis Scott type beat, 140 BPM, F minor"
    bpm: float  # tempo in beats a minute
    key: str  # canonical key, such as "F minor"
    beats: int  # number of beats in the file
    genre: str  # such as the style's name
    software: str  # such as "Typebeat 0.1.0"
    licence: str  # what may be done with the sound
    comment: str  # anything else in one line


def loop_length(bars: int, beats_per_bar: int, bpm: float, sample_rate: int = SAMPLE_RATE) -> int:
    """Returns the number of samples in a loop of bars x beats x 60 / BPM seconds, rounded to the nearest."""
    return round(Fraction(bars * beats_per_bar * 60 * sample_rate) / Fraction(bpm))


def mono(audio: Audio) -> Audio:
    """Mixes all channels that sound to one: their mean, or the loudest where they cancel each other out.

    A constant offset is removed if it is more than a trace.
    """
    samples = audio.samples
    levels = samples.std(axis=1)
    sounding = samples[levels >= SILENT_CHANNEL * levels.max()]
    mixed = sounding.mean(axis=0)
    if mixed.std() < CANCELLED * levels.max():
        mixed = samples[int(levels.argmax())]
    offset = float(mixed.mean())
    return Audio(mixed - np.float32(offset) if abs(offset) > OFFSET * mixed.std() else mixed, audio.sample_rate)


def sounding(audio: Audio) -> Audio:
    """Returns a sound that can be mixed down: itself, or one channel if channels are silent, cancel or are offset."""
    samples, levels = audio.samples, audio.samples.std(axis=1)
    is_plain = (
        levels.min() >= SILENT_CHANNEL * levels.max()
        and samples.mean(axis=0).std() >= CANCELLED * levels.max()
        and np.all(np.abs(samples.mean(axis=1)) <= OFFSET * levels)
    )
    return audio if is_plain else mono(audio)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Converts a sound to another rate in Hz, without a shift in time."""
    if audio.sample_rate == sample_rate:
        return audio
    import soxr

    return Audio(soxr.resample(audio.samples.T, audio.sample_rate, sample_rate, quality=RESAMPLING).T, sample_rate)


def wav_bytes(audio: Audio, tags: WavTags) -> bytes:
    """Encodes a sound as a WAV file; the same sound and tags give the same bytes.

    The chunks are `fmt `, `acid` and `smpl` (tempo and loop for DAWs), `LIST` and `id3 ` (tags), and `data`.
    """
    channels = audio.samples.shape[0]
    frame = channels * PCM_BYTES
    form = struct.pack("<HHIIHH", 1, channels, audio.sample_rate, audio.sample_rate * frame, frame, 8 * PCM_BYTES)
    chunks = (
        _chunk(b"fmt ", form)
        + _chunk(b"acid", _acid(tags))
        + _chunk(b"smpl", _loop(audio, tags))
        + _chunk(b"LIST", _info(tags))
        + _chunk(b"id3 ", _id3(tags))
        + _chunk(b"data", _pcm(audio))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _pcm(audio: Audio) -> bytes:
    """Encodes samples as interleaved little-endian 24-bit integers."""
    whole = np.rint(np.clip(audio.samples.T, -1, 1) * float(FULL_SCALE)).astype("<i4")  # (n, channels)
    return whole.reshape(-1, 1).view(np.uint8)[:, :PCM_BYTES].tobytes()


def _acid(tags: WavTags) -> bytes:
    """The tempo, for ACID, Live and FL Studio: flags, root, two constants, beats, 4/4, BPM (as libsndfile has them)."""
    root_is_set, stretch = 0x02, 0x04
    return struct.pack("<IHHfIHHf", root_is_set | stretch, _root(tags), 0x8000, 0, tags.beats, 4, 4, tags.bpm)


def _loop(audio: Audio, tags: WavTags) -> bytes:
    """The sampler chunk: the key's note plays the file at its own pitch, and one forward loop spans all of it."""
    period_ns = round(1e9 / audio.sample_rate)
    head = struct.pack("<9I", 0, 0, period_ns, _root(tags), 0, 0, 0, 1, 0)
    return head + struct.pack("<6I", 0, 0, 0, audio.length - 1, 0, 0)


def _info(tags: WavTags) -> bytes:
    texts = {
        b"INAM": tags.title,
        b"IGNR": tags.genre,
        b"IKEY": f"{tags.bpm:g} BPM; {tags.key}",
        b"ISFT": tags.software,
        b"ICOP": tags.licence,
        b"ICMT": tags.comment,
    }
    return b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in texts.items())


def _id3(tags: WavTags) -> bytes:
    """An ID3 v2.3 tag, for players and DJ software: title, genre, rounded BPM, and key such as "Fm"."""
    note, mode = tags.key.split()
    texts = {
        b"TIT2": tags.title,
        b"TCON": tags.genre,
        b"TBPM": str(math.floor(tags.bpm + 0.5)),
        b"TKEY": note + ("m" if mode == "minor" else ""),
    }
    frames = b""
    for name, text in texts.items():
        content = b"\1" + text.encode("utf-16")  # 1: UTF-16 with its byte order mark
        frames += name + struct.pack(">IH", len(content), 0) + content
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frames


def _root(tags: WavTags) -> int:
    """Returns the MIDI pitch of the key's note, from middle C up."""
    note = tags.key.split()[0]
    return MIDDLE_C + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[note[0]] + note.count("#")
