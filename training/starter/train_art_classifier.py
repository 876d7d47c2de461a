"""Trains the network that tells what a drawn cover shows; the autoencoder's perceptual loss looks through it.

python -m training.starter.train_art_classifier --work WORK --minutes 15
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer

from training.runs.checkpoints import load_best
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.art.store import StoredArt
from training.starter.art_classifier import LABELS, ArtClassifier, labels_of
from training.starter.cover_art import (
    ArtCounts,
    Crop,
    add_counts,
    add_loop,
    all_art,
    loop_options,
    pictures_of,
    progress_printer,
)

CROP = 192  # pixels
VALIDATION = 96  # number of covers of no style, from the end, that are not trained on


class LabelTask:
    """A training task (see runs/loop.py): to tell the labels of crops of drawn covers."""

    def __init__(self, model: ArtClassifier, sets: dict[str, StoredArt], batch: int, seed: int) -> None:
        self.model, self._batch, self._seed = model, batch, seed
        self._pixels = [art.pixels for art in sets.values()]
        self._labels = [torch.stack([labels_of(look, style) for look in art.looks]) for style, art in sets.items()]
        self._validation = min(VALIDATION, len(self._pixels[0]) // 4)

    def optimizers(self, lr: float) -> list[Optimizer]:
        return [AdamW(self.model.parameters(), lr=lr, weight_decay=1e-2)]

    def draw(self, step: int) -> list[Crop]:
        rng = np.random.default_rng([self._seed, step])
        counts = [len(self._pixels[0]) - self._validation, *(len(pixels) for pixels in self._pixels[1:])]
        sets = rng.choice(len(counts), self._batch, p=np.array(counts) / sum(counts))
        room = self._pixels[0].shape[1] - CROP + 1
        return [
            Crop(
                int(s),
                int(rng.integers(counts[s])),
                int(rng.integers(room)),
                int(rng.integers(room)),
                bool(rng.integers(2)),
            )
            for s in sets
        ]

    def validation(self) -> list[Crop]:
        count, middle = len(self._pixels[0]), (self._pixels[0].shape[1] - CROP) // 2
        return [Crop(0, number, middle, middle, False) for number in range(count - self._validation, count)]

    def measure(self, forward: nn.Module, items: Sequence[Crop]) -> Tensor:
        pixels = pictures_of(items, self._pixels, CROP)
        wanted = torch.stack([self._labels[crop.set][crop.cover] for crop in items])
        return F.binary_cross_entropy_with_logits(forward(pixels).float(), wanted, reduction="none").mean(1).sum()[None]

    def count(self, items: Sequence[Crop]) -> Tensor:
        return torch.tensor([float(len(items))])

    def name(self, item: Crop) -> str:
        return f"art {item.set}/{item.cover}"


def train(work: Path, counts: ArtCounts, options: LoopOptions) -> float:
    """Trains the classifier and writes it to `work/classifier/`; returns the validation loss."""
    torch.manual_seed(options.seed)
    model = ArtClassifier()
    task = LabelTask(model, all_art(work, counts), options.batch, options.seed)
    run = work / "classifier"
    outcome = run_loop(task, options, run, make_accelerator(options.precision), progress_printer())
    save_file(load_best(run), run / "classifier.safetensors")
    return outcome.progress.best_loss


def main() -> None:
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for drawn covers and runs")
    add_loop(parser, minutes=15, batch=32, lr=2e-3, items="crops")
    add_counts(parser)
    args = parser.parse_args()
    options = loop_options(args, warmup_steps=50, final_lr=0.02, ema_decay=0.99, check_every=100)
    loss = train(args.work, ArtCounts.of(args), options)
    print(f"{loss:.4f} bits of {len(LABELS)} labels; see {args.work / 'classifier'}")


if __name__ == "__main__":
    main()
