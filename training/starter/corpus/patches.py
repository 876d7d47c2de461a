"""What the synthesised sounds are made of: one `Patch` each, by the name that `sources` gives it."""

from dataclasses import dataclass
from math import pi, sin


@dataclass(frozen=True)
class Patch:
    """A synthesised sound.

    Attributes:
        wave: "saw", "square", "pulse", "triangle", "sine", "partials" (by `levels`) or "fm".
        levels: Of the harmonics 1, 2, 3 ... for "partials"; `ratios` says otherwise where they are not harmonic.
        ratios: Of the partials to the pitch.
        voices: In unison, `detune` cents apart from the first to the last.
        attack, release: In seconds.
        decay: Time constant of a plucked sound's fall in seconds; 0 is sustained.
        damping: How much sooner high partials die away than low ones (exponent).
        cutoff: Of the low-pass filter in Hz once it has closed; 0 is none.
        sweep: By how many octaves the filter starts higher, falling within `sweep_time` seconds (opening if negative).
        formants: Centre and width in Hz and level of each, for voices.
        breath: Level of noise around the pitch.
        strike: Level of a click of noise at the start.
        vibrato: Depth in cents.
        fm: Ratio, index and decay in seconds of the modulator.
        tremolo: Depth of a 5.5 Hz tremolo, 0 to 1.
        scoop: Semitones below the pitch at which a note starts.
        drive: Of a soft clipper, 0 is none.
        portamento: Seconds in which the pitch slides from the note before.
    """

    wave: str
    levels: tuple[float, ...] = ()
    ratios: tuple[float, ...] = ()
    voices: int = 1
    detune: float = 0.0
    attack: float = 0.005
    release: float = 0.1
    decay: float = 0.0
    damping: float = 0.0
    cutoff: float = 0.0
    sweep: float = 0.0
    sweep_time: float = 0.2
    formants: tuple[tuple[float, float, float], ...] = ()
    breath: float = 0.0
    strike: float = 0.0
    vibrato: float = 0.0
    fm: tuple[float, float, float] = (1.0, 0.0, 1.0)
    tremolo: float = 0.0
    scoop: float = 0.0
    drive: float = 0.0
    portamento: float = 0.0


def string_levels(count: int, pluck_at: float, slope: float = 1.0) -> tuple[float, ...]:
    """Levels of a string's harmonics, plucked at a share of its length."""
    return tuple(abs(sin(pi * k * pluck_at)) / k**slope for k in range(1, count + 1))


_OOH = ((320, 90, 1.0), (850, 110, 0.5), (2400, 300, 0.06))
_AAH = ((700, 130, 1.0), (1150, 150, 0.6), (2700, 300, 0.2))
_EH = ((530, 100, 1.0), (1850, 180, 0.5), (2500, 300, 0.25))
_OH = ((480, 100, 1.0), (850, 120, 0.6), (2600, 300, 0.1))
_HUM = ((260, 110, 1.0), (950, 250, 0.08), (2200, 300, 0.02))

