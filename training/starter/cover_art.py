"""What the trainings of the starter's cover model share: drawn covers and their crops, options, what is printed."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.runs.checkpoints import Progress
from training.runs.loop_options import PRECISIONS, LoopOptions
from training.starter.art.store import StoredArt, stored_art
from typebeat.request.styles import STYLES

PRINT_EVERY = 50  # steps


@dataclass(frozen=True)
class ArtCounts:
    """How many covers are drawn: of no style, and of each style."""

    no_style: int
    of_each: int

    @classmethod
    def of(cls, args: argparse.Namespace) -> "ArtCounts":
        """Reads what `add_counts` added."""
        return cls(args.count, args.of_each)


def add_counts(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how many covers are drawn."""
    parser.add_argument("--count", type=int, default=6000, help="number of covers of no style")
    parser.add_argument("--of-each", type=int, default=800, help="number of covers of each style")


def all_art(work: Path, counts: ArtCounts) -> dict[str, StoredArt]:
    """Returns the covers of no style ("") and of each style; draws those that are missing."""
    sets = {"": stored_art(work / "art", "", counts.no_style)}
    return sets | {style: stored_art(work / "art", style, counts.of_each) for style in STYLES}


def add_loop(parser: argparse.ArgumentParser, *, minutes: float, batch: int, lr: float, items: str) -> None:
    """Adds the options of a training loop, with their defaults; `items` are what a batch is of."""
    parser.add_argument("--minutes", type=float, default=minutes, help="training time over all sessions")
    parser.add_argument("--batch", type=int, default=batch, help=f"number of {items} per step")
    parser.add_argument("--lr", type=float, default=lr, help="learning rate after the warm-up")
    add_precision(parser)


def add_precision(parser: argparse.ArgumentParser) -> None:
    """Adds the option that says how precisely a training computes."""
    parser.add_argument("--precision", choices=PRECISIONS, default="no", help="bf16 for processors with AMX")


def loop_options(args: argparse.Namespace, **rest: Any) -> LoopOptions:
    """Returns what `add_loop` added, with the rest as given. A batch is processed at once without a `micro_batch`."""
    told = {name: getattr(args, name) for name in ("minutes", "batch", "lr", "precision")}
    return LoopOptions(**{"micro_batch": args.batch, **told, **rest})


@dataclass(frozen=True)
class Crop:
    """A square of a drawn cover.

    Attributes:
        set: Which set of covers, and `cover` which one of them.
        x: Its left edge in pixels, and `y` its upper one.
        mirrored: Whether left and right are swapped.
    """

    set: int
    cover: int
    x: int
    y: int
    mirrored: bool


def pictures_of(crops: Sequence[Crop], sets: Sequence[np.ndarray], side: int) -> Tensor:
    """Returns crops of sets of covers, (B, 3, side, side) in [-1, 1]."""
    cut = [
        sets[crop.set][crop.cover, crop.y : crop.y + side, crop.x : crop.x + side][:, :: -1 if crop.mirrored else 1]
        for crop in crops
    ]
    return torch.from_numpy(np.stack(cut)).permute(0, 3, 1, 2).float() / 127.5 - 1


def progress_printer() -> Callable[[Progress], None]:
    """Returns a report for the loop that prints a line now and then, and each validation."""

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if row["step"] % PRINT_EVERY == 0 or "validation_loss" in row:
            figures = {name: round(value, 5) for name, value in row.items() if isinstance(value, float | int)}
            print(f"{progress.seconds / 60:.1f} min", figures, flush=True)

    return report
