"""Trains the networks of `typebeat/hearing/parts_reranker.py` on corpus beats, as they are and as the codec plays them.

    python -m training.starter.train_reranker --beats WORK/beats --codec WORK/starter --work WORK --count 600

Beats are those that `corpus.store` rendered; their tokens are those of `train_lm`, made here where they are missing.
Features of each beat are kept in WORK. One beat in ten is held out, and how often each kind is told is printed.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.starter.corpus.score import PARTS, Plan
from training.starter.corpus.store import compose_stored
from training.starter.tokens import read_tokens, tokenize
from typebeat.engines.quiet import quiet_import
from typebeat.hearing import parts_reranker
from typebeat.hearing.networks import FARTHEST
from typebeat.hearing.part_features import (
    LONGEST_SECONDS,
    PATTERN_SIZE,
    SOUND_SIZE,
    part_levels,
    pattern_from_second_bar,
    sound_features,
    stretch_features,
)
from typebeat.hearing.parts_reranker import KINDS, groove_features, style_features
from typebeat.hearing.reranking import FILE
from typebeat.request.concepts import BASS_TRAITS, GROOVES, INSTRUMENTS
from typebeat.request.styles import STYLES
from typebeat.sound.audio import Audio

with quiet_import():
    from typebeat.engines.beat.codec import FRAME_RATE, SAMPLE_RATE, StarterCodec
    from typebeat.engines.beat.starter import load_codec

NAMES = {"instrument": INSTRUMENTS, "groove": GROOVES, "bass": BASS_TRAITS, "style": tuple(STYLES)}
HIDDEN = {"instrument": 160, "groove": 96, "bass": 64, "style": 64}
STEPS, BATCH, HELD_OUT = 3000, 64, 10
WAYS = ("as they are", "as the codec plays them")
PATTERN_AT = {"groove": 0, "style": SOUND_SIZE}  # where a kind's features hold the pattern of the drums

Features = dict[str, np.ndarray]  # of a beat, by what they are of


@dataclass(frozen=True)
class Examples:
    """Features (n, features) of a kind, what is true of them (n, names), which of `WAYS` (n,), and which are unseen."""

    seen: np.ndarray
    true: np.ndarray
    way: np.ndarray
    held_out: np.ndarray


def features_of(sounds: np.ndarray, plan: Plan) -> Features:
    """Returns the features of a beat's parts (parts, n); parts that are silent have none."""
    parts = {name: Audio(sound[None], SAMPLE_RATE) for name, sound in zip(PARTS, sounds, strict=True)}
    levels = {name: part_levels(part) for name, part in parts.items() if parts_reranker.is_heard(part)}
    found = {name: stretch_features(levels[name]) for name in ("chords", "melody") if name in levels}
    if "808" in levels:
        found["808"] = sound_features(levels["808"])
    if "drums" in levels:
        found["drums"] = groove_features(levels["drums"], plan.bpm)
    return found | {"all": style_features(levels, plan.bpm)}


def make_features(path: Path, beat: Path, tokens: Path, codec: StarterCodec) -> None:
    """Writes the features of a stored beat and of its round trip, unless they stand."""
    if path.exists():
        return
    plan, length = compose_stored(int(beat.stem)).plan, int(LONGEST_SECONDS * SAMPLE_RATE)
    stems = np.fromfile(beat, np.int16).reshape(len(PARTS), -1)[:, :length].astype(np.float32) / 32_767
    codes = torch.from_numpy(read_tokens(tokens)[0][:, : int(LONGEST_SECONDS * FRAME_RATE)].astype(np.int64))
    with torch.inference_mode():
        played = codec.decode_parts(codes[None])[0, :, 0].numpy()
    played = played * (np.abs(stems).max(axis=1, keepdims=True) > 0)  # what is to be silent is not played
    both = [features_of(sounds, plan) for sounds in (stems, played)]
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, **{f"{way}.{name}": row for way, found in enumerate(both) for name, row in found.items()})
    unfinished.rename(path)


def read_features(path: Path) -> list[Features]:
    """Returns the features of a beat in each of `WAYS`."""
    with np.load(path) as stored:
        return [
            {name[2:]: stored[name] for name in stored.files if name.startswith(f"{way}.")} for way in range(len(WAYS))
        ]


def examples(beats: list[tuple[Plan, list[Features]]], kind: str) -> Examples:
    """Returns the examples of a kind that beats give; of an instrument one for each stretch in which it sounds."""
    rows = [
        (row, np.isin(NAMES[kind], names).astype(np.float32), way, number % HELD_OUT == 0)
        for number, (plan, ways) in enumerate(beats)
        for way, found in enumerate(ways)
        for part, names in true_of(plan, kind)
        if part in found
        for row in np.atleast_2d(found[part])
    ]
    return Examples(*(np.array(column) for column in zip(*rows, strict=True)))


