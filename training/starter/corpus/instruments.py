"""The tuned instruments: `choose_sound` draws one beat's sound of an instrument, and that plays notes."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import butter, sosfilt

from training.starter.corpus import soundfonts
from training.starter.corpus.patches import PATCHES
from training.starter.corpus.sources import PLUCKED, PORTAMENTO_SECONDS, SOURCES, Source
from training.starter.corpus.synths import pitch_curve, synth_note
from training.starter.simple_corpus.synth import SAMPLE_RATE

_VELOCITY_LAYERS = 8
_FADE = SAMPLE_RATE // 200
_RING_SECONDS = {True: 1.6, False: 0.7}  # at the most after a plucked or a sustained note's end


@dataclass(frozen=True)
class Touch:
    """How moods bend an instrument: 0.5 of brightness is neutral, attack is a factor, softness a factor on velocity."""

    brightness: float = 0.5
    attack: float = 1.0
    softness: float = 1.0


NEUTRAL = Touch()
_MIDDLE_PITCH = 67
_HEARD_FROM, _MOST_AHEAD = 0.45, 0.08  # share of the peak at which a note is heard to begin; seconds


@dataclass(frozen=True)
class Sound:
    """An instrument as it sounds in one beat.

    Attributes:
        name: Of the instrument.
        source: What makes its sound.
        brightness: 0 to 1.
        attack: Seconds in which sustained notes swell, beside the sound's own attack.
        tune: How much off concert pitch it is, in cents.
        portamento: Seconds of the slide from the note before.
        softness: Factor on velocities.
        seed: Of phases and noises.
    """

    name: str
    source: Source
    brightness: float
    attack: float
    tune: float
    portamento: float
    softness: float
    seed: int

    @property
    def plucked(self) -> bool:
        """Whether notes die away by themselves."""
        return self.name in PLUCKED

    def layer(self, velocity: float) -> float:
        """The velocity whose tone a note of `velocity` has; there are few, so that notes can be used again."""
        steps = max(1, round(_VELOCITY_LAYERS * velocity * self.softness * self.source.soft))
        return min(1.0, steps / _VELOCITY_LAYERS)

    def note(
        self, pitch: int, seconds: float, layer: float, slide_from: int | None, glide_to: int | None, take: int = 0
    ) -> np.ndarray:
        """Plays one note of a velocity layer; (n,) float32. `take` tells repetitions of a note from one another."""
        octave, source = 12 * self.source.octave, self.source
        slide = slide_from if self.portamento else None
        if source.preset is None:
            patch = PATCHES[source.patch]
            patch = replace(patch, attack=patch.attack + self.attack, portamento=self.portamento)
            rng = np.random.default_rng([self.seed, pitch, take])
            low = (self.tune + source.tune) / 100 + octave
            targets = {"slide_from": slide, "glide_to": glide_to}
            moved = {key: None if value is None else value + low for key, value in targets.items()}
            return synth_note(patch, pitch + low, seconds, layer, rng, brightness=self.brightness, **moved)
        tune = (self.tune + source.tune) / 100
        bends = np.array([tune])
        if slide is not None or glide_to is not None:
            n = round((seconds + 0.1) * SAMPLE_RATE)
            curve = pitch_curve(n, pitch, seconds, self.portamento, slide, glide_to)
            bends = np.clip(curve[:: n // soundfonts.blocks(seconds + 0.1)] + tune, -24, 24)
        sound = soundfonts.play_note(
            source.preset,
            pitch + octave,
            seconds,
            0.3 + 0.65 * layer,
            ring=_RING_SECONDS[self.plucked],
            bends=bends,
            vibrato=source.vibrato if seconds > 0.25 else 0.0,
        )
        if source.decay:
            sound = sound * np.exp(
                np.arange(len(sound), dtype=np.float32) * np.float32(-1 / (source.decay * SAMPLE_RATE))
            )
        rise = min(len(sound), round(self.attack * SAMPLE_RATE))
        if rise > 1:
            sound[:rise] *= (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise))).astype(np.float32)
        fade = min(len(sound), _FADE)
        sound[len(sound) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        return sound

    def ahead(self) -> float:
        """Seconds by which a player begins earlier so that slow notes are heard in time; 0 for plucked instruments."""
        if self.plucked:
            return 0.0
        heard = self.note(_MIDDLE_PITCH, 0.4, 0.75, None, None)
        frames = np.abs(heard[: len(heard) // _FADE * _FADE]).reshape(-1, _FADE).max(axis=1)
        risen = int(np.argmax(frames > _HEARD_FROM * frames.max())) * _FADE / SAMPLE_RATE
        return min(_MOST_AHEAD, max(0.0, risen - 0.01))

    def finish(self, track: np.ndarray) -> np.ndarray:
        """Sends the whole part through the instrument's amplifier and filters; (n,) float32."""
        source = self.source
        if source.drive:
            loud = np.percentile(np.abs(track), 99) + 1e-9
            track = np.tanh(track * np.float32((1 + 3 * source.drive) / loud)) + 0.1 * track / loud
        cut = source.cut
        if source.preset is not None and self.brightness < 0.5:  # patches have their own filter
            cut = min(cut or 16_000, 9000 * 2.0 ** (-6 * (0.5 - self.brightness)))
        if cut:
            track = sosfilt(butter(2, cut, fs=SAMPLE_RATE, output="sos"), track)
        if source.preset is not None and self.brightness > 0.5:
            sos = butter(1, 2500, "highpass", fs=SAMPLE_RATE, output="sos")
            track = track + 2.2 * (self.brightness - 0.5) * sosfilt(sos, track)
        if source.thin:
            track = sosfilt(butter(2, source.thin, "highpass", fs=SAMPLE_RATE, output="sos"), track)
        return np.asarray(track, np.float32)


def choose_sound(name: str, rng: np.random.Generator, touch: Touch = NEUTRAL, *, synthetic: bool = False) -> Sound:
    """Draws the sound that an instrument has in one beat.

    Args:
        name: Of `typebeat.request.concepts.INSTRUMENTS`.
        rng: Of every choice.
        touch: What the moods ask for.
        synthetic: Whether only synthesised sources may be drawn, which need no soundfonts.

    Returns:
        The sound.
    """
    sources = [each for each in SOURCES[name] if not (synthetic and each.preset)]
    source = sources[int(rng.integers(len(sources)))]
    sustained = name not in PLUCKED
    portamento = PORTAMENTO_SECONDS.get(name, 0.0) * rng.uniform(0.7, 1.4)
    return Sound(
        name,
        source,
        float(np.clip(touch.brightness + rng.uniform(-0.15, 0.15), 0.05, 0.95)),
        float(rng.uniform(0.0, 0.012) * touch.attack**2 + 0.02 * max(0.0, touch.attack - 1)) if sustained else 0.0,
        float(rng.normal(0, 3.0)),
        portamento,
        touch.softness,
        int(rng.integers(2**31)),
    )
