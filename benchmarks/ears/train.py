"""Trains the benchmark's ear on corpus beats that nothing else learns from.

    python -m benchmarks.ears.train --cache FOLDER --beats 700 --phrases 1500

Grooves and styles are learnt from whole beats, instruments also from phrases in which each plays as often. It needs the
soundfonts of the corpus. Features are kept in the folder, so that a run that was stopped goes on. One beat in eight is
held out, and how often its instruments, groove and style are told is printed.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.ears.ear import FILE, GROUP_OF, KINDS, groove_features, is_heard, style_features
from benchmarks.ears.features import PATTERN_SIZE, TIMBRE_SIZE, a_bar_later, timbres
from training.starter.corpus.compose import compose_plan
from training.starter.corpus.plan import draw_plan
from training.starter.corpus.render import make_beat, render
from training.starter.corpus.score import Plan
from training.starter.simple_corpus.synth import SAMPLE_RATE
from typebeat.request.concepts import INSTRUMENTS

FIRST_SEED, FIRST_PHRASE = 10_000, 100_000  # below `seeds.TRAINING_SEEDS_FROM`
BARS, PHRASE_BARS = 4, 2
HELD_OUT = 8
HIDDEN, STEPS, BATCH = {"instrument": 128, "groove": 64, "style": 32}, 2000, 64


def features_of_beat(seed: int, cache: Path) -> dict[str, np.ndarray]:
    """Returns the features of a beat by what they are of, as far as it plays that."""

    def measured() -> dict[str, np.ndarray]:
        beat = make_beat(seed, BARS)
        rate, bpm, drums = beat.sample_rate, beat.score.plan.bpm, beat.stems["drums"]
        found = {"style": style_features(beat.mix, drums, rate, bpm), **_of_instruments(beat.stems)}
        return found | ({"groove": groove_features(drums, rate, bpm)} if is_heard(drums) else {})

    return kept(cache / f"{seed}.npz", measured)


def plan_of_phrase(number: int) -> Plan:
    """Returns the plan of two bars in which a melody and chords are played, each instrument in turn."""
    count = len(INSTRUMENTS)
    lead, chords = INSTRUMENTS[number % count], INSTRUMENTS[(7 * number + number // count) % count]
    plan = draw_plan(FIRST_PHRASE + number, PHRASE_BARS, loop=True)
    return replace(plan, lead=lead, chord_sound=chords, counter="", left_out=())


def features_of_phrase(number: int, cache: Path) -> dict[str, np.ndarray]:
    """Returns the features of a phrase's melody and chords."""

    def measured() -> dict[str, np.ndarray]:
        score = compose_plan(plan_of_phrase(number))
        return _of_instruments(render(replace(score, hits=(), bass=())))

    return kept(cache / f"phrase{number}.npz", measured)


