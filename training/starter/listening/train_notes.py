"""Trains the networks that read melody and chords (`typebeat/midi/note_reader.py`) and writes their weights.

    python -m training.starter.listening.train_notes --work somewhere/

It trains on corpus beats, beats played with General MIDI soundfonts, and the development beats of `foreign_beats`; some
go through the starter's codec first, since most beats in the app come out of it. Each beat is analysed once, as in the
app, and kept in the work folder; an interrupted run continues there. Every fifth seed is held out, and the figures on
these beats are printed. Benchmarks use none of the seeds, and a soundfont (TimGM6mb) that is not used here.
"""

from __future__ import annotations

import argparse
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from training.starter.listening.foreign_beats import make_foreign_beat
from training.starter.listening.gm_beats import compose_gm, render_gm
from training.starter.simple_corpus.beats import make_beat
from typebeat.engines.basic_pitch import BasicPitch
from typebeat.engines.locate import STARTER_FOLDER
from typebeat.engines.quiet import quiet_import
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.grid import Grid
from typebeat.midi.activations import TunedSound, pitch_levels
from typebeat.midi.evidence import HIGHEST_PITCH, LOWEST_PITCH, PITCHES, evidence, slot_times
from typebeat.midi.note_reader import FARTHEST, WEIGHTS_FILE, Network, context
from typebeat.sound.audio import Audio, resample

CORPUS_SEEDS_FROM = 200_000
FOREIGN_SEEDS_FROM = 100_000  # development beats of foreign_beats: General MIDI and kits in turn
FOREIGN_INDEX_FROM = 100  # so that their compositions differ from the corpus beats here
HELD_OUT_EVERY = 5
CODEC_SHARE = 0.25  # share of beats that go through the starter's codec
FOLDS = 2  # the second network trains on answers of the first for beats that the first was not trained on
WIDTH, EPOCHS, BATCH, RATE = 64, 4, 4096, 2e-3
THRESHOLDS = (0.3, 0.38, 0.5)


