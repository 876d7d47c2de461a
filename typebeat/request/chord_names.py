"""One chord as the field writes it, such as "C#m7b5" or "Cmaj7/E": its root, its kind and its bass.

Both accidentals, the signs of jazz charts and the longer words are read; what is no chord is refused with one line.
Charts of several chords are read by `chord_text.py`. Standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from typebeat.request.options import RequestError, shown
from typebeat.request.words import NOTE_NAMES

FIELD = "chords"  # which field an error names
NO_CHORD = "N.C."
EXAMPLES = '"Am F C G" or "Fm7 | Db | Ab Eb"'

QUALITIES = {  # ending of the name -> semitones above the root
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "aug7": (0, 4, 8, 10),
    "7sus4": (0, 5, 7, 10),
    "7b5": (0, 4, 6, 10),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "69": (0, 4, 7, 9, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "9sus4": (0, 5, 7, 10, 14),
    "11": (0, 7, 10, 14, 17),
    "m11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21),
    "maj13": (0, 4, 7, 11, 14, 21),
    "m13": (0, 3, 7, 10, 14, 21),
}
# other ways to write the same, after `_plain_quality` has made them lower case and taken out brackets and commas
_SPELLINGS = {
    **{"maj": "", "major": "", "min": "m", "minor": "m", "power": "5", "no3": "5", "sus": "sus4", "o": "dim"},
    **{"o7": "dim7", "ø": "m7b5", "ø7": "m7b5", "min7b5": "m7b5", "mb5": "dim", "m7-5": "m7b5", "dom7": "7"},
    **{"+": "aug", "#5": "aug", "+7": "aug7", "7#5": "aug7", "7+": "aug7", "7aug": "aug7", "maj6": "6", "min6": "m6"},
    **{"δ": "maj7", "δ7": "maj7", "δ9": "maj9", "j7": "maj7", "ma7": "maj7", "major7": "maj7", "7maj": "maj7"},
    **{"min7": "m7", "mi7": "m7", "minor7": "m7", "mi": "m", "ma": "", "mδ": "mmaj7", "mδ7": "mmaj7", "mj7": "mmaj7"},
    **{"minmaj7": "mmaj7", "mma7": "mmaj7", "m+7": "mmaj7", "2": "add9", "add2": "add9", "4": "sus4", "7sus": "7sus4"},
    **{"sus47": "7sus4", "sus7": "7sus4", "sus9": "9sus4", "9sus": "9sus4", "madd2": "madd9", "minadd9": "madd9"},
    **{"m(add9)": "madd9", "6/9": "69", "6add9": "69", "ma9": "maj9", "major9": "maj9", "min9": "m9", "mi9": "m9"},
    **{"dom9": "9", "min11": "m11", "ma13": "maj13", "min13": "m13", "7-9": "7b9", "7+9": "7#9", "7alt": "7#9"},
    **{"majadd9": "add9", "majadd2": "add9", "mi7b5": "m7b5", "ma6": "6", "mi6": "m6", "miadd9": "madd9"},
    **{"minor9": "m9", "mi11": "m11", "mi13": "m13", "7add9": "9", "m7add9": "m9", "maj7add9": "maj9", "add6": "6"},
    **{"madd6": "m6", "aug5": "aug", "7-5": "7b5", "minm7": "mmaj7", "mimaj7": "mmaj7", "minδ7": "mmaj7"},
}
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "b": -1, "": 0, "##": 2, "bb": -2}
_CHORD = re.compile(r"([A-Ga-g])(##|bb(?!5)|#|b|)(.*)", re.DOTALL)
_NOTE = re.compile(r"([A-Ga-g])(##|bb|#|b|)")
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*")
# M7 is major and m7 minor; Min, MI and their like are minor
_MAJOR = re.compile(r"^(?:Maj|MAJ)(?=\d|$)|^M(?!(?i:inor|in|i|ajor|aj|a)(?:[^a-z]|add|$))")
_NUMERAL = r"[b#]?(?:iv|v?i{1,3}|v)(?:7|maj7|dim|°|o)?|[1-7]m?"
_ROMAN = re.compile(rf"(?:{_NUMERAL})(?:-(?:{_NUMERAL}))*", re.IGNORECASE)
SIGNS = str.maketrans(
    {"♯": "#", "♭": "b", "＃": "#", "Δ": "δ", "△": "δ", "∆": "δ", "º": "o", "°": "o", "Ø": "ø", "−": "-", "｜": "|"}
    | {"∅": "ø", "⌀": "ø", "‐": "-", "‑": "-", "·": " ", "•": " ", "│": "|", "¦": "|", "∣": "|"}
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
    | dict.fromkeys("“”„‘’\u200b\ufeff", "")
)


@dataclass(frozen=True)
class Chord:
    """One chord of a chart.

    Attributes:
        start: Beats from the chart's start, >= 0.
        beats: Length in beats, > 0.
        root: Pitch class, 0 (C) to 11 (B); None where no chord sounds.
        quality: A name of `QUALITIES`.
        bass: Pitch class of the lowest note; the root's unless a slash names another; None where no chord sounds.
        text: The chord as it was written, such as "Cmaj7/E".
    """

    start: float
    beats: float
    root: int | None
    quality: str
    bass: int | None
    text: str

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """What sounds, the root first, then the bass if it is none of the chord's own; empty for no chord."""
        if self.root is None or self.bass is None:
            return ()
        tones = [(self.root + step) % 12 for step in QUALITIES[self.quality]]
        return tuple(dict.fromkeys([*tones, self.bass]))

    @property
    def name(self) -> str:
        """The usual name with sharps, such as "A#m7" or "Cmaj7/E"."""
        if self.root is None or self.bass is None:
            return NO_CHORD
        slash = "" if self.bass == self.root else f"/{NOTE_NAMES[self.bass]}"
        return f"{NOTE_NAMES[self.root]}{self.quality}{slash}"


