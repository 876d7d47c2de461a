"""What plays the bass: 808s of many kinds, bass guitars, the upright and synthesised basses."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.corpus import soundfonts
from training.starter.corpus.patches import Patch, string_levels
from training.starter.corpus.synths import pitch_curve, synth_note
from training.starter.simple_corpus.synth import SAMPLE_RATE, envelope, midi_to_hz

_GUITARS = (
    ("fluid", 0, 33),
    ("muse", 0, 33),
    ("fluid", 0, 34),
    ("muse", 0, 34),
    ("fluid", 0, 36),
    ("muse", 0, 37),
    ("fluid", 0, 35),
)
_UPRIGHTS = (("fluid", 0, 32), ("muse", 0, 32))
_SYNTHS = (("fluid", 0, 38), ("muse", 0, 38), ("fluid", 0, 39), ("muse", 0, 39), ("fluid", 8, 38), ("fluid", 8, 39))
_PRESETS = {"bass-guitar": _GUITARS, "upright-bass": _UPRIGHTS, "synth-bass": _SYNTHS}
_PATCHES = {
    "bass-guitar": (
        Patch("partials", string_levels(14, 0.15, 1.2), decay=0.9, damping=0.45, release=0.06, strike=0.08),
        Patch("partials", string_levels(16, 0.08, 1.0), decay=0.7, damping=0.4, release=0.05, strike=0.15),
    ),
    "upright-bass": (
        Patch("partials", string_levels(9, 0.3, 1.5), decay=0.55, damping=0.5, release=0.08, strike=0.12, scoop=-0.3),
    ),
    "synth-bass": (
        Patch("saw", decay=1.4, cutoff=350, sweep=2.2, sweep_time=0.14, release=0.05),
        Patch("square", decay=1.6, cutoff=300, sweep=1.8, sweep_time=0.18, release=0.05),
        Patch("saw", voices=3, detune=24, cutoff=500, sweep=0.8, sweep_time=0.4, release=0.08),
        Patch("pulse", decay=0.8, cutoff=420, sweep=2.6, sweep_time=0.09, release=0.04, drive=0.6),
    ),
}


@dataclass(frozen=True)
class Bass:
    """A bass as it sounds in one beat.

    Attributes:
        kind: "808", "bass-guitar", "upright-bass" or "synth-bass".
        preset: Of a soundfont, or None.
        patch: Of the synthesiser, or None.
        drive: Of an 808's clipper, 0 is a clean sine.
        decay: Time constant of an 808 in seconds.
        punch: Octaves that an 808 starts above its pitch.
        punch_seconds: Time constant of that fall.
        click: Level of a tick at an 808's start.
        harmonics: Levels of the second and the third harmonic.
        cut: Low-pass filter of the part in Hz.
        hold: Seconds that an 808 stays at its full level first.
    """

    kind: str
    preset: tuple[str, int, int] | None = None
    patch: Patch | None = None
    drive: float = 0.0
    decay: float = 1.2
    punch: float = 0.3
    punch_seconds: float = 0.018
    click: float = 0.0
    harmonics: tuple[float, float] = (0.1, 0.0)
    cut: float = 800.0
    hold: float = 0.0

    def note(
        self, pitch: int, seconds: float, velocity: float, slide_from: int | None, glide_to: int | None
    ) -> np.ndarray:
        """Plays one note, choked at its end; (n,) float32 with a peak of about 1 at full velocity."""
        if self.kind == "808":
            return self._note_808(pitch, seconds, glide_to) * np.float32(velocity)
        if self.patch is not None:
            rng = np.random.default_rng(pitch)
            sound = synth_note(self.patch, pitch, seconds, velocity, rng, slide_from=slide_from, glide_to=glide_to)
            return sound * np.float32(velocity / (np.abs(sound).max() + 1e-9))
        bends = None
        if glide_to is not None:
            n = round((seconds + 0.1) * SAMPLE_RATE)
            curve = pitch_curve(n, pitch, seconds, 0.0, None, glide_to)
            bends = np.clip(curve[:: n // soundfonts.blocks(seconds + 0.1)], -24, 24)
        layer = max(1, round(8 * velocity)) / 8
        sound = soundfonts.play_note(self.preset, pitch, seconds, 0.35 + 0.6 * layer, ring=0.12, bends=bends)
        fade = min(len(sound), SAMPLE_RATE // 100)
        sound[len(sound) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        return sound * np.float32(velocity / (np.abs(sound).max() + 1e-9))

    def _note_808(self, pitch: int, seconds: float, glide_to: int | None) -> np.ndarray:
        n = int((seconds + 0.015) * SAMPLE_RATE)
        time = np.arange(n) / SAMPLE_RATE
        curve = pitch_curve(n, pitch, seconds, 0.0, None, glide_to) / 12 + self.punch * np.exp(
            -time / self.punch_seconds
        )
        angle = 2 * np.pi * np.cumsum(midi_to_hz(pitch) * 2.0**curve) / SAMPLE_RATE
        level = np.exp(-np.maximum(0, time - self.hold) / self.decay)
        second, third = self.harmonics
        wave = np.sin(angle) + second * np.sin(2 * angle) + third * np.sin(3 * angle)
        if self.drive > 0:  # the clipper comes before the fall and partly after it, so that tails clean up
            wave = (
                np.tanh(wave * level**0.5 * (1 + 7 * self.drive) + 0.15 * self.drive)
                * level**0.5
                * (1 - 0.2 * self.drive)
            )
        else:
            wave = wave * level
        if self.click:
            wave = wave + self.click * np.sin(2 * np.pi * 1400 * time) * np.exp(-time / 0.002)
        return wave.astype(np.float32) * envelope(n, 0.002, 0.015)

    def finish(self, track: np.ndarray) -> np.ndarray:
        """Filters the whole part; (n,) float32."""
        track = sosfilt(butter(2, self.cut, fs=SAMPLE_RATE, output="sos"), track)
        return sosfilt(butter(2, 28, "highpass", fs=SAMPLE_RATE, output="sos"), track).astype(np.float32)


def choose_bass(
    rng: np.random.Generator, kind: str, traits: tuple[str, ...], *, brightness: float = 0.5, synthetic: bool = False
) -> Bass:
    """Draws the bass of a beat: its `kind` is the plan's, `traits` are concepts such as "distorted" or "bounce"."""
    distorted = "distorted" in traits
    if kind == "808":
        return _choose_808(rng, traits, distorted)
    cut = float(rng.uniform(1600, 3200) * 2.0 ** (2 * (brightness - 0.5)))
    made = _PATCHES[kind]
    presets = () if synthetic else _PRESETS[kind]
    number = int(rng.integers(len(made) + len(presets)))
    drive = rng.uniform(0.8, 1.8) if distorted else 0.0
    if number < len(presets):
        return Bass(kind, preset=presets[number], cut=cut)
    patch = made[number - len(presets)]
    return Bass(
        kind, patch=replace(patch, drive=patch.drive + drive, portamento=0.04 * (kind == "synth-bass")), cut=cut
    )


def _choose_808(rng: np.random.Generator, traits: tuple[str, ...], distorted: bool) -> Bass:
    decay = rng.uniform(0.7, 1.6)
    if "long" in traits:
        decay = rng.uniform(1.8, 3.5)
    elif "bounce" in traits:
        decay = rng.uniform(0.22, 0.45)
    sub = "sub" in traits and not distorted
    drive = rng.uniform(0.45, 1.2) if distorted else 0.0 if sub else float(rng.choice((0.0, rng.uniform(0.03, 0.3))))
    return Bass(
        "808",
        drive=float(drive),
        decay=float(decay),
        punch=float(rng.uniform(0.1, 0.3) if sub else rng.uniform(0.2, 1.2)),
        punch_seconds=float(rng.uniform(0.008, 0.03)),
        click=0.0 if sub else float(rng.choice((0.0, rng.uniform(0.05, 0.3)))),
        harmonics=(0.03, 0.0) if sub else (float(rng.uniform(0.05, 0.25)), float(rng.uniform(0.0, 0.12))),
        cut=float(rng.uniform(2800, 5000) if distorted else 220 if sub else rng.uniform(500, 1600)),
        hold=float(rng.uniform(0, 0.15)),
    )
