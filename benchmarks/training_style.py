"""Does a finetune learn a style? The starter, a fourth style that it has never heard, and a classifier that tells.

The classifier learns from corpus beats of the three styles and the fourth, as the starter's codec plays them. It hears
what the model makes of prompts of held-out tracks, before and after. Settings were chosen on tracks of
DEVELOPMENT_SEED; what is measured is learnt and asked from MEASURED_SEED.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from benchmarks import measures
from training.beat.models import load_base, trained_model
from training.data.records import read_split
from training.finetune_musicgen import FinetuneOptions, finetune
from training.runs.options import Say
from training.runs.run_record import LAST_FILE
from training.starter.corpus import make_beat
from training.starter.fourth_style import STYLE, render_phonk, write_phonk
from training.starter.synth import SAMPLE_RATE
from typebeat.engines import BeatConditions, Weights
from typebeat.engines.beat.linear import best_precision
from typebeat.engines.beat.musicgen import MusicGenEngine
from typebeat.request.styles import STYLES

# all below training.starter.dataset.TRAINING_SEEDS_FROM; the fourth style's seeds are its own
DEVELOPMENT_SEED, MEASURED_SEED, CLASSIFIER_SEEDS = 900_000, 100_000, 20_000
TRACKS, HELD_OUT = 20, 8
BARS = 4
SHAPES = ("starter", "musicgen-small")
# The LoRA has its second settings. The first (rank 64, alpha 128, lr 6e-3, 80 steps) reached 0.92 on one set of
# development tracks and, sampled with guidance 3, 0.50 on the measured ones; these reached 0.96 on another set of
# development tracks.
FINETUNES = {
    "lora": {
        **{"method": "lora", "rank": 16, "alpha": 64, "lr": 3e-3, "steps": 160},
        **{"ema_decay": 0.95, "weight_decay": 0.05, "check_every": 20},
    },
    "full": {"method": "full", "lr": 1e-3, "steps": 80, "check_every": 10},
}


@dataclass(frozen=True)
class Sizes:
    """How much is done.

    Attributes:
        steps: Of a finetune at most.
        batch: Tracks that a step learns from.
        beats: Beats asked for before and after.
        classifier_beats: Of each style, for the classifier.
        timed_shapes: Models whose step is timed, of `SHAPES`.
        timed_methods: How they are trained, of `FINETUNES`.
    """

    steps: int
    batch: int
    beats: int
    classifier_beats: int
    timed_shapes: tuple[str, ...]
    timed_methods: tuple[str, ...]


def steps_of(name: str, sizes: Sizes) -> int:
    """Returns how many steps a finetune takes."""
    return min(sizes.steps, FINETUNES[name]["steps"])


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
        (audio,) = engine.generate(BeatConditions(clip.caption, clip.bpm, clip.key), seconds, [seed])
        beats.append(audio.samples[0, : round(seconds * audio.sample_rate)])
    return beats


def tracks_of_the_style(work: Path) -> Path:
    """Returns the dataset of the fourth style in `work`, which is rendered if it is not there."""
    data = work / "phonk"
    if not (data / "validation" / "metadata.jsonl").is_file():
        write_phonk(data, MEASURED_SEED, TRACKS, HELD_OUT)
    return data


class Learning:
    """The starter, what it is to learn, and who tells whether it has; made once, since that takes minutes.

    Args:
        work: Folder that keeps dataset, codec tokens and runs.
        sizes: How much is done.
    """

    def __init__(self, work: Path, sizes: Sizes):
        self._work, self._sizes = work, sizes
        self.data = tracks_of_the_style(work)
        self._base, _ = load_base("starter", "cpu")
        self._listener = StyleListener(sizes.classifier_beats, self._base.codec)

    def before(self) -> dict[str, float]:
        """Returns how often the style is heard in the held-out tracks themselves, and in the base's beats."""
        held_out = [librosa.load(clip.path, sr=SAMPLE_RATE)[0] for clip in read_split(self.data, "validation")]
        return {
            "style_held_out": self._listener.share([play_back(self._base.codec, samples) for samples in held_out]),
            "style_before": self._listener.share(make_beats(self._base, self.data, self._sizes.beats)),
        }

    def after(self, name: str, say: Say) -> dict[str, float]:
        """Finetunes, or goes on with it; returns losses, minutes and how often the style is heard then.

        Minutes of the processor are told beside those of the clock, which also count while others have the processor.
        """
        run = self._work / name
        options = FinetuneOptions(
            **{"data": self.data, "out": run, "base": "starter", "cache": self._work / "cache", "samples": 0},
            **{"batch": self._sizes.batch, "micro_batch": self._sizes.batch},
            **{**FINETUNES[name], "steps": steps_of(name, self._sizes)},
        )
        is_new, begun = not (run / LAST_FILE).is_file(), time.process_time()
        record = finetune(options, lambda line: say(f"{name}: {line}"))
        spent = {f"cpu_minutes_{name}": (time.process_time() - begun) / 60} if is_new else {}
        models, _ = trained_model(run)
        return {
            "loss_before": record.loss_before,
            f"loss_after_{name}": record.loss_after,
            f"minutes_{name}": record.seconds / 60,
            **spent,
            f"style_after_{name}": self._listener.share(make_beats(models, self.data, self._sizes.beats)),
        }
