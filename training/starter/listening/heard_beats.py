"""Beats as the app's networks hear them, kept in a folder for `train_ears.py` and `train_bass.py`.

They are those of `wide_beats.py`, and corpus beats as the starter's codec plays them, which is what the app hears most.
Beats are made once, `SHARD` to a file; a run that was stopped goes on with them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.starter.corpus import make_beat
from training.starter.dataset import TRAINING_SEEDS_FROM
from training.starter.listening.wide_beats import BARS, WideBeat, hits_of, make_wide_beat
from training.starter.synth import SAMPLE_RATE
from typebeat.engines.weights import STARTER_FOLDER
from typebeat.hearing import strikes
from typebeat.midi import bass_reader
from typebeat.sound.audio import Audio

FIRST_SEED, FIRST_STARTER_SEED = TRAINING_SEEDS_FROM + 500_000, TRAINING_SEEDS_FROM + 600_000
SHARD = 50
_STEP_DB = 0.5  # of kept levels

RoundTrip = Callable[[np.ndarray], np.ndarray]  # samples (n,) to as many samples


@dataclass(frozen=True)
class KeptBeat:
    """What is heard of a beat, and what is true of it.

    Attributes:
        seen: (frames, BANDS) float16, levels as `ears.scaled` has them.
        lows: Levels in dB as `bass_reader.low_levels` has them, of both windows.
        hits: (hits, 3): onset in s, index in `ears.HEARD`, velocity.
        bass: (notes, 4): onset and offset in s, pitch, velocity.
    """

    seen: np.ndarray
    lows: tuple[np.ndarray, np.ndarray]
    hits: np.ndarray
    bass: np.ndarray


def kept_beats(folder: Path, count: int) -> Iterator[KeptBeat]:
    """The first `count` beats of `wide_beats.py`, made where they are missing."""
    return _kept(folder, "beats", count, FIRST_SEED, make_wide_beat)


def kept_starter_beats(folder: Path, count: int) -> Iterator[KeptBeat]:
    """The first `count` corpus beats as the starter's codec plays them, made where they are missing."""
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
    """The starter's codec: samples (n,) to as many samples."""
    from typebeat.engines.beat.starter import load_codec

    codec = load_codec(STARTER_FOLDER)

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]

    return round_trip
