"""The music of a corpus beat, as events: drum hits, 808 notes, chords and melody on a bar grid. No sound is made here.

A beat is one four-bar loop, played over and over with small changes, as rap beats are. Times are in beats (quarter
notes) from the first downbeat; `corpus.py` turns them into seconds.
"""

from dataclasses import dataclass, field

import numpy as np

from training.starter.simple_corpus.patterns import (
    KICKS_BACKBEAT,
    KICKS_HALF_TIME,
    LOOPS,
    MAJOR,
    MINOR,
    MOTIF_RHYTHMS,
    STYLE_CHORDS,
    STYLE_LEADS,
    STYLE_MOODS,
)
from typebeat.request.styles import STYLES
from typebeat.request.words import BPM_LIMITS, KEYS, NOTE_NAMES, BeatTags

HALF_TIME_FROM_BPM = 115  # from here on the snare falls on beat 3 alone: 140 BPM is felt at 70
LOOP_BARS = 4


@dataclass(frozen=True)
class Hit:
    """A drum hit: `beat` from the first downbeat, `drum` of kit.DRUMS, `velocity` in (0, 1]."""

    beat: float
    drum: str
    velocity: float


@dataclass(frozen=True)
class Event:
    """A tuned note: start and length in beats, MIDI pitch, velocity in (0, 1], pitch it glides to or None."""

    beat: float
    length: float
    pitch: int
    velocity: float
    glide_to: int | None = None


@dataclass(frozen=True)
class Score:
    """A whole beat as events, with the choices that made it."""

    style: str
    bpm: float
    key: str
    bars: int
    swing: float  # share of a pair of sixteenths that the first one takes; 0.5 is straight
    moods: tuple[str, ...]
    lead: str
    chord_sound: str
    tags: BeatTags
    hits: tuple[Hit, ...] = field(repr=False)
    bass: tuple[Event, ...] = field(repr=False)
    chords: tuple[Event, ...] = field(repr=False)
    melody: tuple[Event, ...] = field(repr=False)

    @property
    def backbeats(self) -> tuple[float, ...]:
        """Beats of a bar on which the snare or clap falls."""
        return (2.0,) if self.bpm >= HALF_TIME_FROM_BPM else (1.0, 3.0)


def _pick(rng: np.random.Generator, weights: dict[str, int]) -> str:
    names = list(weights)
    share = np.array([weights[name] for name in names], float)
    return names[rng.choice(len(names), p=share / share.sum())]


def compose(seed: int, bars: int = 8, style: str | None = None, bpm: int | None = None) -> Score:
    """Composes a beat from a seed: the same seed, bars, style and tempo give the same beat."""
    rng = np.random.default_rng([seed, 2])
    style = style or list(STYLES)[rng.integers(len(STYLES))]
    facts = STYLES[style]
    low, high = (facts.bpm_low, facts.bpm_high) if rng.random() < 0.75 else BPM_LIMITS
    bpm = bpm or int(rng.integers(low, high + 1))
    key = KEYS[rng.integers(12)] if rng.random() < 0.85 else KEYS[12 + rng.integers(12)]
    moods = tuple(rng.choice(STYLE_MOODS[style], size=rng.integers(1, 3), replace=False))
    lead, chord_sound = _pick(rng, STYLE_LEADS[style]), _pick(rng, STYLE_CHORDS[style])
    half_time = bpm >= HALF_TIME_FROM_BPM
    traits = _drum_traits(rng, style, half_time)
    swing = round(float(rng.uniform(0.56, 0.64)), 3) if "drums:swing" in traits else 0.5
    root = NOTE_NAMES.index(key.split()[0])
    scale = MAJOR if key.endswith("major") else MINOR
    family = "major" if scale is MAJOR else {"travis-scott": "dark", "kid-cudi": "warm", "don-toliver": "glossy"}[style]
    degrees = LOOPS[family][rng.integers(len(LOOPS[family]))]
    kick_bars = _kick_bars(rng, half_time, traits)
    hits = _drums(rng, bars, half_time, traits, kick_bars)
    bass, bass_traits = _bass(rng, style, bars, root, scale, degrees, kick_bars)
    chords = _chords(rng, style, bars, root, scale, degrees, moods)
    melody = _melody(rng, bars, root, scale, degrees, moods, lead)
    effects = _effects(rng, style, moods)
    concepts = (*(f"mood:{m}" for m in moods), f"sound:{lead}", f"sound:{chord_sound}", *traits, *bass_traits, *effects)
    tags = BeatTags(style, bpm, key, concepts)
    return Score(style, bpm, key, bars, swing, moods, lead, chord_sound, tags, hits, bass, chords, melody)


