"""Where each instrument's sound comes from: presets of the two soundfonts, and patches of the synthesiser."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One way to sound an instrument.

    Attributes:
        preset: Soundfont, bank and program; None where a patch is meant.
        patch: A name of `patches.PATCHES`.
        octave: Octaves to add to the written pitch, for presets that sound in another one.
        cut: Low-pass filter of the part in Hz, 0 for none.
        thin: High-pass filter of the part in Hz, 0 for none.
        drive: Distortion of the part, as an amplifier's; 0 for none.
        soft: Factor on velocities, for a softer touch.
        decay: Time constant in seconds of an added fall, for sustained presets that are to be plucked; 0 for none.
        vibrato: Depth of an added vibrato, 0 to 1.
        tune: Cents to add, for presets that are out of tune.
    """

    preset: tuple[str, int, int] | None = None
    patch: str = ""
    octave: int = 0
    cut: float = 0.0
    thin: float = 0.0
    drive: float = 0.0
    soft: float = 1.0
    decay: float = 0.0
    vibrato: float = 0.0
    tune: float = 0.0


def _fluid(bank: int, program: int, **how) -> Source:
    return Source(("fluid", bank, program), **how)


def _muse(bank: int, program: int, **how) -> Source:
    return Source(("muse", bank, program), **how)


def _both(bank: int, *programs: int, **how) -> tuple[Source, ...]:
    return tuple(font(bank, program, **how) for program in programs for font in (_fluid, _muse))


def _made(*names: str, **how) -> tuple[Source, ...]:
    return tuple(Source(patch=name, **how) for name in names)


SOURCES: dict[str, tuple[Source, ...]] = {
    "piano": (*_both(0, 0, 1), _muse(8, 0), *_made("grand")),
    "felt-piano": (_muse(8, 0, cut=1500, soft=0.55), *_both(0, 0, cut=1250, soft=0.55), *_made("felt", cut=1600)),
    "electric-piano": (*_both(0, 4, 5), *_both(8, 4), *_made("tine", "dx")),
    "organ": (*_both(0, 16, octave=2), *_both(0, 17, 18, octave=1), _fluid(0, 19), *_made("drawbars", "church")),
    "clavinet": (*_both(0, 7), *_made("clavi")),
    "nylon-guitar": (*_both(0, 24), *_both(0, 25, cut=4500), *_made("nylon")),
    "electric-guitar": (*_both(0, 27, 26), *_both(0, 27, drive=0.5), *_made("clean")),
    "muted-guitar": (*_both(0, 28), _fluid(8, 28, decay=0.14), *_made("palm")),
    "distorted-guitar": (*_both(0, 29, 30), _fluid(0, 27, drive=3.0, cut=4200), *_made("fuzz", drive=1.5, cut=4500)),
    "harp": (_muse(0, 46), _muse(0, 46, cut=3500), *_made("harp", "bright-harp")),
    "kalimba": (*_both(0, 108), *_made("kalimba")),
    "koto": (*_both(0, 107), *_both(8, 107), *_made("koto")),
    "sitar": (*_both(0, 104), *_made("sitar")),
    "music-box": (*_both(0, 10), *_made("box")),
    "celesta": (*_both(0, 8), *_made("celesta")),
    "bells": (*_both(0, 112), _muse(0, 14), _fluid(0, 98), *_made("bell", "fm-bell")),
    "marimba": (*_both(0, 12), *_made("marimba")),
    "vibraphone": (*_both(0, 11), *_made("vibes")),
    "strings": (*_both(0, 48, 49), _muse(20, 49), _muse(0, 50), *_made("ensemble", "slow-strings")),
    "pizzicato": (*_both(0, 45), *_made("pizz")),
    "violin": (
        *_both(0, 40, vibrato=0.35),
        _fluid(0, 110, vibrato=0.2),
        _muse(8, 40, vibrato=0.3),
        *_made("solo-violin"),
    ),
    "cello": (*_both(0, 42, vibrato=0.3), _muse(40, 48), *_made("solo-cello")),
    "brass": (*_both(0, 61), *_both(8, 61), _muse(0, 60), _fluid(0, 57), *_made("horns", "synth-brass")),
    "trumpet": (*_both(0, 56, vibrato=0.2), *_both(0, 59, vibrato=0.2), *_made("solo-trumpet")),
    "saxophone": (*_both(0, 65, 66, vibrato=0.25), _fluid(0, 64, vibrato=0.2), *_made("reed")),
    "flute": (*_both(0, 73, vibrato=0.3), _muse(0, 74), *_made("breath-flute")),
    "pan-flute": (*_both(0, 75), _muse(0, 77), *_made("pan")),
    "whistle": (*_both(0, 78, tune=-14), _muse(0, 79), *_made("whistled")),
    "choir": (_muse(0, 52), _fluid(0, 91), _muse(0, 54), *_made("aahs", "low-aahs")),
    "ooh": (*_both(0, 53), *_made("oohs", "solo-ooh")),
    "vocal-chop": (_muse(0, 53, decay=0.35), _fluid(0, 54, decay=0.3), *_made("chop-ah", "chop-eh", "chop-oh")),
    "hum": (_muse(0, 53, cut=700), _fluid(0, 53, cut=600), *_made("hummed", "hummed-low")),
    "accordion": (*_both(0, 21, 23), *_both(8, 21), *_made("reeds")),
    "saw": (*_both(0, 81), _muse(20, 81), _fluid(0, 90), *_made("super-saw", "mono-saw", "soft-saw")),
    "square": (*_both(0, 80), *_made("chip", "wide-square", "pulse")),
    "pluck": (
        _muse(20, 81, decay=0.22, cut=3500),
        _fluid(0, 90, decay=0.3),
        *_made("saw-pluck", "square-pluck", "glass-pluck"),
    ),
    "pad": (*_both(0, 89, 95), _fluid(0, 94), _muse(0, 50), *_made("warm-pad", "glass-pad", "air-pad")),
    "glide-lead": (_fluid(0, 80), _muse(0, 81), _fluid(8, 80), *_made("glide-saw", "glide-square", "glide-sine")),
}
"""Of each instrument of `typebeat.request.concepts.INSTRUMENTS`, in no order."""

PLUCKED = frozenset(
    (
        *("piano", "felt-piano", "electric-piano", "clavinet", "nylon-guitar", "electric-guitar", "muted-guitar"),
        *("harp", "kalimba", "koto", "sitar", "music-box", "celesta", "bells", "marimba", "vibraphone", "pizzicato"),
        *("vocal-chop", "pluck"),
    )
)
GUITARS = {"nylon-guitar": 0.009, "electric-guitar": 0.007, "muted-guitar": 0.004, "distorted-guitar": 0.003}
STRUM_SECONDS = {**GUITARS, "harp": 0.014, "koto": 0.012, "sitar": 0.01, "pizzicato": 0.003, "kalimba": 0.005}
"""From one string of a chord to the next."""
PORTAMENTO_SECONDS = {"glide-lead": 0.1, "whistle": 0.035, "violin": 0.02, "hum": 0.05, "ooh": 0.04, "cello": 0.02}
"""In which the pitch slides from the note before, where that one has just ended."""
