"""What the trainings of the starter's cover model share: the drawn covers that they learn from, and what they print."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.runs.checkpoints import Progress
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


def progress_printer() -> Callable[[Progress], None]:
    """Returns a report for the loop that prints a line now and then, and each validation."""

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if row["step"] % PRINT_EVERY == 0 or "validation_loss" in row:
            figures = {name: round(value, 5) for name, value in row.items() if isinstance(value, float | int)}
            print(f"{progress.seconds / 60:.1f} min", figures, flush=True)

    return report
