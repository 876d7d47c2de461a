"""Trains the autoencoder of the starter's cover model on crops of drawn covers; resumes from its last checkpoint.

    python -m training.starter.train_cover_vae --work WORK --minutes 150

`WORK/classifier/` must be the result of `train_art_classifier`. The loss is that of pixels and of edges, of what the
classifier sees (perceptual), and after `--critic-from` steps of a critic of patches (adversarial). Both sides of the
adversarial game learn in one step: the critic's weights are held still in the autoencoder's loss, the picture in the
critic's.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F
from torch.optim import AdamW, Optimizer

from training.runs.checkpoints import load_averaged
from training.runs.loop import make_accelerator, run_loop
from training.runs.loop_options import LoopOptions
from training.starter.art_classifier import ArtClassifier, load_classifier, perceptual_distance
from training.starter.cover_art import (
    ArtCounts,
    Crop,
    add_counts,
    add_loop,
    all_art,
    loop_options,
    pictures_of,
    progress_printer,
)
from training.starter.cover_model import build_vae

CROP = 128  # pixels
VALIDATION = 64  # number of covers of no style, from the end, that are not trained on
LATENT_NOISE = 0.05  # the decoder must stand that latents are drawn, and never exact
# weights of the parts of the loss, of which pixels and edges count 1
PERCEPTUAL, ADVERSARIAL, SPREAD = 0.5, 0.03, 0.02


@dataclass(frozen=True)
class Played(Crop):
    """A crop to code and to draw again, and whether the critic plays."""

    with_critic: bool


def build_critic() -> nn.Module:
    """Returns a critic of patches of about 30 pixels, (B, 3, H, W) to (B, 1, H/8, W/8); positive means real."""
    layers: list[nn.Module] = []
    width = 3
    for wider in (32, 64, 96):
        layers += [nn.Conv2d(width, wider, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        width = wider
    return nn.Sequential(*layers, nn.Conv2d(width, 1, 3, padding=1))


def picture_loss(made: Tensor, real: Tensor) -> Tensor:
    """Returns the L1 loss of pixels and of differences between pixels that are 1 and 2 apart."""
    loss = F.l1_loss(made, real)
    for step in (1, 2):
        loss = loss + F.l1_loss(made[..., step:] - made[..., :-step], real[..., step:] - real[..., :-step])
        loss = loss + F.l1_loss(made[..., step:, :] - made[..., :-step, :], real[..., step:, :] - real[..., :-step, :])
    return loss


class AutoencoderGame(nn.Module):
    """Autoencoder and critic as one model; the classifier is held outside of its parameters."""

    def __init__(self, vae: AutoencoderTiny, critic: nn.Module, classifier: ArtClassifier) -> None:
        super().__init__()
        self.vae, self.critic = vae, critic
        self._classifier = [classifier]

    def forward(self, real: Tensor, play: bool) -> Tensor:
        """Returns the mean loss of pictures (B, 3, H, W) in [-1, 1]."""
        latents = self.vae.encoder(real).float()
        noisy = latents + LATENT_NOISE * torch.randn_like(latents) if self.training else latents
        made = self.vae.decoder(noisy).float()
        loss = picture_loss(made, real) + PERCEPTUAL * perceptual_distance(self._classifier[0], made, real)
        if not self.training:
            return loss
        mean, variance = latents.mean((0, 2, 3)), latents.var((0, 2, 3))
        loss = loss + SPREAD * (mean.square() + (variance - 1).square()).mean()
        if play:
            still = {name: p.detach() for name, p in self.critic.named_parameters()}
            fooled = -functional_call(self.critic, still, (made,)).float().mean()
            said_real, said_made = self.critic(real).float(), self.critic(made.detach()).float()
            hinge = F.relu(1 - said_real).mean() + F.relu(1 + said_made).mean()
            loss = loss + ADVERSARIAL * fooled + hinge
        return loss


class AutoencoderTask:
    """A training task (see runs/loop.py): to code crops of drawn covers and to draw them again."""

    def __init__(
        self, model: AutoencoderGame, sets: Sequence[np.ndarray], batch: int, critic_from: int, seed: int
    ) -> None:
        self.model, self._sets, self._batch = model, sets, batch
        self._critic_from, self._seed = critic_from, seed
        self._validation = min(VALIDATION, len(sets[0]) // 4)

    def optimizers(self, lr: float) -> list[Optimizer]:
        return [
            AdamW(self.model.vae.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=1e-4),
            AdamW(self.model.critic.parameters(), lr=lr, betas=(0.5, 0.9), weight_decay=0.0),
        ]

    def draw(self, step: int) -> list[Played]:
        rng = np.random.default_rng([self._seed, step])
        items, room = [], self._sets[0].shape[1] - CROP + 1
        for _ in range(self._batch):
            number = int(rng.integers(len(self._sets)))
            count = len(self._sets[number]) - (self._validation if number == 0 else 0)
            place = (int(rng.integers(count)), int(rng.integers(room)), int(rng.integers(room)))
            items.append(Played(number, *place, bool(rng.integers(2)), step >= self._critic_from))
        return items

    def validation(self) -> list[Played]:
        count, middle = len(self._sets[0]), (self._sets[0].shape[1] - CROP) // 2
        return [Played(0, number, middle, middle, False, False) for number in range(count - self._validation, count)]

    def measure(self, forward: nn.Module, items: Sequence[Played]) -> Tensor:
        real = pictures_of(items, self._sets, CROP).contiguous(memory_format=torch.channels_last)
        return forward(real, items[0].with_critic).reshape(1) * len(items)

    def count(self, items: Sequence[Played]) -> Tensor:
        return torch.tensor([float(len(items))])

    def name(self, item: Played) -> str:
        return f"art {item.set}/{item.cover}"


def train(work: Path, counts: ArtCounts, critic_from: int, options: LoopOptions) -> AutoencoderTiny:
    """Trains the autoencoder and writes it to `work/vae/`.

    The average of the last weights ships, not that of the lowest validation loss: what the critic adds is sharper, not
    nearer by pixels.
    """
    sets = [art.pixels for art in all_art(work, counts).values()]
    torch.manual_seed(options.seed)
    model = AutoencoderGame(build_vae(), build_critic(), load_classifier(work / "classifier"))
    model.to(memory_format=torch.channels_last)
    task = AutoencoderTask(model, sets, options.batch, critic_from, options.seed)
    run_loop(task, options, work / "vae-run", make_accelerator(options.precision), progress_printer())
    model.load_state_dict(load_averaged(work / "vae-run"), strict=False)
    vae = model.vae.eval()
    vae.save_pretrained(work / "vae")
    write_sheet(vae, np.concatenate([pixels[-2:] for pixels in sets]), work / "vae.png")
    return vae


@torch.no_grad()
def write_sheet(vae: AutoencoderTiny, pixels: np.ndarray, path: Path) -> None:
    """Writes a picture of covers above their reconstructions, and prints how near they are."""
    shown = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1
    latents = vae.encode(shown).latents
    made = vae.decode(latents).sample.clamp(-1, 1)
    sheet = torch.cat([torch.cat([*row], dim=-1) for row in (shown, made)], dim=-2)
    Image.fromarray(((sheet + 1) * 127.5).byte().permute(1, 2, 0).numpy()).save(path)
    psnr = 10 * math.log10(4 / float(F.mse_loss(made, shown)))
    print(f"PSNR {psnr:.2f} dB, deviations of latents", " ".join(f"{float(s):.2f}" for s in latents.std((0, 2, 3))))


def main() -> None:
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder with classifier/, for drawn covers and runs")
    add_loop(parser, minutes=150, batch=8, lr=6e-4, items="crops")
    parser.add_argument("--critic-from", type=int, default=2500, help="number of steps before the critic plays")
    add_counts(parser)
    args = parser.parse_args()
    options = loop_options(args, warmup_steps=100, final_lr=0.02, ema_decay=0.998, check_every=250)
    train(args.work, ArtCounts.of(args), args.critic_from, options)


if __name__ == "__main__":
    main()
