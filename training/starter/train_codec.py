"""Trains the starter's codec from nothing on rendered corpus beats, part by part; resumes from its checkpoints.

    python -m training.starter.train_codec --work somewhere/ --minutes 40

The loss compares magnitudes of spectrograms only: tokens need not carry a phase, which nobody could predict. The first
third of a part's time runs without the quantiser; then its codebooks start from real latents. The chords, which are the
hardest to learn, come last and start from the melody's networks, which know by then what a pitch is.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.starter.dataset import StemCrops, render
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from typebeat.engines.beat.codec import PARTS, SAMPLE_RATE, TOKEN_HOP, CodecConfig, StarterCodec
    from typebeat.engines.beat.starter import save_codec

CROP = int(1.92 * SAMPLE_RATE) // TOKEN_HOP * TOKEN_HOP  # samples
# share of the time each part gets, in the order of training
SHARES = {"drums": 0.2, "808": 0.2, "melody": 0.25, "chords": 0.35}
SHARE_BEFORE_QUANTISER = 0.3
COMMITMENT = 0.1
QUIET = 1e-3  # magnitudes below -60 dB do not count
LOG_SHARE = 0.05
ADVANCE_SHARE, ADVANCE_HOPS = 0.3, (512, 1024, 2048)  # samples over which the 808's phase advance is compared
PITCH_WINDOW, LOW_BINS = 4096, 32  # bins of 8 Hz, up to 250 Hz
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


def advance_loss(made: Tensor, wanted: Tensor, hop: int) -> Tensor:
    """Returns how differently the phases of two low sounds (B, n) advance over `hop` samples, 0 to 4.

    The advance tells a pitch far more finely than a spectrum's bins, which lie wider apart than an 808's semitones; a
    phase itself is not compared.
    """
    window = torch.hann_window(PITCH_WINDOW, device=made.device)
    turns = []
    for sound in (made, wanted):
        spectrum = torch.stft(sound, PITCH_WINDOW, hop, window=window, center=False, return_complex=True)
        spectrum = spectrum[:, 1:LOW_BINS] * (2 / window.sum())
        advance = torch.view_as_real(spectrum[..., 1:] * spectrum[..., :-1].conj())
        turns.append(advance / ((advance.pow(2).sum(dim=-1, keepdim=True) + 1e-10).sqrt() + QUIET**2))
        power = spectrum.abs()[..., 1:].pow(2)  # of the wanted sound, after the loop
    return ((turns[0] - turns[1]).pow(2).sum(dim=-1) * power).sum() / (power.sum() + QUIET)


def draw_inputs(stems: Tensor, part: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Returns what a part's encoder hears and what its decoder should play, (B, 1, n) both, of stems (B, parts, n)."""
    stem, mix = stems[:, part : part + 1], stems.sum(dim=1, keepdim=True)
    draw = torch.from_numpy(rng.random((len(stems), 1, 1))).to(stems)
    heard = torch.where(draw < _P_ALONE, stem, torch.where(draw < _P_ALONE + _P_MIX, mix, mix - stem))
    return heard, torch.where(draw < _P_ALONE + _P_MIX, stem, torch.zeros_like(stem))


def part_loss(codec: StarterCodec, stems: Tensor, part: int, rng: np.random.Generator, quantise: bool) -> Tensor:
    """Returns the loss of one part, commitment included, for stems (B, parts, n)."""
    heard, wanted = draw_inputs(stems, part, rng)
    latent = codec.encoders[part](*codec.features(heard))
    commitment = latent.new_zeros(())
    if quantise:
        latent, _, commitment = codec.quantizers[part](latent)
    made = codec.decoders[part](latent, start=int(rng.integers(SAMPLE_RATE * 60)))[:, 0]
    windows = rng.choice(WINDOWS[PARTS[part]], size=2, replace=False)
    loss = sum(spectral_loss(made, wanted[:, 0], int(w)) for w in windows) / 2 + COMMITMENT * commitment
    if PARTS[part] == "808":
        loss = loss + ADVANCE_SHARE * advance_loss(made, wanted[:, 0], int(rng.choice(ADVANCE_HOPS)))
    return loss


@torch.no_grad()
def start_codebooks(codec: StarterCodec, stems: Tensor, part: int) -> None:
    """Sets a part's codebooks to latents of real sound, so that no code starts where nothing falls."""
    latent = codec.encoders[part](*codec.features(stems[:, part : part + 1]))
    latent = latent.transpose(1, 2).reshape(-1, codec.config.latent)
    for book in codec.quantizers[part].books:
        rows = torch.randperm(len(latent))[: len(book.vectors)]
        book.vectors.copy_(latent[rows] + 1e-3 * torch.randn_like(latent[rows]))
        book.usage.fill_(1.0)
        book.sums.copy_(book.vectors)
        for _ in range(8):
            book.update(latent, book.nearest(latent))
        latent = latent - book.vectors[book.nearest(latent)]


