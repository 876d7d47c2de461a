"""Trains the autoencoder of the starter's cover model on drawn covers; resumes from its last checkpoint.

    python -m training.starter.train_cover_vae --work somewhere/ --minutes 40

The autoencoder is diffusers' `AutoencoderTiny`: 256 x 256 pixels to 6 x 32 x 32 numbers and back. Its encoder is not
trained but computed: the first principal components of patches of 8 x 8 pixels, written as convolutions. The latents
are therefore final from the start, and `train_cover` can run while the decoder is still being trained. The loss of the
decoder is L1 of pixels and of edges and, late in training, a critic of patches.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from training.starter.art.store import stored_art
from training.starter.muon import muon_and_adamw
from typebeat.request.styles import STYLES

LATENTS = 6
PATCH = 8
EVENNESS = 0.65  # 0 keeps the standard deviations of the components, 1 makes them all equal
CROP = 128
LATENT_NOISE = 0.06
CRITIC_FROM = 0.6  # share of the training time before the critic is used
CRITIC_WEIGHT = 0.02


def build_vae() -> AutoencoderTiny:
    """Returns the untrained autoencoder; its encoder has no blocks and is linear."""
    vae = AutoencoderTiny(
        encoder_block_out_channels=(48, 48, 48, 48),
        decoder_block_out_channels=(48, 48, 48, 48),
        num_encoder_blocks=(0, 0, 0, 0),
        num_decoder_blocks=(4, 4, 1, 0),
        latent_channels=LATENTS,
    )
    for layer in vae.decoder.layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu" if layer.in_channels == LATENTS else "linear")
        elif not isinstance(layer, nn.Upsample | nn.ReLU):
            nn.init.kaiming_normal_(layer.conv[0].weight, nonlinearity="relu")
            nn.init.kaiming_normal_(layer.conv[2].weight, nonlinearity="relu")
            nn.init.zeros_(layer.conv[4].weight)
    vae.decoder.layers[-1].weight.data *= 0.1
    nn.init.constant_(vae.decoder.layers[-1].bias, 0.5)
    return vae


@torch.no_grad()
def fit_encoder(vae: AutoencoderTiny, art: np.ndarray) -> None:
    """Writes the principal components of the patches of drawn covers into the convolutions of the encoder.

    Each convolution of stride 2 moves 2 x 2 points into channels; the third one also applies the components.
    """
    side = art.shape[1] // PATCH
    pixels = torch.from_numpy(art.copy()).float() / 255  # the encoder gets values from 0 to 1
    patches = pixels.reshape(-1, side, PATCH, side, PATCH, 3).permute(0, 1, 3, 2, 4, 5).reshape(-1, PATCH * PATCH * 3)
    mean = patches.mean(0)
    spread, components = torch.linalg.eigh((patches - mean).T @ (patches - mean) / len(patches))
    spread, components = spread.flip(0)[:LATENTS].sqrt(), components.flip(1)[:, :LATENTS]
    deviation = (spread / spread[0]) ** (1 - EVENNESS)
    rows = (components * deviation / spread).T.reshape(LATENTS, PATCH, PATCH, 3)

    first, one, two, three, last = (layer for layer in vae.encoder.layers if isinstance(layer, nn.Conv2d))
    for layer in (first, one, two, three, last):
        layer.weight.zero_()
    first.bias.zero_()
    for colour in range(3):
        first.weight[colour, colour, 1, 1] = 1
    for layer, channels in ((one, 3), (two, 12)):
        for channel in range(channels):
            for y in range(2):
                for x in range(2):
                    layer.weight[4 * channel + 2 * y + x, channel, 1 + y, 1 + x] = 1
    for colour in range(3):  # channel 4 (4 colour + 2 y1 + x1) + 2 y2 + x2 holds the point (2 y2 + y1, 2 x2 + x1)
        for y in range(PATCH):
            for x in range(PATCH):
                channel = 4 * (4 * colour + 2 * (y % 2) + x % 2) + 2 * (y // 2 % 2) + x // 2 % 2
                three.weight[:LATENTS, channel, 1 + y // 4, 1 + x // 4] = rows[:, y, x, colour]
    for latent in range(LATENTS):
        last.weight[latent, latent, 1, 1] = 1
    last.bias.copy_(-(rows.reshape(LATENTS, -1) @ mean))
    vae.encoder.requires_grad_(False)


def build_critic() -> nn.Module:
    """Returns a critic of patches of about 30 pixels, (B, 3, H, W) to (B, 1, H/8, W/8); positive means real."""
    layers, width = [], 3
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


def crops(sets: list[np.ndarray], batch: int, rng: np.random.Generator) -> Tensor:
    """Returns random crops, (batch, 3, CROP, CROP) in [-1, 1], on the grid of patches."""
    picked = []
    for _ in range(batch):
        art = sets[rng.integers(len(sets))]
        y, x = rng.integers(0, (art.shape[1] - CROP) // PATCH + 1, 2) * PATCH
        picked.append(art[rng.integers(len(art)), y : y + CROP, x : x + CROP])
    return torch.from_numpy(np.stack(picked)).permute(0, 3, 1, 2).float() / 127.5 - 1


def train(work: Path, minutes: float, batch: int, lr: float, counts: tuple[int, int], seed: int = 0) -> None:
    """Trains for `minutes` over all sessions; writes checkpoints and `work/vae/`."""
    sets = [stored_art(work / "art", "", counts[0])[0]]
    sets += [stored_art(work / "art", style, counts[1])[0] for style in STYLES]
    torch.manual_seed(seed)
    vae, critic = build_vae(), build_critic()
    fit_encoder(vae, np.concatenate([art[:100] for art in sets]))
    vae.to(memory_format=torch.channels_last)
    ends = [vae.decoder.layers[0], vae.decoder.layers[-1]]
    optimizers = [*muon_and_adamw(vae, ends, lr), torch.optim.AdamW(critic.parameters(), lr=4e-4, betas=(0.5, 0.9))]
    checkpoint, step, spent = work / "vae.pt", 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        for part, held in zip((vae, critic, *optimizers), state["parts"], strict=True):
            part.load_state_dict(held)
        step, spent = state["step"], state["spent"]
    else:
        finish(vae, sets, work)
    rng, begun, saved = np.random.default_rng(seed + step), time.monotonic(), time.monotonic()

    def save() -> None:
        unfinished = checkpoint.with_suffix(".part")
        parts = [part.state_dict() for part in (vae, critic, *optimizers)]
        torch.save({"parts": parts, "step": step, "spent": spent + time.monotonic() - begun}, unfinished)
        unfinished.rename(checkpoint)
        finish(vae, sets, work)

    while (elapsed := spent + time.monotonic() - begun) < minutes * 60:
        share = elapsed / (minutes * 60)
        for group in (group for optimizer in optimizers[:2] for group in optimizer.param_groups):
            group["lr"] = lr * min(1, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        real = crops(sets, batch, rng).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            latents = vae.encoder(real)
            noisy = latents + LATENT_NOISE * torch.randn_like(latents)
        critic_weight = CRITIC_WEIGHT * min(1.0, max(0.0, share - CRITIC_FROM) / 0.1)
        with torch.autocast("cpu", torch.bfloat16):
            made = vae.decoder(noisy).float()
            fooled = -critic(made).float().mean() if critic_weight else torch.zeros(())
        main = picture_loss(made, real)
        for optimizer in optimizers:
            optimizer.zero_grad()
        (main + critic_weight * fooled).backward()
        nn.utils.clip_grad_norm_(vae.decoder.parameters(), 1.0)
        for optimizer in optimizers[:2]:
            optimizer.step()
        if share > CRITIC_FROM - 0.05:
            with torch.autocast("cpu", torch.bfloat16):
                said_real, said_made = critic(real).float(), critic(made.detach()).float()
            optimizers[2].zero_grad()
            (F.relu(1 - said_real).mean() + F.relu(1 + said_made).mean()).backward()
            optimizers[2].step()
        step += 1
        if step % 50 == 0:
            print(f"step {step} {elapsed / 60:.1f} min {main:.4f} critic {fooled:.2f}", flush=True)
        if time.monotonic() - saved > 120:
            save()
            saved = time.monotonic()
    save()


@torch.no_grad()
def finish(vae: AutoencoderTiny, sets: list[np.ndarray], work: Path) -> None:
    """Writes the autoencoder, and a picture of covers above their reconstructions."""
    vae.save_pretrained(work / "vae")
    shown = torch.from_numpy(np.concatenate([art[-2:] for art in sets])).permute(0, 3, 1, 2).float() / 127.5 - 1
    latents = vae.encoder(shown)
    made = vae.decoder(latents).clamp(-1, 1)
    sheet = torch.cat([torch.cat([*row], dim=-1) for row in (shown, made)], dim=-2)
    Image.fromarray(((sheet + 1) * 127.5).byte().permute(1, 2, 0).numpy()).save(work / "vae.png")
    psnr = 10 * math.log10(4 / float(F.mse_loss(made, shown)))
    deviations = " ".join(f"{float(s):.2f}" for s in latents.std((0, 2, 3)))
    print(f"saved; PSNR {psnr:.2f} dB, latents' deviations {deviations}", flush=True)


def main() -> None:
    """Trains with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for drawn covers, checkpoints and the result")
    parser.add_argument("--minutes", type=float, default=40, help="training time over all sessions")
    parser.add_argument("--batch", type=int, default=8, help="number of crops per step")
    parser.add_argument("--lr", type=float, default=2e-3, help="learning rate after the warm-up")
    parser.add_argument(
        "--counts", type=int, nargs=2, default=(800, 200), help="numbers of covers of no style and of each style"
    )
    args = parser.parse_args()
    train(args.work, args.minutes, args.batch, args.lr, tuple(args.counts))


if __name__ == "__main__":
    main()
