"""Trains a network of the starter's codec from nothing on rendered corpus beats; resumes from its checkpoint.

    python -m training.starter.train_codec --beats WORK/beats --work WORK --network tuned --steps 9000

The three networks (drums, 808, tuned) are trained apart and can run side by side; `--export` joins them. The loss
compares magnitudes of spectrograms only: tokens need not carry a phase, which nobody could predict. The first part of a
run goes without the quantiser; then the codebooks start from real latents. A run that was stopped goes on to the same
bits.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.starter.corpus.store import Crops
from training.starter.muon import muon_and_adamw
from typebeat.engines.quiet import quiet_import

with quiet_import():
    from torchaudio.functional import melscale_fbanks

    from typebeat.engines.beat.codec import SAMPLE_RATE, TOKEN_HOP, CodecConfig, StarterCodec
    from typebeat.engines.beat.starter import save_codec

CROP = int(1.92 * SAMPLE_RATE) // TOKEN_HOP * TOKEN_HOP  # samples
NETWORKS = {"drums": (0,), "808": (1,), "tuned": (2, 3)}  # name -> parts that it plays
SHARE_BEFORE_QUANTISER = 0.25
P_FEWER_BOOKS = 0.25  # share of crops that use the first codebooks alone
COMMITMENT = 0.1
QUIET = 1e-3  # magnitudes below -60 dB do not count in the logs of fine spectra
LOG_SHARE = 0.05
MEL_SHARE, MEL_WINDOWS, MEL_FLOOR = 0.03, (512, 2048), 1e-8  # weight of a dB of log-mel error
ADVANCE_SHARE, ADVANCE_HOPS = 0.3, (512, 1024, 2048)  # samples over which the 808's phase advance is compared
PITCH_WINDOW, LOW_BINS = 4096, 32  # bins of 8 Hz, up to 250 Hz
# network -> window lengths of the spectrograms that are compared: short ones for hits, long ones for pitch
WINDOWS = {"drums": (256, 512, 1024, 2048), "808": (512, 2048, 4096, 8192), "tuned": (256, 512, 1024, 2048, 4096, 8192)}
CHECKPOINT_SECONDS = 180


def spectral_loss(made: Tensor, wanted: Tensor, window_length: int) -> Tensor:
    """Returns how far two sounds (B, n) are apart: squared error of the roots of magnitudes, and some of their logs.

    Roots let loud and quiet partials both count, and a squared error asks for the mean; the plain difference of logs
    asks for the median, which in sparse spectra is silence, and training gets stuck there.
    """
    window = torch.hann_window(window_length, device=made.device)
    roots, logs = [], []
    for sound in (made, wanted):
        spectrum = torch.stft(sound, window_length, window_length // 4, window=window, return_complex=True)
        power = power_of(spectrum) * (2 / window.sum()) ** 2
        roots.append((power + 1e-8).pow(0.25))
        logs.append(torch.log(power + QUIET**2))
    rooted = (roots[0] - roots[1]).pow(2).sum() / (roots[1].pow(2).sum() + 1.0)
    return rooted + LOG_SHARE * (logs[0] - logs[1]).abs().mean()


def power_of(spectrum: Tensor) -> Tensor:
    """Returns the squared magnitudes of a complex spectrum; several times as fast as by `abs` or `view_as_real`."""
    return spectrum.real.square() + spectrum.imag.square()


def mel_loss(made: Tensor, wanted: Tensor, bands: dict[int, Tensor]) -> Tensor:
    """Returns the mean difference of log-mel spectrograms in dB, over the window lengths of `bands`."""
    distances = []
    for length, filters in bands.items():
        window = torch.hann_window(length, device=made.device)
        levels = []
        for sound in (made, wanted):
            power = power_of(torch.stft(sound, length, length // 4, window=window, return_complex=True))
            levels.append(10 * torch.log10(filters @ power + MEL_FLOOR))
        distances.append((levels[0] - levels[1]).abs().mean())
    return sum(distances) / len(distances)


def mel_bands() -> dict[int, Tensor]:
    """Returns for each window length the filters of its mel bands, (bands, bins)."""
    return {
        length: melscale_fbanks(
            length // 2 + 1, 0.0, 15_000.0, 80 if length > 1000 else 40, SAMPLE_RATE, norm="slaney", mel_scale="slaney"
        ).T.contiguous()
        for length in MEL_WINDOWS
    }


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


class NetworkTrainer:
    """Trains one network of a codec step by step.

    Args:
        codec: Whose network is trained.
        name: A key of `NETWORKS`.
        steps: Of the whole run; the learning rate falls towards its end.
        lr: The highest learning rate.
    """

    def __init__(self, codec: StarterCodec, name: str, steps: int, lr: float):
        number = list(NETWORKS).index(name)
        self.name, self.steps, self.lr, self.step, self.quantise = name, steps, lr, 0, False
        self.features = codec.features
        self.encoder, self.quantizer = codec.encoders[number], codec.quantizers[number]
        self.decoder = codec.decoders[number]
        self.modules = nn.ModuleList([self.encoder, self.quantizer, self.decoder])
        apart = [self.decoder.levels, self.decoder.phases, self.decoder.noise_levels]
        self.optimizers = muon_and_adamw(self.modules, apart, lr)
        self._bands = mel_bands()

    def loss(self, crops: Tensor, rng: np.random.Generator) -> Tensor:
        """Returns the loss on crops (B, n), the commitment included."""
        latent = self.encoder(*self.features(crops[:, None]))
        commitment = latent.new_zeros(())
        if self.quantise:
            books = len(self.quantizer.books)
            fewer = np.where(rng.random(len(crops)) < P_FEWER_BOOKS, rng.integers(1, books, len(crops)), books)
            latent, _, commitment = self.quantizer(latent, torch.from_numpy(fewer))
        made = self.decoder(latent, start=int(rng.integers(SAMPLE_RATE * 60)))[:, 0]
        windows = rng.choice(WINDOWS[self.name], size=2, replace=False)
        loss = sum(spectral_loss(made, crops, int(w)) for w in windows) / 2
        length = int(rng.choice(MEL_WINDOWS))
        loss = loss + MEL_SHARE * mel_loss(made, crops, {length: self._bands[length]}) + COMMITMENT * commitment
        if self.name == "808":
            loss = loss + ADVANCE_SHARE * advance_loss(made, crops, int(rng.choice(ADVANCE_HOPS)))
        return loss

    def train_step(self, crops: Tensor) -> float:
        """Takes one optimiser step on crops (B, n); returns the loss."""
        share = self.step / self.steps
        rng = np.random.default_rng([len(self.name), self.step])
        torch.manual_seed(self.step)
        if not self.quantise and share >= SHARE_BEFORE_QUANTISER:
            self.start_codebooks(crops)
            self.quantise = True
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                warm = min(1, (self.step + 1) / 50)
                group["lr"] = self.lr * warm * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        loss = self.loss(crops, rng)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.modules.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        return loss.item()

    @torch.no_grad()
    def start_codebooks(self, crops: Tensor) -> None:
        """Sets the codebooks to latents of real sound, so that no code starts where nothing falls."""
        latent = self.encoder(*self.features(crops[:, None]))
        latent = latent.transpose(1, 2).flatten(0, 1)
        for book in self.quantizer.books:
            rows = torch.randint(len(latent), (len(book.vectors),))
            book.vectors.copy_(latent[rows] + 1e-3 * torch.randn_like(latent[rows]))
            book.usage.fill_(1.0)
            book.sums.copy_(book.vectors)
            for _ in range(8):
                book.update(latent, book.nearest(latent))
            latent = latent - book.vectors[book.nearest(latent)]

    def state(self) -> dict:
        """Returns all that goes on in the next run."""
        books = [(book.usage, book.sums) for book in self.quantizer.books]
        optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
        told = {"step": self.step, "quantise": self.quantise}
        return {"modules": self.modules.state_dict(), "optimizers": optimizers, "books": books, **told}

    def load(self, state: dict) -> None:
        """Takes up what `state` gave."""
        self.modules.load_state_dict(state["modules"])
        for optimizer, stored in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
        for book, (usage, sums) in zip(self.quantizer.books, state["books"], strict=True):
            book.usage.copy_(usage), book.sums.copy_(sums)
        self.step, self.quantise = state["step"], state["quantise"]


def train(args: argparse.Namespace) -> None:
    """Trains one network until its steps are done; writes a checkpoint every few minutes."""
    torch.manual_seed(0)
    trainer = NetworkTrainer(StarterCodec(CodecConfig()).train(), args.network, args.steps, args.lr)
    crops = Crops(sorted(args.beats.glob("*.s16")), NETWORKS[args.network], CROP, seed=0)
    path = args.work / f"codec_{args.network}.pt"
    args.work.mkdir(parents=True, exist_ok=True)
    if path.exists():
        trainer.load(torch.load(path, weights_only=True))
    saved, begun, losses = time.monotonic(), time.monotonic(), []
    while trainer.step < args.steps:
        size = 64 if not trainer.quantise and trainer.step >= SHARE_BEFORE_QUANTISER * args.steps else args.batch
        losses.append(trainer.train_step(torch.from_numpy(crops.batch(size, trainer.step))))
        if trainer.step % 50 == 0:
            used = [int((book.usage > 0.05).sum()) for book in trainer.quantizer.books]
            mean, seconds = np.mean(losses[-50:]), time.monotonic() - begun
            line = f"{args.network}: step {trainer.step}, loss {mean:.4f}, codes in use {used}, {seconds:.0f} s"
            print(line, flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS or trainer.step == args.steps:
            unfinished = path.with_suffix(".part")
            torch.save(trainer.state(), unfinished)
            unfinished.rename(path)
            saved = time.monotonic()


def export(work: Path, out: Path) -> None:
    """Joins the networks' checkpoints into a codec and writes it into `out`."""
    codec = StarterCodec(CodecConfig())
    for name in NETWORKS:
        trainer = NetworkTrainer(codec, name, 1, 1.0)
        trainer.modules.load_state_dict(torch.load(work / f"codec_{name}.pt", weights_only=True)["modules"])
    save_codec(out, codec.eval())


def main() -> None:
    """Reads the options, trains a network or joins all of them."""
    parser = argparse.ArgumentParser(description="Train the starter's codec, a network at a time; resumes from --work.")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--beats", type=Path, help="folder of rendered beats (training.starter.corpus.store)")
    parser.add_argument("--network", choices=tuple(NETWORKS), help="the network to train")
    parser.add_argument("--steps", type=int, default=9000, help="number of steps of the whole run")
    parser.add_argument("--batch", type=int, default=10, help="number of crops in a step")
    parser.add_argument("--lr", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--export", type=Path, help="folder to write the joined codec into; trains nothing")
    args = parser.parse_args()
    if args.export:
        export(args.work, args.export)
    elif args.network and args.beats:
        train(args)
    else:
        parser.error("name --network and --beats to train, or --export to join what was trained")


if __name__ == "__main__":
    main()
