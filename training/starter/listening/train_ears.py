"""Trains the network that hears drums and bass onsets (`typebeat/hearing/strikes.py`) and writes its weights.

    python -m training.starter.listening.train_ears --work WORK --beats 2400 --played 1200 --minutes 22

Beats are made once and kept in WORK (`heard_beats.py`). The last ones are held out, and their loss is printed. With
`--base` weights that ship learn on, more slowly, so that they keep what they know.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.listening.heard_beats import SHARD, KeptBeat, kept_beats, kept_played_beats
from typebeat.hearing import strikes
from typebeat.hearing.networks import DILATIONS, KERNELS, MARGIN, NEAR, POOLED

CHANNELS, WIDTH, DROPOUT = (16, 24, 32), 96, 0.1
BEATS_A_STEP, FRAMES_A_BEAT, RATE = 16, 256, 2e-3
RATE_FROM_BASE = 6e-4
HELD_OUT = SHARD  # number of held-out beats of each kind
_NEAR = 1  # frames on either side of an onset that count as the onset
_UNSURE = 3  # frames on either side of an onset that are ignored
_COMMON = 0.05  # onsets of drums in a smaller share of frames get a larger weight
_RAREST = 8.0  # largest such weight

Lesson = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # levels with margins; targets; which of them count


def targets(frames: int, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the target of each output at each frame, and whether it counts, (frames, len(HEARD)) bool each."""
    wanted, counts = np.zeros((frames, len(strikes.HEARD)), bool), np.ones((frames, len(strikes.HEARD)), bool)
    places = np.rint(hits[:, 0] / strikes.FRAME_SECONDS).astype(int)
    for place, drum in zip(places, hits[:, 1].astype(int), strict=True):
        counts[max(0, place - _UNSURE) : place + _UNSURE + 1, drum] = False
    for place, drum in zip(places, hits[:, 1].astype(int), strict=True):
        wanted[max(0, place - _NEAR) : place + _NEAR + 1, drum] = True
        counts[max(0, place - _NEAR) : place + _NEAR + 1, drum] = True
    return wanted, counts


def lesson(beat: KeptBeat) -> Lesson:
    """Returns the input and the targets of a beat."""
    seen = torch.from_numpy(np.pad(beat.seen, ((MARGIN, MARGIN), (0, 0)), mode="edge"))
    return seen, *map(torch.from_numpy, targets(len(beat.seen), beat.hits))


def draw(lessons: list[Lesson], rng: np.random.Generator, *, varied: bool = True) -> Lesson:
    """Returns stretches of a few random beats; if `varied`, each through a random equaliser."""
    stretches = []
    for index in rng.integers(len(lessons), size=BEATS_A_STEP):
        seen, wanted, counts = lessons[index]
        at = int(rng.integers(max(1, len(wanted) - FRAMES_A_BEAT)))
        part = slice(at, at + FRAMES_A_BEAT)
        heard = seen[at : at + FRAMES_A_BEAT + 2 * MARGIN].float()
        stretches.append((heard + equaliser(rng) if varied else heard, wanted[part].float(), counts[part].float()))
    return tuple(torch.stack(each) for each in zip(*stretches, strict=True))


def equaliser(rng: np.random.Generator) -> torch.Tensor:
    """Returns a random gain of each band, in the units of `strikes.scaled`, (BANDS,)."""
    return torch.from_numpy(rng.normal(0, 0.15) + np.cumsum(rng.normal(0, 0.04, strikes.BANDS))).float()


