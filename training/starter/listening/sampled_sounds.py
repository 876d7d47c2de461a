"""Loads recorded drums and General MIDI instruments to train hearing on, besides synthesised sounds.

They come from Debian's packages `sonic-pi-samples` (recordings, CC0), `hydrogen-drumkits` (only kits under CC0, CC-BY
or CC-BY-SA, or whose authors allow use in any composition), and `fluidsynth` with `timgm6mb-soundfont` and
`opl3-soundfont`. None of these sounds is stored. The soundfont FluidR3 is reserved for benchmarks.
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
KITS = {  # the same for Hydrogen's drum kits
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
    "BJA_Pacific": {
        "kick": ("BD_",),
        "snare": ("SN_", "SN4_"),
        "closed_hat": ("HH_",),
        "open_hat": ("HH2_", "HH3_"),
        "crash": ("CB",),
        "perc": ("TM",),
    },
    "ColomboAcousticDrumkit": {
        "kick": ("bassdrum",),
        "snare": ("snare",),
        "rim": ("stick-rim",),
        "closed_hat": ("hihat-closed",),
        "open_hat": ("hihat-open", "hihat-semi"),
        "crash": ("crash16i__crash", "crash20i__crash"),
        "perc": ("tom",),
    },
    "ElectricEmpireKit": {
        "kick": ("EE_Kick",),
        "snare": ("EE_Snare",),
        "clap": ("EE_Clap",),
        "rim": ("EE_Click",),
        "closed_hat": ("EE_Hat_Cl", "EE_Hat_Low"),
        "open_hat": ("EE_Hat_Op", "EE_Hat_Ring"),
        "perc": ("EE_Conga", "EE_Drum"),
    },
    "HardElectro1": {
        "kick": ("HardHse_K", "PowR_BD"),
        "snare": ("PowR_SN",),
        "clap": ("Amp_Clap", "Clap"),
        "closed_hat": ("FX_Chh", "Hard_CHH", "CHH", "PowR_HH_1"),
        "open_hat": ("Hard_Hse_OHH", "PowR_HH_2"),
        "perc": ("yFX", "xFX"),
    },
    "VariBreaks": {
        "kick": ("VP Kick",),
        "snare": ("VP Snare",),
        "closed_hat": ("VP Hat 1 Cl", "VP Hat 1 Pd", "VP Hat 2", "VP Hat 3"),
        "open_hat": ("VP Hat 1 Op",),
        "perc": ("VP Tom", "VP Drum"),
    },
    "circAfrique v4": {"perc": ("D", "K", "S")},
    "rumpf_kit_z01_h2": {
        "kick": ("beats_06-38", "beats_06-46", "beats_07-18", "beats_07-20"),
        "snare": ("beats_01-21", "beats_06-25"),
        "clap": ("beats_01-26",),
        "rim": ("beats_09-12",),
        "closed_hat": ("beats_09-10", "beats_06-28"),
        "open_hat": ("beats_08-31",),
        "crash": ("beats_06-43", "beats_08-20"),
        "perc": ("beats_08-17", "beats_08-18", "beats_08-19", "beats_08-32"),
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
DRUM_SETS = (("TimGM6mb", (0, 8, 16, 24, 25, 32)), ("OPL-3_FM_128M", (0,)))
BASS_PROGRAMS = (32, 33, 34, 35, 36, 37, 38, 39, 87)
_SECONDS, _LONGEST_SECONDS = 0.7, {"kick": 1.0, "open_hat": 1.0, "crash": 2.0}  # lengths to which drums are cut
_AUDIO = (".flac", ".wav", ".aiff")
_STARTS_AT = 0.02  # share of the peak that a sound must reach for the hit to begin
_QUIETEST = 1e-3


@cache
def sampled_drums() -> dict[str, list[np.ndarray]]:
    """Returns all recorded and General MIDI drums by kind, (n,) each, with a peak of 1 and no silence at the start."""
    drums = {name: [] for name in GENERAL_MIDI}
    folders = ((RECORDINGS, RECORDED), *((DRUMKITS / kit, begin) for kit, begin in KITS.items()))
    for folder, kinds in folders:
        for path in sorted(each for each in folder.iterdir() if each.suffix in _AUDIO):
            for name, beginnings in kinds.items():
                if path.name.startswith(beginnings):
                    drums[name] += _cut(_read(path), name)
    for font, sets in DRUM_SETS:
        for program in sets:
            for name, pitches in GENERAL_MIDI.items():
                apart = _LONGEST_SECONDS.get(name, _SECONDS) + 0.2
                strikes = [(i * apart, i * apart + 0.3, pitch, 115) for i, pitch in enumerate(pitches)]
                sound = play(strikes, font, program, round(len(pitches) * apart * SAMPLE_RATE), drums=True)
                for start, _, _, _ in strikes:
                    drums[name] += _cut(sound[round(start * SAMPLE_RATE) :][: round(apart * SAMPLE_RATE)], name)
    return drums


@cache
def unstruck() -> list[np.ndarray]:
    """Returns recordings in which nothing is struck, such as drones, voices and scratches, (n,) each."""
    return [_read(path) for path in sorted(RECORDINGS.glob("*.flac")) if path.name.startswith(UNSTRUCK)]


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
    return str(rng.choice(FONTS, p=(0.75, 0.25)))


def _read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, always_2d=True)
    return resample(Audio(samples.mean(axis=1).astype(np.float32), rate), SAMPLE_RATE).samples[0]


def _cut(sound: np.ndarray, name: str) -> list[np.ndarray]:
    """Returns the hit from its start on, as the only item of a list, or an empty list if there is none."""
    peak = np.abs(sound).max()
    if peak < _QUIETEST:
        return []
    start = max(0, int(np.flatnonzero(np.abs(sound) > _STARTS_AT * peak)[0]) - SAMPLE_RATE // 2000)
    return [sound[start : start + round(_LONGEST_SECONDS.get(name, _SECONDS) * SAMPLE_RATE)] / peak]