def true_of(plan: Plan, kind: str) -> list[tuple[str, tuple[str, ...]]]:
    """Returns for each part that a kind is heard in what is true of it."""
    if kind == "instrument":
        return [("melody", (plan.lead,)), ("chords", (plan.chord_sound,))]
    if kind == "groove":
        return [("drums", (plan.groove,))]
    if kind == "bass":
        return [("808", (plan.bass_sound, *plan.bass_traits))]
    return [("all", (plan.style,))] if plan.style else []


def with_second_bars(seen: np.ndarray, true: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns examples, and the same as they are where the two bars of a groove are counted from the second."""
    if kind not in PATTERN_AT:
        return seen, true
    moved, at = seen.copy(), slice(PATTERN_AT[kind], PATTERN_AT[kind] + PATTERN_SIZE)
    moved[:, at] = pattern_from_second_bar(seen[:, at])
    return np.concatenate([seen, moved]), np.tile(true, (2, 1))


def train(seen: np.ndarray, true: np.ndarray, kind: str) -> nn.Sequential:
    """Returns the network for standardised features (n, features) and what is true of them (n, names)."""
    torch.manual_seed(0)
    first, last = nn.Linear(seen.shape[1], HIDDEN[kind]), nn.Linear(HIDDEN[kind], true.shape[1])
    network = nn.Sequential(nn.Dropout(0.15), first, nn.ReLU(), nn.Dropout(0.4), last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    x, y = torch.from_numpy(seen), torch.from_numpy(true)
    for _ in range(STEPS):
        at = torch.randint(len(x), (BATCH,))
        out = network(x[at] + 0.1 * torch.randn(BATCH, x.shape[1]))
        if kind == "bass":  # several traits may be true
            loss = nn.functional.binary_cross_entropy_with_logits(out, y[at])
        else:
            loss = nn.functional.cross_entropy(out, y[at], label_smoothing=0.03)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def told(network: nn.Sequential, seen: np.ndarray, true: np.ndarray, kind: str) -> float:
    """Returns how often the right name is the likeliest; of several traits, how often each is told."""
    with torch.inference_mode():
        out = network(torch.from_numpy(seen)).numpy()
    right = (out > 0) == (true > 0) if kind == "bass" else out.argmax(axis=1) == true.argmax(axis=1)
    return float(right.mean())


def trained(beats: list[tuple[Plan, list[Features]]]) -> dict[str, np.ndarray]:
    """Trains the network of each kind, prints what is told of held-out beats, and returns what the file holds."""
    arrays: dict[str, np.ndarray] = {}
    for kind in KINDS:
        found = examples(beats, kind)
        learnt, true = with_second_bars(found.seen[~found.held_out], found.true[~found.held_out], kind)
        mean, spread = learnt.mean(axis=0), learnt.std(axis=0) + 0.02 * learnt.std() + 1e-6
        seen = [
            np.clip((each - mean) / spread, -FARTHEST, FARTHEST).astype(np.float32) for each in (learnt, found.seen)
        ]
        network = train(seen[0], true, kind)
        for way, name in enumerate(WAYS):
            which = found.held_out & (found.way == way)
            if not which.any():
                continue
            share = told(network, seen[1][which], found.true[which], kind)
            print(f"{kind} of {which.sum()} held-out examples {name}: {share:.2f}", flush=True)
        stored = {"mean": mean, "spread": spread}
        for i, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
            stored |= {f"weight{i}": layer.weight.detach().numpy().T, f"bias{i}": layer.bias.detach().numpy()}
        arrays |= {f"{kind}.{name}": array.astype(np.float16) for name, array in stored.items()}
        arrays[f"{kind}.names"] = np.array(NAMES[kind])
    return arrays


def main() -> None:
    """Makes what is missing of the features, trains, and writes the networks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beats", type=Path, required=True, help="folder of rendered beats, of corpus.store")
    parser.add_argument("--codec", type=Path, required=True, help="folder that holds the trained codec")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps tokens and features")
    parser.add_argument("--count", type=int, default=600, help="number of beats")
    parser.add_argument("--workers", type=int, default=1, help="number of processes that make tokens")
    parser.add_argument("--out", type=Path, help=f"file to write (default: {FILE} beside the codec)")
    args = parser.parse_args()
    beats = sorted(args.beats.glob("*.s16"))[: args.count]
    tokens = tokenize(args.work / "tokens", args.codec, beats, args.workers)
    codec, folder = load_codec(args.codec), args.work / "reranker"
    folder.mkdir(parents=True, exist_ok=True)
    stored = []
    for number, (beat, codes) in enumerate(zip(beats, tokens, strict=True), start=1):
        make_features(folder / f"{beat.stem}.npz", beat, codes, codec)
        stored.append((compose_stored(int(beat.stem)).plan, read_features(folder / f"{beat.stem}.npz")))
        if number % 100 == 0:
            print(f"{number} beats", flush=True)
    np.savez_compressed(args.out or args.codec / FILE, **trained(stored))


if __name__ == "__main__":
    main()