@torch.no_grad()
def start_from(codec: StarterCodec, part: int, other: int) -> None:
    """Gives a part the networks of another; oscillators of the same pitch take over each other's weights."""
    codec.encoders[part].load_state_dict(codec.encoders[other].state_dict())
    mine, theirs = codec.decoders[part], codec.decoders[other]
    shapes = {name: value.shape for name, value in mine.state_dict().items()}
    fitting = {name: v for name, v in theirs.state_dict().items() if shapes[name] == v.shape}
    mine.load_state_dict(fitting, strict=False)
    distance = (mine.sines.turns[:, None] / theirs.sines.turns).log2().abs()
    nearest, octaves = distance.argmin(dim=1), distance.min(dim=1).values
    known = octaves < 1 / 36
    for head in ("levels", "phases"):
        target, source = getattr(mine, head), getattr(theirs, head)
        target.weight[known], target.bias[known] = source.weight[nearest[known]], source.bias[nearest[known]]


def train_part(
    codec: StarterCodec, part: int, crops: StemCrops, work: Path, minutes: float, batch: int, lr: float
) -> None:
    """Trains one part until it has had `minutes` in all runs together; writes a checkpoint as it goes."""
    modules = nn.ModuleList([codec.encoders[part], codec.quantizers[part], codec.decoders[part]])
    optimizer = torch.optim.AdamW(modules.parameters(), lr=lr, betas=(0.8, 0.99), weight_decay=1e-3)
    checkpoint, step, spent, quantise = work / f"codec_{PARTS[part]}.pt", 0, 0.0, False
    books = codec.quantizers[part].books
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        modules.load_state_dict(state["modules"])
        optimizer.load_state_dict(state["optimizer"])
        for book, (usage, sums) in zip(books, state["books"], strict=True):
            book.usage.copy_(usage), book.sums.copy_(sums)
        step, spent, quantise = state["step"], state["spent"], state["quantise"]
    elif PARTS[part] == "chords":
        start_from(codec, part, PARTS.index("melody"))
    rng = np.random.default_rng([part, step])
    begun = saved = time.monotonic()
    while (share := (spent + time.monotonic() - begun) / (minutes * 60)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = lr * min(1, (step + 1) / 50) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        if not quantise and share > SHARE_BEFORE_QUANTISER:
            start_codebooks(codec, torch.from_numpy(crops.batch(64)), part)
            quantise = True
        loss = part_loss(codec, torch.from_numpy(crops.batch(batch)), part, rng, quantise)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(modules.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 50 == 0:
            used = [int((book.usage > 0.05).sum()) for book in books]
            print(f"{PARTS[part]}: step {step}, {share:.0%}, loss {loss.item():.3f}, codes in use {used}", flush=True)
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            _save(checkpoint, modules, optimizer, books, step, spent + saved - begun, quantise)
    _save(checkpoint, modules, optimizer, books, step, spent + time.monotonic() - begun, quantise)


def _save(path: Path, modules: nn.Module, optimizer, books, step: int, spent: float, quantise: bool) -> None:
    state = {"modules": modules.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": spent}
    unfinished = path.with_suffix(".part")
    torch.save({**state, "books": [(book.usage, book.sums) for book in books], "quantise": quantise}, unfinished)
    unfinished.rename(path)


def train(work: Path, out: Path, minutes: float, beats: int, batch: int, lr: float, seed: int = 0) -> None:
    """Trains all parts, for `minutes` together, and writes the codec into `out`."""
    crops = StemCrops(render(work / "codec_beats", 0, beats, bars=4), CROP, seed)
    torch.manual_seed(seed)
    codec = StarterCodec(CodecConfig()).train()
    for part, share in SHARES.items():
        train_part(codec, PARTS.index(part), crops, work, minutes * share, batch, lr)
    save_codec(out, codec.eval())


def main() -> None:
    """Reads the options and trains."""
    parser = argparse.ArgumentParser(description="Train the starter's codec; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder for rendered beats and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("typebeat/starter/beat"), help="where the codec is written")
    parser.add_argument("--minutes", type=float, default=40, help="time to train, rendering not counted")
    parser.add_argument("--beats", type=int, default=1400)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()
    train(args.work, args.out, args.minutes, args.beats, args.batch, args.lr)


if __name__ == "__main__":
    main()
