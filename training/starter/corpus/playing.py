"""What each instrument can play, as melody and as chords: its range, how quick it is, and how it plays chords."""

from dataclasses import dataclass

LEAD_LIMITS = (55, 96)


@dataclass(frozen=True)
class Playing:
    """How an instrument is played.

    Attributes:
        low, high: The range of its melodies, as MIDI pitches, within `LEAD_LIMITS`.
        chord_low, chord_high: The range of its chords.
        pace: "slow", "medium" or "quick": how fast its melodies move.
        family: How it plays chords: "keys", "held" (as long as they are held), "guitar", "plucked" or "mallets".
        modes: What it can do with a chord beside its family's own rhythms: of "stabs", "arpeggio" and "sustained".
    """

    low: int
    high: int
    chord_low: int
    chord_high: int
    pace: str
    family: str
    modes: tuple[str, ...]


_ANY, _SHORT, _LONG = ("stabs", "arpeggio", "sustained"), ("stabs", "arpeggio"), ("sustained",)
_HELD_OR_SHORT = ("stabs", "sustained")

PLAYING: dict[str, Playing] = {
    "piano": Playing(55, 96, 45, 79, "quick", "keys", _ANY),
    "felt-piano": Playing(55, 91, 45, 77, "medium", "keys", _ANY),
    "electric-piano": Playing(55, 91, 45, 77, "quick", "keys", _ANY),
    "organ": Playing(55, 91, 48, 77, "medium", "keys", _ANY),
    "clavinet": Playing(55, 86, 48, 77, "quick", "keys", _SHORT),
    "nylon-guitar": Playing(55, 83, 40, 76, "quick", "guitar", _SHORT),
    "electric-guitar": Playing(55, 86, 40, 77, "quick", "guitar", _SHORT),
    "muted-guitar": Playing(55, 79, 40, 74, "quick", "guitar", _SHORT),
    "distorted-guitar": Playing(55, 86, 40, 72, "medium", "guitar", _HELD_OR_SHORT),
    "harp": Playing(55, 95, 45, 84, "quick", "plucked", _SHORT),
    "kalimba": Playing(60, 88, 57, 84, "quick", "mallets", _SHORT),
    "koto": Playing(55, 86, 48, 79, "quick", "plucked", _SHORT),
    "sitar": Playing(55, 81, 48, 76, "medium", "plucked", _SHORT),
    "music-box": Playing(67, 96, 60, 88, "medium", "mallets", _SHORT),
    "celesta": Playing(62, 96, 60, 88, "quick", "mallets", _SHORT),
    "bells": Playing(67, 96, 60, 86, "medium", "mallets", _SHORT),
    "marimba": Playing(55, 91, 48, 81, "quick", "mallets", _SHORT),
    "vibraphone": Playing(55, 89, 53, 82, "medium", "mallets", _ANY),
    "strings": Playing(55, 91, 48, 81, "slow", "held", _HELD_OR_SHORT),
    "pizzicato": Playing(55, 88, 48, 79, "quick", "plucked", _SHORT),
    "violin": Playing(55, 96, 55, 84, "medium", "held", _HELD_OR_SHORT),
    "cello": Playing(55, 76, 43, 74, "slow", "held", _LONG),
    "brass": Playing(55, 77, 46, 76, "medium", "held", _HELD_OR_SHORT),
    "trumpet": Playing(55, 82, 55, 79, "medium", "held", _HELD_OR_SHORT),
    "saxophone": Playing(55, 80, 49, 77, "medium", "held", _HELD_OR_SHORT),
    "flute": Playing(60, 93, 60, 86, "medium", "held", _LONG),
    "pan-flute": Playing(60, 88, 60, 84, "medium", "held", _LONG),
    "whistle": Playing(72, 96, 67, 90, "slow", "held", _LONG),
    "choir": Playing(55, 79, 48, 77, "slow", "held", _HELD_OR_SHORT),
    "ooh": Playing(55, 79, 50, 77, "slow", "held", _LONG),
    "vocal-chop": Playing(57, 81, 52, 77, "quick", "held", _HELD_OR_SHORT),
    "hum": Playing(55, 74, 48, 72, "slow", "held", _LONG),
    "accordion": Playing(55, 89, 52, 79, "medium", "keys", _ANY),
    "saw": Playing(55, 91, 48, 79, "quick", "held", _ANY),
    "square": Playing(55, 91, 50, 79, "quick", "held", _ANY),
    "pluck": Playing(55, 93, 50, 82, "quick", "plucked", _SHORT),
    "pad": Playing(55, 88, 48, 79, "slow", "held", _LONG),
    "glide-lead": Playing(57, 91, 52, 79, "medium", "held", _LONG),
}

ARPEGGIATING_LEADS = ("saw", "square", "pluck", "harp", "kalimba", "marimba", "music-box", "celesta", "muted-guitar")
GRACING_LEADS = ("flute", "pan-flute", "violin", "koto", "accordion", "piano", "sitar", "trumpet", "saxophone")
SLIDING_LEADS = {"glide-lead": 0.6, "sitar": 0.25, "electric-guitar": 0.1, "distorted-guitar": 0.18, "cello": 0.06}
OCTAVE_LEADS = ("piano", "electric-piano", "strings", "brass", "saw", "square", "celesta", "pluck")
