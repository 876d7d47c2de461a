"""Draws spectrograms of ten beats of the starter next to ten corpus beats of the same plans.

python -m benchmarks.spectrograms                     writes benchmarks/results/starter_spectrograms.png
python -m benchmarks.spectrograms --weights FOLDER    the same of weights that do not ship
"""

import argparse
import sys
from pathlib import Path
from random import Random

import matplotlib
import numpy as np
from scipy.signal import stft

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import RESULTS
from benchmarks.starter import make_all
from benchmarks.starter_prompts import Asked, named
from training.starter.corpus.compose import compose
from training.starter.corpus.render import SAMPLE_RATE, recordings_available, render
from training.starter.corpus.score import PARTS
from training.starter.corpus.soundfonts import MISSING
from typebeat.engines.load import load_beat_engine
from typebeat.request.reading import describe_concepts
from typebeat.request.styles import STYLES

BEATS, BARS = 10, 4
CORPUS_SEED = 70_000


def draw(axes, samples: np.ndarray, sample_rate: int, title: str) -> None:
    """Draws one spectrogram, 30 Hz to 14 kHz on a logarithmic scale, 80 dB deep."""
    hertz, seconds, spectrum = stft(samples, sample_rate, nperseg=2048, noverlap=1536)
    db = 20 * np.log10(np.abs(spectrum) + 1e-6)
    axes.pcolormesh(seconds, hertz, db, vmin=db.max() - 80, vmax=db.max(), cmap="magma", shading="auto")
    axes.set_yscale("log")
    axes.set_ylim(30, 14_000)
    axes.set_title(title, fontsize=8)


def main() -> None:
    """Composes and renders corpus beats, asks the starter for the same in words, and draws them side by side."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--weights", default="starter", metavar="FOLDER", help="starter to use (default: the shipped one)"
    )
    weights = parser.parse_args().weights
    if not recordings_available():
        raise SystemExit(MISSING)
    matplotlib.use("Agg")
    from matplotlib import pyplot

    styles = list(STYLES)
    scores = [compose(CORPUS_SEED + i, BARS, styles[i % len(styles)], loop=True) for i in range(BEATS)]
    asked = [Asked(score.plan, describe_concepts(named(score.plan), Random(i), "en")) for i, score in enumerate(scores)]
    made, _, _ = make_all(load_beat_engine(weights), asked, BARS, print)
    figure, rows = pyplot.subplots(BEATS, 2, figsize=(18, 3 * BEATS))
    for score, each, (parts, rate), (left, right) in zip(scores, asked, made, rows, strict=True):
        plan, stems = score.plan, render(score)
        facts = f"{plan.style}, {plan.bpm:g} BPM, {plan.key}"
        draw(left, np.sum(list(parts.values()), axis=0), rate, f"starter: {facts}, {each.prompt}")
        draw(right, np.sum([stems[name] for name in PARTS], axis=0), SAMPLE_RATE, f"corpus: {facts}, {plan.lead}")
    figure.tight_layout()
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / "starter_spectrograms.png", dpi=50)


if __name__ == "__main__":
    main()
