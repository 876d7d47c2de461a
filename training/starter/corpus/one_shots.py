"""Recorded drums in the public domain (CC0), from Debian's package `sonic-pi-samples`.

Only files that the package's copyright file names one by one as CC0 are used; what it does not name is left out, and so
are loops.
"""

from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from training.starter.simple_corpus.synth import SAMPLE_RATE

FOLDER = Path("/usr/share/sonic-pi/samples")
CC0 = {
    "kick": (
        *("bd_808", "bd_ada", "bd_fat", "bd_gas", "bd_haus", "bd_klub", "bd_pure", "bd_sone", "bd_tek"),
        *("bd_zome", "bd_zum", "drum_bass_hard", "drum_bass_soft", "drum_heavy_kick", "elec_hollow_kick"),
        "elec_soft_kick",
    ),
    "snare": (
        *("drum_snare_hard", "drum_snare_soft", "elec_filt_snare", "elec_hi_snare", "elec_lo_snare", "elec_mid_snare"),
        *("elec_snare", "sn_dolf", "sn_dub", "sn_zome"),
    ),
    "snap": ("perc_snap", "perc_snap2"),
    "closed_hat": ("drum_cymbal_closed", "drum_cymbal_pedal"),
    "open_hat": ("drum_cymbal_open",),
    "crash": ("drum_cymbal_hard", "drum_cymbal_soft", "drum_splash_hard", "drum_splash_soft", "elec_cymbal"),
    "tom_low": ("drum_tom_lo_hard", "drum_tom_lo_soft", "elec_fuzz_tom"),
    "tom_high": ("drum_tom_hi_hard", "drum_tom_hi_soft", "drum_tom_mid_hard", "drum_tom_mid_soft"),
    "cowbell": ("drum_cowbell",),
    "conga": ("tabla_ghe1", "tabla_na", "tabla_tun1", "tabla_te2", "tabla_dhec"),
    "perc": (
        *("elec_blip", "elec_blip2", "elec_blup", "elec_bong", "elec_flip", "elec_plip", "elec_pop", "elec_tick"),
        *("elec_triangle", "elec_twip", "elec_ping", "tabla_ke1", "tabla_na_s", "tabla_re", "tabla_te1"),
    ),
    "rim": ("elec_tick", "tabla_ke1", "tabla_ke2"),
}
ACOUSTIC = ("drum_", "tabla_", "perc_snap")  # how names of natural drums begin
_STARTS_AT = 0.02  # of the peak: what is quieter is before the hit


def available() -> bool:
    """Whether the recordings are installed."""
    return FOLDER.is_dir()


@cache
def one_shot(name: str) -> np.ndarray:
    """Reads a recording; (n,) float32 with a peak of 1 that begins with the hit."""
    sound, rate = soundfile.read(FOLDER / f"{name}.flac", always_2d=True)
    sound = soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE).astype(np.float32)
    peak = np.abs(sound).max()
    start = max(0, int(np.flatnonzero(np.abs(sound) > _STARTS_AT * peak)[0]) - SAMPLE_RATE // 2000)
    return sound[start:] / peak