def _drum_traits(rng: np.random.Generator, style: str, half_time: bool) -> tuple[str, ...]:
    chance = {
        "travis-scott": {
            "rolls": 0.6,
            "triplets": 0.5,
            "swing": 0.0,
            "open-hats": 0.25,
            "clap": 0.4,
            "busy": 0.3,
            "sparse": 0.2,
        },
        "kid-cudi": {
            "rolls": 0.1,
            "triplets": 0.05,
            "swing": 0.6,
            "open-hats": 0.35,
            "clap": 0.3,
            "busy": 0.15,
            "sparse": 0.35,
        },
        "don-toliver": {
            "rolls": 0.4,
            "triplets": 0.15,
            "swing": 0.15,
            "open-hats": 0.6,
            "clap": 0.8,
            "busy": 0.5,
            "sparse": 0.1,
        },
    }[style]
    traits = [f"drums:{name}" for name, p in chance.items() if rng.random() < p]
    if {"drums:busy", "drums:sparse"} <= set(traits):
        traits.remove("drums:sparse")
    if "drums:swing" in traits:  # triplets against swung sixteenths would fight
        traits = [t for t in traits if t not in ("drums:triplets", "drums:rolls")]
    return (*traits, "drums:half-time" if half_time else "drums:boom-bap")