class Ears(nn.Module):
    """The network in torch: levels (beats, frames + 2 x MARGIN, BANDS) to logits (beats, frames, HEARD)."""

    def __init__(self, channels: tuple[int, ...] = CHANNELS, width: int = WIDTH):
        super().__init__()
        inputs, bands = (1, *channels), strikes.BANDS
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs[i], inputs[i + 1], kernel, padding=(0, kernel[1] // 2)) for i, kernel in enumerate(KERNELS)
        )
        for pooled in POOLED:
            bands //= pooled
        self.dense = nn.Linear(strikes.BANDS + bands * channels[-1], width)
        self.dilated = nn.ModuleList(nn.Conv1d(width, width, 3, dilation=apart) for apart in DILATIONS)
        self.output, self.dropout = nn.Linear(width, len(strikes.HEARD)), nn.Dropout(DROPOUT)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Returns the logits."""
        x = seen[:, None].to(memory_format=torch.channels_last)
        for layer, pooled in zip(self.convolutions, POOLED, strict=True):
            x = nn.functional.max_pool2d(torch.relu(layer(x)), (1, pooled))
        looked = torch.cat([seen[:, NEAR:-NEAR], x.transpose(1, 2).flatten(2)], dim=2)
        x = torch.relu(self.dense(self.dropout(looked))).transpose(1, 2)
        for layer, apart in zip(self.dilated, DILATIONS, strict=True):
            x = x[:, :, apart:-apart] + torch.relu(layer(self.dropout(x)))
        return self.output(x.transpose(1, 2))

    def as_shipped(self) -> dict[str, np.ndarray]:
        """Returns the arrays that `typebeat/hearing/networks.py` reads, in half precision."""
        layers = [*self.convolutions, self.dense, *self.dilated, self.output]
        stored = {}
        for i, layer in enumerate(layers):
            weight = layer.weight.detach()
            weight = weight.transpose(1, 2) if isinstance(layer, nn.Conv1d) else weight
            stored[f"weight{i}"] = weight.flatten(1).T.numpy().astype(np.float16)
            stored[f"bias{i}"] = layer.bias.detach().numpy().astype(np.float16)
        return stored

    def load_shipped(self, stored: Mapping[str, np.ndarray]) -> None:
        """Takes over what `as_shipped` returned."""
        for i, layer in enumerate([*self.convolutions, self.dense, *self.dilated, self.output]):
            shape, weight = layer.weight.shape, torch.from_numpy(stored[f"weight{i}"].astype(np.float32)).T
            if isinstance(layer, nn.Conv1d):
                weight = weight.reshape(shape[0], shape[2], shape[1]).transpose(1, 2)
            layer.weight.data.copy_(weight.reshape(shape))
            layer.bias.data.copy_(torch.from_numpy(stored[f"bias{i}"].astype(np.float32)))


def train(
    lessons: list[Lesson], held_out: list[Lesson], minutes: float, say: Callable[[str], None], base: Ears | None = None
) -> Ears:
    """Trains a new network, or `base` on, for `minutes` of processor time; returns a moving average of its weights."""
    torch.manual_seed(0)
    rate = RATE_FROM_BASE if base else RATE
    network = (base or Ears()).to(memory_format=torch.channels_last)
    rng = np.random.default_rng(0)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=2e-3)
    often = torch.stack([wanted.float().mean(0) for _, wanted, _ in lessons]).mean(0)
    onsets_count = (_COMMON / often).sqrt().clamp(1, _RAREST)
    begun, step, mean = time.process_time(), 0, 0.0
    while (spent := (time.process_time() - begun) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate * rate_at(step, spent)
        loss = _loss(network, draw(lessons, rng), onsets_count)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(network)
        step, mean = step + 1, 0.98 * mean + 0.02 * loss.item()
        if step % 500 == 0:
            average.eval()
            same = np.random.default_rng(1)
            with torch.inference_mode():
                kept = [draw(held_out, same, varied=False) for _ in range(8)]
                held = [_loss(average, each, onsets_count).item() for each in kept]
            say(f"step {step}, {100 * spent:.0f} %, loss {mean:.4f}, held out {np.mean(held):.4f}")
    return average.module.eval()


def rate_at(step: int, spent: float) -> float:
    """Returns the learning rate as a share of the highest: 100 warm-up steps times a cosine over the time `spent`."""
    return min(1, step / 100) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * spent)))


def _loss(network: nn.Module, drawn: Lesson, onsets_count: torch.Tensor) -> torch.Tensor:
    """Returns the cross-entropy over the frames that count; `onsets_count` (HEARD,) weights frames with an onset."""
    seen, wanted, counts = drawn
    with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):  # else ten times slower
        logits = network(seen)
    weight = counts * (1 + wanted * (onsets_count - 1))
    loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted, weight, reduction="sum")
    return loss / counts.sum()


def main() -> None:
    """Trains with the options of the command line and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the beats")
    parser.add_argument("--beats", type=int, default=2400, help="number of beats of wide_beats.py")
    parser.add_argument("--played", type=int, default=1200, help="number of beats of played_beats.py")
    parser.add_argument("--minutes", type=float, default=22, help="processor time of the training")
    parser.add_argument("--base", type=Path, help="weights to go on from; without it, from scratch")
    parser.add_argument("--out", type=Path, default=strikes.WEIGHTS_FILE, help="file to write the weights to")
    args = parser.parse_args()
    lessons, held_out = [], []
    for beats in (kept_beats(args.work, args.beats), kept_played_beats(args.work, args.played)):
        made = [lesson(beat) for beat in beats]
        lessons, held_out = lessons + made[:-HELD_OUT], held_out + made[-HELD_OUT:]
    base = None
    if args.base:
        base = Ears()
        with np.load(args.base, allow_pickle=False) as stored:
            base.load_shipped(stored)
    network = train(lessons, held_out, args.minutes, _say, base)
    np.savez_compressed(args.out, **network.as_shipped())


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
