"""Defines the task of training a cover LoRA in a UNet: to denoise, with min-SNR weights (Hang et al. 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from peft import LoraConfig
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer

from training.cover.cache import EncodedPictures
from training.runs.errors import TrainingError

if TYPE_CHECKING:
    from diffusers import DDPMScheduler, UNet2DConditionModel

VALIDATION_TIMES = 4  # noise levels at which the loss of each validation picture is measured


@dataclass(frozen=True)
class Noisy:
    """An item of a step: a picture of `held`, row of its caption (the last: none), time step and seed of the noise."""

    held: EncodedPictures
    picture: int
    caption: int
    time: int
    noise_seed: int


def add_lora(network: Any, rank: int, targets: Sequence[str], base: str, seed: int, dtype: torch.dtype) -> LoraConfig:
    """Freezes a network in `dtype` and adds an fp32 adapter; returns its configuration, which names the base.

    Raises:
        TrainingError: the network lacks one of the layers.
    """
    names = [name for name, _ in network.named_modules()]
    if missing := [target for target in targets if not any(f".{name}".endswith(f".{target}") for name in names)]:
        raise TrainingError(f"the network of {base} has no layers {', '.join(missing)} to adapt")
    config = LoraConfig(
        r=rank,
        lora_alpha=rank,
        init_lora_weights="gaussian",
        target_modules=list(targets),
    )
    network.requires_grad_(False)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network.add_adapter(config)
    config.base_model_name_or_path = base  # add_adapter has cleared it
    for parameter in network.parameters():
        parameter.data = parameter.data.to(torch.float32 if parameter.requires_grad else dtype)
    return config


def min_snr_weights(snr: Tensor, gamma: float, prediction: str) -> Tensor:
    """Returns the weight of the squared error of each item; with `gamma` 0 all weights are 1.

    Args:
        snr: Signal-to-noise ratio of each item.
        gamma: Largest ratio that counts in full; 5 in the paper.
        prediction: "epsilon", "v_prediction" or "sample".
    """
    if not gamma:
        return torch.ones_like(snr)
    clipped = snr.clamp(max=gamma)
    if prediction == "sample":
        return clipped
    return clipped / (snr + 1 if prediction == "v_prediction" else snr.clamp(min=1e-8))


class PictureTask:
    """What training on pictures shares: which pictures a step learns from, at which noise, and with which captions.

    Args:
        network: The network with its adapter.
        train: Pictures to train on.
        held_out: Pictures to validate on.
        batch: Number of items per step.
        caption_dropout: Share of items with an empty caption; classifier-free guidance needs them.
        seed: Seed of order, noise and dropout.
        times: Number of noise levels.
    """

    def __init__(
        self,
        network: nn.Module,
        train: EncodedPictures,
        held_out: EncodedPictures,
        batch: int,
        caption_dropout: float,
        seed: int,
        times: int,
    ) -> None:
        self.model = network
        self._train, self._held_out = train, held_out
        self._batch, self._caption_dropout, self._seed, self._times = batch, caption_dropout, seed, times

    def optimizers(self, lr: float) -> list[Optimizer]:
        return [AdamW([p for p in self.model.parameters() if p.requires_grad], lr=lr, weight_decay=1e-2)]

    def draw(self, step: int) -> list[Noisy]:
        count = len(self._train.names)
        items = []
        for at in range(step * self._batch, (step + 1) * self._batch):
            epoch, place = divmod(at, count)
            picture = int(np.random.default_rng([self._seed, 0, epoch]).permutation(count)[place])
            rng = np.random.default_rng([self._seed, 1, at])
            caption = count if rng.random() < self._caption_dropout else picture
            time = int(rng.integers(self._times))
            items.append(Noisy(self._train, picture, caption, time, int(rng.integers(2**31))))
        return items

    def validation(self) -> list[Noisy]:
        spread = [int(self._times * (i + 0.5) / VALIDATION_TIMES) for i in range(VALIDATION_TIMES)]
        pictures = range(len(self._held_out.names))
        return [Noisy(self._held_out, i, i, time, i) for i in pictures for time in spread]

    def count(self, items: Sequence[Noisy]) -> Tensor:
        return torch.tensor([float(len(items))])

    def name(self, item: Noisy) -> str:
        return item.held.names[item.picture]


class CoverTask(PictureTask):
    """A training task (see runs/loop.py) on encoded pictures, of a UNet.

    Args:
        unet: The UNet with its adapter.
        noises: The noise schedule of the base.
        train: Pictures to train on.
        held_out: Pictures to validate on.
        batch: Number of items per step.
        snr_gamma: `gamma` of `min_snr_weights`.
        caption_dropout: Share of items with an empty caption.
        seed: Seed of order, noise and dropout.
    """

    def __init__(
        self,
        unet: UNet2DConditionModel,
        noises: DDPMScheduler,
        train: EncodedPictures,
        held_out: EncodedPictures,
        batch: int,
        snr_gamma: float,
        caption_dropout: float,
        seed: int,
    ):
        if noises.config.prediction_type not in ("epsilon", "v_prediction", "sample"):
            raise TrainingError(f"a base that predicts {noises.config.prediction_type!r} cannot be trained here")
        super().__init__(unet, train, held_out, batch, caption_dropout, seed, noises.config.num_train_timesteps)
        self._noises, self._snr_gamma = noises, snr_gamma
        kept = noises.alphas_cumprod
        self._snr = kept / (1 - kept)

    def measure(self, forward: nn.Module, items: Sequence[Noisy]) -> Tensor:
        device = next(self.model.parameters()).device
        latents = torch.stack([item.held.latents[item.picture] for item in items])
        noise = torch.stack([noise_of(latents.shape[1:], item.noise_seed) for item in items])
        times = torch.tensor([item.time for item in items])
        noisy = self._noises.add_noise(latents, noise, times).to(device)
        told = torch.stack([item.held.embeddings[item.caption] for item in items]).to(device)
        made = forward(noisy, times.to(device), told, added_cond_kwargs=_added(items, device)).sample
        prediction = self._noises.config.prediction_type
        if prediction == "epsilon":
            wanted = noise
        else:
            wanted = latents if prediction == "sample" else self._noises.get_velocity(latents, noise, times)
        errors = F.mse_loss(made.float(), wanted.to(device), reduction="none").flatten(1).mean(dim=1)
        return (errors * min_snr_weights(self._snr[times], self._snr_gamma, prediction).to(device)).sum()[None]


def noise_of(shape: Sequence[int], seed: int) -> Tensor:
    """Returns the noise of a seed, from the CPU."""
    return torch.randn(tuple(shape), generator=torch.Generator().manual_seed(seed))


def _added(items: Sequence[Noisy], device: torch.device) -> dict[str, Tensor] | None:
    """Returns the added conditions of SDXL: pooled embeddings, and sizes that say that nothing was cropped."""
    held = items[0].held
    if held.pooled.shape[1] == 0:
        return None
    pooled = torch.stack([item.held.pooled[item.caption] for item in items]).to(device)
    sizes = torch.tensor([[held.side, held.side, 0, 0, held.side, held.side]] * len(items), device=device)
    return {"text_embeds": pooled, "time_ids": sizes.float()}
