"""Trains the starter's cover model from scratch on drawn covers of no style; resumes from its last checkpoint.

    python -m training.starter.train_cover --work WORK --out WORK/cover --minutes 240

`WORK/vae/` must be the result of `train_cover_vae`. Styles are added later, as LoRAs (`train_cover_loras`).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from safetensors.torch import load_file, save
from torch import Tensor, nn
from torch.optim import Optimizer
from transformers import CLIPTextModel, CLIPTokenizer

from training.cover.flow_task import TIMES, noise_level
from training.cover.task import noise_of
from training.runs.checkpoints import load_best
from training.runs.files import write_whole
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.art.store import stored_art
from training.starter.cover_art import add_loop, loop_options, progress_printer
from training.starter.cover_model import (
    build_pipeline,
    build_text_encoder,
    build_tokenizer,
    build_unet,
    save_cover_model,
)
from training.starter.muon import muon_and_adamw
from typebeat.engines.checkpoints import fingerprint

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


@dataclass(frozen=True)
class Noised:
    """An item of a step: a picture or its mirror image, with noise.

    Attributes:
        picture: Which picture, and `mirrored` whether its mirror image, 0 or 1.
        caption: Which of its captions; -1: none.
        time: Place of the noise level, 0 to TIMES - 1.
        noise_seed: Seed of the noise.
    """

    picture: int
    mirrored: int
    caption: int
    time: int
    noise_seed: int


class DrawingTask:
    """A training task (see runs/loop.py): flow matching, with noise levels spread evenly over a batch.

    Args:
        model: The model to train.
        latents: Latents of each picture and its mirror image, (N, 2, LATENTS, 32, 32).
        tokens: Tokens of the captions of each picture, (N, captions, TOKENS).
        nothing: Tokens of the empty caption, (TOKENS,).
        batch: Number of items per step.
        seed: Seed of order, noise and dropout.
    """

    def __init__(self, model: CaptionedUNet, latents: Tensor, tokens: Tensor, nothing: Tensor, batch: int, seed: int):
        self.model, self.batch, self.seed = model, batch, seed
        self._latents, self._tokens, self._nothing = latents, tokens, nothing

    def optimizers(self, lr: float) -> list[Optimizer]:
        """Returns Muon, and AdamW for the first and last layers."""
        unet = self.model.unet
        return muon_and_adamw(self.model, [unet.conv_in, unet.conv_out, unet.time_embedding], lr)

    def draw(self, step: int) -> list[Noised]:
        """Returns the pictures of a step, some of them without a caption."""
        rng = np.random.default_rng([self.seed, step])
        return self._items(rng.integers(0, len(self._latents) - VALIDATION, self.batch), rng, CAPTION_DROPOUT)

    def validation(self) -> list[Noised]:
        """Returns the validation pictures, each at one noise level."""
        count = len(self._latents)
        return self._items(np.arange(count - VALIDATION, count), np.random.default_rng(0), 0.0)

    def _items(self, pictures: np.ndarray, rng: np.random.Generator, dropout: float) -> list[Noised]:
        count = len(pictures)
        times = ((rng.permutation(count) + rng.random(count)) / count * TIMES).astype(int)
        captions = np.where(rng.random(count) < dropout, -1, rng.integers(0, self._tokens.shape[1], count))
        columns = (pictures, rng.integers(0, 2, count), captions, times, rng.integers(0, 2**31, count))
        return [Noised(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]

    def measure(self, forward: nn.Module, items: Sequence[Noised]) -> Tensor:
        """Returns the summed squared error, (1,)."""
        clean = torch.stack([self._latents[item.picture, item.mirrored] for item in items]).float()
        noise = torch.stack([noise_of(clean.shape[1:], item.noise_seed) for item in items])
        levels = torch.tensor([noise_level(item.time) for item in items])
        share = levels[:, None, None, None]
        told = [self._tokens[item.picture, item.caption] if item.caption >= 0 else self._nothing for item in items]
        made = forward((1 - share) * clean + share * noise, levels * TIMES, torch.stack(told))
        return (made.float() - (noise - clean)).square().mean((1, 2, 3)).sum().reshape(1)

    def count(self, items: Sequence[Noised]) -> Tensor:
        """Returns the number of items, (1,)."""
        return torch.tensor([float(len(items))])

    def name(self, item: Noised) -> str:
        """Returns the picture of an item."""
        return f"art {item.picture}"


@torch.no_grad()
def encoded(vae: AutoencoderTiny, art: np.ndarray) -> Tensor:
    """Returns the latents of pictures and their mirror images, float16 (N, 2, LATENTS, 32, 32)."""
    made = []
    for i in range(0, len(art), 32):
        pixels = torch.from_numpy(art[i : i + 32].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
        both = [vae.encode(each).latents * vae.config.scaling_factor for each in (pixels, pixels.flip(-1))]
        made.append(torch.stack(both, dim=1).half())
    return torch.cat(made)


def kept_latents(vae: AutoencoderTiny, art: np.ndarray, work: Path) -> Tensor:
    """Returns what `encoded` does, kept in a folder under the number of pictures and a hash of the autoencoder."""
    version = fingerprint(sorted((work / "vae").glob("*.safetensors")))
    file = work / f"latents-{len(art)}-{version}.safetensors"
    if not file.exists():
        held = {"latents": encoded(vae, art)}
        write_whole(file, lambda part: part.write_bytes(save(held)))
    return load_file(file)["latents"]


def tokens_of(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Returns padded token ids, (captions, TOKENS)."""
    return tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids


def train(work: Path, out: Path, count: int, options: LoopOptions) -> None:
    """Trains on `count` covers and writes the model to `out`."""
    art = stored_art(work / "art", "", count)
    vae = AutoencoderTiny.from_pretrained(work / "vae")
    latents = kept_latents(vae, art.pixels, work)
    said = [caption for captions in art.captions for caption in captions]
    tokenizer = build_tokenizer(said)
    tokens = tokens_of(tokenizer, said).reshape(count, len(art.captions[0]), -1)
    torch.manual_seed(options.seed)
    model = CaptionedUNet(build_unet(), build_text_encoder(tokenizer))
    task = DrawingTask(model, latents, tokens, tokens_of(tokenizer, [""])[0], options.batch, options.seed)
    run = work / "cover-run"
    run_loop(task, options, run, make_accelerator(options.precision), progress_printer())
    model.load_state_dict(load_best(run), strict=False)
    save_cover_model(build_pipeline(model.unet, vae, model.text_encoder, tokenizer), out)


def main() -> None:
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with vae/; holds drawn covers and checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    add_loop(parser, minutes=240, batch=48, lr=1.2e-3, items="covers")
    parser.add_argument("--count", type=int, default=6000, help="number of covers of no style")
    parser.add_argument("--micro-batch", type=int, default=48, help="covers processed at once")
    args = parser.parse_args()
    rest = {"micro_batch": args.micro_batch, "warmup_steps": 100, "check_every": 200}
    options = loop_options(args, final_lr=0.01, ema_decay=0.999, **rest)
    train(args.work, args.out, args.count, options)


if __name__ == "__main__":
    main()
