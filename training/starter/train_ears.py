"""Trains the network of `typebeat/midi/ears.py` on beats of `wide_beats.py` and writes its weights.

    python -m training.starter.train_ears --work WORK --beats 1500 --minutes 6

Beats are made once and kept in WORK as band levels; a run that was stopped goes on with them.
"""

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.dataset import TRAINING_SEEDS_FROM
from training.starter.synth import SAMPLE_RATE
from training.starter.wide_beats import make_heard_beat
from typebeat.audio import Audio
from typebeat.midi import ears

FIRST_SEED = TRAINING_SEEDS_FROM + 500_000
HIDDEN = (192, 64)
FRAMES_A_BEAT, BEATS_A_STEP = 110, 9  # of three kinds each
_NEAR = 1  # frames beside an onset that count as it
_UNSURE = 3  # frames beside it that count as nothing


def make_shard(folder: Path, index: int, size: int, round_trip) -> Path:
    """Writes the scaled band levels and hits of `size` beats, unless they are there."""
    path = folder / f"beats{index:03}.npz"
    if path.exists():
        return path
    stored = {}
    for i in range(size):
        beat = make_heard_beat(FIRST_SEED + index * size + i, round_trip)
        levels = ears.band_levels(Audio(beat.mix, SAMPLE_RATE))
        stored[f"seen{i}"] = ears.scaled(levels).astype(np.float16)
        stored[f"hits{i}"] = np.array(
            [(at, ears.HEARD.index(name), velocity) for name, hits in beat.hits.items() for at, velocity in hits]
        ).reshape(-1, 3)
    part = path.with_suffix(".part.npz")
    np.savez(part, **stored)
    part.rename(path)
    return path


def targets(frames: int, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each output should say at each frame, and how much that counts; both (frames, things)."""
    wanted, weight = np.zeros((frames, len(ears.HEARD)), np.float32), np.ones((frames, len(ears.HEARD)), np.float32)
    places = np.rint(hits[:, 0] / ears.FRAME_SECONDS).astype(int)
    for place, drum in zip(places, hits[:, 1].astype(int), strict=True):
        weight[max(0, place - _UNSURE) : place + _UNSURE + 1, drum] = 0
    for place, drum in zip(places, hits[:, 1].astype(int), strict=True):
        wanted[max(0, place - _NEAR) : place + _NEAR + 1, drum] = 1
        weight[max(0, place - _NEAR) : place + _NEAR + 1, drum] = 1
    return wanted, weight


def draw(beats: list, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Frames of a few beats: onsets, what lies near them, where mistakes are made, and any."""
    inputs, wanted, weights = [], [], []
    for index in rng.integers(len(beats), size=BEATS_A_STEP):
        sums, wants, weight = beats[index]
        struck = rng.permutation(np.flatnonzero(wants.any(axis=1)))[:FRAMES_A_BEAT]
        near = np.clip(struck + rng.integers(-8, 20, len(struck)), 0, len(wants) - 1)
        at = np.concatenate([struck, near, rng.integers(len(wants), size=FRAMES_A_BEAT)])
        equaliser = rng.normal(0, 0.15) + np.cumsum(rng.normal(0, 0.04, ears.BANDS))
        inputs.append(ears.context(sums, at) + np.tile(equaliser, len(ears.SLOTS)).astype(np.float32))
        wanted.append(wants[at])
        weights.append(weight[at])
    return tuple(torch.from_numpy(np.concatenate(each)) for each in (inputs, wanted, weights))


def train(beats: list, minutes: float, say) -> nn.Sequential:
    """Returns the network after so many minutes; the averaged weights of the last part are what it holds."""
    sizes = (len(ears.SLOTS) * ears.BANDS, *HIDDEN)
    layers = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(0.1)]
    network = nn.Sequential(*layers, nn.Linear(sizes[-1], len(ears.HEARD)))
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=2e-3)
    rng, begun, step, mean = np.random.default_rng(0), time.monotonic(), 0, 0.0
    while (spent := (time.monotonic() - begun) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, step / 100) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * spent)))
        x, wanted, weight = draw(beats, rng)
        loss = (
            nn.functional.binary_cross_entropy_with_logits(network(x), wanted, weight, reduction="sum") / weight.sum()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(network)
        step, mean = step + 1, 0.98 * mean + 0.02 * loss.item()
        if step % 200 == 0:
            say(f"step {step}, {100 * spent:.0f} %, loss {mean:.4f}")
    return average.module.eval()


def main() -> None:
    """Makes what is missing of the beats, trains, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--beats", type=int, default=1500)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--out", type=Path, default=Path(ears.__file__).with_name("ears.npz"))
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    from typebeat.engines.starter import load_codec

    codec = load_codec(Path(ears.__file__).parents[1] / "starter" / "beat")

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]

    beats, size = [], 50
    for index in range(args.beats // size):
        with np.load(make_shard(args.work, index, size, round_trip)) as shard:
            for i in range(size):
                seen = shard[f"seen{i}"]
                beats.append((ears.running(seen).astype(np.float32), *targets(len(seen), shard[f"hits{i}"])))
        print(f"{len(beats)} beats", flush=True)
    network = train(beats, args.minutes, lambda line: print(line, flush=True))
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    stored = {}
    for i, layer in enumerate(linear):
        stored[f"weight{i}"] = layer.weight.detach().numpy().T.astype(np.float16)
        stored[f"bias{i}"] = layer.bias.detach().numpy().astype(np.float16)
    np.savez_compressed(args.out, **stored)


if __name__ == "__main__":
    main()
