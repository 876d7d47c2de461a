"""Compares a finetuned beat model with its base and with recordings, on captions it was not trained on.

    python -m training.evaluate --run runs/mine
    python -m training.evaluate --run runs/mine --beats 60

It measures the validation loss; tempo, key and style of generated beats; the kernel distance to recordings; and whether
a beat copies a training clip. What cannot be measured is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import soundfile

from training.beat.export_run import EXPORT_FOLDER, export_run
from training.data.recordings import read_sound
from training.data.records import BeatClip, read_split
from training.quality.comparisons import Compared, compare_hits, compare_sound, compare_text, find_copies
from training.quality.evaluation import Evaluation, read_evaluation
from training.quality.kernel_distance import EMBEDDING
from training.runs.options import OptionsError, Say, option, run_command
from training.runs.run_record import read_run
from typebeat.engines import BeatConditions, BeatEngine
from typebeat.engines.load import load_beat_engine
from typebeat.sound.audio import Audio

BEATS_FOLDER, KEPT_BEATS = "beats", 4
BARS = 4


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """Which run to evaluate, and on how many beats."""

    run: Path = option("folder of a finished run; evaluation.json is written to it")
    beats: int = option("number of beats that base and finetune each make, for captions of the validation split", 30)
    seed: int = option("seed of the first beat; each further beat has the next higher seed", 0)

    def __post_init__(self) -> None:
        if self.beats < 2:
            raise OptionsError(f"beats is {self.beats}; two at least are needed to compare sets")


def evaluate(options: EvaluateOptions, say: Say = print) -> Evaluation:
    """Measures a run and its base and writes `evaluation.json` into the folder of the run.

    Raises:
        TrainingError: the run is not finished, or its dataset is missing.
        ExportError: the weights of the run equal those of its base.
    """
    record = read_run(options.run)
    data = Path(record.dataset)
    train, held_out = read_split(data, "train"), read_split(data, "validation")
    made = Evaluation()
    # 1. export the weights as they would be pushed
    base, change = export_run(options.run)
    made.about = {"run": record.method, "base": record.base, "change": asdict(change), "embedding": EMBEDDING,
                  "bars": BARS, "seed": options.seed}  # fmt: skip
    made.add("validation loss", record.clips[1], base=record.loss_before, finetuned=record.loss_after)
    # 2. make beats with both models, from the same captions and seeds
    asked = choose_clips(held_out, options.beats)
    say(f"{len(asked)} beats of the base and of the finetune")
    beats = []
    for folder in (base, options.run / EXPORT_FOLDER):
        engine = load_beat_engine(str(folder))
        made.about["guidance"] = engine.guidance
        beats.append(make_beats(engine, asked, options.seed))
    before, after = beats
    _write_beats(options.run, before, after)
    # 3. measure the beats and the recordings
    sounds = {"base": before, "finetuned": after, "recordings": [clip.audio() for clip in held_out]}
    sets = Compared(asked, train, held_out, sounds)
    for compare in (compare_hits, compare_sound, find_copies, compare_text):
        compare(made, sets)
    made.write(options.run)
    say(made.table)
    for figure, why in made.skipped.items():
        say(f"not measured: {figure}: {why}")
    return made


def _write_beats(run: Path, before: Sequence[Audio], after: Sequence[Audio]) -> None:
    """Keeps the first few beats of both models for listening."""
    (run / BEATS_FOLDER).mkdir(exist_ok=True)
    for when, beats in (("before", before), ("after", after)):
        for number, beat in enumerate(beats[:KEPT_BEATS]):
            soundfile.write(run / BEATS_FOLDER / f"{when}_{number}.wav", beat.samples.T, beat.sample_rate)


def listen(run: Path) -> list[tuple[str, Audio, Audio]]:
    """Returns the beats that `evaluate` kept: caption, beat of the base, beat of the finetune."""
    captions = [each["caption"] for each in read_evaluation(run).nearest[:KEPT_BEATS]]
    return [
        (caption, *(read_sound(run / BEATS_FOLDER / f"{when}_{number}.wav") for when in ("before", "after")))
        for number, caption in enumerate(captions)
    ]


def choose_clips(clips: Sequence[BeatClip], count: int) -> list[BeatClip]:
    """Returns `count` clips: the first clip of every track, then the second ones, and so on; repeated if too few."""
    by_track: dict[str, list[BeatClip]] = {}
    for clip in clips:
        by_track.setdefault(clip.track_id, []).append(clip)
    longest = max(map(len, by_track.values()))
    in_turn = [mine[i] for i in range(longest) for mine in by_track.values() if i < len(mine)]
    return [in_turn[i % len(in_turn)] for i in range(count)]


def make_beats(engine: BeatEngine, asked: Sequence[BeatClip], seed: int) -> list[Audio]:
    """Makes four bars for the caption of each clip; the seeds count up from `seed`."""
    beats = []
    for number, clip in enumerate(asked):
        seconds = BARS * 240 / clip.bpm
        conditions = BeatConditions(clip.caption, clip.bpm, clip.key)
        (audio,) = engine.generate(conditions, seconds, [seed + number])
        beats.append(Audio(audio.samples[:, : round(seconds * audio.sample_rate)], audio.sample_rate))
    return beats


if __name__ == "__main__":
    run_command(EvaluateOptions, evaluate, "training.evaluate", __doc__)
