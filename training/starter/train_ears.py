"""Trains the network of `typebeat/midi/ears.py` on beats of `wide_beats.py` and writes its weights.

    python -m training.starter.train_ears --work WORK --beats 1500 --minutes 12

Beats are made once and kept in WORK (`heard_beats.py`).
"""

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.heard_beats import SHARD, kept_beats
from typebeat.midi import ears

HIDDEN = (256, 96)
FRAMES_A_BEAT, BEATS_A_STEP = 110, 9  # of three kinds each
_NEAR = 1  # frames beside an onset that count as it
_UNSURE = 3  # frames beside it that count as nothing


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
    """Frames of a few beats: onsets, those of rare drums the sooner; what lies near them; and any."""
    inputs, wanted, weights = [], [], []
    for index in rng.integers(len(beats), size=BEATS_A_STEP):
        sums, wants, weight = beats[index]
        rarity = (wants / (wants.sum(axis=0) + 1)).max(axis=1)
        count = min(FRAMES_A_BEAT, int((rarity > 0).sum()))
        struck = rng.choice(len(wants), count, replace=False, p=rarity / rarity.sum()) if count else np.zeros(0, int)
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
    rng, begun, step, mean = np.random.default_rng(0), time.process_time(), 0, 0.0
    while (spent := (time.process_time() - begun) / (60 * minutes)) < 1:
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
    parser.add_argument("--minutes", type=float, default=12, help="of processor time that training may take")
    parser.add_argument("--out", type=Path, default=Path(ears.__file__).with_name("ears.npz"))
    args = parser.parse_args()
    beats = []
    for beat in kept_beats(args.work, args.beats):
        beats.append((ears.running(beat.seen).astype(np.float32), *targets(len(beat.seen), beat.hits)))
        if len(beats) % SHARD == 0:
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
