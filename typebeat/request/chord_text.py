"""Chords written as text, such as "Fm7 | Db | Ab Eb", to a chart: which chord sounds from which beat and for how long.

Without bar lines each chord fills a bar; between bar lines the chords of a bar share its beats. What is not a chord is
refused with one line that repeats it and says what would be right. What is not done here: no notes (see
`midi/voicing.py`), no key, no roman numerals. Standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from typebeat.request.chord_names import EXAMPLES, SIGNS, Chord, read_chord, wrong
from typebeat.request.chord_words import SLASHES, words_of
from typebeat.request.options import shown

MOST_CHARACTERS = 1_000
MOST_BARS = 64  # as many as a beat has at most
FEWEST_BEATS, MOST_BEATS = 2, 12  # in a bar

_REPEAT = re.compile(r"(?:[x×*]\s*(\d+)|(\d+)\s*[x×])", re.IGNORECASE)
_BEATS = re.compile(r"(.+?):(\d+(?:\.\d+)?)")
_BARS = ("|", "|:")
_SIMILES = ("%", "𝄎")
_HAS_BARS = re.compile(r"\||(?<!\S)[%𝄎](?!\S)")
_NOT_ENDED = "a repeat that |: begins has no end: write :| behind it"
_Cell = tuple[str, ...]  # the words of a bar, or one word where there are no bars


@dataclass(frozen=True)
class ChordChart:
    """Chords one after another, without a gap.

    Attributes:
        chords: In order; at least one of them sounds.
        beats_per_bar: 2 to 12.
    """

    chords: tuple[Chord, ...]
    beats_per_bar: int

    @property
    def beats(self) -> float:
        """Length of all chords together."""
        return self.chords[-1].start + self.chords[-1].beats

    @property
    def bars(self) -> int:
        """Bars that the chords take; a started one counts."""
        return int(-(-self.beats // self.beats_per_bar))

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds at a beat; beyond its end the chart begins anew."""
        beat %= self.bars * self.beats_per_bar
        return next((chord for chord in reversed(self.chords) if chord.start <= beat), self.chords[0])


def read_chords(text: str, beats_per_bar: int = 4) -> ChordChart:
    """Reads a chart.

    Args:
        text: Chords apart by spaces, commas or dashes. "|" stands between bars, "%" for the bar before, "/" for
            the same chord once more, "Am:2" for two beats of it; "x2" plays the line up to there twice, and "N.C." is
            no chord. Without a "|" each chord fills a bar, or a beat where there are "/".
        beats_per_bar: 2 to 12.

    Raises:
        RequestError: of the field "chords": it is empty or too long, or holds what is no chord.
    """
    if not isinstance(text, str):
        raise wrong(f"chords must be text such as {EXAMPLES}, not {shown(text)}")
    if not FEWEST_BEATS <= beats_per_bar <= MOST_BEATS:
        raise wrong(f"a bar must have {FEWEST_BEATS} to {MOST_BEATS} beats, not {beats_per_bar}")
    if len(text) > MOST_CHARACTERS:
        raise wrong(f"the chords are {len(text):,} characters long; {MOST_CHARACTERS:,} are allowed")
    plain = unicodedata.normalize("NFC", text).translate(SIGNS)
    has_bars = bool(_HAS_BARS.search(plain))
    lines = [words for line in plain.splitlines() if (words := words_of(line, has_bars))]
    counted = [not has_bars and not set(words).isdisjoint(SLASHES) for words in lines]
    if any(counted) and not all(counted):
        raise wrong("some lines count beats with / or . and others do not: put | between bars")
    beats_a_word = 1 if any(counted) else beats_per_bar
    cells = _read_lines(lines, has_bars)
    if len(cells) * beats_a_word > MOST_BARS * beats_per_bar:
        raise wrong(f"the chords fill more than {MOST_BARS} bars")
    chords: list[Chord] = []
    for number, cell in enumerate(cells, start=1):
        for word, beats in zip(cell, _shares(cell, number, beats_a_word, has_bars), strict=True):
            _append(chords, word, beats)
    if not any(chord.root is not None for chord in chords):
        raise wrong(f"there is no chord in {shown(text)}; write chords such as {EXAMPLES}")
    if chords[-1].start + chords[-1].beats > MOST_BARS * beats_per_bar:
        raise wrong(f"the chords fill more than {MOST_BARS} bars")
    chart = ChordChart(tuple(chords), beats_per_bar)
    if any(counted) and chart.beats % beats_per_bar:
        raise wrong(f"with / or . each sign is a beat, and {chart.beats:g} make no whole bars: put | between bars")
    return chart


