"""Trains the starter's language model on tokens of corpus beats, from nothing or on; resumes from its last checkpoint.

    python -m training.starter.train_lm --beats WORK/beats --work WORK --codec WORK/starter --out WORK/starter

It is audiocraft's `LMModel` with a delay pattern of its own, in the loop that finetunes too (`training/runs/loop.py`).
Its own are the windows of the corpus, what is told of them, and Muon. Half of the time is saved by learning with three
of nine layers first, `--layers 3`, and going on from that, `--base`: its layers are stacked.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from training.beat.losses import Excerpt, count_tokens
from training.runs.checkpoints import Progress, load_best
from training.runs.lifecycle import put_trained
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.muon import Muon
from training.starter.tokens import TokenWindows, Window, draw_concepts, draw_given, tokenize
from typebeat.engines.beat.roll import notes_text
from typebeat.engines.quiet import quiet_import
from typebeat.request.concepts import CONCEPT_IDS
from typebeat.request.styles import STYLES

with quiet_import():
    from audiocraft.models.lm import LMModel

    from training.starter.lm_loss import LossOfTokens, window_sums
    from typebeat.engines.beat.codec import FRAME_RATE
    from typebeat.engines.beat.starter import build_lm, load_codec, load_starter, save_starter
    from typebeat.engines.beat.starter_conditions import form_text, grid_text

MAX_SECONDS = 16.0
# steps by which each codebook comes later: chords lead, the 808 and the melody follow them, finer codebooks come last
DELAYS = (*(0, 1, 2), *(1, 2), *(0, 1, 2, 3), *(2, 3, 4, 5))
SIZES = {"dim": 384, "num_layers": 9, "num_heads": 6, "dropout": 0.0, "delays": list(DELAYS)}
VOCABULARY = (*(f"style:{slug}" for slug in STYLES), *CONCEPT_IDS)
WEIGHTS = (1.0, 0.6, 0.45, 0.35)  # of the loss of a part's first, second, ... codebook: what is heard most counts most
VALIDATION_BEATS = 48
P_NOTHING = 0.1  # share of windows that are told no words and no key; half of them no notes either
P_KEY, P_FORM = 0.9, 0.9


class StarterTask:
    """A training task (loop.py) over windows of corpus beats.

    Args:
        lm: The model.
        windows: To learn from.
        held_out: To validate on.
        batch: Windows of a step.
        weights: Of each codebook's loss.
        seed: Of dropped conditions.
    """

    def __init__(
        self, lm: LMModel, windows: TokenWindows, held_out: list[Window], batch: int, weights: Tensor, seed: int
    ):
        self.model, self._lm = LossOfTokens(lm), lm
        self._windows, self._batch, self._seed, self._weights = windows, batch, seed, weights
        rng = Random(f"validation {seed}")
        self._held_out = [as_excerpt(window, rng) for window in held_out]

    def optimizers(self, lr: float) -> list[torch.optim.Optimizer]:
        return make_optimizers(self._lm, lr)

    def draw(self, step: int) -> list[Excerpt]:
        rng = Random(f"{self._seed} {step}")
        return [as_excerpt(window, rng) for window in self._windows.batch(self._batch, step)]

    def validation(self) -> list[Excerpt]:
        return self._held_out

    def measure(self, forward: nn.Module, items: Sequence[Excerpt]) -> Tensor:
        sums = window_sums(self._lm, forward, items)
        return sums * self._weights.to(sums)

    def count(self, items: Sequence[Excerpt]) -> Tensor:
        return count_tokens(items)

    def name(self, item: Excerpt) -> str:
        return item.name


def as_excerpt(window: Window, rng: Random) -> Excerpt:
    """Returns a window with what the starter's conditioners are told of it, some of it left out at random."""
    facts, start = window.facts, window.start_seconds
    seconds = window.codes.shape[1] / FRAME_RATE
    given = draw_given(facts, rng)
    texts = {
        "description": draw_concepts(facts, rng) or None,
        "key": facts.key if rng.random() < P_KEY else None,
        "grid": grid_text(facts.bpm, start),
        "form": form_text(list(facts.sections), facts.bpm, start) if rng.random() < P_FORM else None,
        "notes": notes_text(given, start, seconds),
    }
    if rng.random() < P_NOTHING:
        texts |= {"description": None, "key": None}
        texts["notes"] = None if rng.random() < 0.5 else texts["notes"]
    return Excerpt(window.codes, texts, window.name)


def codebook_weights(books: Sequence[int]) -> Tensor:
    """Returns the weight of each codebook's loss, with a mean of 1, (K,)."""
    weights = torch.tensor([WEIGHTS[min(i, len(WEIGHTS) - 1)] for count in books for i in range(count)])
    return weights / weights.mean()


