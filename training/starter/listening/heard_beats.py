"""Turns beats into what the app's networks receive, and keeps that in a folder for `train_ears` and `train_bass`.

The beats are those of `wide_beats` and `played_beats`, and corpus beats played through the starter's codec, which is
what the app hears most. They are made once, `SHARD` per file; an interrupted run continues with the next file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.starter.listening.played_beats import make_played_beat
from training.starter.listening.wide_beats import BARS, WideBeat, hits_of, make_wide_beat
from training.starter.seeds import TRAINING_SEEDS_FROM
from training.starter.simple_corpus.beats import make_beat
from training.starter.simple_corpus.synth import SAMPLE_RATE
from typebeat.engines.locate import STARTER_FOLDER
from typebeat.hearing import strikes
from typebeat.midi import bass_reader
from typebeat.sound.audio import Audio

FIRST_SEED, FIRST_STARTER_SEED = TRAINING_SEEDS_FROM + 500_000, TRAINING_SEEDS_FROM + 600_000
FIRST_PLAYED_SEED = TRAINING_SEEDS_FROM + 700_000
SHARD = 50
_STEP_DB = 0.5  # resolution of stored levels

RoundTrip = Callable[[np.ndarray], np.ndarray]  # samples (n,) to as many samples


@dataclass(frozen=True)
class KeptBeat:
    """The input of the networks for a beat, and its true notes.

    Attributes:
        seen: Levels as from `strikes.scaled`, (frames, BANDS) float16.
        lows: Levels in dB as from `bass_reader.low_levels`, for both windows.
        hits: Onset in seconds, index in `strikes.HEARD`, velocity, (hits, 3).
        bass: Onset and offset in seconds, pitch, velocity, (notes, 4).
    """

    seen: np.ndarray
    lows: tuple[np.ndarray, np.ndarray]
    hits: np.ndarray
    bass: np.ndarray


def kept_beats(folder: Path, count: int) -> Iterator[KeptBeat]:
    """Yields the first `count` beats of `wide_beats`; makes them if they are missing."""
    return _kept(folder, "beats", count, FIRST_SEED, make_wide_beat)


def kept_played_beats(folder: Path, count: int) -> Iterator[KeptBeat]:
    """Yields the first `count` beats of `played_beats`; makes them if they are missing."""
    return _kept(folder, "played", count, FIRST_PLAYED_SEED, lambda seed, _: make_played_beat(seed))


def kept_starter_beats(folder: Path, count: int) -> Iterator[KeptBeat]:
    """Yields the first `count` corpus beats played through the starter's codec; makes them if they are missing."""
    return _kept(folder, "starter", count, FIRST_STARTER_SEED, _starter_beat)


def _starter_beat(seed: int, round_trip: RoundTrip) -> WideBeat:
    beat = make_beat(seed, BARS)
    return WideBeat(round_trip(beat.mix), hits_of(beat), list(beat.truth["808"]), beat.score.bpm)


def _kept(
    folder: Path, name: str, count: int, first_seed: int, make: Callable[[int, RoundTrip], WideBeat]
) -> Iterator[KeptBeat]:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count // SHARD):
        path = folder / f"{name}{index:03}.npz"
        if not path.exists():
            _make_shard(path, first_seed + index * SHARD, make)
        with np.load(path) as shard:
            for i in range(SHARD):
                lows = tuple(shard[f"lows{i}"].astype(np.float32) * _STEP_DB + bass_reader.QUIETEST_DB)
                yield KeptBeat(shard[f"seen{i}"], lows, shard[f"hits{i}"], shard[f"bass{i}"])


def _make_shard(path: Path, first_seed: int, make: Callable[[int, RoundTrip], WideBeat]) -> None:
    round_trip, stored = _codec(), {}
    for i in range(SHARD):
        beat = make(first_seed + i, round_trip)
        audio = Audio(beat.mix, SAMPLE_RATE)
        low = strikes.mono_at(audio, bass_reader.RATE)
        lows = [bass_reader.low_levels(bass_reader.low_spectra(low, window)) for window in bass_reader.WINDOWS]
        frames = min(map(len, lows))
        lows = np.stack([each[:frames] for each in lows])
        hits = [(at, strikes.HEARD.index(name), velocity) for name, hits in beat.hits.items() for at, velocity in hits]
        hits += [(note.onset, strikes.HEARD.index("bass"), note.velocity) for note in beat.bass]
        stored[f"seen{i}"] = strikes.scaled(strikes.band_levels(audio)).astype(np.float16)
        stored[f"lows{i}"] = np.clip(np.rint((lows - bass_reader.QUIETEST_DB) / _STEP_DB), 0, 255).astype(np.uint8)
        stored[f"hits{i}"] = np.array(hits).reshape(-1, 3)
        stored[f"bass{i}"] = np.array([(n.onset, n.offset, n.pitch, n.velocity) for n in beat.bass]).reshape(-1, 4)
    part = path.with_suffix(".part.npz")
    np.savez(part, **stored)
    part.rename(path)


def _codec() -> RoundTrip:
    """Returns a function that plays samples (n,) through the starter's codec."""
    from typebeat.engines.beat.starter import load_codec

    codec = load_codec(STARTER_FOLDER)

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]

    return round_trip
