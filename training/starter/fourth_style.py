"""Makes beats in a style that the starter has never heard, to measure finetuning.

The style is phonk: a kick on every beat and claps on two and four at 150 BPM or more, where the other styles are
half-time; a high lead of plucked fifths, like a cowbell; a distorted bass between the kicks; no chords.
"""

from pathlib import Path
from random import Random

import numpy as np
import soundfile

from training.data.records import BeatClip, write_split
from training.starter.simple_corpus.kit import make_kit
from training.starter.simple_corpus.patterns import MINOR
from training.starter.simple_corpus.synth import SAMPLE_RATE, Timbre, bass_note, tone
from typebeat.request.words import NOTE_NAMES, beat_caption

STYLE = "phonk"
BARS = 8
LICENCE, CREATOR, SOURCE = "mit", "typebeat", "composed and rendered by training/starter/fourth_style.py"
_WORDS = (
    ("hard", "aggressive", "angry", "rage"),
    ("distorted 808", "gritty 808", "dirty 808"),
    ("plucks", "pluck", "plucked lead"),
    ("bouncing bass", "short 808", "punchy 808"),
    ("open hats", "open hi-hats"),
)
_RHYTHMS = ((0, 3, 6, 8, 11, 14), (0, 2, 4, 7, 10, 12, 14), (0, 3, 6, 9, 12, 14), (0, 2, 3, 6, 8, 10, 11, 14))
_LOWEST_LEAD, _LOWEST_BASS = 78, 30  # MIDI pitch


def render_phonk(seed: int, bars: int = BARS) -> tuple[np.ndarray, float, str, str]:
    """Returns the samples of a beat, (n,) float32, its tempo in BPM, its key, and words that describe it."""
    rng = np.random.default_rng([seed, 4])
    bpm, root = float(rng.integers(150, 169)), int(rng.integers(12))
    step = 15 / bpm  # length of a sixteenth in seconds
    mix = np.zeros(round(bars * 16 * step * SAMPLE_RATE), np.float32)
    kit = make_kit(rng)
    lead = Timbre("pluck", brightness=float(rng.uniform(0.75, 0.9)), decay=float(rng.uniform(0.3, 0.5)))
    call, answer = (_RHYTHMS[i] for i in rng.choice(len(_RHYTHMS), 2, replace=False))
    walk = np.cumsum(rng.choice((-2, -1, 1, 2), 8)) % 7

    def add(sound: np.ndarray, at_step: float, gain: float) -> None:
        start = round(at_step * step * SAMPLE_RATE)
        end = min(len(mix), start + len(sound))
        mix[start:end] += np.float32(gain) * sound[: end - start]

    for bar in range(bars):
        first = bar * 16
        for beat in range(4):
            add(kit["kick"], first + 4 * beat, 1.1)
            add(kit["open_hat"], first + 4 * beat + 2, 1.3)
            low = _LOWEST_BASS + (root + MINOR[(0, 0, 5, 4)[bar % 4]] - _LOWEST_BASS) % 12
            add(bass_note(low, 1.8 * step, drive=1.0, decay=0.4), first + 4 * beat + 2, 0.55)
        for beat in (1, 3):
            add(kit["clap"], first + 4 * beat, 1.1)
        for sixteenth in range(0, 16, 2):
            add(kit["closed_hat"], first + sixteenth, 0.8)
        for i, sixteenth in enumerate(call if bar % 2 == 0 else answer):
            pitch = _LOWEST_LEAD + (root - _LOWEST_LEAD) % 12 + MINOR[walk[i]]
            for above, gain in ((0, 0.3), (7, 0.22)):  # the two tones of a cowbell
                add(tone(lead, pitch + above, 1.2 * step, rng), first + sixteenth, gain)
    words = Random(seed)
    said = ", ".join(words.choice(each) for each in words.sample(_WORDS, 3))
    return (mix * (0.89 / np.abs(mix).max())).astype(np.float32), bpm, f"{NOTE_NAMES[root]} minor", said


def write_phonk(folder: Path, first_seed: int, train: int, held_out: int) -> Path:
    """Writes a dataset with `train` training tracks and, from the seeds after them, `held_out` validation tracks."""
    seeds = iter(range(first_seed, first_seed + train + held_out))
    for split, count in (("train", train), ("validation", held_out)):
        (folder / split).mkdir(parents=True, exist_ok=True)
        clips = []
        for seed in (next(seeds) for _ in range(count)):
            samples, bpm, key, words = render_phonk(seed)
            path = folder / split / f"phonk{seed}_0.flac"
            soundfile.write(path, samples, SAMPLE_RATE)
            clips.append(
                BeatClip(
                    path=path,
                    caption=beat_caption(words, STYLE, bpm, key),
                    style=STYLE,
                    bpm=bpm,
                    key=key,
                    words=words,
                    track_id=f"phonk{seed}",
                    creator=CREATOR,
                    licence=LICENCE,
                    source=SOURCE,
                    start_s=0.0,
                    seconds=len(samples) / SAMPLE_RATE,
                    bars=BARS,
                    lufs=-14.0,
                    sha256=str(seed),
                )
            )
        write_split(folder, split, clips)
    return folder