@dataclass(frozen=True)
class Lesson:
    """A beat as the reader receives it, its grid, and its true notes as (onset in seconds, pitch, is melody)."""

    seed: int
    heard: TunedSound
    grid: Grid
    notes: tuple[tuple[float, int, bool], ...]

    def example(self, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """Returns the evidence on a grid and the targets (slots, PITCHES, 2): a note begins; it is of the melody."""
        times = slot_times(grid)
        truth = np.zeros((len(times), PITCHES, 2), np.float32)
        for onset, pitch, is_melody in sorted(self.notes, key=lambda note: note[2]):
            slot = int(np.abs(times - onset).argmin())
            if abs(times[slot] - onset) < 0.05 and LOWEST_PITCH <= pitch <= HIGHEST_PITCH:
                truth[slot, pitch - LOWEST_PITCH] = 1, is_melody
        return evidence(self.heard, grid), truth


def hear_lesson(seed: int) -> Lesson:
    """Makes a beat, whose kind depends on its seed, and analyses it as the app does."""
    if seed >= FOREIGN_SEEDS_FROM:
        beat = make_beat(seed) if seed >= CORPUS_SEEDS_FROM else _foreign_beat(seed - FOREIGN_SEEDS_FROM)
        audio = resample(Audio(beat.mix, beat.sample_rate), 44_100)
        grid = Grid(beat.score.bpm, 0.0, beat.score.bars, beat.score.swing)
        notes = [(n.onset, n.pitch, name == "melody") for name in ("chords", "melody") for n in beat.truth[name]]
    else:
        song = compose_gm(seed)
        audio, grid = render_gm(song), song.grid
        parts = ((song.chords, False), (song.melody, True))
        notes = [(n[0] * grid.beat_seconds, n[2], is_melody) for part, is_melody in parts for n in part]
    is_smeared = FOREIGN_SEEDS_FROM <= seed < CORPUS_SEEDS_FROM  # some of those went through the codec already
    if not is_smeared and np.random.default_rng([seed, 6]).random() < CODEC_SHARE:
        audio = _through_codec(audio)
    rest = SoftMaskSplitter().split(audio).sounds["other"]
    network = BasicPitch()
    heard = network.listen(rest)
    return Lesson(seed, TunedSound(heard, network.listen(audio), pitch_levels(rest, heard)), grid, tuple(notes))


def _foreign_beat(number: int):
    def round_trip(mix: np.ndarray) -> np.ndarray:
        return _through_codec(Audio(mix, 32_000)).samples[0]

    index, by_soundfont = FOREIGN_INDEX_FROM + number, number % 2 == 0
    return make_foreign_beat(index, measured=False, general_midi=by_soundfont, round_trip=round_trip)


def _through_codec(audio: Audio) -> Audio:
    with quiet_import():
        from typebeat.engines.beat.starter import load_codec
    codec = load_codec(STARTER_FOLDER).eval()
    mono = resample(Audio(audio.samples.mean(axis=0), audio.sample_rate), codec.sample_rate).samples
    with torch.inference_mode():
        return resample(Audio(codec(torch.from_numpy(mono)[None]).x[0].numpy(), codec.sample_rate), audio.sample_rate)


def kept_lesson(seed: int, work: Path) -> Lesson:
    """Returns the lesson of a seed, from the work folder if it is there."""
    file = work / f"{seed}.pkl"
    if not file.exists():
        part = file.with_suffix(".part")
        part.write_bytes(pickle.dumps(hear_lesson(seed)))
        part.rename(file)
    return pickle.loads(file.read_bytes())


def examples_of(lesson: Lesson, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns the lesson on its true grid and on one with errors like those of a measured grid."""
    grid = lesson.grid
    beats_late = float(rng.integers(1, 4)) * (rng.random() < 0.3)
    off = replace(
        grid,
        downbeat=abs(rng.normal(0, 0.008)) + beats_late * grid.beat_seconds,
        bars=grid.bars - 1,
        swing=grid.swing if rng.random() < 0.7 else 0.5,
    )
    return [lesson.example(grid), lesson.example(off)]


def train(examples: list[tuple[np.ndarray, np.ndarray]], seed: int) -> Network:
    """Trains a network from evidence to odds."""
    torch.manual_seed(seed)
    x = torch.from_numpy(np.concatenate([each.reshape(-1, each.shape[-1]) for each, _ in examples]))
    y = torch.from_numpy(np.concatenate([truth.reshape(-1, 2) for _, truth in examples]))
    mean, scale = x.mean(0), 1 / (x.std(0) + 1e-3)
    x = ((x - mean) * scale).clamp(-FARTHEST, FARTHEST)
    first, last = nn.Sequential(nn.Linear(x.shape[1], WIDTH), nn.ReLU(), nn.Dropout(0.1)), nn.Linear(WIDTH // 2, 2)
    net = nn.Sequential(*first, nn.Linear(WIDTH, WIDTH // 2), nn.ReLU(), last)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            odds, truth = net(x[batch]), y[batch]
            is_melody = cross_entropy(odds[:, 1], truth[:, 1], weight=truth[:, 0])  # only counts where a note begins
            loss = cross_entropy(odds[:, 0], truth[:, 0]) + is_melody
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return as_shipped(net, mean, scale)


def as_shipped(net: nn.Sequential, mean: torch.Tensor, scale: torch.Tensor) -> Network:
    """Returns a network in numpy."""
    layers = [each for each in net if isinstance(each, nn.Linear)]
    weights = tuple(each.weight.detach().numpy().T.copy() for each in layers)
    return Network(mean.numpy(), scale.numpy(), weights, tuple(each.bias.detach().numpy() for each in layers))


def with_context(numbers: np.ndarray, first: Network) -> np.ndarray:
    """Returns the input of the second network: the evidence and the answers of the first network around it."""
    return np.concatenate([numbers, context(first(numbers))], axis=-1)


def figures(odds: np.ndarray, truth: np.ndarray, threshold: float) -> tuple[float, float, float]:
    """Returns precision, recall and F1 of note onsets."""
    said, true = odds[..., 0] >= threshold, truth[..., 0] > 0
    hits = float(np.sum(said & true))
    return hits / max(1, said.sum()), hits / max(1, true.sum()), 2 * hits / max(1, said.sum() + true.sum())


def save(networks: dict[str, Network], file: Path) -> None:
    """Writes named networks to a file, with weights in half precision."""
    held = {}
    for name, network in networks.items():
        held |= {f"{name}.mean": network.mean, f"{name}.scale": network.scale}
        for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
            held |= {f"{name}.weight{number}": weight.astype(np.float16), f"{name}.bias{number}": bias}
    np.savez_compressed(file, **held)


def main() -> None:
    """Trains with the options of the command line, prints figures of held-out beats, and writes the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the analysed beats")
    parser.add_argument("--corpus", type=int, default=90, help="number of corpus beats")
    parser.add_argument("--gm", type=int, default=220, help="number of beats with General MIDI soundfonts")
    parser.add_argument("--foreign", type=int, default=90, help="number of development beats of foreign_beats.py")
    parser.add_argument("--out", type=Path, default=WEIGHTS_FILE, help="file to write the weights to")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    counts = {0: args.gm, FOREIGN_SEEDS_FROM: args.foreign, CORPUS_SEEDS_FROM: args.corpus}
    seeds = [seed for start, count in counts.items() for seed in range(start, start + count)]
    rng = np.random.default_rng(1)
    learnt, held_out = [], {}
    for seed in seeds:
        lesson = kept_lesson(seed, args.work)
        if seed % HELD_OUT_EVERY == HELD_OUT_EVERY - 1:
            held_out[seed] = lesson.example(lesson.grid)
        else:
            learnt.append(examples_of(lesson, rng))
    flat = [example for examples in learnt for example in examples]
    first = train(flat, seed=0)
    deeper = []
    for fold in range(FOLDS):
        others = [example for i, examples in enumerate(learnt) if i % FOLDS != fold for example in examples]
        network = train(others, seed=fold)
        for examples in learnt[fold::FOLDS]:
            deeper += [(with_context(numbers, network), truth) for numbers, truth in examples]
    second = train(deeper, seed=9)
    for name, start in (("GM", 0), ("foreign", FOREIGN_SEEDS_FROM), ("corpus", CORPUS_SEEDS_FROM)):
        for threshold in THRESHOLDS:
            rows = [
                figures(second(with_context(numbers, first)), truth, threshold)
                for seed, (numbers, truth) in held_out.items()
                if start <= seed < start + counts[start]
            ]
            precision, recall, f1 = np.mean(rows, axis=0)
            print(f"{name} at {threshold}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}, n {len(rows)}")
    save({"first": first, "second": second}, args.out)


if __name__ == "__main__":
    main()
