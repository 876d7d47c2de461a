"""Splits a line of a chord chart into words: chords, bar lines, counts and signs. What would be lost is refused.

What the words mean is read by `chord_text.py`. Standard library only.
"""

from __future__ import annotations

import re

from typebeat.request.chord_names import wrong
from typebeat.request.options import shown

SLASHES = ("/", ".", "~")  # the same chord for one more share of the bar
_COUNT = r"(?:[x×*]\s*\d+|\d+\s*[x×])(?!\w)"
_REPEAT_SIGN = re.compile(rf":\s*\|+(?:\s*[(\[]?\s*({_COUNT})[)\]]?)?", re.IGNORECASE)
_HELD = re.compile(r"(?<!\S)[-–—](?:\s+[-–—])+(?!\S)")  # dashes in a row hold a chord, a single one does not
_BETWEEN = re.compile(r"(?<=[^\s\-–—>])\s*(?:->|[–—→>,;]|-(?=[A-G]))\s*")
_ONLY_BETWEEN = re.compile(r"[-–—→>,;]+")  # stand between chords and mean nothing
_REFUSED = (  # what is looked for in a line -> what is wrong with the words that it finds
    (r"(?<!:)\|([\s,;–—-]+)\|(?!\s*:)", "there is no chord in a bar: write % for the bar before it, or N.C."),
    (r"^\s*([A-Ha-h]\d?[).:])\s+\S", "{} looks like a section's name: leave it out"),
    (r"^\s*(\[[A-H]\])[^\[\]]*\w[^\[\]]*$", "{} looks like a section's name: leave it out"),
    (r"(?<!\S)[A-G]\S*\s+\(?(b(?:5|9|13)?)\)?(?!\S)", "{} stands apart: write it behind its chord, or B for a chord"),
    (rf"\S\s*(\[[^\[\]]*\s[^\[\]]*\])\s*{_COUNT}", "{} is not all that would repeat: write |: and :| around it"),
    (r"(?<!\S)([,;'])\s+\1(?!\S)", "{} does not hold a chord: write / for one more share"),
    (r"(?<!\S)(/{2,})(?!\S)", "{}: put spaces between, such as / /"),
    (
        r"(?<!\S)[A-G]\S*\s+((?:maj|min|m|dim|aug|sus|add)(?:or)?\d*|[5679]|11|13)(?!\S)",
        "{} stands apart: write it without a space",
    ),
)


def words_of(line: str, has_bars: bool) -> list[str]:
    """The chords and signs of a line, without what only stands between them."""
    line = re.sub(rf"[(\[]\s*({_COUNT})\s*[)\]]", r" \1 ", line, flags=re.IGNORECASE)
    line = re.sub(r"(?<=[\w#+])\([^()|]*\)", lambda found: re.sub(r"[,;\s]", "", found[0]), line)
    _refuse_what_would_be_lost(line, has_bars)
    line = re.sub(rf"^\s*\(([^()]*)\)\s*({_COUNT})?\s*$", r"\1 \2", line, flags=re.IGNORECASE)
    line = _REPEAT_SIGN.sub(lambda found: f" | {found[1] or 'x2'} | ", line)
    line = re.sub(r"\|+\s*:", " |: ", line)
    line = re.sub(r"\|+(?!:)", " | ", line).replace("][", "] [")
    line = _HELD.sub(lambda found: re.sub(r"[-–—]", "/", found[0]), line)
    line = _BETWEEN.sub(" ", line)
    line = re.sub(r"([x×*])\s+(?=\d+\b)|(?<!\S)(\d+)\s+(?=[x×](?!\w))", r"\1\2", line, flags=re.IGNORECASE)
    words = []
    for word in line.split():
        word = word.strip("[]{}\"'").rstrip(".") if word.upper() != "N.C." and word not in SLASHES else word
        if word and not _ONLY_BETWEEN.fullmatch(word):
            words.append(word)
    return words


def _refuse_what_would_be_lost(line: str, has_bars: bool) -> None:
    """Refuses what has no place in a chart, and would else be dropped or taken for a chord."""
    for pattern, message in _REFUSED:
        if found := re.search(pattern, line):
            raise wrong(message.format(shown(found[1])))
    dots = re.search(r"\.{2,}|…", line) if has_bars else re.search(r"(?<!\S)\.{2,}(?=\s+\S)", line)
    if dots:
        raise wrong(f"{shown(dots[0])}: put spaces between, such as . .")
