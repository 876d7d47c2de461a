"""What training costs and what it does: steps a second, memory, several processes, and a real finetune.

    python -m benchmarks.training --work somewhere/   the whole table, half an hour; goes on if it was stopped
    python -m benchmarks.training --quick --json      a small part of the same in under 15 minutes

The finetune teaches the starter a fourth style that it has never heard, by LoRA and in full, from 20 tracks. A
classifier of the four styles, trained on corpus beats, hears what the model makes of prompts of held-out tracks, before
and after. Settings were chosen on tracks of DEVELOPMENT_SEED; what is measured is learnt and asked from MEASURED_SEED.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks import measures
from training.dataset import read_split
from training.finetune_musicgen import FinetuneOptions, finetune, load_base, trained_model
from training.run_record import TrainedModel, read_run
from training.starter.corpus import make_beat
from training.starter.fourth_style import STYLE, render_phonk, write_phonk
from training.starter.synth import SAMPLE_RATE
from typebeat.engines import BeatConditions, Weights
from typebeat.engines.linear import best_precision
from typebeat.engines.musicgen import MusicGenEngine
from typebeat.styles import STYLES

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
# all below training.starter.dataset.TRAINING_SEEDS_FROM; the fourth style's seeds are its own
DEVELOPMENT_SEED, MEASURED_SEED, CLASSIFIER_SEEDS = 900_000, 100_000, 20_000
TRACKS, HELD_OUT = 20, 8
BARS = 4
GUIDANCE = 3.0
SHAPES = ("starter", "musicgen-small")
FINETUNES = {
    "lora": {"method": "lora", "rank": 32, "alpha": 32, "lr": 2e-3},
    "full": {"method": "full", "lr": 1e-3},
}


@dataclass(frozen=True)
class Sizes:
    """How much is done: finetuning steps, beats asked for, beats of a style for the classifier, timed shapes."""

    steps: int
    beats: int
    classifier_beats: int
    timed_shapes: tuple[str, ...]


FULL, QUICK = Sizes(80, 24, 50, SHAPES), Sizes(50, 8, 40, ("starter",))
Say = Callable[[str], None]


class StyleListener:
    """A classifier of the three styles and the fourth, trained on corpus beats as the codec plays them."""

    def __init__(self, count: int, codec):
        heard, styles = [], []
        for style in (*STYLES, STYLE):
            for seed in range(CLASSIFIER_SEEDS, CLASSIFIER_SEEDS + count):
                samples = render_phonk(seed, BARS)[0] if style == STYLE else make_beat(seed, BARS, style).mix
                heard.append(measures.sound_statistics(play_back(codec, samples), SAMPLE_RATE))
                styles.append(style)
        self._trees = ExtraTreesClassifier(400, random_state=0, n_jobs=1).fit(np.stack(heard), styles)

    def share(self, beats: list[np.ndarray]) -> float:
        """Returns the share of beats that are heard as the fourth style."""
        heard = np.stack([measures.sound_statistics(samples, SAMPLE_RATE) for samples in beats])
        return float(np.mean(self._trees.predict(heard) == STYLE))


def play_back(codec, samples: np.ndarray) -> np.ndarray:
    """Returns a sound as the codec encodes and decodes it, which is the best that a model on it could make."""
    import torch

    with torch.inference_mode():
        return codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()


def make_beats(models, data: Path, count: int) -> list[np.ndarray]:
    """Returns `count` beats of the prompts of held-out tracks in turn, each from a seed of its own."""
    precision = best_precision(next(models.lm.transformer.parameters()).dtype, "cpu")
    weights = Weights("benchmark", "folder", "", "", "cpu", precision)
    engine = MusicGenEngine(models.lm, models.codec, models.max_seconds, weights)
    clips = read_split(data, "validation")
    beats = []
    for seed in range(count):
        clip = clips[seed % len(clips)]
        seconds = BARS * 240 / clip.bpm
        (audio,) = engine.generate(BeatConditions(clip.caption, clip.bpm, clip.key), seconds, [seed], guidance=GUIDANCE)
        beats.append(audio.samples[0, : round(seconds * audio.sample_rate)])
    return beats


def measure_finetunes(work: Path, sizes: Sizes, say: Say, first_seed: int = MEASURED_SEED) -> dict[str, float]:
    """Finetunes the starter on the fourth style by LoRA and in full; returns losses and the classifier's answers."""
    data = work / "phonk"
    if not (data / "validation" / "metadata.jsonl").is_file():
        write_phonk(data, first_seed, TRACKS, HELD_OUT)
    base, _ = load_base("starter", "cpu")
    listener = StyleListener(sizes.classifier_beats, base.codec)
    held_out = [librosa.load(clip.path, sr=SAMPLE_RATE)[0] for clip in read_split(data, "validation")]
    figures = {
        "style_held_out": listener.share([play_back(base.codec, samples) for samples in held_out]),
        "style_before": listener.share(make_beats(base, data, sizes.beats)),
    }
    say(f"before: {figures}")
    for name, changes in FINETUNES.items():
        record = run_finetune(work, data, name, sizes.steps, changes, say)
        figures |= {f"loss_after_{name}": record.loss_after, f"minutes_{name}": record.seconds / 60}
        figures["loss_before"] = record.loss_before
        models, _ = trained_model(work / name)
        figures[f"style_after_{name}"] = listener.share(make_beats(models, data, sizes.beats))
        say(f"{name}: {figures}")
    return {**figures, "loss_after": figures["loss_after_lora"]}


