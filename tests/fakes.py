"""Engines without a model: real signal (kick, snare, hats, a bass in the key, a lead) and pictures, from the seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from typebeat.covers.vocabulary import VERSION_1, Vocabulary
from typebeat.engines import UNWATCHED, BeatConditions, BeatSound, Job, Weights
from typebeat.hearing.parts_reranker import PartsReranker
from typebeat.hearing.reranking import Reranker
from typebeat.request.options import RequestError
from typebeat.request.words import NOTE_NAMES
from typebeat.sound.audio import Audio

FAKE_WEIGHTS = Weights("fake", "folder", "0123456789ab", "mit", "cpu", "fp32")
STEPS_PER_SECOND = 25
A4_HZ, A4_PITCH, LOW_C_PITCH = 440.0, 69, 24


@dataclass
class FakeEngine:
    """Plays four on the floor at the tempo and in the key that it is asked for."""

    weights: Weights = FAKE_WEIGHTS
    sample_rate: int = 32_000
    guidance: float = 3.0
    reranker: Reranker | PartsReranker | None = None
    parts: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    takes_notes: bool = False
    side_by_side: bool = False
    takes_melody: bool = False
    takes_style: bool = False
    channels: int = 1
    gain: float = 0.5
    speeds: dict[int, float] = field(default_factory=dict)  # of seeds that are played faster or slower than asked
    speed: float = 1.0  # of all other seeds
    without_snare: set[int] = field(default_factory=set)  # seeds that play none
    silent: set[int] = field(default_factory=set)  # seeds that play nothing
    asked: list[tuple[BeatConditions, float, tuple[int, ...]]] = field(default_factory=list)

    def generate(
        self,
        conditions: BeatConditions,
        seconds: float,
        seeds: Sequence[int],
        *,
        guidance: float | None = None,
        temperature: float = 1.0,
        top_k: int = 250,
        job: Job = UNWATCHED,
    ) -> list[BeatSound]:
        self.asked.append((conditions, seconds, tuple(seeds)))
        needed = math.ceil(seconds * STEPS_PER_SECOND)
        heard = np.zeros((self.channels, 0), np.float32)  # of the first take, as far as it is needed and further
        for done in range(needed + 1):
            job.step(done, needed)
            if job.hear and done and done % STEPS_PER_SECOND == 0:
                end = done // STEPS_PER_SECOND * self.sample_rate
                if heard.shape[1] < end:
                    heard = self._take(conditions, min(seconds, 4 * done / STEPS_PER_SECOND), seeds[0]).samples
                job.hear(Audio(heard[:, end - self.sample_rate : end], self.sample_rate))
        return [self._take(conditions, seconds, seed) for seed in seeds]

    def _take(self, conditions: BeatConditions, seconds: float, seed: int) -> BeatSound:
        conditions = replace(conditions, bpm=conditions.bpm * self.speeds.get(seed, self.speed))
        snare = seed not in self.without_snare
        mono = self._beat(conditions, math.ceil(seconds * self.sample_rate), np.random.default_rng(seed), snare)
        samples = np.stack([mono * (1 - 0.2 * channel) for channel in range(self.channels)])
        return BeatSound(samples * (0 if seed in self.silent else self.gain), self.sample_rate)

    def _beat(self, conditions: BeatConditions, n: int, rng: np.random.Generator, snare: bool) -> np.ndarray:
        beat_s = 60 / conditions.bpm
        since_start = np.arange(n) / self.sample_rate
        since_beat, since_eighth = since_start % beat_s, since_start % (beat_s / 2)
        on_backbeat = (since_start // beat_s).astype(int) % 2 == 1
        noise = rng.standard_normal(n)
        kick = np.sin(2 * np.pi * 50 * since_beat + 8 * np.exp(-since_beat * 60)) * np.exp(-since_beat * 12)
        snares = noise * np.exp(-since_beat * 25) * on_backbeat * snare
        hats = np.diff(noise, prepend=0) * np.exp(-since_eighth * 90)
        pitch = LOW_C_PITCH + NOTE_NAMES.index(conditions.key.split()[0])
        bass_hz = A4_HZ * 2 ** ((pitch - A4_PITCH) / 12)
        bass = np.sin(2 * np.pi * bass_hz * since_start) * np.exp(-since_beat * 3)
        lead = np.sin(2 * np.pi * bass_hz * 8 * since_start) * np.exp(-since_eighth * 6)
        return (0.6 * kick + 0.2 * snares + 0.05 * hats + 0.5 * bass + 0.15 * lead).astype(np.float32)


@dataclass
class PartsEngine(FakeEngine):
    """Plays its beat in parts, each from a row of tokens of its own, which may be kept."""

    weights: Weights = field(default_factory=lambda: replace(FAKE_WEIGHTS, name="fake-parts"))
    parts: tuple[str, ...] = ("drums", "808", "chords", "melody")

    def part_tokens(self, tokens: np.ndarray, part: str) -> np.ndarray:
        row = self.parts.index(part)
        return tokens[row : row + 1]

    def _take(self, conditions: BeatConditions, seconds: float, seed: int) -> BeatSound:
        conditions = replace(conditions, bpm=conditions.bpm * self.speeds.get(seed, self.speed))
        frames = math.ceil(seconds * STEPS_PER_SECOND)
        rng = np.random.default_rng(seed)
        tokens = rng.integers(0, 1000, (len(self.parts), frames)).astype(np.int16)
        for part, kept in conditions.kept.items():
            if kept.shape != (1, frames):
                raise RequestError("of", f"the {part} of that beat are not as long as the beat that is asked for")
            self.part_tokens(tokens, part)[:] = kept
        sounds = {part: self._part(part, conditions, self.part_tokens(tokens, part)[0]) for part in self.parts}
        whole = sum(sounds.values())
        return BeatSound(
            (whole / max(1, np.abs(whole).max()))[None],
            self.sample_rate,
            {part: Audio(sound[None], self.sample_rate) for part, sound in sounds.items()},
            tokens,
        )

    def _part(self, part: str, conditions: BeatConditions, tokens: np.ndarray) -> np.ndarray:
        """A part's sound, at this engine's rate; its level and its notes are told by its tokens."""
        n = len(tokens) * self.sample_rate // STEPS_PER_SECOND
        beat_s, time = 60 / conditions.bpm, np.arange(n) / self.sample_rate
        since_beat, since_eighth = time % beat_s, time % (beat_s / 2)
        low = A4_HZ * 2 ** ((LOW_C_PITCH + NOTE_NAMES.index(conditions.key.split()[0]) - A4_PITCH) / 12)
        steps = np.array([0, 3, 7, 12])[tokens[(time // beat_s).astype(int) % len(tokens)] % 4]
        hertz = low * 2 ** (steps / 12)
        if part == "drums":
            kick = np.sin(2 * np.pi * 50 * since_beat + 8 * np.exp(-since_beat * 60)) * np.exp(-since_beat * 12)
            noise = np.random.default_rng(int(tokens[0])).standard_normal(n)
            snare = noise * np.exp(-since_beat * 25) * ((time // beat_s).astype(int) % 2 == 1)
            return (0.5 * kick + 0.15 * snare + 0.05 * noise * np.exp(-since_eighth * 90)).astype(np.float32)
        if part == "808":
            return (0.3 * np.sin(2 * np.pi * low * 2 * time) * np.exp(-since_beat * 3)).astype(np.float32)
        if part == "chords":
            tones = sum(np.sin(2 * np.pi * low * 8 * 2 ** (step / 12) * time) for step in (0, 3, 7))
            return (0.06 * tones * np.exp(-since_beat)).astype(np.float32)
        return (0.15 * np.sin(2 * np.pi * hertz * 16 * since_beat) * np.exp(-since_eighth * 5)).astype(np.float32)


@dataclass
class SilentEngine(FakeEngine):
    """Makes silence."""

    gain: float = 0.0


@dataclass
class BrokenEngine(FakeEngine):
    """Makes what is not a number."""

    gain: float = math.nan


@dataclass
class FakeCover:
    """Draws a sky over a ground in colours of the seed."""

    weights: Weights = FAKE_WEIGHTS
    side: int = 64
    asked: list[tuple[str, str, tuple[int, ...], float]] = field(default_factory=list)
    drafts: int = 1
    vocabulary: Vocabulary = VERSION_1

    def draw(
        self,
        prompt: str,
        style: str,
        seeds: Sequence[int],
        *,
        strength: float = 1.0,
        job: Job = UNWATCHED,
    ) -> list[np.ndarray]:
        self.asked.append((prompt, style, tuple(seeds), strength))
        for done in range(len(seeds) + 1):
            job.step(done, len(seeds))
        return [self._picture(seed) for seed in seeds]

    def _picture(self, seed: int) -> np.ndarray:
        sky, ground = np.random.default_rng(seed).integers(0, 256, (2, 3))
        share = np.linspace(0, 1, self.side)[:, None, None]
        return np.broadcast_to(sky * (1 - share) + ground * share, (self.side, self.side, 3)).astype(np.uint8)