PATCHES: dict[str, Patch] = {
    "grand": Patch(
        "partials",
        string_levels(18, 0.12, 1.25),
        decay=1.6,
        damping=0.55,
        release=0.18,
        strike=0.06,
        voices=2,
        detune=1.5,
    ),
    "upright": Patch(
        "partials", string_levels(14, 0.15, 1.5), decay=1.1, damping=0.6, release=0.15, strike=0.1, voices=2, detune=5
    ),
    "felt": Patch(
        "partials", string_levels(9, 0.18, 1.9), decay=1.2, damping=0.7, attack=0.008, release=0.2, strike=0.12
    ),
    "tine": Patch("fm", fm=(1.0, 1.1, 0.5), decay=1.5, release=0.15, strike=0.05, tremolo=0.12),
    "dx": Patch("fm", fm=(14.0, 0.3, 0.15), decay=1.4, release=0.15, voices=2, detune=7),
    "drawbars": Patch(
        "partials",
        (1, 0.85, 0.6, 0.35, 0, 0.25, 0, 0.2),
        attack=0.006,
        release=0.04,
        strike=0.06,
        tremolo=0.12,
        vibrato=5,
    ),
    "church": Patch("partials", (1, 0.9, 0.3, 0.7, 0.15, 0.3, 0.1, 0.35), attack=0.05, release=0.2, voices=2, detune=4),
    "clavi": Patch("pulse", decay=0.7, cutoff=900, sweep=2.4, sweep_time=0.16, release=0.04, strike=0.1),
    "nylon": Patch("partials", string_levels(14, 0.22, 1.25), decay=0.9, damping=0.7, release=0.12, strike=0.09),
    "clean": Patch(
        "partials", string_levels(16, 0.13, 1.1), decay=1.3, damping=0.55, release=0.1, strike=0.05, voices=2, detune=6
    ),
    "palm": Patch("partials", string_levels(12, 0.1, 1.1), decay=0.13, damping=0.5, release=0.05, strike=0.2),
    "fuzz": Patch("saw", voices=2, detune=8, decay=2.6, attack=0.004, release=0.1, cutoff=3200, sweep=0.4, drive=2.2),
    "harp": Patch("partials", string_levels(12, 0.4, 1.4), decay=1.1, damping=0.6, release=0.5, strike=0.03),
    "bright-harp": Patch("partials", string_levels(16, 0.3, 1.1), decay=1.4, damping=0.7, release=0.6, strike=0.05),
    "kalimba": Patch(
        "partials", (1, 0.14, 0.2, 0.1), (1, 2.0, 5.4, 8.9), decay=0.55, damping=0.6, release=0.3, strike=0.1
    ),
    "koto": Patch(
        "partials", string_levels(18, 0.08, 0.95), decay=0.8, damping=0.65, release=0.25, strike=0.08, scoop=-0.25
    ),
    "sitar": Patch(
        "saw",
        voices=2,
        detune=6,
        decay=1.0,
        cutoff=2600,
        sweep=1.5,
        sweep_time=0.35,
        release=0.3,
        strike=0.08,
        scoop=0.5,
        formants=((900, 250, 1), (2400, 350, 1.1), (4200, 500, 0.7)),
    ),
    "box": Patch(
        "partials", (1, 0.12, 0.32, 0.16), (1, 2.0, 3.9, 6.3), decay=0.8, damping=0.5, release=0.5, strike=0.07
    ),
    "celesta": Patch(
        "partials", (1, 0.35, 0.12, 0.18), (1, 2.0, 3.0, 4.0), decay=0.9, damping=0.8, release=0.3, strike=0.04
    ),
    "bell": Patch(
        "partials",
        (1, 0.6, 0.45, 0.35, 0.22, 0.12),
        (1, 2.0, 3.01, 4.17, 5.43, 6.79),
        decay=1.3,
        damping=0.8,
        release=0.5,
    ),
    "fm-bell": Patch("fm", fm=(4.01, 1.3, 0.6), decay=1.3, release=0.5),
    "marimba": Patch("partials", (1, 0.3, 0.08), (1, 3.93, 9.2), decay=0.28, damping=0.9, release=0.2, strike=0.06),
    "vibes": Patch("partials", (1, 0.28, 0.05), (1, 4.0, 10.0), decay=1.8, damping=1.0, release=0.3, tremolo=0.35),
    "ensemble": Patch("saw", voices=4, detune=22, attack=0.09, release=0.25, cutoff=2400, vibrato=9),
    "slow-strings": Patch("saw", voices=4, detune=26, attack=0.22, release=0.4, cutoff=1700, vibrato=7),
    "pizz": Patch(
        "partials", string_levels(10, 0.25, 1.2), decay=0.16, damping=0.5, release=0.15, strike=0.08, voices=2, detune=8
    ),
    "solo-violin": Patch(
        "saw",
        attack=0.07,
        release=0.12,
        vibrato=26,
        breath=0.04,
        formants=((480, 200, 1), (1050, 300, 0.8), (2900, 700, 0.7)),
        portamento=0.03,
    ),
    "solo-cello": Patch(
        "saw",
        attack=0.08,
        release=0.15,
        vibrato=18,
        breath=0.03,
        formants=((240, 130, 1), (600, 250, 0.7), (1500, 400, 0.4)),
        portamento=0.03,
    ),
    "horns": Patch("saw", voices=3, detune=12, attack=0.035, release=0.1, cutoff=2600, sweep=-1.6, sweep_time=0.07),
    "synth-brass": Patch("saw", voices=2, detune=14, attack=0.02, release=0.15, cutoff=1500, sweep=1.4, sweep_time=0.3),
    "solo-trumpet": Patch(
        "saw",
        attack=0.025,
        release=0.07,
        cutoff=3400,
        sweep=-1.5,
        sweep_time=0.05,
        vibrato=10,
        formants=((1200, 500, 1), (2500, 700, 0.6), (500, 300, 0.5)),
        breath=0.01,
    ),
    "reed": Patch(
        "pulse",
        attack=0.03,
        release=0.08,
        vibrato=14,
        breath=0.06,
        formants=((600, 250, 1), (1400, 350, 0.8), (2600, 500, 0.4)),
        scoop=-0.4,
    ),
    "breath-flute": Patch(
        "partials", (1, 0.35, 0.12, 0.05, 0.02), attack=0.05, release=0.09, vibrato=14, breath=0.09, tremolo=0.1
    ),
    "pan": Patch("partials", (1, 0.08, 0.22, 0.03), attack=0.03, release=0.1, vibrato=6, breath=0.17, scoop=-0.3),
    "whistled": Patch(
        "partials", (1, 0.03, 0.015), attack=0.035, release=0.06, vibrato=18, breath=0.03, scoop=-0.6, portamento=0.05
    ),
    "aahs": Patch("saw", voices=4, detune=24, attack=0.12, release=0.3, vibrato=14, breath=0.02, formants=_AAH),
    "low-aahs": Patch("saw", voices=3, detune=18, attack=0.16, release=0.35, vibrato=10, breath=0.03, formants=_OH),
    "oohs": Patch(
        "saw", voices=2, detune=14, attack=0.07, release=0.18, vibrato=16, breath=0.015, formants=_OOH, scoop=-0.3
    ),
    "solo-ooh": Patch(
        "saw", attack=0.05, release=0.12, vibrato=24, breath=0.02, formants=_OOH, scoop=-0.6, portamento=0.05
    ),
    "chop-ah": Patch("saw", attack=0.012, release=0.05, decay=0.5, formants=_AAH, scoop=-2.0, breath=0.03),
    "chop-eh": Patch("saw", attack=0.01, release=0.05, decay=0.4, formants=_EH, scoop=2.0, breath=0.03),
    "chop-oh": Patch(
        "saw", attack=0.015, release=0.06, decay=0.6, formants=_OH, scoop=-3.0, breath=0.02, voices=2, detune=10
    ),
    "hummed": Patch(
        "saw", attack=0.07, release=0.12, vibrato=20, breath=0.01, formants=_HUM, scoop=-0.5, portamento=0.06
    ),
    "hummed-low": Patch(
        "saw", voices=2, detune=9, attack=0.09, release=0.15, vibrato=14, formants=_HUM, cutoff=1200, portamento=0.04
    ),
    "reeds": Patch("pulse", voices=3, detune=16, attack=0.03, release=0.07, cutoff=3800, breath=0.01),
    "super-saw": Patch("saw", voices=5, detune=30, attack=0.008, release=0.12, cutoff=6500),
    "mono-saw": Patch("saw", voices=2, detune=9, attack=0.005, release=0.08, cutoff=3000, sweep=1.0, sweep_time=0.25),
    "soft-saw": Patch("saw", voices=3, detune=16, attack=0.02, release=0.2, cutoff=2000, sweep=0.6),
    "chip": Patch("square", attack=0.003, release=0.04, cutoff=7000, vibrato=6),
    "wide-square": Patch("square", voices=2, detune=14, attack=0.006, release=0.1, cutoff=3600, sweep=0.7),
    "pulse": Patch("pulse", voices=2, detune=8, attack=0.005, release=0.08, cutoff=4200),
    "saw-pluck": Patch("saw", voices=2, detune=12, decay=0.35, release=0.15, cutoff=700, sweep=3.0, sweep_time=0.09),
    "square-pluck": Patch("square", decay=0.28, release=0.12, cutoff=600, sweep=2.8, sweep_time=0.08),
    "glass-pluck": Patch("fm", fm=(2.0, 1.8, 0.12), decay=0.4, release=0.2, voices=2, detune=9),
    "warm-pad": Patch("saw", voices=4, detune=22, attack=0.3, release=0.6, cutoff=1100, sweep=-0.8, sweep_time=0.7),
    "glass-pad": Patch("fm", fm=(2.0, 0.7, 4.0), voices=3, detune=14, attack=0.35, release=0.7),
    "air-pad": Patch("triangle", voices=3, detune=18, attack=0.4, release=0.7, breath=0.03, tremolo=0.15),
    "glide-saw": Patch("saw", voices=2, detune=7, attack=0.006, release=0.08, cutoff=3200, vibrato=9, portamento=0.09),
    "glide-square": Patch("square", attack=0.006, release=0.08, cutoff=3800, vibrato=10, portamento=0.1),
    "glide-sine": Patch("partials", (1, 0.16, 0.08, 0.03), attack=0.008, release=0.1, vibrato=16, portamento=0.12),
}
