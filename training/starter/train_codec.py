"""Trains the starter's codec from nothing on rendered corpus beats; resumes from its last checkpoint.

    python -m training.starter.train_codec --work somewhere/ --minutes 30

The loss compares magnitudes of spectrograms only, part by part: tokens need not carry a phase, which nobody could
predict. The first steps run without the quantiser; then its codebooks start from real latents.
"""

import argparse
import math
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.starter.dataset import StemCrops, render
from typebeat.engines.codec import PARTS, SAMPLE_RATE, TOKEN_HOP, CodecConfig, StarterCodec
from typebeat.engines.starter import save_codec

CROP = int(1.92 * SAMPLE_RATE) // TOKEN_HOP * TOKEN_HOP  # samples
STEPS_BEFORE_QUANTISER = 300
COMMITMENT = 0.1
QUIET = 1e-3  # magnitudes below -60 dB do not count
LOG_SHARE = 0.05
# part -> window lengths of the spectrograms that are compared: short ones for hits, long ones for pitch
WINDOWS = {
    "drums": (256, 512, 1024, 2048),
    "808": (512, 2048, 4096, 8192),
    "chords": (512, 1024, 2048, 4096, 8192),
    "melody": (512, 1024, 2048, 4096),
}
_P_ALONE, _P_MIX = 0.5, 0.4  # what an encoder hears: its part, the whole mix, or the mix without its part


def spectral_loss(made: Tensor, wanted: Tensor, window_length: int) -> Tensor:
    """Returns how far two sounds (B, n) are apart: squared error of the roots of magnitudes, and some of their logs.

    Roots let loud and quiet partials both count, and a squared error asks for the mean; the plain difference of logs
    asks for the median, which in sparse spectra is silence, and training gets stuck there.
    """
    window = torch.hann_window(window_length, device=made.device)
    roots, logs = [], []
    for sound in (made, wanted):
        spectrum = torch.stft(sound, window_length, window_length // 4, window=window, return_complex=True)
        power = torch.view_as_real(spectrum).pow(2).sum(dim=-1) * (2 / window.sum()) ** 2
        roots.append((power + 1e-8).pow(0.25))
        logs.append(torch.log(power + QUIET**2))
    rooted = (roots[0] - roots[1]).pow(2).sum() / (roots[1].pow(2).sum() + 1.0)
    return rooted + LOG_SHARE * (logs[0] - logs[1]).abs().mean()


def draw_inputs(stems: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Returns what each encoder hears and what its decoder should play, (B, parts, n) both, from stems of that shape."""
    mix = stems.sum(dim=1, keepdim=True)
    draw = torch.from_numpy(rng.random(stems.shape[:2])).to(stems)[..., None]
    heard = torch.where(draw < _P_ALONE, stems, torch.where(draw < _P_ALONE + _P_MIX, mix, mix - stems))
    wanted = torch.where(draw < _P_ALONE + _P_MIX, stems, torch.zeros_like(stems))
    return heard, wanted


def training_step(codec: StarterCodec, stems: Tensor, rng: np.random.Generator, quantise: bool) -> dict[str, Tensor]:
    """Returns the loss of each part, commitment included, for stems (B, parts, n)."""
    heard, wanted = draw_inputs(stems, rng)
    losses = {}
    for i, part in enumerate(PARTS):
        latent = codec.encoders[i](*codec.features(heard[:, i : i + 1]))
        commitment = latent.new_zeros(())
        if quantise:
            latent, _, commitment = codec.quantizers[i](latent)
        made = codec.decoders[i](latent, start=int(rng.integers(SAMPLE_RATE * 60)))[:, 0]
        windows = rng.choice(WINDOWS[part], size=2, replace=False)
        losses[part] = sum(spectral_loss(made, wanted[:, i], int(w)) for w in windows) / 2 + COMMITMENT * commitment
    return losses


@torch.no_grad()
def start_codebooks(codec: StarterCodec, stems: Tensor) -> None:
    """Sets each codebook to latents of real sound, so that none starts where nothing falls."""
    for i in range(len(PARTS)):
        latent = codec.encoders[i](*codec.features(stems[:, i : i + 1])).transpose(1, 2).reshape(-1, codec.config.latent)
        for book in codec.quantizers[i].books:
            rows = torch.randperm(len(latent))[: len(book.vectors)]
            book.vectors.copy_(latent[rows] + 1e-3 * torch.randn_like(latent[rows]))
            book.usage.fill_(1.0)
            book.sums.copy_(book.vectors)
            for _ in range(8):
                book.update(latent, book.nearest(latent))
            latent = latent - book.vectors[book.nearest(latent)]


def train(work: Path, out: Path, minutes: float, beats: int, batch: int, lr: float, seed: int = 0) -> None:
    """Trains until `minutes` have passed in all runs together; writes a checkpoint as it goes, and the codec at the end."""
    paths = render(work / "codec_beats", 0, beats, bars=4)
    crops = StemCrops(paths, CROP, seed)
    torch.manual_seed(seed)
    codec = StarterCodec(CodecConfig()).train()
    optimizer = torch.optim.AdamW(codec.parameters(), lr=lr, betas=(0.8, 0.99), weight_decay=1e-3)
    checkpoint, step, spent = work / "codec.pt", 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        codec.load_state_dict(state["codec"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        for book, (usage, sums) in zip(_books(codec), state["books"], strict=True):
            book.usage.copy_(usage), book.sums.copy_(sums)
        step, spent = state["step"], state["spent"]
    rng = np.random.default_rng([seed, step])
    begun, saved, total = time.monotonic(), time.monotonic(), minutes * 60
    while (elapsed := spent + time.monotonic() - begun) < total:
        share = elapsed / total
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1, (step + 1) / 50) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        if step == STEPS_BEFORE_QUANTISER:
            start_codebooks(codec, torch.from_numpy(crops.batch(64)))
        losses = training_step(codec, torch.from_numpy(crops.batch(batch)), rng, step >= STEPS_BEFORE_QUANTISER)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(codec.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 25 == 0:
            parts = " ".join(f"{k} {v.item():.3f}" for k, v in losses.items())
            used = [int((book.usage > 0.05).sum()) for book in _books(codec)]
            print(f"step {step} {elapsed / 60:.1f} min loss {parts} used {used}", flush=True)
        if time.monotonic() - saved > 180:
            saved = time.monotonic()
            _save(checkpoint, codec, optimizer, step, spent + time.monotonic() - begun)
    _save(checkpoint, codec, optimizer, step, spent + time.monotonic() - begun)
    save_codec(out, codec)


def _books(codec: StarterCodec) -> list:
    return [book for quantizer in codec.quantizers for book in quantizer.books]


def _save(path: Path, codec: StarterCodec, optimizer: torch.optim.Optimizer, step: int, spent: float) -> None:
    books = [(book.usage, book.sums) for book in _books(codec)]
    state = {"codec": codec.state_dict(), "config": asdict(codec.config), "optimizer": optimizer.state_dict()}
    unfinished = path.with_suffix(".part")
    torch.save({**state, "books": books, "step": step, "spent": spent}, unfinished)
    unfinished.rename(path)


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's codec; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder for rendered beats and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/beat"), help="where the codec is written")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--beats", type=int, default=1200)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()
    train(args.work, args.out, args.minutes, args.beats, args.batch, args.lr)


if __name__ == "__main__":
    main()