def read_chord(word: str) -> Chord:
    """Reads one chord, such as "Cmaj7/E" or "N.C."; a beat long.

    Raises:
        RequestError: of the field "chords": it is no chord.
    """
    if word.upper().replace(".", "") == "NC":
        return Chord(0, 1, None, "", None, word)
    name, slash, low = word.partition("/")
    if slash and low.startswith("9"):  # 6/9
        name, (low, slash) = f"{name}/9", (low[1:].removeprefix("/"), low[1:2])
    if word[:1] in "Hh" and _quality(name[1:]) is not None:
        raise wrong(f"{shown(word)} is no chord here: the German H is written B, and the German B is Bb")
    found = _CHORD.fullmatch(name)
    numerals = _ROMAN.fullmatch(word)
    if not found or numerals:
        hint = "; numerals need a key: write the chords by their letters" if numerals else ""
        raise wrong(f"{shown(word)} is no chord; write a note from A to G and its kind, such as {EXAMPLES}{hint}")
    letter, accidental, ending = found.groups()
    quality = _quality(ending)
    if quality is None:
        kinds = "m, 7, maj7, m7, dim, aug, sus4, 6, 9, add9 and their like"
        raise wrong(f"{shown(word)}: {shown(ending)} is no kind of chord; there are {kinds}")
    root = (_LETTERS[letter.upper()] + _ACCIDENTALS[accidental]) % 12
    bass = root
    if slash:
        note = _NOTE.fullmatch(low)
        if low in ("H", "h"):
            raise wrong(f"{shown(word)}: the German H is written B, and the German B is Bb")
        if not note:
            raise wrong(f"{shown(word)}: the bass behind the slash must be a note such as E or Bb, not {shown(low)}")
        bass = (_LETTERS[note[1].upper()] + _ACCIDENTALS[note[2]]) % 12
    return Chord(0, 1, root, quality, bass, word)


def _quality(ending: str) -> str | None:
    """The name in `QUALITIES` of what stands behind a root; None if it is no kind of chord."""
    if not _BALANCED.fullmatch(ending):
        return None
    plain = re.sub(r"[(),\s]", "", ending).replace("^", "δ")
    plain = _MAJOR.sub("maj", plain)
    plain = plain.removeprefix("maj") if plain.startswith(("majδ", "majsus")) else plain
    plain = re.sub(r"^-(?!5)", "m", plain)
    plain = re.sub(r"^m(?:M|Maj)(?=7)", "mmaj", plain).lower()
    plain = _SPELLINGS.get(plain, plain)
    return plain if plain in QUALITIES else None


def wrong(message: str) -> RequestError:
    """An error of the field that holds chords."""
    return RequestError(FIELD, message)
