"""The drum loops of sonic-pi-samples (CC0, Debian's package), as they are and chopped, with the drums that are known.

No network has learnt from a loop of the package; the ears learn from its one-shots. A loop is whole bars long, so its
tempo and bars are known. The drums of six loops were annotated by hand: from a spectrogram and the levels of 30 to
130 Hz, 180 to 1200 Hz and above 6 kHz, on the grid of sixteenths, without looking at what any program hears. What
can't be told is `unsure`, and whole groups are left out: the hats of the Amen break, since its time is kept on a ride.
"""

from dataclasses import dataclass, field

import numpy as np
import soundfile

from benchmarks.recorded_kits import RecordedBeat
from benchmarks.recorded_sound import RATE, WORN, at_speed, worn
from training.starter.listening.sampled_sounds import RECORDINGS
from typebeat.sound.audio import Audio, resample

CHOPPED = ("amen_full", "breakbeat", "compus", "garzul")  # loops that `make_chopped` takes to pieces
BARS = 4  # of a chopped loop
_EARLY = RATE // 200  # samples before a beat at which a piece begins


@dataclass(frozen=True)
class Loop:
    """A loop: its bars, and by drum the sixteenths on which it surely, or perhaps, is struck."""

    bars: int
    hits: dict[str, tuple[float, ...]] = field(default_factory=dict)
    unsure: dict[str, tuple[float, ...]] = field(default_factory=dict)
    judged: tuple[str, ...] = ()
    is_drums: bool = True  # nothing in it has a pitch
    times: int = 1  # how often it is played


LOOPS = {
    "amen": Loop(
        1,
        {"kick": (0, 2, 10, 11), "snare": (4, 7, 9, 12, 15)},
        judged=("kick", "snare"),
    ),
    "amen_full": Loop(
        4,
        {
            "kick": (0, 2, 10, 11, 16, 18, 26, 27, 32, 34, 42, 50, 51, 58),
            "snare": (4, 7, 9, 12, 15, 20, 23, 25, 28, 31, 36, 39, 41, 46, 49, 52, 55, 57, 62),
        },
        judged=("kick", "snare"),
    ),
    "breakbeat": Loop(
        1,
        {"kick": (0, 6, 10), "snare": (4, 12), "closed_hat": (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15)},
        {"snare": (14, 15), "closed_hat": (4, 12)},
        ("kick", "snare", "hat"),
    ),
    "compus": Loop(
        4,
        {
            "kick": (0, 6, 7, 16, 22, 32, 38, 39, 48, 54),
            "snare": (8, 24, 40, 56),
            "closed_hat": (4, 12, 20, 28, 36, 44, 52, 60),
        },
        {"snare": (2, 18, 34, 50), "closed_hat": (0, 2, 6, 7, 8, 16, 18, 22, 24, 32, 34, 38, 39, 40, 48, 50, 54, 56)},
        ("kick", "snare", "hat"),
    ),
    "garzul": Loop(4, {"kick": tuple(range(0, 64, 4))}, judged=("kick",), is_drums=False),
    "industrial": Loop(  # half a bar, played twice, since a sound has to be a second long
        1,
        {"kick": (0, 4, 8, 12), "closed_hat": (1, 2, 3, 6, 7, 9, 10, 11, 14, 15)},
        {"closed_hat": (0, 4, 5, 8, 12, 13)},
        ("kick", "hat"),
        times=2,
    ),
    "electric": Loop(1),
    "mehackit1": Loop(1),
    "mehackit2": Loop(1),
    "mika": Loop(4),
    "perc1": Loop(1),
    "perc2": Loop(1),
    "safari": Loop(4, is_drums=False),
    "weirdo": Loop(2, is_drums=False),
}


def is_installed() -> bool:
    """Tells whether the package is here."""
    return RECORDINGS.is_dir()


def read_loop(name: str) -> RecordedBeat:
    """Reads a loop as it is."""
    loop, sound = LOOPS[name], _samples(name)
    sixteenth = len(sound) / RATE / loop.bars / 16
    bpm = _whole(15 / sixteenth)
    hits, unsure = _onsets(loop.hits, sixteenth), _onsets(loop.unsure, sixteenth)
    audio = Audio(sound[None].astype(np.float32), RATE)
    return RecordedBeat(audio, bpm, loop.bars, hits, unsure, loop.judged, loop.is_drums, name)


def make_chopped(index: int) -> RecordedBeat:
    """Cuts a loop into beats, plays them in another order and at another pitch and tempo, and wears the sound."""
    rng = np.random.default_rng([index, 29])
    name, kind = CHOPPED[index % len(CHOPPED)], WORN[index % len(WORN)]
    loop, sound, speed = LOOPS[name], _samples(name), 2 ** (rng.uniform(-4, 4) / 12)
    step = len(sound) / loop.bars / 16
    order = _order(loop.bars, rng)
    pieces, hits, unsure = [], {drum: [] for drum in loop.hits}, {drum: [] for drum in loop.unsure}
    for place, beat in enumerate(order):
        begins = round(4 * beat * step)
        pieces.append(_piece(sound, begins, round(4 * step)))
        for found, known in ((hits, loop.hits), (unsure, loop.unsure)):
            for drum, steps in known.items():
                found[drum] += [4 * place + each - 4 * beat for each in steps if 4 * beat <= each < 4 * beat + 4]
    mix = at_speed(np.append(np.concatenate(pieces), 0), speed)
    sixteenth = step / speed / RATE
    audio = Audio(worn(mix, kind, rng)[None], RATE)
    made = f"{name}, chopped, {kind}, speed {speed:.2f}"
    hits, unsure = _onsets(hits, sixteenth), _onsets(unsure, sixteenth)
    return RecordedBeat(audio, round(15 / sixteenth, 6), BARS, hits, unsure, loop.judged, loop.is_drums, made)


def _order(bars: int, rng: np.random.Generator) -> list[int]:
    """Returns which beat of the loop is played at each beat: of two bars some beats are exchanged, the rest stays."""
    order = [beat % (4 * bars) for beat in range(8)]
    for place in range(8):
        if rng.random() < 0.4:
            order[place] = int(rng.integers(4 * bars))
    return order * (BARS // 2)


def _piece(sound: np.ndarray, begins: int, length: int) -> np.ndarray:
    """Returns a beat of a loop that begins a little early, so that its attack is whole, and ends with a short fade."""
    piece, fade = np.roll(sound, _EARLY - begins)[:length].copy(), RATE // 500
    piece[-fade:] *= np.linspace(1, 0, fade)
    return piece


def _samples(name: str) -> np.ndarray:
    samples, rate = soundfile.read(RECORDINGS / f"loop_{name}.flac", always_2d=True)
    sound = resample(Audio(samples.mean(axis=1)[None].astype(np.float32), rate), RATE).samples[0]
    return np.tile(sound, LOOPS[name].times)


def _onsets(steps: dict, sixteenth: float) -> dict[str, list[float]]:
    return {drum: [step * sixteenth for step in each] for drum, each in steps.items()}


def _whole(bpm: float) -> float:
    """Returns the whole number that a tempo is meant to be, or the tempo itself to the digits that can be stated."""
    return float(round(bpm)) if abs(bpm - round(bpm)) < 0.1 else round(bpm, 6)
