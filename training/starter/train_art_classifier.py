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
from training.runs.loop_options import PRECISIONS, LoopOptions
from training.starter.art.store import StoredArt
from training.starter.art_classifier import LABELS, ArtClassifier, labels_of
from training.starter.cover_art import ArtCounts, add_counts, all_art, progress_printer

CROP = 192  # pixels
VALIDATION = 96  # number of covers of no style, from the end, that are not trained on
Item = tuple[int, int, int, int, bool]  # set, cover, x, y, mirrored


class LabelTask:
    """A training task (see runs/loop.py): to tell the labels of crops of drawn covers."""

    def __init__(self, model: ArtClassifier, sets: dict[str, StoredArt], batch: int, seed: int) -> None:
        self.model, self._batch, self._seed = model, batch, seed
        self._pixels = [art.pixels for art in sets.values()]
        self._labels = [torch.stack([labels_of(look, style) for look in art.looks]) for style, art in sets.items()]
        self._validation = min(VALIDATION, len(self._pixels[0]) // 4)

    def optimizers(self, lr: float) -> list[Optimizer]:
        return [AdamW(self.model.parameters(), lr=lr, weight_decay=1e-2)]

    def draw(self, step: int) -> list[Item]:
        rng = np.random.default_rng([self._seed, step])
        counts = [len(self._pixels[0]) - self._validation, *(len(pixels) for pixels in self._pixels[1:])]
        sets = rng.choice(len(counts), self._batch, p=np.array(counts) / sum(counts))
        room = self._pixels[0].shape[1] - CROP + 1
        return [
            (
                int(s),
                int(rng.integers(counts[s])),
                int(rng.integers(room)),
                int(rng.integers(room)),
                bool(rng.integers(2)),
            )
            for s in sets
        ]

    def validation(self) -> list[Item]:
        count, middle = len(self._pixels[0]), (self._pixels[0].shape[1] - CROP) // 2
        return [(0, number, middle, middle, False) for number in range(count - self._validation, count)]

    def measure(self, forward: nn.Module, items: Sequence[Item]) -> Tensor:
        crops = [self._pixels[s][n, y : y + CROP, x : x + CROP][:, :: -1 if flip else 1] for s, n, x, y, flip in items]
        pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1
        wanted = torch.stack([self._labels[s][n] for s, n, *_ in items])
        return F.binary_cross_entropy_with_logits(forward(pixels).float(), wanted, reduction="none").mean(1).sum()[None]

    def count(self, items: Sequence[Item]) -> Tensor:
        return torch.tensor([float(len(items))])

    def name(self, item: Item) -> str:
        return f"art {item[0]}/{item[1]}"


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
    parser.add_argument("--minutes", type=float, default=15, help="training time over all sessions")
    parser.add_argument("--batch", type=int, default=32, help="number of crops per step")
    parser.add_argument("--lr", type=float, default=2e-3, help="learning rate after the warm-up")
    parser.add_argument("--precision", choices=PRECISIONS, default="no", help="bf16 for processors with AMX")
    add_counts(parser)
    args = parser.parse_args()
    options = LoopOptions(
        minutes=args.minutes,
        batch=args.batch,
        micro_batch=args.batch,
        lr=args.lr,
        warmup_steps=50,
        final_lr=0.02,
        ema_decay=0.99,
        precision=args.precision,
        check_every=100,
    )
    loss = train(args.work, ArtCounts.of(args), options)
    print(f"{loss:.4f} bits of {len(LABELS)} labels; see {args.work / 'classifier'}")


if __name__ == "__main__":
    main()