def run_finetune(work: Path, data: Path, name: str, steps: int, changes: dict, say: Say) -> TrainedModel:
    """Runs one finetune, or goes on with it; one that is over is read."""
    options = FinetuneOptions(
        **{"data": data, "out": work / name, "base": "starter", "cache": work / "cache", "samples": 0},
        **{"steps": steps, "batch": 8, "micro_batch": 8, "check_every": 20, **changes},
    )
    return finetune(options, lambda line: say(f"{name}: {line}"))


def measure_steps(shapes: tuple[str, ...], say: Say) -> dict[str, dict[str, float]]:
    """Returns what training_steps.py measures of each shape and method, in processes of their own for their memory."""
    rows = {}
    for shape in shapes:
        for method in FINETUNES:
            steps = {"starter": "6", "musicgen-small": "2"}[shape]
            command = [sys.executable, "-m", "benchmarks.training_steps", shape, method, steps]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            rows[f"{shape} {method}"] = json.loads(done.stdout.splitlines()[-1])
            say(f"{shape} {method}: {rows[f'{shape} {method}']}")
    return rows


def measure_processes(work: Path, say: Say) -> float:
    """Returns the largest difference between the losses of one process and of two with the same batch."""
    data = work / "short"
    if not (data / "validation" / "metadata.jsonl").is_file():
        write_phonk(data, 0, 4, 2)
    launch = ["-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "29519"]
    histories = []
    for count, how in ((1, []), (2, launch)):
        options = {"--data": data, "--out": work / f"processes{count}", "--cache": work / "cache", "--samples": 0}
        options |= {"--steps": 3, "--batch": 4, "--micro-batch": 2, "--check-every": 3, "--method": "full"}
        command = [sys.executable, *how, "-m", "training.finetune_musicgen"]
        command += [str(word) for pair in options.items() for word in pair]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{count} processes: {done.stderr.splitlines()[-1]}")
        record = read_run(work / f"processes{count}")
        if record.processes != count:
            raise RuntimeError(f"{record.processes} processes ran where {count} were asked for")
        histories.append(record.history)
    pairs = [
        (one[name], two[name])
        for one, two in zip(*histories, strict=True)
        for name in ("loss", "validation_loss")
        if name in one
    ]
    say(f"losses of one and of two processes: {pairs}")
    return max(abs(one - two) for one, two in pairs)


def measure_cache(work: Path) -> dict[str, float]:
    """Returns seconds that a batch of 8 clips takes to encode, and to read from the cache."""
    from training.token_cache import encode, tokenize_clips

    base, found = load_base("starter", "cpu")
    clips = read_split(work / "phonk", "train")[:8]
    tokenize_clips(base.codec, f"{found.name} {found.revision}", clips, work / "cache", print)
    begun = time.perf_counter()
    tokenize_clips(base.codec, f"{found.name} {found.revision}", clips, work / "cache", print)
    cached = time.perf_counter() - begun
    begun = time.perf_counter()
    for clip in clips:
        encode(base.codec, clip)
    return {"batch_cached_s": cached, "batch_encoded_s": time.perf_counter() - begun}


BARS_TO_CLEAR = {
    **{"style_before": "< 0.20", "style_after_lora": "> 0.70", "style_after_full": "> 0.70"},
    **{"ddp_diff": "1e-4", "minutes_lora": "10", "minutes_full": "10"},
}


def table(figures: dict[str, float], steps: dict[str, dict[str, float]]) -> str:
    """Returns two Markdown tables: figures with the bar that each has to clear, and the cost of a step."""
    lines = ["| figure | bar | measured |", "|---|---|---|"]
    lines += [f"| {name} | {BARS_TO_CLEAR.get(name, '')} | {value:.3g} |" for name, value in figures.items()]
    lines += [
        "",
        "| step of | steps/s | peak MB | of that model MB | estimated beside the model MB |",
        "|---|---|---|---|---|",
    ]
    for name, row in steps.items():
        cells = f"{row['steps_per_s']:.2f} | {row['peak_mb']:.0f} | {row['model_mb']:.0f} | {row['estimate_mb']:.0f}"
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def measure(work: Path, sizes: Sizes, say: Say) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Runs the whole benchmark in a folder that keeps what was finetuned."""
    work.mkdir(parents=True, exist_ok=True)
    figures = measure_finetunes(work, sizes, say)
    figures |= measure_cache(work)
    figures["ddp_diff"] = measure_processes(work, say)
    steps = measure_steps(sizes.timed_shapes, say)
    figures["steps_per_s"] = steps["starter lora"]["steps_per_s"]
    counts = {"n_tracks": TRACKS, "n_held_out": HELD_OUT, "n_beats": sizes.beats, "n_steps": sizes.steps}
    return {**figures, **counts}, steps


def main() -> None:
    """Prints the tables, writes them, and prints one JSON object last if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part of the same, in under 15 minutes")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--work", type=Path, help="folder that is kept, so that a run that was stopped goes on")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes = QUICK if args.quick else FULL
        figures, steps = measure(args.work or Path(folder), sizes, lambda line: print(line, flush=True))
    print(table(figures, steps))
    if not args.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "training.json").write_text(json.dumps({**figures, "steps": steps}, indent=1) + "\n")
        (RESULTS / "training.md").write_text(table(figures, steps) + "\n")
    if args.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
