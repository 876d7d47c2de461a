"""Trains the network that reads the notes of the 808 (`typebeat/midi/bass_reader.py`) and writes its weights.

    python -m training.starter.listening.train_bass --work WORK --beats 2400 --starter-beats 800 --minutes 12

Run `train_ears` first: as in the app, the network of `strikes.py` proposes the moments at which a bass note or a kick
may begin, and the reader learns which pitch begins there, if any. The last beats of either kind are held out, and the
figures on them are printed.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.listening.heard_beats import KeptBeat, kept_beats, kept_starter_beats
from training.starter.listening.train_ears import rate_at
from training.starter.listening.train_notes import as_shipped, save
from typebeat.hearing import strikes
from typebeat.midi import bass_reader
from typebeat.midi.bass import APART_SECONDS, KICK_SHARE, MAYBE
from typebeat.midi.note_reader import FARTHEST

WIDTH, BATCH, RATE = 96, 128, 2e-3
HELD_OUT = 100  # number of held-out beats of either kind
_MATCH_SECONDS = 0.04  # largest distance between a moment and the note that begins there
_MOVED_SECONDS = 0.008  # standard deviation by which moments are moved


def lesson(beat: KeptBeat, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the maps and numbers that the reader gets for each moment, and the index of the true pitch, or -1."""
    sure = strikes.sure_of(beat.seen)
    bass, kick = (sure[:, strikes.HEARD.index(name)] for name in ("bass", "kick"))
    moments = strikes.peaks(np.maximum(bass, KICK_SHARE * kick), MAYBE * rng.uniform(0.3, 1), APART_SECONDS)
    moments = np.maximum(0, moments + rng.normal(0, _MOVED_SECONDS, len(moments)) * (rng.random() < 0.5))
    moments.sort()
    end = len(beat.lows[0]) * bass_reader.HOP_SECONDS
    moments = moments[moments < end - APART_SECONDS]
    maps, numbers = bass_reader.moment_maps(beat.lows, sure, moments, np.append(moments[1:], end)[: len(moments)])
    pitches = np.full(len(moments), -1)
    for onset, _, pitch, _ in beat.bass:
        away = np.abs(moments - onset)
        if len(away) and away.min() < _MATCH_SECONDS:
            pitches[away.argmin()] = round(pitch) - bass_reader.LOWEST_PITCH
    return maps.astype(np.float16), numbers, pitches


class Reader(nn.Module):
    """The network in torch: from the evidence of every pitch to logits that a note of this pitch begins."""

    def __init__(self, mean: torch.Tensor, scale: torch.Tensor):
        super().__init__()
        self.mean, self.scale = mean, scale
        first, second = nn.Linear(len(mean), WIDTH), nn.Linear(WIDTH, WIDTH // 2)
        self.layers = nn.Sequential(first, nn.ReLU(), nn.Dropout(0.1), second, nn.ReLU(), nn.Linear(WIDTH // 2, 1))

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Returns logits, (n, PITCHES, numbers) to (n, PITCHES)."""
        return self.layers(((seen - self.mean) * self.scale).clamp(-FARTHEST, FARTHEST))[..., 0]


def train(maps: np.ndarray, numbers: np.ndarray, pitches: np.ndarray, minutes: float, say) -> Reader:
    """Trains the network for `minutes` of processor time."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    some = rng.integers(len(maps), size=2000)
    seen = torch.from_numpy(bass_reader.seen_of_pitches(maps[some].astype(np.float32), numbers[some]))
    seen = seen.reshape(-1, seen.shape[-1])
    network = Reader(seen.mean(0), 1 / (seen.std(0) + 1e-2))
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    begun, step, mean = time.process_time(), 0, 0.0
    while (spent := (time.process_time() - begun) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * rate_at(step, spent)
        batch = rng.integers(len(maps), size=BATCH)
        seen = bass_reader.seen_of_pitches(maps[batch].astype(np.float32), numbers[batch])
        wanted = pitches[batch, None] == np.arange(len(bass_reader.PITCHES))
        loss = nn.functional.binary_cross_entropy_with_logits(
            network(torch.from_numpy(seen)), torch.from_numpy(wanted.astype(np.float32)), reduction="sum"
        )
        optimizer.zero_grad()
        (loss / BATCH).backward()
        optimizer.step()
        step, mean = step + 1, 0.98 * mean + 0.02 * loss.item() / BATCH
        if step % 200 == 0:
            say(f"step {step}, {100 * spent:.0f} %, loss {mean:.4f}")
    return network.eval()


def figures(odds: np.ndarray, pitches: np.ndarray, threshold: float) -> tuple[float, float, float]:
    """Returns precision and recall of moments with a note, and the share of right pitches among the found ones."""
    heard, true = odds.max(axis=1) >= threshold, pitches >= 0
    right = odds.argmax(axis=1)[heard & true] == pitches[heard & true]
    both = max(1, int((heard & true).sum()))
    return both / max(1, heard.sum()), both / max(1, true.sum()), float(right.mean())


def main() -> None:
    """Trains with the options of the command line, writes the weights, and prints figures of held-out beats."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the beats")
    parser.add_argument("--beats", type=int, default=2400, help="number of beats of wide_beats.py")
    parser.add_argument(
        "--starter-beats", type=int, default=800, help="number of corpus beats through the starter's codec"
    )
    parser.add_argument("--minutes", type=float, default=12, help="processor time of the training")
    parser.add_argument("--out", type=Path, default=bass_reader.WEIGHTS_FILE, help="file to write the weights to")
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    kinds = {
        "wide beats": [lesson(beat, rng) for beat in kept_beats(args.work, args.beats)],
        "the starter's": [lesson(beat, rng) for beat in kept_starter_beats(args.work, args.starter_beats)],
    }
    learnt = [each for lessons in kinds.values() for each in lessons[:-HELD_OUT]]
    maps, numbers, pitches = (np.concatenate(each) for each in zip(*learnt, strict=True))
    print(f"{len(maps)} moments, {np.mean(pitches >= 0):.2f} of them with a note", flush=True)
    trained = train(maps, numbers, pitches, args.minutes, lambda line: print(line, flush=True))
    reader = as_shipped(trained.layers, trained.mean, trained.scale)
    save({"reader": reader}, args.out)
    for kind, lessons in kinds.items():
        maps, numbers, true = (np.concatenate(each) for each in zip(*lessons[-HELD_OUT:], strict=True))
        odds = [
            reader(bass_reader.seen_of_pitches(maps[at : at + 256].astype(np.float32), numbers[at : at + 256]))[..., 0]
            for at in range(0, len(maps), 256)
        ]
        for threshold in (0.1, 0.2, 0.35, 0.5):
            precision, recall, right = figures(np.concatenate(odds), true, threshold)
            said = f"precision {precision:.3f}, recall {recall:.3f}, pitch {right:.3f}, n {len(true)}"
            print(f"{kind} at {threshold}: {said}")


if __name__ == "__main__":
    main()
