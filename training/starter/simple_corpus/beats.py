"""The starter's corpus: beats made by code from a seed, each with its stems, its truth and its caption.

    python -m training.starter.simple_corpus.beats --seed 7 --bars 8 --out somewhere/

It renders what compose.py wrote with the sounds of synth.py and kit.py. No recording of anybody is in it. The starter
learns from it and tests measure against it; the app never plays it.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
from scipy.signal import butter, lfilter, oaconvolve, sosfilt

from training.starter.simple_corpus.compose import Event, Score, compose
from training.starter.simple_corpus.kit import make_kit
from training.starter.simple_corpus.synth import SAMPLE_RATE, Timbre, bass_note, tone
from typebeat.request.words import beat_caption, describe

STEMS = ("drums", "808", "chords", "melody")
_PEAK = 0.89


@dataclass(frozen=True)
class TrueNote:
    """A note or hit as it sounds: seconds from the start, MIDI pitch or drum name, velocity in (0, 1]."""

    onset: float
    offset: float
    pitch: int
    velocity: float
    drum: str = ""


@dataclass(frozen=True)
class CorpusBeat:
    """A rendered beat with its truth.

    Attributes:
        score: What was composed: style, tempo, key, sounds and all events.
        stems: For each name of `STEMS` its sound, (n,) float32; they sum to the mix.
        truth: For each stem its notes or hits in order.
        sample_rate: Samples per second of the stems.
    """

    score: Score
    stems: dict[str, np.ndarray]
    truth: dict[str, tuple[TrueNote, ...]]
    sample_rate: int = SAMPLE_RATE

    @property
    def mix(self) -> np.ndarray:
        """The sum of the stems, (n,) float32 in [-1, 1]."""
        return np.sum([self.stems[name] for name in STEMS], axis=0, dtype=np.float32)

    def caption(self, seed: int) -> str:
        """Returns one of the many captions of this beat; the same seed gives the same words."""
        rng = Random(seed)
        tags = self.score.tags
        return beat_caption(describe(tags, rng), tags.style, tags.bpm, tags.key, rng)


def make_beat(seed: int, bars: int = 8, style: str | None = None, bpm: int | None = None) -> CorpusBeat:
    """Composes and renders a beat; equal arguments give equal samples."""
    score = compose(seed, bars, style, bpm)
    rng = np.random.default_rng([seed, 3])
    n = round(bars * 4 * 60 / score.bpm * SAMPLE_RATE)
    stems = {
        "drums": _render_drums(score, n, rng),
        "808": _render_bass(score, n, rng),
        "chords": _render_tuned(score, score.chords, score.chord_sound, n, rng, 0.6),
        "melody": _render_tuned(score, score.melody, score.lead, n, rng, 0.9),
    }
    if "fx:sidechain" in score.tags.concepts:
        duck = _duck(score, n)
        stems["chords"] *= duck
        stems["melody"] *= 0.5 + 0.5 * duck
    peak = np.abs(np.sum(list(stems.values()), axis=0)).max()
    stems = {name: (stem * (_PEAK / peak)).astype(np.float32) for name, stem in stems.items()}
    return CorpusBeat(score, stems, _truth(score))


def _seconds(score: Score, beat: float) -> float:
    """Returns the time of a beat, with odd sixteenths moved by the swing."""
    sixteenth = beat * 4
    if score.swing != 0.5 and abs(sixteenth - round(sixteenth)) < 1e-6 and round(sixteenth) % 2 == 1:
        beat += (score.swing - 0.5) / 2
    return beat * 60 / score.bpm


def _add(track: np.ndarray, sound: np.ndarray, at: int, gain: float) -> None:
    end = min(len(track), at + len(sound))
    if end > at:
        track[at:end] += np.float32(gain) * sound[: end - at]


def _render_drums(score: Score, n: int, rng: np.random.Generator) -> np.ndarray:
    kit = make_kit(rng)
    track = np.zeros(n, np.float32)
    choke = {}  # a closed hat ends an open one
    for hit in score.hits:
        at = round(_seconds(score, hit.beat) * SAMPLE_RATE)
        _add(track, kit[hit.drum], at, hit.velocity)
        choke[hit.drum] = at
    level = {"travis-scott": 1.0, "kid-cudi": 0.85, "don-toliver": 0.95}[score.style]
    if "fx:tape" in score.tags.concepts:
        track = sosfilt(butter(1, 7500, fs=SAMPLE_RATE, output="sos"), track).astype(np.float32)
    room = _impulse(0.12, 6000, rng)
    return level * (track + 0.1 * oaconvolve(track, room)[:n].astype(np.float32))


def _render_bass(score: Score, n: int, rng: np.random.Generator) -> np.ndarray:
    traits = score.tags.concepts
    drive = rng.uniform(0.45, 1.0) if "bass:distorted" in traits else rng.uniform(0.0, 0.12)
    decay = 0.3 if "bass:bounce" in traits else rng.uniform(0.9, 2.0)
    punch, cut = rng.uniform(0.1, 0.6), 3500 if drive > 0.4 else 700
    beat_seconds, cache, track = 60 / score.bpm, {}, np.zeros(n, np.float32)
    for event in score.bass:
        shape = (event.pitch, round(event.length, 4), event.glide_to)
        if shape not in cache:
            seconds = event.length * beat_seconds
            cache[shape] = bass_note(
                event.pitch, seconds, glide_to=event.glide_to, drive=drive, decay=decay, punch=punch
            )
        _add(track, cache[shape], round(_seconds(score, event.beat) * SAMPLE_RATE), event.velocity)
    track = sosfilt(butter(2, cut, fs=SAMPLE_RATE, output="sos"), track).astype(np.float32)
    return track * {"travis-scott": 0.62, "kid-cudi": 0.5, "don-toliver": 0.55}[score.style]


def _timbre(score: Score, name: str, rng: np.random.Generator) -> Timbre:
    moods = set(score.moods)
    bright = (
        0.5 + 0.2 * ("bright" in moods) + 0.12 * ("hard" in moods) - 0.15 * ("dark" in moods) - 0.15 * ("warm" in moods)
    )
    bright += {"travis-scott": -0.05, "kid-cudi": -0.12, "don-toliver": 0.12}[score.style] + rng.uniform(-0.08, 0.08)
    detune = {"travis-scott": 9.0, "kid-cudi": 14.0, "don-toliver": 5.0}[score.style] * rng.uniform(0.7, 1.3)
    wobble = 12.0 * ("psychedelic" in moods) + (8.0 if "fx:tape" in score.tags.concepts else 0.0)
    vibrato = wobble + {"hum": 22.0, "strings": 12.0, "lead": 8.0, "choir": 8.0}.get(name, 0.0)
    return Timbre(name, float(np.clip(bright, 0.1, 0.9)), detune, vibrato, rng.uniform(0.7, 1.4), rng.uniform(0.6, 1.3))


def _render_tuned(
    score: Score, events: tuple[Event, ...], name: str, n: int, rng: np.random.Generator, level: float
) -> np.ndarray:
    timbre = _timbre(score, name, rng)
    beat_seconds, cache, track = 60 / score.bpm, {}, np.zeros(n, np.float32)
    for event in events:
        shape = (event.pitch, round(event.length, 4))
        if shape not in cache:
            cache[shape] = tone(timbre, event.pitch, event.length * beat_seconds, rng)
        _add(track, cache[shape], round(_seconds(score, event.beat) * SAMPLE_RATE), event.velocity)
    if "psychedelic" in score.moods:  # a slow tremolo, two to a bar
        time = np.arange(n, dtype=np.float32) / SAMPLE_RATE
        track *= 0.75 + 0.25 * np.sin(2 * np.pi * score.bpm / 120 * time)
    wet = (
        0.08
        + 0.22 * ("fx:reverb" in score.tags.concepts)
        + 0.1 * ("dreamy" in score.moods)
        + 0.08 * ("eerie" in score.moods)
    )
    cut = 2600 if "dark" in score.moods else 4500 if "fx:tape" in score.tags.concepts else 9000
    room = _impulse(0.5 + 0.9 * ("fx:reverb" in score.tags.concepts), cut, rng)
    track = track + np.float32(wet) * oaconvolve(track, room)[:n].astype(np.float32)
    track = sosfilt(butter(2, [110, cut * 1.4], "bandpass", fs=SAMPLE_RATE, output="sos"), track).astype(np.float32)
    rms = np.sqrt(np.mean(track**2)) + 1e-9
    return track * np.float32(level * 0.2 / rms) if rms > 0 else track


def _impulse(seconds: float, cut: float, rng: np.random.Generator) -> np.ndarray:
    """Returns a room: decaying noise without highs, scaled to unit energy."""
    n = int(seconds * SAMPLE_RATE)
    noise = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    pole = np.exp(-2 * np.pi * cut / SAMPLE_RATE)
    noise = lfilter([1 - pole], [1, -pole], noise)
    return (noise / np.sqrt(np.sum(noise**2))).astype(np.float32)


def _duck(score: Score, n: int) -> np.ndarray:
    """Returns the gain of a compressor that a kick pushes down for about a quarter of a second."""
    gain = np.ones(n, np.float32)
    dip = 1 - 0.6 * np.exp(-np.arange(int(0.3 * SAMPLE_RATE)) / (0.09 * SAMPLE_RATE)).astype(np.float32)
    for hit in score.hits:
        if hit.drum == "kick":
            at = round(_seconds(score, hit.beat) * SAMPLE_RATE)
            end = min(n, at + len(dip))
            gain[at:end] = np.minimum(gain[at:end], dip[: end - at])
    return gain


def _truth(score: Score) -> dict[str, tuple[TrueNote, ...]]:
    seconds = partial(_seconds, score)
    hits = tuple(TrueNote(seconds(h.beat), seconds(h.beat), 0, h.velocity, h.drum) for h in score.hits)
    notes = {
        name: tuple(
            TrueNote(seconds(e.beat), seconds(e.beat) + e.length * 60 / score.bpm, e.pitch, e.velocity) for e in events
        )
        for name, events in (("808", score.bass), ("chords", score.chords), ("melody", score.melody))
    }
    return {"drums": hits, **notes}


def main() -> None:
    """Writes one beat's mix and stems as WAV files, to be listened to."""
    import soundfile

    parser = argparse.ArgumentParser(description="Make one beat of the starter's corpus.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bars", type=int, default=8)
    parser.add_argument("--style")
    parser.add_argument("--out", type=Path, default=Path("."))
    args = parser.parse_args()
    beat = make_beat(args.seed, args.bars, args.style)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, sound in {"mix": beat.mix, **beat.stems}.items():
        soundfile.write(args.out / f"{args.seed}_{name}.wav", sound, SAMPLE_RATE)
    print(beat.caption(args.seed), beat.score.tags.concepts, sep="\n")


if __name__ == "__main__":
    main()