def train(args: argparse.Namespace, seed: int = 0) -> None:
    """Trains until the steps are done, over all runs together; writes checkpoints and the starter's folder."""
    frames = int(MAX_SECONDS * FRAME_RATE)
    beats = sorted(args.beats.glob("*.s16"))
    first, rest = beats[:VALIDATION_BEATS], beats[VALIDATION_BEATS:]
    held_out = TokenWindows(tokenize(args.work / "tokens", args.codec, first), frames, FRAME_RATE, seed)
    windows = TokenWindows(tokenize(args.work / "tokens", args.codec, rest), frames, FRAME_RATE, seed)
    torch.manual_seed(seed)
    codec = load_codec(args.codec)
    sizes = {**SIZES, "num_layers": args.layers}
    lm, kept = (build_lm(sizes, codec, list(VOCABULARY), MAX_SECONDS) for _ in range(2))
    if args.base:
        lm.load_state_dict(stacked(load_starter(args.base)[1].state_dict(), args.layers))
    options = LoopOptions(
        **{"steps": args.steps, "minutes": args.minutes, "batch": args.batch, "micro_batch": args.batch, "lr": args.lr},
        **{"warmup_steps": 100, "final_lr": 0.02, "ema_decay": 0.995, "check_every": args.check_every, "seed": seed},
        precision=args.precision,
    )

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if "validation_loss" in row:
            put_trained(LossOfTokens(kept), load_best(args.work / "lm"))
            save_starter(args.out, codec, kept.eval(), sizes, MAX_SECONDS)
            parts = " ".join(f"{part:.2f}" for part in row["validation_parts"])
            print(f"step {row['step']} saved; validation {row['validation_loss']:.3f} [{parts}]", flush=True)
        elif progress.step % 25 == 0:
            print(f"step {row['step']} {row['loss']:.3f}", flush=True)

    task = StarterTask(lm, windows, held_out.all_from_start(), args.batch, codebook_weights(codec.books), seed)
    run_loop(task, options, args.work / "lm", make_accelerator(options.precision), report)


def stacked(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """Returns the weights of a model of `layers` layers: those of a smaller one upon each other, again and again.

    So a deep model learns in about half of the time (Du et al. 2024, Stacking Your Transformers).
    """
    start = "transformer.layers."
    count = 1 + max(int(name.removeprefix(start).split(".")[0]) for name in weights if name.startswith(start))
    kept = {name: value for name, value in weights.items() if not name.startswith(start)}
    for i in range(layers):
        copied = f"{start}{i % count}."
        kept |= {
            f"{start}{i}.{name.removeprefix(copied)}": value
            for name, value in weights.items()
            if name.startswith(copied)
        }
    return kept


def make_optimizers(lm: LMModel, lr: float) -> list[torch.optim.Optimizer]:
    """Returns Muon (Jordan et al. 2024) for the transformer's matrices, and AdamW for the tables and all else."""
    matrices = [p for p in lm.transformer.parameters() if p.dim() == 2]
    known = {id(p) for p in matrices}
    rest = [p for p in lm.parameters() if id(p) not in known]
    groups = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": 0.05},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0},
    ]
    return [Muon(matrices, lr, weight_decay=0.05), torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95))]


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's language model; resumes from --work.")
    parser.add_argument("--beats", type=Path, required=True, help="folder of rendered beats (corpus.store)")
    parser.add_argument("--work", type=Path, required=True, help="folder for tokens and checkpoints")
    parser.add_argument("--codec", type=Path, required=True, help="folder with the trained codec")
    parser.add_argument("--out", type=Path, required=True, help="folder that the starter is written into")
    parser.add_argument("--steps", type=int, default=20_000, help="number of optimizer steps of the whole run")
    parser.add_argument("--minutes", type=float, default=0.0, help="length of the whole run instead of --steps")
    parser.add_argument("--base", type=Path, help="folder of a starter that goes on learning; fewer layers are stacked")
    parser.add_argument("--layers", type=int, default=SIZES["num_layers"], help="number of layers")
    parser.add_argument("--batch", type=int, default=8, help="number of windows in a step")
    parser.add_argument("--lr", type=float, default=1.5e-3, help="highest learning rate")
    parser.add_argument("--check-every", type=int, default=200, help="number of steps between validations")
    parser.add_argument("--precision", choices=("no", "bf16"), default="bf16", help="of the arithmetic")
    args = parser.parse_args()
    if args.minutes:
        args.steps = 0
    train(args)


if __name__ == "__main__":
    main()
