"""The records of a corpus beat: what was planned, the chords, and every note of every part.

Times are in beats (quarter notes) from the first downbeat; `render` turns them into seconds. Swing is already in the
times of notes; the push and drag of a player (`Hit.late`) is in seconds.
"""

from dataclasses import dataclass, field

PARTS = ("drums", "808", "chords", "melody")
DRUMS = (
    *("kick", "snare", "clap", "snap", "rim", "closed_hat", "open_hat", "crash", "ride"),
    *("shaker", "tom_low", "tom_high", "cowbell", "conga", "perc", "riser"),
)
SECTIONS = ("loop", "intro", "verse", "hook", "bridge", "break", "outro")


@dataclass(frozen=True)
class Section:
    """A part of the song form: one of `SECTIONS`, its first bar and its length in bars."""

    name: str
    first_bar: int
    bars: int


@dataclass(frozen=True)
class Plan:
    """What a beat is, before a note of it is written. Names are those of `typebeat.request.concepts`.

    Attributes:
        seed: Of everything random.
        style: A slug of `typebeat.request.styles.STYLES`, or "" for a beat of no artist's style.
        bpm: Tempo.
        key: A name of `typebeat.request.words.KEYS`.
        scale: "minor", "harmonic-minor", "phrygian", "dorian", "major", "mixolydian" or "lydian".
        bars: Length.
        swing: Share of a pair of sixteenths that the first one takes; 0.5 is straight.
        groove: Of `GROOVES`.
        moods: One or two.
        lead, chord_sound: Instruments.
        counter: Instrument of a counter-melody in the melody's part, or "".
        bass_sound: "808", "bass-guitar", "upright-bass" or "synth-bass".
        drum_traits, bass_traits, melody_traits, harmony_traits, effects: Further concepts, such as "rolls".
        left_out: Parts (of `PARTS`) that are silent throughout, as asked for.
        sections: The song form, in order, without gaps.
    """

    seed: int
    style: str
    bpm: float
    key: str
    scale: str
    bars: int
    swing: float
    groove: str
    moods: tuple[str, ...]
    lead: str
    chord_sound: str
    counter: str
    bass_sound: str
    drum_traits: tuple[str, ...]
    bass_traits: tuple[str, ...]
    melody_traits: tuple[str, ...]
    harmony_traits: tuple[str, ...]
    effects: tuple[str, ...]
    left_out: tuple[str, ...]
    sections: tuple[Section, ...]

    def section_at(self, bar: int) -> Section:
        """Returns the section that a bar belongs to."""
        return next(s for s in self.sections if s.first_bar <= bar < s.first_bar + s.bars)


@dataclass(frozen=True)
class Chord:
    """A chord as it is named: start and length in beats, pitch class of root and bass (0 is C), quality ("m7" ...)."""

    beat: float
    length: float
    root: int
    quality: str
    bass: int

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes from the root up."""
        return tuple((self.root + step) % 12 for step in QUALITIES[self.quality])


QUALITIES = {  # semitones above the root
    **{"": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus2": (0, 2, 7), "sus4": (0, 5, 7)},
    **{"7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9)},
    **{"mmaj7": (0, 3, 7, 11), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "add9": (0, 4, 7, 14), "madd9": (0, 3, 7, 14)},
    **{"9": (0, 4, 7, 10, 14), "maj9": (0, 4, 7, 11, 14), "m9": (0, 3, 7, 10, 14), "5": (0, 7)},
}


@dataclass(frozen=True)
class Hit:
    """A drum hit: `beat`, `drum` of `DRUMS`, `velocity` in (0, 1], and how many seconds late it falls."""

    beat: float
    drum: str
    velocity: float
    late: float = 0.0


@dataclass(frozen=True)
class Event:
    """A tuned note: start and length in beats, MIDI pitch, velocity in (0, 1], the pitch it glides to, who plays it.

    `voice` is 0 for the part's main sound and 1 for the second one (a counter-melody in the melody's part).
    """

    beat: float
    length: float
    pitch: int
    velocity: float
    glide_to: int | None = None
    voice: int = 0


@dataclass(frozen=True)
class Score:
    """A whole beat in notes."""

    plan: Plan
    chords_named: tuple[Chord, ...] = field(repr=False)
    hits: tuple[Hit, ...] = field(repr=False)
    bass: tuple[Event, ...] = field(repr=False)
    chords: tuple[Event, ...] = field(repr=False)
    melody: tuple[Event, ...] = field(repr=False)
