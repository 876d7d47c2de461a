"""Plays a score: every part on its own, and what truly sounds in it.

    python -m training.starter.corpus.render --seed 7 --bars 8 --out somewhere/

Equal scores give equal samples. With `synthetic=True` nothing but numpy is needed; else the soundfonts are.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.starter.corpus import one_shots, soundfonts
from training.starter.corpus.bass_sounds import choose_bass
from training.starter.corpus.colours import Colour, colour_of
from training.starter.corpus.instruments import Touch, choose_sound
from training.starter.corpus.kits import make_kit
from training.starter.corpus.mixing import balanced, finish_bass, finish_drums, finish_tuned, level
from training.starter.corpus.score import PARTS, Event, Score
from training.starter.corpus.tracks import one_at_a_time, play_bass, play_drums, play_tuned
from training.starter.simple_corpus.beats import TrueNote
from training.starter.simple_corpus.synth import SAMPLE_RATE

_COUNTER_LEVEL = 0.55


@dataclass(frozen=True)
class CorpusBeat:
    """A rendered beat.

    Attributes:
        score: What was composed.
        stems: For each name of `PARTS` its sound, (n,) float32; they sum to the mix.
        truth: For each part its notes or hits in order.
        sample_rate: Samples per second of the stems.
    """

    score: Score
    stems: dict[str, np.ndarray]
    truth: dict[str, tuple[TrueNote, ...]]
    sample_rate: int = SAMPLE_RATE

    @property
    def mix(self) -> np.ndarray:
        """The sum of the stems, (n,) float32 in [-1, 1]."""
        return np.sum([self.stems[name] for name in PARTS], axis=0, dtype=np.float32)


def render(score: Score, synthetic: bool = False) -> dict[str, np.ndarray]:
    """Renders each part of a score.

    Args:
        score: The notes and the plan that names sounds and effects.
        synthetic: Whether to use synthesised sounds only, which need no soundfonts.

    Returns:
        For each name of `PARTS` its sound, (n,) float32 at 32 kHz; the sum has a peak of at most 0.89. A part without
        notes is zero throughout.

    Raises:
        FileNotFoundError: Recordings are not installed and `synthetic` is not set.
    """
    if not (synthetic or recordings_available()):
        raise FileNotFoundError(soundfonts.MISSING)
    plan, colour = score.plan, colour_of(score.plan)
    n = round(plan.bars * 4 * 60 / plan.bpm * SAMPLE_RATE)
    rngs = {name: np.random.default_rng([plan.seed, 11, number]) for number, name in enumerate(PARTS)}
    stems = {name: np.zeros(n, np.float32) for name in PARTS}
    if score.hits:
        stems["drums"] = _drums(score, colour, n, rngs["drums"], synthetic)
    if score.bass:
        bass = choose_bass(
            rngs["808"], plan.bass_sound, plan.bass_traits, brightness=colour.brightness, synthetic=synthetic
        )
        stems["808"] = finish_bass(bass.finish(play_bass(score.bass, bass, plan.bpm, n)), plan)
    for part, events, names in (
        ("chords", score.chords, (plan.chord_sound, plan.counter or plan.chord_sound)),
        ("melody", score.melody, (plan.lead, plan.counter or plan.lead)),
    ):
        if events:
            stems[part] = _tuned(score, part, events, names, colour, n, rngs[part], synthetic)
    return balanced(stems, score)


def recordings_available() -> bool:
    """Whether the soundfonts and the recorded drums are installed."""
    return soundfonts.available() and one_shots.available()


def _drums(score: Score, colour: Colour, n: int, rng: np.random.Generator, synthetic: bool) -> np.ndarray:
    plan = score.plan
    kit = make_kit(
        rng,
        plan.drum_traits,
        plan.style,
        groove=plan.groove,
        only={hit.drum for hit in score.hits},
        bar_seconds=240 / plan.bpm,
        synthetic=synthetic,
    )
    return finish_drums(play_drums(score.hits, kit, plan.bpm, n, rng), plan, colour, rng)


def _tuned(
    score: Score,
    part: str,
    events: tuple[Event, ...],
    names: tuple[str, str],
    colour: Colour,
    n: int,
    rng: np.random.Generator,
    synthetic: bool,
) -> np.ndarray:
    plan = score.plan
    touch = Touch(colour.brightness, colour.attack, colour.softness)
    track = np.zeros(n, np.float32)
    for voice, name in enumerate(names):
        played = tuple(event for event in events if event.voice == voice)
        sound = choose_sound(name, rng, touch, synthetic=synthetic)
        if played:
            heard = sound.finish(play_tuned(played, sound, plan.bpm, n, rng))
            track += level(heard) * np.float32(_COUNTER_LEVEL if voice else 1.0)
    return finish_tuned(track, part, plan, colour, rng)


def truth(score: Score) -> dict[str, tuple[TrueNote, ...]]:
    """Returns for each part its notes or hits in order, as they sound."""
    beat = 60 / score.plan.bpm
    struck = [(max(0.0, hit.beat * beat + hit.late), hit) for hit in score.hits]
    hits = [TrueNote(onset, onset, 0, hit.velocity, hit.drum) for onset, hit in struck]
    tuned = {
        part: [TrueNote(e.beat * beat, (e.beat + e.length) * beat, e.pitch, e.velocity) for e in events]
        for part, events in (("808", one_at_a_time(score.bass)), ("chords", score.chords), ("melody", score.melody))
    }
    return {
        part: tuple(sorted(notes, key=lambda note: (note.onset, note.pitch, note.drum)))
        for part, notes in {"drums": hits, **tuned}.items()
    }


def make_beat(seed: int, bars: int = 8, synthetic: bool = False) -> CorpusBeat:
    """Composes and renders a beat; equal arguments give equal samples."""
    from training.starter.corpus.compose import compose

    score = compose(seed, bars)
    return CorpusBeat(score, render(score, synthetic), truth(score))


def main() -> None:
    """Writes one beat's mix and parts as WAV files, to be listened to."""
    import soundfile

    parser = argparse.ArgumentParser(description="Make one beat of the starter's second corpus.")
    parser.add_argument("--seed", type=int, default=0, help="of everything")
    parser.add_argument("--bars", type=int, default=8, help="length")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder of the WAV files")
    parser.add_argument("--synthetic", action="store_true", help="use synthesised sounds only")
    args = parser.parse_args()
    try:
        beat = make_beat(args.seed, args.bars, args.synthetic)
    except FileNotFoundError as error:
        parser.exit(1, f"{error}\n")
    args.out.mkdir(parents=True, exist_ok=True)
    for name, sound in {"mix": beat.mix, **beat.stems}.items():
        soundfile.write(args.out / f"{args.seed}_{name}.wav", sound, SAMPLE_RATE)
    print(beat.score.plan)


if __name__ == "__main__":
    main()
