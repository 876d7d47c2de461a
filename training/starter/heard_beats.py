"""Beats of `wide_beats.py` as the app's networks hear them, kept in a folder for `train_ears.py` and `train_bass.py`.

    python -m training.starter.heard_beats --work WORK --beats 1500

Beats are made once, `SHARD` to a file; a run that was stopped goes on with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.starter.dataset import TRAINING_SEEDS_FROM
from training.starter.synth import SAMPLE_RATE
from training.starter.wide_beats import make_heard_beat
from typebeat.audio import Audio
from typebeat.engines.weights import STARTER_FOLDER
from typebeat.midi import bass_reader, ears

FIRST_SEED = TRAINING_SEEDS_FROM + 500_000
SHARD = 50
_STEP_DB = 0.5  # of kept levels


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
    """The first `count` beats, made where they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count // SHARD):
        path = folder / f"beats{index:03}.npz"
        if not path.exists():
            _make_shard(path, FIRST_SEED + index * SHARD)
        with np.load(path) as shard:
            for i in range(SHARD):
                lows = tuple(shard[f"lows{i}"].astype(np.float32) * _STEP_DB + bass_reader.QUIETEST_DB)
                yield KeptBeat(shard[f"seen{i}"], lows, shard[f"hits{i}"], shard[f"bass{i}"])


def _make_shard(path: Path, first_seed: int) -> None:
    round_trip, stored = _codec(), {}
    for i in range(SHARD):
        beat = make_heard_beat(first_seed + i, round_trip)
        audio = Audio(beat.mix, SAMPLE_RATE)
        low = ears.mono_at(audio, bass_reader.RATE)
        lows = [bass_reader.low_levels(bass_reader.low_spectra(low, window)) for window in bass_reader.WINDOWS]
        frames = min(map(len, lows))
        lows = np.stack([each[:frames] for each in lows])
        hits = [(at, ears.HEARD.index(name), velocity) for name, hits in beat.hits.items() for at, velocity in hits]
        hits += [(note.onset, ears.HEARD.index("bass"), note.velocity) for note in beat.bass]
        stored[f"seen{i}"] = ears.scaled(ears.band_levels(audio)).astype(np.float16)
        stored[f"lows{i}"] = np.clip(np.rint((lows - bass_reader.QUIETEST_DB) / _STEP_DB), 0, 255).astype(np.uint8)
        stored[f"hits{i}"] = np.array(hits).reshape(-1, 3)
        stored[f"bass{i}"] = np.array([(n.onset, n.offset, n.pitch, n.velocity) for n in beat.bass]).reshape(-1, 4)
    part = path.with_suffix(".part.npz")
    np.savez(part, **stored)
    part.rename(path)


def _codec():
    """The starter's codec: samples (n,) to as many samples."""
    from typebeat.engines.starter import load_codec

    codec = load_codec(STARTER_FOLDER)

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]

    return round_trip


def main() -> None:
    """Makes the beats that are missing."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--beats", type=int, default=1500)
    args = parser.parse_args()
    for number, _ in enumerate(kept_beats(args.work, args.beats), start=1):
        if number % SHARD == 0:
            print(f"{number} beats", flush=True)


if __name__ == "__main__":
    main()
