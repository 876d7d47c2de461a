"""Trains the starter's cover model from scratch on drawn covers of no style; resumes from its last checkpoint.

    python -m training.starter.train_cover --work somewhere/ --minutes 40

`somewhere/vae/` must be the result of `train_cover_vae`. Styles are added later, as LoRAs (`train_cover_loras`).
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

VALIDATION = 128  # number of covers at the end of the art that are not trained on
CAPTION_DROPOUT = 0.1


class CaptionedUNet(nn.Module):
    """UNet and text encoder as one model, because both are trained."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel):
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy: Tensor, times: Tensor, tokens: Tensor) -> Tensor:
        """Returns the prediction of the UNet, (B, LATENTS, 32, 32) like `noisy`."""
        return self.unet(noisy, times, self.text_encoder(tokens)[0]).sample


class DrawingTask:
    """A training task (see runs/loop.py) in which each batch has evenly spread noise levels.

    Args:
        model: The model to train.
        latents: Scaled latents of each picture and its mirror image, (N, 2, LATENTS, 32, 32).
        tokens: Tokens of the captions of each picture, (N, captions, TOKENS).
        nothing: Tokens of the empty caption, (TOKENS,).
        batch: Number of items per step.
        seed: Seed of order, noise and dropout.
    """

    def __init__(self, model: CaptionedUNet, latents: Tensor, tokens: Tensor, nothing: Tensor, batch: int, seed: int):
        self.model, self.batch, self.seed = model, batch, seed
        self._latents, self._tokens, self._nothing = latents, tokens, nothing
        self._noises = DDPMScheduler.from_config(build_scheduler().config)

    def optimizers(self, lr: float) -> list[Optimizer]:
        """Returns Muon, and AdamW for the first and last layers."""
        unet = self.model.unet
        return muon_and_adamw(self.model, [unet.conv_in, unet.conv_out, unet.time_embedding], lr)

    def draw(self, step: int) -> list[tuple[Any, ...]]:
        """Returns (picture, mirrored, caption or -1, time step, noise seed) of each item."""
        rng = np.random.default_rng([self.seed, step])
        return self._items(rng.integers(0, len(self._latents) - VALIDATION, self.batch), rng, CAPTION_DROPOUT)

    def validation(self) -> list[tuple[Any, ...]]:
        """Returns the validation pictures, each at one noise level."""
        count = len(self._latents)
        return self._items(np.arange(count - VALIDATION, count), np.random.default_rng(0), 0.0)

    def _items(self, pictures: np.ndarray, rng: np.random.Generator, dropout: float) -> list[tuple[Any, ...]]:
        count, last = len(pictures), self._noises.config.num_train_timesteps
        times = ((rng.permutation(count) + rng.random(count)) / count * last).astype(int)
        captions = np.where(rng.random(count) < dropout, -1, rng.integers(0, self._tokens.shape[1], count))
        columns = (pictures, rng.integers(0, 2, count), captions, times, rng.integers(0, 2**31, count))
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def measure(self, forward: nn.Module, items: Sequence[tuple[Any, ...]]) -> Tensor:
        """Returns the summed squared error, (1,); all noise levels count alike, as the noisiest set the composition."""
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
        """Returns the picture of an item."""
        return f"art {item[0]}"


@torch.no_grad()
def encoded(vae: AutoencoderTiny, art: np.ndarray) -> Tensor:
    """Returns the latents of pictures and their mirror images, float16 (N, 2, LATENTS, 32, 32).

    The encoder is linear and works patch by patch, so that one matrix, read off from it, does the same much faster.
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
    """Returns padded token ids, (captions, TOKENS)."""
    return tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids


def train(work: Path, out: Path, count: int, options: LoopOptions) -> None:
    """Trains on `count` covers and writes the model to `out`."""
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
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with vae/; holds drawn covers and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/cover"), help="folder to write the model to")
    parser.add_argument("--minutes", type=float, default=40, help="training time over all sessions")
    parser.add_argument("--count", type=int, default=3200, help="number of covers to draw and train on")
    parser.add_argument("--batch", type=int, default=32, help="number of covers per step")
    parser.add_argument("--lr", type=float, default=1.5e-3, help="learning rate after the warm-up")
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