def _of_instruments(stems: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    parts = (("lead", stems["melody"]), ("chords", stems["chords"]))
    return {kind: timbres(part, SAMPLE_RATE) for kind, part in parts if is_heard(part)}


def kept(path: Path, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns the arrays of a file, which are made once."""
    if not path.exists():
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, **make())
        unfinished.rename(path)
    with np.load(path) as stored:
        return dict(stored)


def examples_of(plan: Plan, found: dict[str, np.ndarray], kind: str) -> list[tuple[np.ndarray, str]]:
    """Returns features of a beat with their true name, for a kind of the ear: a stretch each."""
    true = {"lead": plan.lead, "chords": plan.chord_sound, "groove": plan.groove, "style": plan.style}
    heard = ("lead", "chords") if kind == "instrument" else (kind,)
    return [(row, true[name]) for name in heard if name in found and true[name] for row in np.atleast_2d(found[name])]


def train(seen: np.ndarray, labels: np.ndarray, count: int, kind: str) -> nn.Sequential:
    """Returns a network for standardised features (n, features) and numbers of their names (n,)."""
    torch.manual_seed(0)
    hidden = HIDDEN[kind]
    network = nn.Sequential(
        nn.Dropout(0.2), nn.Linear(seen.shape[1], hidden), nn.ReLU(), nn.Dropout(0.4), nn.Linear(hidden, count)
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    x, y = torch.from_numpy(seen), torch.from_numpy(labels)
    for _ in range(STEPS):
        at = torch.randint(len(x), (BATCH,))
        out = network(x[at] + 0.15 * torch.randn(BATCH, x.shape[1]))
        loss = nn.functional.cross_entropy(out, y[at], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def examples(
    beats: list[tuple[Plan, dict[str, np.ndarray]]], kind: str, held_out: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns features (n, features), names (n,), and which are held out (n,): some of the first `held_out` beats."""
    rows = [
        (*example, number < held_out and number % HELD_OUT == 0)
        for number, (plan, found) in enumerate(beats)
        for example in examples_of(plan, found, kind)
    ]
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def later(seen: np.ndarray, kind: str) -> np.ndarray:
    """Returns features as they are where the two bars of the groove are counted from the second."""
    at = {"groove": 0, "style": seen.shape[1] - PATTERN_SIZE - TIMBRE_SIZE}[kind]
    moved = seen.copy()
    moved[:, at : at + PATTERN_SIZE] = a_bar_later(seen[:, at : at + PATTERN_SIZE])
    return moved


def main() -> None:
    """Makes what is missing of the features, trains each network, prints what is told, writes the ear."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the features of beats")
    parser.add_argument("--beats", type=int, default=700, help="number of beats")
    parser.add_argument("--phrases", type=int, default=1500, help="number of phrases")
    args = parser.parse_args()
    args.cache.mkdir(parents=True, exist_ok=True)
    seeds = range(FIRST_SEED, FIRST_SEED + args.beats)
    beats = [(draw_plan(seed, BARS), features_of_beat(seed, args.cache)) for seed in seeds]
    phrases = [(plan_of_phrase(number), features_of_phrase(number, args.cache)) for number in range(args.phrases)]
    arrays = {}
    for kind in KINDS:
        seen, labels, held_out = examples(beats + phrases, kind, len(beats))
        names = sorted(set(labels.tolist()))
        numbers = np.array([names.index(label) for label in labels])
        learnt, which = seen[~held_out], numbers[~held_out]
        if kind in ("groove", "style"):
            learnt, which = np.concatenate([learnt, later(learnt, kind)]), np.tile(which, 2)
        mean, spread = learnt.mean(axis=0), learnt.std(axis=0) + 0.02 * learnt.std() + 1e-6
        network = train(np.clip((learnt - mean) / spread, -5, 5).astype(np.float32), which, len(names), kind)
        with torch.inference_mode():
            unseen = np.clip((seen[held_out] - mean) / spread, -5, 5).astype(np.float32)
            told = [names[number] for number in network(torch.from_numpy(unseen)).argmax(1).tolist()]
        true = labels[held_out].tolist()
        right = np.mean([one == other for one, other in zip(told, true, strict=True)])
        alike = np.mean([GROUP_OF.get(a, a) == GROUP_OF.get(b, b) for a, b in zip(told, true, strict=True)])
        print(f"{kind}: {right:.2f} of {len(true)} held-out examples told, by groups {alike:.2f}", flush=True)
        arrays |= {f"{kind}.mean": mean, f"{kind}.spread": spread}
        for i, layer in enumerate(layer for layer in network if isinstance(layer, nn.Linear)):
            arrays[f"{kind}.weight{i}"] = layer.weight.detach().numpy().T
            arrays[f"{kind}.bias{i}"] = layer.bias.detach().numpy()
        arrays = {
            name: array.astype(np.float16) if array.dtype.kind == "f" else array for name, array in arrays.items()
        }
        arrays[f"{kind}.names"] = np.array(names)
    np.savez_compressed(FILE, **arrays)


if __name__ == "__main__":
    main()