def _kick_bars(rng: np.random.Generator, half_time: bool, traits: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Returns the sixteenths of the kick in each bar of the loop: A B A B' or A A A B."""
    patterns = KICKS_HALF_TIME if half_time else KICKS_BACKBEAT
    first, second = (patterns[i] for i in rng.choice(len(patterns), 2, replace=False))
    if "drums:sparse" in traits:
        first, second = first[:2], second[:2]
    if "drums:busy" in traits:
        second = tuple(sorted({*second, int(rng.choice((3, 7, 11, 15)))}))
    return [first, second, first, second] if rng.random() < 0.6 else [first, first, first, second]


def _drums(
    rng: np.random.Generator, bars: int, half_time: bool, traits: tuple[str, ...], kick_bars: list[tuple[int, ...]]
) -> tuple[Hit, ...]:
    back = "clap" if "drums:clap" in traits else "snare"
    layered = back == "clap" and rng.random() < 0.3
    hat_step = 4 if "drums:sparse" in traits else (2 if half_time or rng.random() < 0.5 else 1)
    if "drums:busy" in traits:
        hat_step = max(1, hat_step // 2)
    accents = rng.uniform(0.55, 1.0, 16)
    accents[::4] = 1.0
    extra = _pick(rng, {"perc": 3, "rim": 2, "": 3})
    extra_at = tuple(int(x) for x in rng.choice((3, 5, 7, 11, 13, 15), size=2, replace=False))
    loop_rolls = [_roll(rng, traits) for _ in range(LOOP_BARS)]
    hits: list[Hit] = []
    for bar in range(bars):
        start, turn = bar * 4.0, bar % LOOP_BARS
        hits += [Hit(start + s / 4, "kick", 1.0 if s == 0 else 0.85) for s in kick_bars[turn]]
        for beat in (2.0,) if half_time else (1.0, 3.0):
            hits.append(Hit(start + beat, back, 1.0))
            if layered:
                hits.append(Hit(start + beat, "snare", 0.7))
        roll_from, roll = loop_rolls[turn]
        hats = [s for s in range(0, 16, hat_step) if not roll_from <= s < roll_from + 4 or not roll]
        hits += [Hit(start + s / 4, "closed_hat", float(accents[s])) for s in hats]
        hits += [Hit(start + roll_from / 4 + b, "closed_hat", v) for b, v in roll]
        if "drums:open-hats" in traits:
            hits.append(Hit(start + (3.5 if turn % 2 else 1.5), "open_hat", 0.9))
        if extra:
            hits += [Hit(start + s / 4, extra, 0.7) for s in extra_at[: 1 + turn % 2]]
        if turn == 0 and bar % 8 == 0 and rng.random() < 0.35:
            hits.append(Hit(start, "crash", 0.8))
    return tuple(sorted(hits, key=lambda hit: (hit.beat, hit.drum)))


def _roll(rng: np.random.Generator, traits: tuple[str, ...]) -> tuple[int, list[tuple[float, float]]]:
    """Returns the sixteenth a hi-hat roll starts on and its hits as (beats after that, velocity), over one beat."""
    choices = [n for t, n in (("drums:rolls", 8), ("drums:triplets", 6), ("drums:triplets", 3)) if t in traits]
    if not choices or rng.random() < 0.3:
        return 0, []
    count = int(rng.choice(choices))
    ramp = np.linspace(0.5, 1.0, count) if rng.random() < 0.5 else np.linspace(1.0, 0.55, count)
    return int(rng.choice((4, 12))), [(k / count, float(ramp[k])) for k in range(count)]


def _bass(
    rng, style: str, bars: int, root: int, scale, degrees, kick_bars
) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """Returns the 808 line: chord roots on kicks, held to the next note, with glides and octave jumps by style."""
    glide = rng.random() < {"travis-scott": 0.6, "kid-cudi": 0.1, "don-toliver": 0.35}[style]
    bounce = rng.random() < {"travis-scott": 0.1, "kid-cudi": 0.2, "don-toliver": 0.8}[style]
    distorted = rng.random() < {"travis-scott": 0.7, "kid-cudi": 0.05, "don-toliver": 0.2}[style]
    traits = [n for n, on in (("bass:glide", glide), ("bass:distorted", distorted)) if on]
    traits.append("bass:bounce" if bounce else "bass:sub" if style == "kid-cudi" else "bass:long")
    lowest = 28  # E1
    events: list[Event] = []
    for bar in range(bars):
        turn = bar % LOOP_BARS
        pitch = lowest + (root + scale[degrees[turn] % 7] - lowest) % 12
        steps = sorted({*kick_bars[turn], *((4, 11, 14) if bounce else ())})
        for i, step in enumerate(steps):
            end = steps[i + 1] if i + 1 < len(steps) else 16
            length = min((end - step) / 4, 0.4) if bounce else (end - step) / 4
            jump = 12 if bounce and step in (4, 14) and pitch < 40 else 0
            slide = glide and turn % 2 == 1 and i == len(steps) - 1 and length >= 0.5
            target = lowest + (root + scale[degrees[(turn + 1) % LOOP_BARS] % 7] - lowest) % 12
            slide_to = target if target != pitch else pitch + 12
            events.append(Event(bar * 4 + step / 4, length, pitch + jump, 1.0, slide_to if slide else None))
    return tuple(events), tuple(traits)


def _degree_pitch(root: int, scale, degree: int, lowest: int) -> int:
    """Returns the MIDI pitch of a scale degree (may exceed 7) in the octave that starts at `lowest`."""
    base = lowest + (root - lowest) % 12
    return base + 12 * (degree // 7) + scale[degree % 7]


def _chords(rng, style: str, bars: int, root: int, scale, degrees, moods) -> tuple[Event, ...]:
    extensions = {"travis-scott": (0, 2, 4), "kid-cudi": (0, 2, 4, 6), "don-toliver": (0, 2, 4, 6)}[style]
    lowest = 48 if "dark" in moods or "warm" in moods else 52
    stabs = {"travis-scott": ((0,),), "kid-cudi": ((0,), (0, 8)), "don-toliver": ((0, 6, 12), (0, 3, 8, 11), (0, 8))}[
        style
    ]
    rhythm = stabs[rng.integers(len(stabs))]
    events: list[Event] = []
    for bar in range(bars):
        degree = degrees[bar % LOOP_BARS]
        pitches = []
        for step in extensions:
            pitch = _degree_pitch(root, scale, degree + step, lowest)
            pitches.append(pitch - 12 if pitch >= lowest + 16 else pitch)  # close voicing
        for i, start in enumerate(rhythm):
            end = rhythm[i + 1] if i + 1 < len(rhythm) else 16
            length = (end - start) / 4 * (0.98 if len(rhythm) == 1 else 0.8)
            events += [Event(bar * 4 + start / 4, length, p, 0.8) for p in sorted(set(pitches))]
    return tuple(events)


def _melody(rng, bars: int, root: int, scale, degrees, moods, lead: str) -> tuple[Event, ...]:
    """Returns a one-bar motif, answered in the second bar, moved with the chords and repeated with the loop."""
    slow = lead in ("strings", "choir", "hum") or "sad" in moods
    rhythms = MOTIF_RHYTHMS["slow" if slow else "busy"]
    call, answer = (rhythms[i] for i in rng.choice(len(rhythms), 2, replace=False))
    lowest = 60 if lead in ("hum", "choir") else 67 if {"bright", "eerie"} & set(moods) else 64
    walk = np.cumsum(rng.choice((-2, -1, -1, 0, 1, 1, 2), 8))
    events: list[Event] = []
    for bar in range(bars):
        turn = bar % LOOP_BARS
        steps = call if turn % 2 == 0 else answer
        for i, step in enumerate(steps):
            degree = int(walk[i % 8]) % 7 if turn < 3 else int(walk[(i + 2) % 8]) % 7
            if step % 8 == 0:  # strong beats land on a tone of the chord
                degree = (degrees[turn] + (0, 2, 4)[degree % 3]) % 7
            end = steps[i + 1] if i + 1 < len(steps) else 16
            length = min((end - step) / 4, 3.0 if slow else 1.0) * 0.95
            events.append(
                Event(bar * 4 + step / 4, length, _degree_pitch(root, scale, degree, lowest), 1.0 if i == 0 else 0.8)
            )
    return tuple(events)


def _effects(rng, style: str, moods) -> tuple[str, ...]:
    chance = {
        "travis-scott": {"reverb": 0.7, "tape": 0.15, "sidechain": 0.3},
        "kid-cudi": {"reverb": 0.4, "tape": 0.7, "sidechain": 0.05},
        "don-toliver": {"reverb": 0.3, "tape": 0.05, "sidechain": 0.5},
    }[style]
    return tuple(f"fx:{name}" for name, p in chance.items() if rng.random() < p + (0.2 if "dreamy" in moods else 0))
