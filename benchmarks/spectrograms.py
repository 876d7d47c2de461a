"""Draws spectrograms of beats of the starter next to corpus beats of the same styles.

python -m benchmarks.spectrograms     writes benchmarks/results/starter_spectrograms.png
"""

import argparse
import sys
from pathlib import Path

import matplotlib
import numpy as np
from scipy.signal import stft

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.report import RESULTS
from training.starter.simple_corpus.beats import make_beat
from typebeat.engines import BeatConditions
from typebeat.engines.load import load_beat_engine
from typebeat.parts.beat import draw_takes, with_defaults_of_weights
from typebeat.request.settled import SettledRequest
from typebeat.request.words import beat_caption

BARS = 4
# style, prompt, tempo, key; two beats per style
ASKED = (
    ("travis-scott", "dark bells over a slow 808, hi-hat rolls", 140, "F minor"),
    ("travis-scott", "eerie choir, distorted 808, triplets", 156, "C# minor"),
    ("kid-cudi", "warm humming over dusty drums", 84, "A minor"),
    ("kid-cudi", "dreamy rhodes, boom bap, tape", 92, "G minor"),
    ("don-toliver", "glossy plucks, bouncing bass, open hats", 118, "E minor"),
    ("don-toliver", "bright synth lead, claps, side-chain", 132, "F# minor"),
)
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
    """Makes six beats and six corpus beats of the same tempo and style, and draws them side by side."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    matplotlib.use("Agg")
    from matplotlib import pyplot

    engine = load_beat_engine("starter")
    figure, rows = pyplot.subplots(len(ASKED), 2, figsize=(18, 4 * len(ASKED)))
    for number, ((style, prompt, bpm, key), (left, right)) in enumerate(zip(ASKED, rows, strict=True)):
        request = with_defaults_of_weights(SettledRequest(prompt, style, bpm, key, BARS, seed=number), engine)
        made = draw_takes(request, BeatConditions(beat_caption(prompt, style, bpm, key), bpm, key), engine)[0][0].audio
        length = round(request.seconds * made.sample_rate)
        draw(left, made.samples[0, :length], made.sample_rate, f"starter: {style}, {bpm} BPM, {key}, {prompt}")
        beat = make_beat(CORPUS_SEED + number, BARS, style, bpm)
        words = " ".join(concept.split(":")[1] for concept in beat.score.tags.concepts)
        draw(right, beat.mix, beat.sample_rate, f"corpus: {style}, {bpm} BPM, {beat.score.key}, {words}")
    figure.tight_layout()
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / "starter_spectrograms.png", dpi=55)


if __name__ == "__main__":
    main()