def _read_lines(lines: list[list[str]], has_bars: bool) -> list[_Cell]:
    """The bars of all lines, or their chords where there are no bars, with what is repeated played out."""
    cells: list[_Cell] = []
    opened: int | None = None  # where a |: waits for its end
    for words in lines:
        open_cell: list[str] = []
        repeated_from = len(cells) if opened is None else opened
        for word in [*words, "|"]:
            times = _REPEAT.fullmatch(word)
            if open_cell and (times or word in _BARS or not has_bars):
                cells.append(_closed(open_cell, cells))
                open_cell = []
            if times:
                count = int(times[1] or times[2])
                if not count or repeated_from == len(cells):
                    raise wrong(f'{shown(word)}: a repeat stands behind what it repeats, such as "Am F x2"')
                cells += cells[repeated_from:] * (min(count, MOST_BARS + 1) - 1)
                repeated_from, opened = len(cells), None
            elif word == "|:" and opened is not None:
                raise wrong(_NOT_ENDED)
            elif word == "|:":
                repeated_from = opened = len(cells)
            elif word != "|":
                open_cell.append(word)
            if len(cells) > MOST_BARS * MOST_BEATS:
                raise wrong(f"the chords fill more than {MOST_BARS} bars")
    if opened is not None:
        raise wrong(_NOT_ENDED)
    return cells


def _closed(cell: list[str], before: list[_Cell]) -> _Cell:
    """A bar that is complete; a simile stands for the one before it."""
    if set(cell).isdisjoint(_SIMILES):
        return tuple(cell)
    sign = next(word for word in cell if word in _SIMILES)
    if len(cell) > 1:
        raise wrong(f"{shown(sign)} is a whole bar: put | around it, or write / for one more share of a bar")
    if not before:
        raise wrong(f"{shown(sign)} repeats the bar before it, and there is none")
    return before[-1]


def _shares(cell: _Cell, number: int, beats: int, has_bars: bool) -> list[float]:
    """How many beats each word of a cell lasts: as it says, the others even shares of what is left of the bar."""
    said = [float(found[2]) if (found := _BEATS.fullmatch(word)) else None for word in cell]
    for word, length in zip(cell, said, strict=True):
        if length is not None and not 0 < length <= MOST_BARS * MOST_BEATS:
            raise wrong(f"{shown(word)} must last longer than 0 beats and no longer than the chart")
    if not has_bars:
        return [beats if length is None else length for length in said]
    left, open_words = beats - sum(filter(None, said)), said.count(None)
    if left < 0 or (left and not open_words) or (open_words and not left):
        raise wrong(f"bar {number} ({shown(' '.join(cell))}) does not add up to {beats} beats")
    unit = 1.0 if open_words <= left else 0.5
    units = int(left / unit)
    if open_words > units:
        raise wrong(f"bar {number} holds {open_words} chords in {left:g} beats; up to {units} fit: put | between bars")
    each, longer = divmod(units, max(1, open_words))
    shares = iter([(each + (place < longer)) * unit for place in range(open_words)])
    return [next(shares) if length is None else length for length in said]


def _append(chords: list[Chord], word: str, beats: float) -> None:
    """Puts a word's chord behind the others; a slash makes the last one longer."""
    last = chords[-1] if chords else None
    if word in SLASHES:
        if last is None:
            raise wrong(f"{shown(word)} stands for the chord before it, and there is none")
        chords[-1] = replace(last, beats=last.beats + beats)
        return
    found = _BEATS.fullmatch(word)
    chord = read_chord(found[1] if found else word)
    chords.append(replace(chord, start=last.start + last.beats if last else 0.0, beats=float(beats)))
