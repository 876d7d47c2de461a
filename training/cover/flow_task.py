"""Defines the tasks of training a cover LoRA by flow matching (rectified flow), on FLUX.2 klein and on a UNet.

The network learns to point from the picture to the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.cover.cache import EncodedPictures
from training.cover.task import Noisy, PictureTask, noise_of

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, UNet2DConditionModel

TIMES = 1000  # places of the noise levels' distribution that a step draws from


class UNetFlowTask(PictureTask):
    """A training task (see runs/loop.py) on encoded pictures, of a UNet that draws by flow matching.

    Args:
        unet: The UNet with its adapter.
        train: Pictures to train on.
        held_out: Pictures to validate on.
        batch: Number of items per step.
        caption_dropout: Share of items with an empty caption.
        seed: Seed of order, noise and dropout.
    """

    def __init__(
        self,
        unet: UNet2DConditionModel,
        train: EncodedPictures,
        held_out: EncodedPictures,
        batch: int,
        caption_dropout: float,
        seed: int,
    ) -> None:
        super().__init__(unet, train, held_out, batch, caption_dropout, seed, TIMES)

    def measure(self, forward: nn.Module, items: Sequence[Noisy]) -> Tensor:
        device = next(self.model.parameters()).device
        clean, noise, levels = noised(items)
        share = levels[:, None, None, None]
        told = torch.stack([item.held.embeddings[item.caption] for item in items]).to(device)
        made = forward(((1 - share) * clean + share * noise).to(device), (levels * TIMES).to(device), told).sample
        wanted = (noise - clean).to(device)
        return F.mse_loss(made.float(), wanted, reduction="none").flatten(1).mean(dim=1).sum()[None]


class FlowTask(PictureTask):
    """A training task (see runs/loop.py) on encoded pictures, with noise levels of a logit-normal distribution.

    Args:
        pipe: A Flux2KleinPipeline whose transformer has its adapter.
        train: Pictures to train on.
        held_out: Pictures to validate on.
        batch: Number of items per step.
        caption_dropout: Share of items with an empty caption; classifier-free guidance needs them.
        seed: Seed of order, noise and dropout.
    """

    def __init__(
        self,
        pipe: DiffusionPipeline,
        train: EncodedPictures,
        held_out: EncodedPictures,
        batch: int,
        caption_dropout: float,
        seed: int,
    ) -> None:
        super().__init__(pipe.transformer, train, held_out, batch, caption_dropout, seed, TIMES)
        self._pipe = pipe

    def measure(self, forward: nn.Module, items: Sequence[Noisy]) -> Tensor:
        parameter = next(self.model.parameters())
        device, dtype = parameter.device, parameter.dtype
        latents, noise, levels = noised(items)
        share = levels[:, None, None, None]
        noisy = ((1 - share) * latents + share * noise).to(device, dtype)
        told = torch.stack([item.held.embeddings[item.caption] for item in items]).to(device, dtype)
        made = forward(
            hidden_states=self._pipe._pack_latents(noisy),
            timestep=levels.to(device, dtype),
            guidance=None,
            encoder_hidden_states=told,
            txt_ids=self._pipe._prepare_text_ids(told).to(device),
            img_ids=self._pipe._prepare_latent_ids(noisy).to(device),
            return_dict=False,
        )[0]
        wanted = self._pipe._pack_latents(noise - latents).to(device)
        return F.mse_loss(made.float(), wanted, reduction="none").flatten(1).mean(dim=1).sum()[None]


def noised(items: Sequence[Noisy]) -> tuple[Tensor, Tensor, Tensor]:
    """Returns the latents of items, their noise, and the share of noise of each, (B,)."""
    latents = torch.stack([item.held.latents[item.picture] for item in items]).float()
    noise = torch.stack([noise_of(latents.shape[1:], item.noise_seed) for item in items])
    return latents, noise, torch.tensor([noise_level(item.time) for item in items])


def noise_level(time: int) -> float:
    """Returns the share of noise at a place, 0 to 999, of the logit-normal distribution (Esser et al. 2024)."""
    place = torch.tensor(NormalDist().inv_cdf((time + 0.5) / TIMES))
    return float(torch.sigmoid(place))
