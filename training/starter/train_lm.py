"""Trains the starter's language model from nothing on tokens of corpus beats; resumes from its last checkpoint.

    python -m training.starter.train_lm --work somewhere/ --codec typebeat/starter/beat --minutes 90

It is audiocraft's `LMModel` and its delay pattern; the loss leaves out the steps that the pattern pads, by their index
instead of by a mask.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.starter.tokens import TokenWindows, Window, tokenize
from typebeat.conditioning import CONCEPTS
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.conditioners import ConditioningAttributes
    from audiocraft.modules.transformer import set_efficient_attention_backend

    from typebeat.engines.codec import FRAME_RATE
    from typebeat.engines.starter import build_lm, grid_text, load_codec, save_starter

MAX_SECONDS = 16.0
SIZES = {"dim": 256, "num_layers": 6, "num_heads": 4, "dropout": 0.0}  # dropout would cost CPUs their fast attention
VALIDATION_BEATS = 48
EMA_DECAY = 0.998


def conditions(windows: list[Window]) -> list[ConditioningAttributes]:
    """Returns audiocraft's record of what each window is asked for."""
    return [
        ConditioningAttributes(
            text={"description": w.caption, "key": w.tags.key, "grid": grid_text(w.tags.bpm, w.start_seconds)}
        )
        for w in windows
    ]


def loss_per_codebook(lm: LMModel, windows: list[Window]) -> Tensor:
    """Returns the mean cross-entropy in nats of each codebook, (K,), over all steps that hold a token."""
    codes = torch.from_numpy(np.stack([w.codes for w in windows])).to(next(lm.parameters()).device)
    pattern = lm.pattern_provider.get_pattern(codes.shape[-1])
    sequence, _, _ = pattern.build_pattern_sequence(codes, lm.special_token_id, keep_only_valid_steps=False)
    logits = lm(sequence[..., :-1], conditions(windows))  # (B, K, S, card)
    target = sequence[..., 1:]
    losses = [
        F.cross_entropy(logits[:, k].flatten(0, 1), target[:, k].flatten(), ignore_index=lm.special_token_id)
        for k in range(lm.num_codebooks)
    ]
    return torch.stack(losses)


def train(
    work: Path, codec_folder: Path, out: Path, minutes: float, beats: int, batch: int, lr: float, seed: int = 0
) -> None:
    """Trains until `minutes` have passed in all runs together; writes checkpoints and the starter's folder."""
    set_efficient_attention_backend("torch")
    paths = tokenize(work / "tokens", codec_folder, 0, beats + VALIDATION_BEATS, MAX_SECONDS + 1)
    frames = int(MAX_SECONDS * FRAME_RATE)
    validation = TokenWindows(paths[:VALIDATION_BEATS], frames, FRAME_RATE, seed).all_from_start()
    torch.manual_seed(seed)
    codec = load_codec(codec_folder)
    lm = build_lm(SIZES, codec, list(CONCEPTS), MAX_SECONDS)
    averaged = build_lm(SIZES, codec, list(CONCEPTS), MAX_SECONDS).eval()
    optimizers = make_optimizers(lm, lr)
    checkpoint, step, spent = work / "lm.pt", 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        lm.load_state_dict(state["lm"])
        averaged.load_state_dict(state["averaged"])
        for optimizer, held in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(held)
        step, spent = state["step"], state["spent"]
    windows = TokenWindows(paths[VALIDATION_BEATS:], frames, FRAME_RATE, seed + step)
    begun, saved = time.monotonic(), time.monotonic()

    def save() -> None:
        unfinished = checkpoint.with_suffix(".part")
        state = {"lm": lm.state_dict(), "averaged": averaged.state_dict()}
        state["optimizers"] = [optimizer.state_dict() for optimizer in optimizers]
        torch.save({**state, "step": step, "spent": spent + time.monotonic() - begun}, unfinished)
        unfinished.rename(checkpoint)
        save_starter(out, codec, averaged, SIZES, MAX_SECONDS)
        print(f"step {step} saved; validation {_format(validate(averaged, validation))}", flush=True)

    while (elapsed := spent + time.monotonic() - begun) < minutes * 60:
        share = elapsed / (minutes * 60)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = lr * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        lm.train()
        losses = loss_per_codebook(lm, windows.batch(batch))
        lm.zero_grad()
        losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        with torch.no_grad():
            keep = min(EMA_DECAY, step / (step + 10))
            for slow, fast in zip(averaged.parameters(), lm.parameters(), strict=True):
                slow.lerp_(fast, 1 - keep)
        if step % 25 == 0:
            print(f"step {step} {elapsed / 60:.1f} min {_format(losses)}", flush=True)
        if time.monotonic() - saved > 300:
            save()
            saved = time.monotonic()
    save()


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


@torch.no_grad()
def validate(lm: LMModel, windows: list[Window]) -> Tensor:
    """Returns the loss of each codebook over beats that training does not see, with all conditions given."""
    lm.eval()
    return torch.stack([loss_per_codebook(lm, windows[i : i + 16]) for i in range(0, len(windows), 16)]).mean(dim=0)


def _format(losses: Tensor) -> str:
    return f"{losses.mean():.3f} [" + " ".join(f"{x:.2f}" for x in losses.tolist()) + "]"


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's language model; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder for tokens and checkpoints")
    parser.add_argument(
        "--codec", type=Path, default=Path("typebeat/starter/beat"), help="folder with the trained codec"
    )
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/beat"), help="where the starter is written")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--beats", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--lr", type=float, default=1.2e-3)
    args = parser.parse_args()
    train(args.work, args.codec, args.out, args.minutes, args.beats, args.batch, args.lr)


if __name__ == "__main__":
    main()
