"""A prompt made ready for reading: folded beside what was typed, split into words, and how much of it has been read.

Folding undoes full-width forms, accents and capitals, one character for one, so that every reading can say exactly
from which of the typed words it comes.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST = 4000  # characters; what stands behind them is not read
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "´": "'", "`": "'", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "〜": "~", "ø": "o"}
    | {
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "ı": "i",
        "♯": "#",
        "ß": "s",
        "æ": "e",
        "œ": "e",
        "・": " ",
        "、": ", ",
        "。": ". ",
    }
)
_BLANKS = str.maketrans("\r\t\v\f", "    ")
_KANA_MARKS = "\u3099\u309a"  # these change a syllable, they are no accents
_CJK = r"\u3005-\u30fa\u30fc-\u30ff\u3400-\u9fff"
_LETTER = rf"[^\W\d_{_CJK}]"
_ELISION = "[ldjnsmtc]|qu|un|dell|all|nell|sull|dall"  # of French and Italian: a word of its own
_TOKEN = re.compile(
    rf"(?P<word>https?://[^\s,]+|w/(?:out|o)?(?!\w)|(?:{_ELISION})'(?={_LETTER})|{_LETTER}+(?:['&]{_LETTER}+)*)|(?P<number>\d+(?:[.,]\d+)?)"
    rf"|(?P<cjk>[{_CJK}])|(?P<mark>[^\w\s]|_|\n)"
)
SOFT_MARKS = frozenset("-_'\"“”«»„*~")  # these may stand inside a phrase; every other mark parts two


class Token(NamedTuple):
    """A word, a number, one Chinese or Japanese character, or one mark, with its place in the folded text."""

    text: str
    kind: str
    start: int
    end: int


@dataclass
class Text:
    """A prompt while it is read.

    Attributes:
        typed: As it was typed.
        plain: Without accents and full-width forms, capitals kept.
        low: `plain` in lower case, of the same length.
        places: For each character of `plain`, where it stands in `typed`; one more at the end.
        tokens: The words, numbers and marks of `low`.
        taken: For each character of `plain`, whether some reader has made something of it.
    """

    typed: str
    plain: str
    low: str
    places: list[int]
    tokens: list[Token]
    taken: bytearray = field(default_factory=bytearray)

    @classmethod
    def of(cls, typed: str) -> "Text":
        """Folds and splits a prompt."""
        typed = typed[:LONGEST]
        if typed.isascii():
            plain = typed.translate(_BLANKS)
            low = plain.lower()
            return cls(typed, plain, low, [*range(len(typed) + 1)], tokens_of(low), bytearray(len(plain)))
        letters: list[str] = []
        places: list[int] = []
        for cluster, place in _clusters(typed):
            folded = _folded(cluster)
            letters.extend(folded)
            places.extend([place] * len(folded))
        plain = "".join(letters)
        low = "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in plain)
        return cls(typed, plain, low, [*places, len(typed)], tokens_of(low), bytearray(len(plain)))

    def words(self, start: int, end: int) -> str:
        """What was typed at a span of the folded text."""
        return self.typed[self.places[start] : self.places[end]].strip()

    def take(self, start: int, end: int) -> None:
        """Marks a span as read."""
        self.taken[start:end] = b"\1" * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Whether no reader has made anything of a span yet."""
        return not any(self.taken[start:end])

    def token_at(self, start: int) -> int:
        """Returns the index of the first token that begins at or behind a place."""
        return bisect_left(self.tokens, start, key=lambda token: token.start)


def tokens_of(low: str) -> list[Token]:
    """Splits folded text into words, numbers, single Chinese or Japanese characters, and marks."""
    return [Token(found.group(), found.lastgroup or "", *found.span()) for found in _TOKEN.finditer(low)]


def fold(words: str) -> str:
    """Returns words as they stand in `Text.low`."""
    if words.isascii():
        return words.translate(_BLANKS).lower()
    return Text.of(words).low


def _clusters(typed: str) -> Iterable[tuple[str, int]]:
    """Yields each character with the marks that combine with it, and its place."""
    begin = 0
    for place in range(1, len(typed) + 1):
        if place == len(typed) or not (unicodedata.combining(typed[place]) or typed[place] in "ﾞﾟ"):
            yield typed[begin:place], begin
            begin = place


def _folded(cluster: str) -> str:
    if cluster.isascii():
        return cluster.translate(_BLANKS)
    compatible = unicodedata.normalize("NFKC", cluster).translate(_ALIKE)
    parted = unicodedata.normalize("NFD", compatible)
    kept = "".join(part for part in parted if not unicodedata.combining(part) or part in _KANA_MARKS)
    return unicodedata.normalize("NFC", kept)
