"""Encodes pictures as latents and captions as text embeddings, once, and keeps them on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save
from torch import Tensor

from training.cover.networks import TRANSFORMER, part_of
from training.data.records import CoverImage
from training.runs.errors import TrainingError
from training.runs.files import write_whole

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

ENCODE_AT_ONCE = 8


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    Attributes:
        pixels: sRGB (side, side, 3) uint8.
        caption: Its caption.
        name: Its file, for error messages.
    """

    pixels: np.ndarray
    caption: str
    name: str


@dataclass(frozen=True)
class EncodedPictures:
    """All pictures of a split as tensors on the CPU.

    Attributes:
        latents: (N, C, H, W), scaled as the network expects.
        embeddings: (N + 1, tokens, dim); the last row is for the empty caption. In bf16 for FLUX.2, whose are large.
        pooled: (N + 1, dim) from SDXL's second text encoder; (N + 1, 0) for other models.
        names: The N files.
        side: Width and height of the pictures in pixels.
    """

    latents: Tensor
    embeddings: Tensor
    pooled: Tensor
    names: tuple[str, ...]
    side: int


def read_picture(image: CoverImage, side: int) -> Picture:
    """Reads a picture and scales it to `side` x `side` pixels. Raises TrainingError if it is broken."""
    try:
        with Image.open(image.path) as opened:
            pixels = np.asarray(opened.convert("RGB").resize((side, side), Image.Resampling.LANCZOS))
    except OSError as error:
        raise TrainingError(f"{image.path} cannot be read as a picture ({error})") from error
    return Picture(pixels, image.caption, image.path.name)


def encode_pictures(
    pipe: DiffusionPipeline, base: str, pictures: Sequence[Picture], cache: Path, device: torch.device
) -> EncodedPictures:
    """Encodes pictures and captions, or reads them from the cache.

    Args:
        pipe: The base, with autoencoder and text encoders.
        base: Name and revision of the base, which identify its encodings in the cache.
        pictures: Pictures of the same size.
        cache: Folder of the cache.
        device: The device to encode on.
    """
    digest = hashlib.sha256(base.encode())
    for picture in pictures:
        digest.update(picture.caption.encode() + b"\0" + np.ascontiguousarray(picture.pixels).tobytes())
    file = cache / f"pictures-{digest.hexdigest()[:16]}.safetensors"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        held = {"latents": _latents(pipe, pictures, device)}
        held["embeddings"], held["pooled"] = _embeddings(pipe, [p.caption for p in pictures], device)
        write_whole(file, lambda part: part.write_bytes(save(held)))
    held = load_file(file)
    side = pictures[0].pixels.shape[0]
    return EncodedPictures(
        held["latents"], held["embeddings"], held["pooled"], tuple(picture.name for picture in pictures), side
    )


@torch.no_grad()
def _latents(pipe: DiffusionPipeline, pictures: Sequence[Picture], device: torch.device) -> Tensor:
    vae = pipe.vae.to(device)
    made = []
    for i in range(0, len(pictures), ENCODE_AT_ONCE):
        pixels = np.stack([picture.pixels for picture in pictures[i : i + ENCODE_AT_ONCE]])
        scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(device).float() / 127.5 - 1
        if part_of(pipe) == TRANSFORMER:  # in patches of two by two, normalized by the batch statistics of its training
            made.append(pipe._encode_vae_image(scaled, None).cpu())
            continue
        encoded = vae.encode(scaled)
        latents = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
        made.append((latents * vae.config.scaling_factor).cpu())
    return torch.cat(made).contiguous()


@torch.no_grad()
def _embeddings(pipe: DiffusionPipeline, captions: list[str], device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns embeddings and pooled embeddings of the captions and, last, of the empty caption."""
    for encoder in (pipe.text_encoder, getattr(pipe, "text_encoder_2", None)):
        if encoder is not None:
            encoder.to(device)
    if part_of(pipe) == TRANSFORMER:
        known = {
            caption: pipe.encode_prompt(caption, device=device)[0][0].bfloat16().cpu() for caption in {*captions, ""}
        }
        return torch.stack([known[caption] for caption in [*captions, ""]]), torch.zeros(len(captions) + 1, 0)
    known, rows = {}, []
    for caption in [*captions, ""]:
        if caption not in known:
            encoded = pipe.encode_prompt(
                caption, device=device, num_images_per_prompt=1, do_classifier_free_guidance=True
            )
            of_nothing = caption == ""
            pooled = encoded[3 if of_nothing else 2] if len(encoded) == 4 else torch.zeros(1, 0)
            known[caption] = [each.float().cpu()[0] for each in (encoded[1 if of_nothing else 0], pooled)]
        rows.append(known[caption])
    return torch.stack([row[0] for row in rows]), torch.stack([row[1] for row in rows])
