"""Loads recorded drums and General MIDI instruments to train hearing on, besides synthesised sounds.

They come from Debian's packages `sonic-pi-samples` (recordings, CC0), `hydrogen-drumkits` (only its kit under CC0), and
`fluidsynth` with `fluid-soundfont-gm` and `musescore-general-soundfont-lossless` (both MIT). None of these sounds is
stored. The soundfont TimGM6mb and the other kits of Hydrogen are reserved for benchmarks.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import mido
import numpy as np
import soundfile

from training.starter.listening.gm_beats import DRUM_CHANNEL, FONTS, SOUNDFONTS, play_song, track_of
from training.starter.simple_corpus.synth import SAMPLE_RATE
from typebeat.sound.audio import Audio, resample

RECORDINGS = Path("/usr/share/sonic-pi/samples")
DRUMKITS = Path("/usr/share/hydrogen/data/drumkits")
RECORDED = {  # beginnings of the file names of each drum
    "kick": ("bd_", "drum_bass_", "drum_heavy_kick", "elec_hollow_kick", "elec_soft_kick"),
    "snare": ("drum_snare_", "elec_filt_snare", "elec_hi_s", "elec_lo_s", "elec_mid_s", "elec_snare", "sn_"),
    "clap": ("perc_snap",),
    "closed_hat": ("drum_cymbal_closed", "drum_cymbal_pedal"),
    "open_hat": ("drum_cymbal_open",),
    "crash": ("drum_cymbal_hard", "drum_cymbal_soft", "drum_splash_", "elec_cymbal"),
    "perc": ("drum_tom_", "drum_cowbell", "tabla_", "elec_b", "elec_fuzz_tom", "elec_pl", "elec_wood", "perc_bell"),
}
KITS = {  # the same for kits of Hydrogen
    "Audiophob": {
        "kick": ("86335",),
        "snare": ("124382", "25671"),
        "clap": ("29800",),
        "rim": ("16336",),
        "closed_hat": ("116973", "156272"),
        "open_hat": ("104227",),
        "crash": ("124101",),
        "perc": ("101450", "122557", "9993"),
    },
}
UNSTRUCK = (
    "ambi_",
    "misc_",
    "mehackit_",
    "glitch_robot",
    "guit_",
)  # beginnings of the names of recordings without drums
GENERAL_MIDI = {
    "kick": (35, 36),
    "snare": (38, 40),
    "clap": (39,),
    "rim": (37,),
    "closed_hat": (42, 44),
    "open_hat": (46,),
    "crash": (49, 52, 55, 57),
    "perc": (41, 43, 45, 47, 48, 50, 54, 56, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 75, 76, 77, 81),
}
DRUM_SETS = (("FluidR3_GM", (0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 16, 17, 18, 24, 25, 32, 40)),)  # MuseScore's are the same
BASS_PROGRAMS = (32, 33, 34, 35, 36, 37, 38, 39, 87)
_SECONDS, _LONGEST_SECONDS = 0.7, {"kick": 1.0, "open_hat": 1.0, "crash": 2.0}  # lengths to which drums are cut
_AUDIO = (".flac", ".wav", ".aiff")
_STARTS_AT = 0.02  # share of the peak that a sound must reach for the hit to begin
_QUIETEST = 1e-3
_SAME = 0.999  # correlation of two takes of one recording, which several sets of a soundfont share
_COMPARED = SAMPLE_RATE // 4


@cache
def sampled_drums() -> dict[str, list[np.ndarray]]:
    """Returns all recorded and General MIDI drums by kind, (n,) each, with a peak of 1 and no silence at the start."""
    drums = {name: [] for name in GENERAL_MIDI}
    folders = ((RECORDINGS, RECORDED), *((DRUMKITS / kit, begin) for kit, begin in KITS.items()))
    for folder, kinds in folders:
        for path in sorted(each for each in folder.iterdir() if each.suffix in _AUDIO):
            for name, beginnings in kinds.items():
                if path.name.startswith(beginnings):
                    drums[name] += _cut(read_mono(path), name)
    for font, sets in DRUM_SETS:
        for program in sets:
            for name, pitches in GENERAL_MIDI.items():
                apart = _LONGEST_SECONDS.get(name, _SECONDS) + 0.2
                strikes = [(i * apart, i * apart + 0.3, pitch, 115) for i, pitch in enumerate(pitches)]
                sound = play(strikes, font, program, round(len(pitches) * apart * SAMPLE_RATE), drums=True)
                for start, _, _, _ in strikes:
                    drums[name] += _cut(sound[round(start * SAMPLE_RATE) :][: round(apart * SAMPLE_RATE)], name)
    return {name: _different(each) for name, each in drums.items()}


@cache
def unstruck() -> list[np.ndarray]:
    """Returns recordings in which nothing is struck, such as drones, voices and scratches, (n,) each."""
    return [read_mono(path) for path in sorted(RECORDINGS.glob("*.flac")) if path.name.startswith(UNSTRUCK)]


def play(
    notes: Sequence[tuple[float, float, int, int]], font: str, program: int, n: int, *, drums: bool = False
) -> np.ndarray:
    """Plays notes (start s, end s, pitch, velocity) with an instrument of a soundfont, without effects, (n,)."""
    file, channel = mido.MidiFile(type=0, ticks_per_beat=1000), DRUM_CHANNEL if drums else 0
    events = [(0, 0, mido.MetaMessage("set_tempo", tempo=1_000_000))]  # a tick is a millisecond
    events.append((0, 0, mido.Message("program_change", channel=channel, program=program)))
    for start, end, pitch, velocity in notes:
        events.append((round(1000 * start), 2, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        events.append((round(1000 * end) - 1, 1, mido.Message("note_off", channel=channel, note=pitch)))
    file.tracks.append(track_of(events))
    samples = play_song(file, SOUNDFONTS / f"{font}.sf2", SAMPLE_RATE, "-R", "0", "-C", "0").mean(axis=1)[:n]
    return np.pad(samples, (0, n - len(samples)))


def some_font(rng: np.random.Generator) -> str:
    """Returns a random one of the soundfonts for training."""
    return str(rng.choice(FONTS, p=(0.5, 0.5)))


def read_mono(path: Path) -> np.ndarray:
    """Returns a recording, its channels averaged, (n,) at `SAMPLE_RATE`."""
    samples, rate = soundfile.read(path, always_2d=True)
    return resample(Audio(samples.mean(axis=1).astype(np.float32), rate), SAMPLE_RATE).samples[0]


def _cut(sound: np.ndarray, name: str) -> list[np.ndarray]:
    """Returns the hit from its start on, as the only item of a list, or an empty list if there is none."""
    peak = np.abs(sound).max()
    if peak < _QUIETEST:
        return []
    return [from_its_start(sound)[: round(_LONGEST_SECONDS.get(name, _SECONDS) * SAMPLE_RATE)] / peak]


def from_its_start(sound: np.ndarray) -> np.ndarray:
    """Returns a hit, (n,) and not silent, without what is before it."""
    begins = int(np.flatnonzero(np.abs(sound) > _STARTS_AT * np.abs(sound).max())[0])
    return sound[max(0, begins - SAMPLE_RATE // 2000) :]


def _different(hits: list[np.ndarray]) -> list[np.ndarray]:
    """Returns the hits without those that repeat an earlier one."""
    kept: list[np.ndarray] = []
    beginnings: list[np.ndarray] = []
    for hit in hits:
        begins = np.pad(hit[:_COMPARED], (0, max(0, _COMPARED - len(hit))))
        begins /= np.linalg.norm(begins)
        if not any(begins @ earlier > _SAME for earlier in beginnings):
            kept.append(hit)
            beginnings.append(begins)
    return kept
