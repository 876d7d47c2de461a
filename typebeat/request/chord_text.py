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
from typebeat.request.options import shown

MOST_CHARACTERS = 1_000
MOST_BARS = 64  # as many as a beat has at most
FEWEST_BEATS, MOST_BEATS = 2, 12  # in a bar

_REPEAT = re.compile(r"(?:[x×*]\s*(\d+)|(\d+)\s*[x×])", re.IGNORECASE)
_BEATS = re.compile(r"(.+?):(\d+(?:\.\d+)?)")
_BARS = ("|", "|:")
_SIMILES = ("%", "𝄎")
_SLASHES = ("/", ".", "~")  # the same chord for one more share of the bar
_ONLY_BETWEEN = re.compile(r"[-–—→>,;]+")  # stand between chords and mean nothing
_REPEAT_SIGN = re.compile(r":\s*\|+(?:\s*[(\[]?\s*(?:[x×*]\s*(\d+)|(\d+)\s*[x×])(?!\w)[)\]]?)?", re.IGNORECASE)
_HELD = re.compile(r"(?<!\S)[-–—](?:\s+[-–—])+(?!\S)")  # "Am - - F" holds Am
_RUN_OF_SLASHES = re.compile(r"[/~]{2,}|\.\.")
_APART = re.compile(r"b(?:5|9|13)?")  # an alteration, which would be read as a chord on B
_LABEL = re.compile(r"\s*(?:\[[A-G]\]|[A-G][.)])\s+(?=\S)")  # of a section
_LABEL_LIKE = re.compile(r"\[[A-G]\]|(?<!\S)[A-G][.)](?!\S)")
_ALTERED = re.compile(r"(?<=[^\s|(])\([^()|]*\)")  # "C7(b9, b13)" is one chord
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
    lines = [_words(line) for line in unicodedata.normalize("NFC", text).translate(SIGNS).splitlines()]
    words = {word for line in lines for word in line}
    has_bars = not words.isdisjoint((*_BARS, *_SIMILES))
    beats_a_word = 1 if not has_bars and not words.isdisjoint(_SLASHES) else beats_per_bar
    if beats_a_word == 1 and any(line and set(line).isdisjoint(_SLASHES) for line in lines):
        raise wrong("a line with / counts beats, and one without counts bars; put / into all lines, or | between bars")
    cells = _read_lines(lines, has_bars, MOST_BARS * beats_per_bar // beats_a_word)
    chords: list[Chord] = []
    for number, cell in enumerate(cells, start=1):
        for word, beats in zip(cell, _shares(cell, number, beats_a_word, has_bars), strict=True):
            _append(chords, word, beats)
    if not any(chord.root is not None for chord in chords):
        raise wrong(f"there is no chord in {shown(text)}; write chords such as {EXAMPLES}")
    length = chords[-1].start + chords[-1].beats
    if beats_a_word == 1 and beats_per_bar > 1 and length % beats_per_bar:
        raise wrong(
            f"'/' is one more beat of the chord before it, and these fill {length:g} beats, which are no whole bars; "
            "without any '/' each chord fills a bar"
        )
    if length > MOST_BARS * beats_per_bar:
        raise wrong(f"the chords fill more than {MOST_BARS} bars")
    return ChordChart(tuple(chords), beats_per_bar)


def _words(line: str) -> list[str]:
    """The chords and signs of a line, without what only stands between them and without a label such as "A)"."""
    label = _LABEL.match(line)
    if label and not _LABEL_LIKE.search(line, label.end()):
        line = line[label.end() :]
    line = _ALTERED.sub(lambda found: re.sub(r"[\s,;]+", "", found[0]), line)
    line = _REPEAT_SIGN.sub(lambda found: f" | x{found[1] or found[2] or 2} | ", line)
    line = re.sub(r"\|+\s*:", " |: ", line)
    line = re.sub(r"\|+(?!:)", " | ", line)
    line = _HELD.sub(lambda found: re.sub(r"[-–—]", "/", found[0]), line)
    line = re.sub(r"(?<=[^\s\-–—>])\s*(?:->|[–—→>,;]|-(?=[A-G]))\s*", " ", line)
    words: list[str] = []
    for word in re.sub(r"([x×*])\s+(?=\d+\b)", r"\1", line).split():
        if _RUN_OF_SLASHES.fullmatch(word):
            raise wrong(f"put spaces into {shown(word)}: each sign is one more share of the bar")
        word = (
            word.strip("[]{}\"'").rstrip(".").lstrip("(") if word.upper() != "N.C." and word not in _SLASHES else word
        )
        word = word.removesuffix(")") if word.count(")") > word.count("(") else word
        if _APART.fullmatch(word) and words and words[-1][:1] in "ACDEFG":
            whole = f"{words[-1]}{word}, or B{word[1:]} for a chord on B"
            raise wrong(f"{shown(word)} stands apart from its chord: write {whole}")
        if word and not _ONLY_BETWEEN.fullmatch(word):
            words.append(word)
    return words


def _read_lines(lines: list[list[str]], has_bars: bool, most: int) -> list[_Cell]:
    """The cells of all lines, `most` at most: bars, or chords where there are no bars. A line ends a bar."""
    cells: list[_Cell] = []
    is_open = False  # whether a "|:" still waits for its ":|", maybe on a later line
    repeated_from = 0
    for words in lines:
        repeated_from = repeated_from if is_open else len(cells)
        open_cell: list[str] = []
        before = ""
        for place, word in enumerate([*words, "|"]):
            times = _REPEAT.fullmatch(word)
            if open_cell and (times or word in _BARS or not has_bars):
                cells += _closed(open_cell, cells)
                open_cell = []
            elif word == before == "|" and place < len(words) and set(words) != {"|"}:
                raise wrong("a bar is empty: write % for the bar before it, or N.C.")
            if times:
                cells += _again(word, cells[repeated_from:], int(times[1] or times[2]))
                repeated_from, is_open = len(cells), False
            elif word == "|:":
                repeated_from, is_open = len(cells), True
            elif word != "|":
                open_cell.append(word)
            before = "" if before.startswith("x") else word
            if len(cells) > most:
                raise wrong(f"the chords fill more than {MOST_BARS} bars")
    return cells


def _closed(words: list[str], cells: list[_Cell]) -> list[_Cell]:
    """A bar that ends, or what "%" repeats."""
    if not any(word in _SIMILES for word in words):
        return [tuple(words)]
    if len(words) > 1:
        bar = shown(" ".join(words))
        raise wrong(f"'%' is a whole bar, but stands in {bar}: put | around it, or / for one more share")
    if not cells:
        raise wrong(f"{shown(words[0])} repeats the bar before it, and there is none")
    return cells[-1:]


def _again(word: str, cells: list[_Cell], times: int) -> list[_Cell]:
    """What is added where a line or the bars behind "|:" are played some times."""
    if not cells or times < 1:
        raise wrong(f'{shown(word)} stands behind what it repeats, and counts from 1, such as "Am F x2"')
    return cells * (min(times, MOST_BARS + 1) - 1)


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
    if word in _SLASHES:
        if last is None:
            raise wrong(f"{shown(word)} stands for the chord before it, and there is none")
        chords[-1] = replace(last, beats=last.beats + beats)
        return
    found = _BEATS.fullmatch(word)
    chord = read_chord(found[1] if found else word)
    chords.append(replace(chord, start=last.start + last.beats if last else 0.0, beats=float(beats)))
