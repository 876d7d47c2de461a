"""Beats as a drummer or a sampler plays them, on recorded kits that training leaves out, with their true hits.

The kits are those of Debian's `hydrogen-drumkits` but the one under CC0, which the ears learn from: acoustic sets, most
of them recorded at several strengths, and kits of one-shots. Half the beats have a bass and chords of the soundfont
TimGM6mb beside them. The ears that ship were trained when seven of the kits and the soundfont were still learnt from
(`training/README.md`). Kicks, snares and claps of a groove also fall on the same sample.
"""

import shutil
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.recorded_sound import RATE, WORN, at_speed, worn
from training.starter.listening.gm_beats import SOUNDFONTS
from training.starter.listening.sampled_sounds import DRUMKITS, from_its_start, play, read_mono
from typebeat.sound.audio import Audio

FONT = "TimGM6mb"
BARS = 4
STRENGTHS: dict[str, dict[str, str]] = {  # kits that were recorded soft to hard; beginnings of the files of each drum
    "BJA_Pacific": {"kick": "BD_", "snare": "SN_", "closed_hat": "HH_", "open_hat": "HH2_"},
    "Millo_MultiLayered2": {
        **{"kick": "bd_", "snare": "jsnare_", "clap": "clap_", "rim": "rim_"},
        **{"closed_hat": "hhclosed_", "open_hat": "hhopen_"},
    },
    "Millo_MultiLayered3": {"kick": "bd_", "snare": "sd_", "rim": "rs_", "closed_hat": "hh_0", "open_hat": "ho_"},
    "The Black Pearl 1.0": {
        **{"kick": "PearlKick-", "snare": "PearlSnare-", "clap": "HandClap", "rim": "PearlSideStick-"},
        **{"closed_hat": "SabianHatClosed-", "open_hat": "SabianHatOpen-"},
    },
    "ForzeeStereo": {
        **{"kick": "Kick-", "snare": "Snare-", "rim": "RimClick-"},
        **{"closed_hat": "HiHatClosed-", "open_hat": "HiHatOpen-"},
    },
}
ONE_SHOTS: dict[str, dict[str, str]] = {  # kits whose files are different sounds, of which a beat takes one
    "ColomboAcousticDrumkit": {
        **{"kick": "bassdrum", "snare": "snare-opaque", "rim": "stick-rim"},
        **{"closed_hat": "hihat-closed", "open_hat": "hihat-open"},
    },
    "ElectricEmpireKit": {
        **{"kick": "EE_Kick", "snare": "EE_Snare", "clap": "EE_Clap", "rim": "EE_Click"},
        **{"closed_hat": "EE_Hat_Cl", "open_hat": "EE_Hat_Op"},
    },
    "HardElectro1": {
        **{"kick": "HardHse_K", "snare": "PowR_SN", "clap": "Clap"},
        **{"closed_hat": "Hard_CHH", "open_hat": "Hard_Hse_OHH"},
    },
    "Millo-Drums_v.1": {
        **{"kick": "bd1", "snare": "snare", "clap": "clap_Dry", "rim": "stick_Woody"},
        **{"closed_hat": "closehihat", "open_hat": "openhat"},
    },
    "VariBreaks": {"kick": "VP Kick", "snare": "VP Snare", "closed_hat": "VP Hat 1 Cl", "open_hat": "VP Hat 1 Op"},
    "rumpf_kit_z01_h2": {
        **{"kick": "beats_06-38", "snare": "beats_01-21", "clap": "beats_01-26", "rim": "beats_09-12"},
        **{"closed_hat": "beats_09-10", "open_hat": "beats_08-31"},
    },
}
KITS = STRENGTHS | ONE_SHOTS
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
_LEVELS = {"kick": 0.9, "snare": 0.7, "clap": 0.5, "rim": 0.45, "closed_hat": 0.3, "open_hat": 0.3}  # of a loud hit
_LOUD = {"X": 1.0, "x": 0.8, "o": 0.45}  # velocity
_KEYBOARDS = (0, 4, 7, 16, 48, 61)  # programs of the chords
_LONGEST_S = 1.5  # to which drums fade


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
    """Tells whether the kits, fluidsynth and the soundfont are here."""
    has_kits = all((DRUMKITS / kit).is_dir() for kit in KITS)
    return has_kits and (SOUNDFONTS / f"{FONT}.sf2").exists() and shutil.which("fluidsynth") is not None


