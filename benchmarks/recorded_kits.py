"""Beats as a drummer or a sampler plays them, on recorded kits that no network has learnt from, with their true hits.

The kits are those of FluidR3 (MIT, Debian's `fluid-soundfont-gm`): recorded sets and two drum machines, which are held
out by soundfont. The ears learn from TimGM6mb, OPL-3, sonic-pi-samples and hydrogen-drumkits; no recording of a drum
of FluidR3 is among those (cross-correlated). Kicks, snares and claps of a groove also fall on the same sample.
"""

import shutil
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.recorded_sound import RATE, WORN, at_speed, worn
from training.starter.listening.gm_beats import SOUNDFONTS
from training.starter.listening.sampled_sounds import play
from typebeat.sound.audio import Audio

FONT = "FluidR3_GM"
BARS = 4
PROGRAMS = (0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 16, 17, 18, 24, 25, 32, 40)  # kits with a kick or a snare of their own
GROOVES = (  # sixteenths of one bar: x a hit, X a loud one, o a soft one, . none
    {"kick": "X..x......x.....", "snare": "....X..o.o..X...", "closed_hat": "x.o.x.o.x.o.x.o."},  # boom bap
    {"kick": "X.X.......xX....", "snare": "....X..o.o..X..o", "closed_hat": "x.x.x.x.x.x.x.x."},  # a break
    {
        "kick": "X...X...X...X...",
        "clap": "....X.......X...",
        "open_hat": "..x...x...x...x.",
        "snare": "............x...",
    },
    {"kick": "X.....x...x.....", "snare": "........X......o", "closed_hat": "xoxoxoxoxoxoxoxo"},  # half time
    {"kick": "X..X..X...X.X...", "snare": "....X..x..x.X...", "closed_hat": "x.xxx.x.x.xxx.x."},
    {
        "kick": "X...x.X...x.x...",
        "snare": "....X.......X...",
        "clap": "....x.......x...",
        "closed_hat": "x.x.x.x.x.x.x.x.",
    },
    {
        "kick": "X.......x.X.....",
        "snare": "....X..o....X.o.",
        "closed_hat": "x.x.x.x.x.x...x.",
        "open_hat": "............x...",
    },
    {
        "kick": "X..x..x.X..x..x.",
        "rim": "...x..x....x..x.",
        "snare": "....X.......X...",
        "closed_hat": "x.x.x.x.x.x.x.x.",
    },
)
_KEYS = {"kick": (36, 35), "snare": (38, 40), "clap": (39,), "rim": (37,), "closed_hat": (42, 44), "open_hat": (46,)}
_LOUD = {"X": 1.0, "x": 0.8, "o": 0.45}  # velocity
_STRUCK = (45, 80, 115)  # velocities at which each drum is recorded
_KEYBOARDS = (0, 4, 7, 16, 48, 61)  # programs of the chords
_APART = 1.5  # seconds between those


@dataclass(frozen=True)
class RecordedBeat:
    """A beat whose tempo is known, with the onsets in s of each drum that surely or perhaps sounds.

    Attributes:
        audio: The beat.
        bpm: Its tempo.
        bars: Its bars of 4/4, which it fills.
        hits: Onsets by drum.
        unsure: Onsets that nobody could tell by ear and eye; a drum that is heard there is neither right nor wrong.
        judged: Groups of drums that are known; hits of others are not counted.
        is_drums: Whether there are only drums, so that any chord, melody or 808 note is false.
        made: What it was made of.
        is_speech: Whether somebody speaks, so that any drum is false.
    """

    audio: Audio
    bpm: float
    bars: int
    hits: dict[str, list[float]]
    unsure: dict[str, list[float]]
    judged: tuple[str, ...]
    is_drums: bool
    made: str
    is_speech: bool = False


def is_installed() -> bool:
    """Tells whether fluidsynth and the soundfont are here."""
    return (SOUNDFONTS / f"{FONT}.sf2").exists() and shutil.which("fluidsynth") is not None


