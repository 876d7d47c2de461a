"""Trains the starter's language model on tokens of corpus beats, from nothing or on; resumes from its last checkpoint.

    python -m training.starter.train_lm --work somewhere/ --codec typebeat/starter/beat --minutes 90
    python -m training.starter.train_lm --work elsewhere/ --base typebeat/starter/beat --first 4000 --minutes 60

It is audiocraft's `LMModel` and its delay pattern, in the loop that finetunes too (training/runs/loop.py); its own are
the windows of an endless corpus and Muon.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from training.beat.losses import Excerpt, codebook_sums, count_tokens, drop_texts, use_no_dropout_of_conditions
from training.runs.checkpoints import Progress, load_best
from training.runs.lifecycle import put_trained
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.tokens import TokenWindows, Window, tokenize
from typebeat.engines.quiet import quiet_import
from typebeat.request.words import CONCEPTS

with quiet_import():
    from audiocraft.models.lm import LMModel

    from typebeat.engines.beat.codec import FRAME_RATE
    from typebeat.engines.beat.starter import build_lm, grid_text, load_codec, load_starter, save_starter

MAX_SECONDS = 16.0
SIZES = {"dim": 256, "num_layers": 6, "num_heads": 4, "dropout": 0.0}  # dropout would cost CPUs their fast attention
VALIDATION_BEATS = 48
P_NOTHING, P_UNSAID = 0.1, {"description": 0.1, "key": 0.1}  # shares of windows that are told nothing, and not all


class StarterTask:
    """A training task (runs/loop.py) over windows of corpus beats.

    Args:
        lm: The model.
        windows: To learn from.
        held_out: To validate on.
        batch: Windows of a step.
        seed: Of dropped conditions.
    """

    def __init__(self, lm: LMModel, windows: TokenWindows, held_out: list[Window], batch: int, seed: int):
        use_no_dropout_of_conditions(lm)
        self.model = lm
        self._windows, self._batch, self._seed = windows, batch, seed
        self._held_out = [as_excerpt(window) for window in held_out]

    def optimizers(self, lr: float) -> list[torch.optim.Optimizer]:
        return make_optimizers(self.model, lr)

    def draw(self, step: int) -> list[Excerpt]:
        rng = Random(f"{self._seed} {step}")
        drawn = [as_excerpt(window) for window in self._windows.batch(self._batch, step)]
        return [Excerpt(each.codes, drop_texts(each.texts, rng, P_NOTHING, P_UNSAID), each.name) for each in drawn]

    def validation(self) -> list[Excerpt]:
        return self._held_out

    def measure(self, forward: nn.Module, items: Sequence[Excerpt]) -> Tensor:
        return codebook_sums(self.model, forward, items)[0]

    def count(self, items: Sequence[Excerpt]) -> Tensor:
        return count_tokens(items)

    def name(self, item: Excerpt) -> str:
        return item.name


def as_excerpt(window: Window) -> Excerpt:
    """Returns a window with what the starter's conditioners are told of it."""
    texts = {"description": window.caption, "key": window.tags.key}
    return Excerpt(window.codes, {**texts, "grid": grid_text(window.tags.bpm, window.start_seconds)}, window.caption)


def train(args: argparse.Namespace, seed: int = 0) -> None:
    """Trains until `minutes` have passed in all runs together; writes checkpoints and the starter's folder."""
    folder, seconds, frames = args.work / "tokens", MAX_SECONDS + 1, int(MAX_SECONDS * FRAME_RATE)
    held_out = tokenize(folder, args.codec, 0, VALIDATION_BEATS, seconds)
    held_out = TokenWindows(held_out, frames, FRAME_RATE, seed).all_from_start()
    learnt = tokenize(folder, args.codec, args.first, args.beats, seconds)
    windows = TokenWindows(learnt, frames, FRAME_RATE, seed)
    torch.manual_seed(seed)
    codec = load_codec(args.codec)
    lm, kept = (build_lm(SIZES, codec, list(CONCEPTS), MAX_SECONDS) for _ in range(2))
    if args.base:
        lm.load_state_dict(load_starter(args.base)[1].state_dict())
    options = LoopOptions(
        **{"minutes": args.minutes, "batch": args.batch, "micro_batch": args.batch, "lr": args.lr},
        **{"warmup_steps": 100, "final_lr": 0.02, "ema_decay": 0.998, "check_every": 100, "seed": seed},
        precision=args.precision,
    )

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if "validation_loss" in row:
            put_trained(kept, load_best(args.work / "lm"))
            save_starter(args.out, codec, kept.eval(), SIZES, MAX_SECONDS)
            parts = " ".join(f"{part:.2f}" for part in row["validation_parts"])
            print(f"step {row['step']} saved; validation {row['validation_loss']:.3f} [{parts}]", flush=True)
        elif progress.step % 25 == 0:
            print(f"step {row['step']} {row['loss']:.3f}", flush=True)

    task = StarterTask(lm, windows, held_out, args.batch, seed)
    run_loop(task, options, args.work / "lm", make_accelerator(options.precision), report)


def make_optimizers(lm: LMModel, lr: float) -> list[torch.optim.Optimizer]:
    """Returns Muon (Jordan et al. 2024) for the transformer's matrices, and AdamW for the tables and all else."""
    matrices = [p for p in lm.transformer.parameters() if p.dim() == 2]
    known = {id(p) for p in matrices}
    rest = [p for p in lm.parameters() if id(p) not in known]
    groups = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": 0.05},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0},
    ]
    muon = torch.optim.Muon(matrices, lr=lr, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
    return [muon, torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))]


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's language model; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder for tokens and checkpoints")
    parser.add_argument(
        "--codec", type=Path, default=Path("typebeat/starter/beat"), help="folder with the trained codec"
    )
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/beat"), help="where the starter is written")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--beats", type=int, default=4000, help="to learn from")
    parser.add_argument("--first", type=int, default=VALIDATION_BEATS, help="number of the first; those below validate")
    parser.add_argument("--base", type=Path, help="folder of a starter whose language model goes on learning")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--precision", choices=("no", "bf16"), default="no", help="of the arithmetic")
    args = parser.parse_args()
    if args.first < VALIDATION_BEATS:
        parser.error(f"--first is {args.first}; the beats below {VALIDATION_BEATS} are kept to validate on")
    train(args)


if __name__ == "__main__":
    main()