def make_recorded_beat(index: int) -> RecordedBeat:
    """Plays beat `index`, a groove on a kit; every second one with bass and keys, every third at another pitch."""
    rng = np.random.default_rng([index, 23])
    name, kind = list(KITS)[index % len(KITS)], WORN[index % len(WORN)]
    bpm, speed = float(rng.integers(78, 152)), 2 ** (rng.uniform(-3, 3) / 12) if index % 3 == 0 else 1.0
    n = round(BARS * 240 / bpm * speed * RATE)
    kit = {drum: _takes(name, drum, rng) for drum in KITS[name]}
    hits = {drum: each for drum, each in _played(GROOVES[index % len(GROOVES)], bpm, rng).items() if drum in kit}
    drums = np.zeros(n)
    for drum, each in hits.items():
        takes, level = kit[drum], _LEVELS[drum] * 10 ** (rng.uniform(-3, 3) / 20)
        tuning = 2 ** (rng.uniform(-2, 2) / 12)
        for at, velocity in each:
            take = takes[round(min(1.0, velocity) * (len(takes) - 1))]
            hit = at_speed(take, tuning) * level * velocity
            start = round(at * speed * RATE)
            drums[start : start + len(hit)] += hit[: max(0, n - start)]
    drums = at_speed(np.append(drums, 0), speed)
    is_drums = index % 2 == 0
    if not is_drums:
        tuned = _accompaniment(bpm, len(drums), rng)
        drums = drums + tuned * 10 ** (rng.uniform(-8, 0) / 20) * drums.std() / tuned.std()
    onsets = {drum: [at for at, _ in each] for drum, each in hits.items()}
    audio = Audio(worn(drums, kind, rng)[None], RATE)
    made = f"{name}, {kind}, speed {speed:.2f}{'' if is_drums else ', bass and keys'}"
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


def _takes(kit: str, drum: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Returns a drum struck soft to hard, (n,) each with a peak of 1; one take where a kit holds one-shots."""
    takes = _recordings(kit, drum)
    return takes if kit in STRENGTHS else [takes[rng.integers(len(takes))]]


@cache
def _recordings(kit: str, drum: str) -> list[np.ndarray]:
    """Returns all recordings of a drum, the softest first."""
    files = sorted(path for path in (DRUMKITS / kit).iterdir() if path.name.startswith(KITS[kit][drum]))
    hits = [from_its_start(read_mono(path))[: round(_LONGEST_S * RATE)] for path in files]
    hits.sort(key=lambda hit: float(np.square(hit).sum()))
    return [hit * np.linspace(1, 0, len(hit)) / np.abs(hit).max() for hit in hits]


def _accompaniment(bpm: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Returns a bass line and chords of the soundfont, (n,)."""
    root, beat, bass, keys = int(rng.integers(28, 40)), 60 / bpm, [], []
    for bar in range(BARS):
        low = root + int(rng.choice((0, 3, 5, 7, 10)))
        for start in np.flatnonzero(np.append(True, rng.random(7) < 0.35)):
            bass.append(((4 * bar + start / 2) * beat, (4 * bar + start / 2 + 0.45) * beat, low, 100))
        for at in (0, 2.5) if rng.random() < 0.5 else (0,):
            keys += [((4 * bar + at) * beat, (4 * bar + at + 1.5) * beat, low + 24 + up, 75) for up in (0, 3, 7)]
    return play(bass, FONT, int(rng.choice((32, 33, 35, 38))), n) + play(keys, FONT, int(rng.choice(_KEYBOARDS)), n)
