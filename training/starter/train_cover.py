"""Trains the starter's cover model from nothing on art of no style; resumes from its last checkpoint.

    python -m training.starter.train_cover --work somewhere/ --minutes 40

`somewhere/vae/` is what `train_cover_vae` made. Styles come later, as LoRAs (`training.train_cover_lora`).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny, DDPMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from torch.optim import Optimizer
from transformers import CLIPTextModel, CLIPTokenizer

from training.runs.checkpoints import Progress, load_best
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.art.store import stored_art
from training.starter.cover_model import (
    build_pipeline,
    build_scheduler,
    build_text_encoder,
    build_tokenizer,
    build_unet,
    save_cover_model,
)
from training.starter.muon import muon_and_adamw
from training.starter.train_cover_vae import PATCH

VALIDATION = 128  # the last covers of the art, which are not trained on
CAPTION_DROPOUT = 0.1


class CaptionedUNet(nn.Module):
    """UNet and text encoder as one model, since both are trained."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel):
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy: Tensor, times: Tensor, tokens: Tensor) -> Tensor:
        """Returns the UNet's prediction, of the shape of `noisy`, (B, LATENTS, 32, 32)."""
        return self.unet(noisy, times, self.text_encoder(tokens)[0]).sample


class DrawingTask:
    """A training task (runs/loop.py): noise levels are spread evenly over each batch.

    Args:
        model: What is trained.
        latents: Scaled, (N, 2, LATENTS, 32, 32): each picture and its mirror image.
        tokens: Of each picture's captions, (N, captions, TOKENS).
        nothing: Tokens of the empty caption, (TOKENS,).
        batch: Items of a step.
        seed: Of order, noise and dropout.
    """

    def __init__(self, model: CaptionedUNet, latents: Tensor, tokens: Tensor, nothing: Tensor, batch: int, seed: int):
        self.model, self.batch, self.seed = model, batch, seed
        self._latents, self._tokens, self._nothing = latents, tokens, nothing
        self._noises = DDPMScheduler.from_config(build_scheduler().config)

    def optimizers(self, lr: float) -> list[Optimizer]:
        """Muon; AdamW for the first and the last layer."""
        unet = self.model.unet
        return muon_and_adamw(self.model, [unet.conv_in, unet.conv_out, unet.time_embedding], lr)

    def draw(self, step: int) -> list[tuple[Any, ...]]:
        """Draws (picture, mirrored, caption or -1, time, noise seed) of each item."""
        rng = np.random.default_rng([self.seed, step])
        return self._items(rng.integers(0, len(self._latents) - VALIDATION, self.batch), rng, CAPTION_DROPOUT)

    def validation(self) -> list[tuple[Any, ...]]:
        """The held-out pictures, each at one noise level."""
        count = len(self._latents)
        return self._items(np.arange(count - VALIDATION, count), np.random.default_rng(0), 0.0)

    def _items(self, pictures: np.ndarray, rng: np.random.Generator, dropout: float) -> list[tuple[Any, ...]]:
        count, last = len(pictures), self._noises.config.num_train_timesteps
        times = ((rng.permutation(count) + rng.random(count)) / count * last).astype(int)
        captions = np.where(rng.random(count) < dropout, -1, rng.integers(0, self._tokens.shape[1], count))
        columns = (pictures, rng.integers(0, 2, count), captions, times, rng.integers(0, 2**31, count))
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def measure(self, forward: nn.Module, items: Sequence[tuple[Any, ...]]) -> Tensor:
        """Returns the summed squared error, (1,); all noise levels weigh alike: the noisiest set the composition."""
        pictures, mirrored, captions, times, seeds = (list(column) for column in zip(*items, strict=True))
        clean, times = self._latents[pictures, mirrored].float(), torch.tensor(times)
        noise = torch.stack([torch.randn(clean.shape[1:], generator=torch.Generator().manual_seed(s)) for s in seeds])
        tokens = torch.stack(
            [self._tokens[p, c] if c >= 0 else self._nothing for p, c in zip(pictures, captions, strict=True)]
        )
        noisy = self._noises.add_noise(clean, noise, times)
        error = forward(noisy, times, tokens).float() - self._noises.get_velocity(clean, noise, times)
        return error.square().mean((1, 2, 3)).sum().reshape(1)

    def count(self, items: Sequence[tuple[Any, ...]]) -> Tensor:
        """Returns the number of items, (1,)."""
        return torch.tensor([float(len(items))])

    def name(self, item: tuple[Any, ...]) -> str:
        """Returns an item's picture."""
        return f"art {item[0]}"


@torch.no_grad()
def encoded(vae: AutoencoderTiny, art: np.ndarray) -> Tensor:
    """Returns the latents of pictures and their mirror images, float16 (N, 2, LATENTS, 32, 32).

    The encoder is linear and sees patch by patch, so one matrix, read off from it, does the same in a moment.
    """
    nothing = vae.encoder(torch.full((1, 3, PATCH, PATCH), -1.0)).flatten()
    points = torch.eye(3 * PATCH * PATCH).reshape(-1, 3, PATCH, PATCH) * 2 - 1
    matrix = vae.encoder(points).flatten(1) - nothing  # (points of a patch, LATENTS)
    made, side = [], art.shape[1] // PATCH
    for i in range(0, len(art), 64):
        pixels = torch.from_numpy(art[i : i + 64].copy()).permute(0, 3, 1, 2).float() / 255
        both = torch.stack([pixels, pixels.flip(-1)], dim=1)
        patches = both.reshape(-1, 2, 3, side, PATCH, side, PATCH).permute(0, 1, 3, 5, 2, 4, 6).flatten(4)
        made.append((patches @ matrix + nothing).permute(0, 1, 4, 2, 3).half())
    return torch.cat(made)


def tokens_of(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Returns token numbers, padded, (captions, TOKENS)."""
    return tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids


def train(work: Path, out: Path, count: int, options: LoopOptions) -> None:
    """Trains on `count` covers and writes the folder `out`."""
    art, captions = stored_art(work / "art", "", count)
    vae = AutoencoderTiny.from_pretrained(work / "vae")
    latents = encoded(vae, art)
    tokenizer = build_tokenizer(caption for each in captions for caption in each)
    tokens = tokens_of(tokenizer, [caption for each in captions for caption in each]).reshape(
        count, len(captions[0]), -1
    )
    torch.manual_seed(options.seed)
    model = CaptionedUNet(build_unet(), build_text_encoder(tokenizer))
    task = DrawingTask(model, latents, tokens, tokens_of(tokenizer, [""])[0], options.batch, options.seed)
    run = work / "cover"

    def report(progress: Progress) -> None:
        row = progress.history[-1]
        if row["step"] % 50 == 0 or "validation_loss" in row:
            print({name: round(value, 5) for name, value in row.items() if isinstance(value, float | int)}, flush=True)

    run_loop(task, options, run, make_accelerator(options.precision), report)
    model.load_state_dict(load_best(run), strict=False)
    save_cover_model(build_pipeline(model.unet, vae, model.text_encoder, tokenizer), out)


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's cover model; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder with vae/, for art and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/cover"), help="where the model is written")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--count", type=int, default=3200, help="covers to learn from")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    args = parser.parse_args()
    options = LoopOptions(
        minutes=args.minutes,
        batch=args.batch,
        micro_batch=args.batch,
        lr=args.lr,
        warmup_steps=50,
        final_lr=0.01,
        ema_decay=0.995,
        precision="bf16",
        check_every=100,
    )
    train(args.work, args.out, args.count, options)


if __name__ == "__main__":
    main()
