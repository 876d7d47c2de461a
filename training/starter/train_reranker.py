"""Trains the network of `typebeat/hearing/reranking.py` on corpus beats, as they are and as the codec plays them.

    python -m training.starter.train_reranker --work WORK --beats 2400

The statistics of the beats are made once and kept in WORK. One beat in ten is held out, and how often its style and
lead are told is printed.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.seeds import TRAINING_SEEDS_FROM
from training.starter.simple_corpus.beats import make_beat
from training.starter.simple_corpus.patterns import LEADS
from typebeat.hearing.reranking import FILE, statistics
from typebeat.hearing.strikes import band_levels
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

FIRST_SEED = TRAINING_SEEDS_FROM + 700_000
BARS, SHARD = 4, 100
HIDDEN, EPOCHS, BATCH = 128, 60, 64
STARTER = Path(__file__).parents[2] / "typebeat" / "starter" / "beat"


def make_shard(path: Path, first: int, codec) -> None:
    """Writes statistics (beats, 2, n), of each beat and of its round trip, and labels (beats, 2), unless they stand."""
    if path.exists():
        return
    seen, labels = [], []
    for seed in range(first, first + SHARD):
        beat = make_beat(seed, BARS)
        with torch.inference_mode():
            played = codec(torch.from_numpy(beat.mix)[None, None]).x[0, 0].numpy()
        seen.append([statistics(band_levels(Audio(sound, beat.sample_rate))) for sound in (beat.mix, played)])
        labels.append([list(STYLES).index(beat.score.style), LEADS.index(beat.score.lead)])
    part = path.with_suffix(".part.npz")
    np.savez(part, seen=np.array(seen, np.float32), labels=np.array(labels))
    part.rename(path)


def train(seen: np.ndarray, labels: np.ndarray) -> nn.Sequential:
    """Returns the network for standardised statistics (n, statistics) and their labels (n, 2)."""
    torch.manual_seed(0)
    first, last = nn.Linear(seen.shape[1], HIDDEN), nn.Linear(HIDDEN, len(STYLES) + len(LEADS))
    network = nn.Sequential(nn.Dropout(0.1), first, nn.ReLU(), nn.Dropout(0.3), last)
    steps = EPOCHS * len(seen) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    x, y = torch.from_numpy(seen), torch.from_numpy(labels)
    for _ in range(steps):
        at = torch.randint(len(x), (BATCH,))
        out = network(x[at] + 0.05 * torch.randn(BATCH, x.shape[1]))
        loss = sum(
            nn.functional.cross_entropy(part, y[at, kind], label_smoothing=0.05)
            for kind, part in enumerate(out.split([len(STYLES), len(LEADS)], dim=1))
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def told(network: nn.Sequential, seen: np.ndarray, labels: np.ndarray) -> list[float]:
    """Returns how often style and lead are told."""
    with torch.inference_mode():
        parts = network(torch.from_numpy(seen)).split([len(STYLES), len(LEADS)], dim=1)
    return [float((part.argmax(1).numpy() == labels[:, kind]).mean()) for kind, part in enumerate(parts)]


def main() -> None:
    """Makes what is missing of the statistics, trains, prints what is told of held-out beats, writes the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--beats", type=int, default=2400)
    parser.add_argument("--out", type=Path, default=STARTER / FILE)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    from typebeat.engines.beat.starter import load_codec

    codec, shards = load_codec(STARTER), []
    for first in range(0, args.beats, SHARD):
        shards.append(args.work / f"statistics{first:05}.npz")
        make_shard(shards[-1], FIRST_SEED + first, codec)
        print(f"{first + SHARD} beats", flush=True)
    stored = [np.load(path) for path in shards]
    seen, labels = (np.concatenate([each[name] for each in stored]) for name in ("seen", "labels"))
    mean, spread = seen.mean(axis=(0, 1)), seen.std(axis=(0, 1)) + 1e-3
    seen, cut = (seen - mean) / spread, len(seen) * 9 // 10
    network = train(np.concatenate([seen[:cut, 0], seen[:cut, 1]]), np.tile(labels[:cut], (2, 1)))
    for kind, name in enumerate(("as they are", "as the codec plays them")):
        style, lead = told(network, seen[cut:, kind], labels[cut:])
        print(f"held-out beats {name}: style {style:.2f}, lead {lead:.2f}")
    arrays = {"mean": mean, "spread": spread, "styles": np.array(list(STYLES)), "leads": np.array(LEADS)}
    for i, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
        arrays |= {f"weight{i}": layer.weight.detach().numpy().T, f"bias{i}": layer.bias.detach().numpy()}
    np.savez_compressed(args.out, **arrays)


if __name__ == "__main__":
    main()