def make_recorded_beat(index: int) -> RecordedBeat:
    """Plays beat `index`, a groove on a kit; every second one with bass and keys, every third at another pitch."""
    rng = np.random.default_rng([index, 23])
    program, kind = PROGRAMS[index % len(PROGRAMS)], WORN[index % len(WORN)]
    bpm, speed = float(rng.integers(78, 152)), 2 ** (rng.uniform(-3, 3) / 12) if index % 3 == 0 else 1.0
    n = round(BARS * 240 / bpm * speed * RATE)
    hits = _played(GROOVES[index % len(GROOVES)], bpm, rng)
    drums = np.zeros(n)
    tuning = {name: 2 ** (rng.uniform(-2, 2) / 12) for name in _KEYS}
    for name, each in hits.items():
        layers, level = _kit(program, int(rng.integers(2)))[name], 10 ** (rng.uniform(-3, 3) / 20)
        for at, velocity in each:
            layer = int(np.argmin(np.abs(np.array(_STRUCK) - 115 * velocity)))
            hit = at_speed(layers[layer], tuning[name]) * level * velocity * 115 / _STRUCK[layer]
            start = round(at * speed * RATE)
            drums[start : start + len(hit)] += hit[: max(0, n - start)]
    drums = at_speed(np.append(drums, 0), speed)
    is_drums = index % 2 == 0
    if not is_drums:
        tuned = _accompaniment(bpm, len(drums), rng)
        drums = drums + tuned * 10 ** (rng.uniform(-8, 0) / 20) * drums.std() / tuned.std()
    onsets = {name: [at for at, _ in each] for name, each in hits.items()}
    audio = Audio(worn(drums, kind, rng)[None], RATE)
    made = f"FluidR3 {program}, {kind}, speed {speed:.2f}{'' if is_drums else ', bass and keys'}"
    return RecordedBeat(audio, bpm, BARS, onsets, {}, ("kick", "snare", "hat", "rim"), is_drums, made)


def _played(groove: dict[str, str], bpm: float, rng: np.random.Generator) -> dict[str, list[tuple[float, float]]]:
    """Returns onset and velocity of each hit, as a person plays: late snares, early hats, unequal strokes, swing.

    A clap or kick under a snare falls on the same sample, as two pads that are struck at once or two layers do.
    """
    sixteenth, swing, loose = 15 / bpm, rng.choice((0, 0, rng.uniform(0, 0.3))), rng.uniform(0.001, 0.007)
    late = {"snare": rng.uniform(0, 0.008), "closed_hat": rng.uniform(-0.004, 0.004)}
    moved = {place: rng.normal(0, loose) for place in range(16 * BARS)}
    layered = rng.random() < 0.4  # with a kick under every loud snare
    hits: dict[str, list[tuple[float, float]]] = {}
    for name, steps in groove.items():
        for place in range(16 * BARS):
            if (step := steps[place % 16]) != "." and not (step == "o" and rng.random() < 0.15):
                lag = late.get(name, 0.0) + (moved[place] if name != "closed_hat" else rng.normal(0, loose))
                at = max(0.0, (place + swing * (place % 2)) * sixteenth + lag)
                hits.setdefault(name, []).append((at, float(np.clip(_LOUD[step] * rng.normal(1, 0.08), 0.3, 1.1))))
                if layered and name == "snare" and step == "X" and groove["kick"][place % 16] == ".":
                    hits["kick"].append((at, 0.8))
    return hits


@cache
def _kit(program: int, take: int) -> dict[str, list[np.ndarray]]:
    """Returns each drum of a kit at the velocities of `_STRUCK`, from its first sample on."""
    keys = {name: pitches[take % len(pitches)] for name, pitches in _KEYS.items()}
    struck = [(key, velocity) for key in keys.values() for velocity in _STRUCK]
    notes = [(i * _APART, i * _APART + 0.4, *each) for i, each in enumerate(struck)]
    sound = play(notes, FONT, program, round(len(notes) * _APART * RATE), drums=True)
    cut = []
    for i in range(len(struck)):
        hit = sound[round(i * _APART * RATE) :][: round(_APART * RATE)]
        begins = max(0, int(np.flatnonzero(np.abs(hit) > 0.02 * np.abs(hit).max())[0]) - RATE // 2000)
        cut.append((hit * np.linspace(1, 0, len(hit)))[begins:])
    return {name: cut[i * len(_STRUCK) : (i + 1) * len(_STRUCK)] for i, name in enumerate(keys)}


def _accompaniment(bpm: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a bass line and chords of FluidR3, (n,)."""
    root, beat, bass, keys = int(rng.integers(28, 40)), 60 / bpm, [], []
    for bar in range(BARS):
        low = root + int(rng.choice((0, 3, 5, 7, 10)))
        for start in np.flatnonzero(np.append(True, rng.random(7) < 0.35)):
            bass.append(((4 * bar + start / 2) * beat, (4 * bar + start / 2 + 0.45) * beat, low, 100))
        for at in (0, 2.5) if rng.random() < 0.5 else (0,):
            keys += [((4 * bar + at) * beat, (4 * bar + at + 1.5) * beat, low + 24 + up, 75) for up in (0, 3, 7)]
    return play(bass, FONT, int(rng.choice((32, 33, 35, 38))), n) + play(keys, FONT, int(rng.choice(_KEYBOARDS)), n)
