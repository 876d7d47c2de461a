"""Measures beats of a base and of its finetune, beside recordings of the validation split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.data.fingerprints import match, sound_fingerprint
from training.data.records import BeatClip
from training.quality.evaluation import Evaluation
from training.quality.kernel_distance import embed, kernel_distance
from training.quality.text_audio import text_similarity
from training.runs.errors import TrainingError
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.sound.audio import Audio

TEMPO_TOLERANCE_BPM = 1.0
FEWEST_OF_A_STYLE = 3  # training clips that the style classifier needs of each style


@dataclass(frozen=True)
class Compared:
    """The sounds to compare, with the captions that they were made for.

    Attributes:
        asked: The clips whose captions were given to base and finetune.
        train: The training clips.
        held_out: The validation clips, which are the recordings.
        sounds: Those of "base" and "finetuned", in the order of `asked`, and "recordings", in that of `held_out`.
    """

    asked: Sequence[BeatClip]
    train: Sequence[BeatClip]
    held_out: Sequence[BeatClip]
    sounds: dict[str, list[Audio]]

    @property
    def asked_of(self) -> dict[str, Sequence[BeatClip]]:
        """For each column, the clip that belongs to each of its sounds."""
        return {"base": self.asked, "finetuned": self.asked, "recordings": self.held_out}


def is_tempo(heard: float, asked: float) -> bool:
    """Whether a tempo, its half or its double is within 1 BPM of the requested one."""
    return min(abs(heard * octave - asked) for octave in (0.5, 1.0, 2.0)) <= TEMPO_TOLERANCE_BPM


def compare_hits(made: Evaluation, sets: Compared) -> None:
    """Adds how often the measured tempo and key are the requested ones; the measurement does not know these."""
    heard = {name: [measure(sound) for sound in sounds] for name, sounds in sets.sounds.items()}

    def rates(hit: Callable[[Passport, BeatClip], bool]) -> dict[str, float]:
        return {
            name: float(np.mean([hit(p, clip) for p, clip in zip(heard[name], clips, strict=True)]))
            for name, clips in sets.asked_of.items()
        }

    made.add("tempo hit", len(sets.asked), **rates(lambda passport, clip: is_tempo(passport.grid.bpm, clip.bpm)))
    made.add("key hit", len(sets.asked), **rates(lambda passport, clip: passport.key == clip.key))


def compare_sound(made: Evaluation, sets: Compared) -> None:
    """Adds how often a classifier trained on the training clips finds the style, and the kernel distances."""
    from sklearn.ensemble import ExtraTreesClassifier

    embedded = {name: np.stack([embed(sound) for sound in sounds]) for name, sounds in sets.sounds.items()}
    learnt = np.stack([embed(clip.audio()) for clip in sets.train])
    styles = [clip.style for clip in sets.train]
    fewest = min(styles.count(style) for style in set(styles))
    if len(set(styles)) < 2 or fewest < FEWEST_OF_A_STYLE:
        made.skipped["style hit"] = f"it takes two styles with {FEWEST_OF_A_STYLE} training clips each"
    else:
        classifier = ExtraTreesClassifier(300, random_state=0, class_weight="balanced").fit(learnt, styles)
        wanted = {name: np.array([clip.style for clip in clips]) for name, clips in sets.asked_of.items()}
        rates = {name: np.mean(classifier.predict(x) == wanted[name]) for name, x in embedded.items()}
        made.add("style hit", len(sets.asked), **rates)
    if len(sets.held_out) < 2:
        made.skipped["kernel distance"] = "it takes two clips in the validation split"
        return
    near, far = (kernel_distance(embedded[name], embedded["recordings"]) for name in ("finetuned", "base"))
    same = kernel_distance(learnt, embedded["recordings"]) if len(learnt) > 1 else None
    values = {"base": far.value, "finetuned": near.value, "recordings": same and same.value}
    made.add("kernel distance", len(sets.asked), **values, low=near.low, high=near.high)


def find_copies(made: Evaluation, sets: Compared) -> None:
    """Adds the training clip whose fingerprint is nearest to each beat, and the agreement."""
    known = [(clip.path.name, sound_fingerprint(clip.audio())) for clip in sets.train]

    def nearest(sound: Audio) -> tuple[str, float, bool]:
        mine = sound_fingerprint(sound)
        found = [(name, match(mine, theirs)) for name, theirs in known]
        name, best = max(found, key=lambda each: each[1].agreement)
        return name, best.agreement, best.is_same

    found = {name: [nearest(sound) for sound in sounds] for name, sounds in sets.sounds.items()}
    made.add("nearest training clip", len(sets.asked), **{n: max(each[1] for each in f) for n, f in found.items()})
    made.add("copies of training clips", len(sets.asked), **{n: sum(each[2] for each in f) for n, f in found.items()})
    made.nearest = [
        {"caption": clip.caption, "nearest": name, "agreement": round(agreement, 3), "is_copy": is_copy}
        for clip, (name, agreement, is_copy) in zip(sets.asked, found["finetuned"], strict=True)
    ]


def compare_text(made: Evaluation, sets: Compared) -> None:
    """Adds the agreement of sound and caption by CLAP, if its weights can be loaded."""
    captions = [clip.caption for clip in sets.asked]
    try:
        values = {name: text_similarity(sets.sounds[name], captions) for name in ("base", "finetuned")}
    except TrainingError as error:
        made.skipped["CLAP"] = str(error)
    else:
        made.add("CLAP", len(sets.asked), **values)
