"""Names the words of a prompt that nothing was made of, in the order in which they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from typebeat.request.reading.cues import Cue
from typebeat.request.reading.languages import all_small_words
from typebeat.request.reading.lexicon import Item
from typebeat.request.reading.listed import listed
from typebeat.request.reading.scopes import is_part
from typebeat.request.reading.text import SOFT_MARKS, Text

_NOISE = listed("x ish th st nd rd k h s v")
_CHORD = r"[A-G][#b]?(?:maj7|maj9|m7|m9|m|7|9|dim|sus[24]?|add9)?"
_CHORDS = re.compile(rf"(?<!\w){_CHORD}(?:[ ,|>–-]+{_CHORD}){{2,}}(?!\w)")
_MAY_JOIN = SOFT_MARKS | {"/"}
_BEFORE_NOTE = listed("in en em key scale of")
_PARTICLES = frozenset("のなでとをがはにもやからまでですますしたいってへねよっあるこそれ")


def unheeded(text: Text, items: list[Item], cues: list[Cue], used: set[int]) -> list[tuple[int, int]]:
    """Returns the first and last tokens of each "no" that turned nothing, with the instrument or part beside it."""
    found = []
    for cue in cues:
        if cue.kind != "cut" or cue.first in used:
            continue
        beside = [item for item in items if is_part(item) and _is_beside(text, item, cue)]
        if beside:
            nearest = min(beside, key=lambda item: min(abs(item.first - cue.last), abs(item.last - cue.first)))
            found.append((min(cue.first, nearest.first), max(cue.last, nearest.last)))
    return found


def _is_beside(text: Text, item: Item, cue: Cue) -> bool:
    between = (
        text.tokens[cue.last + 1 : item.first] if item.first > cue.last else text.tokens[item.last + 1 : cue.first]
    )
    return len(between) <= 2 and not any(token.text in ",.;!?\n" for token in between)


def name_leftovers(
    text: Text, cues: list[Cue], artists: list[tuple[int, int]], named: Iterable[tuple[int, int]]
) -> list[str]:
    """Returns the unread words, neighbours together; with the "no" in front, where one turned nothing.

    Args:
        text: The text, read.
        cues: Its turning words.
        artists: Where musicians are named.
        named: First and last token of what else is to be named.
    """
    tokens = text.tokens
    spans: list[tuple[int, int]] = list(artists)
    spans += [(tokens[first].start, tokens[last].end) for first, last in named]
    spans += [
        found.span()
        for found in _CHORDS.finditer(text.plain)
        if all(text.is_free(token.start, token.end) for token in tokens if found.start() <= token.start < found.end())
    ]
    cuts = {cue.last: cue for cue in cues if cue.kind == "cut"}
    shown = bytearray(len(text.low))
    for start, end in spans:
        shown[start:end] = b"\1" * (end - start)
    run: list[int] = []
    for at in range(len(tokens) + 1):
        is_unread = at < len(tokens) and not shown[tokens[at].start] and _is_content(text, at)
        if is_unread and run and _are_apart(text, run[-1], at):
            spans.append(_span(text, run, cuts))
            run = []
        if is_unread:
            run.append(at)
        elif run and not (at < len(tokens) and tokens[at].text in _MAY_JOIN):
            spans.append(_span(text, run, cuts))
            run = []
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        is_artist = (start, end) in artists or (joined and joined[-1] in artists)
        if joined and not is_artist and not text.low[joined[-1][1] : start].strip("-_ "):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [text.words(start, end) for start, end in joined]


def _is_content(text: Text, at: int) -> bool:
    token = text.tokens[at]
    if token.kind == "mark" or not text.is_free(token.start, token.end):
        return False
    if token.kind == "cjk":
        return token.text not in _PARTICLES
    return _is_note(text, at) or (token.text not in all_small_words() and token.text not in _NOISE)


def _is_note(text: Text, at: int) -> bool:
    """Whether a capital stands where a key would: "in H", but not "in A sad way"."""
    if at == 0 or text.tokens[at - 1].text not in _BEFORE_NOTE:
        return False
    behind = text.tokens[at + 1] if at + 1 < len(text.tokens) else None
    letter = text.plain[text.tokens[at].start : text.tokens[at].end]
    is_end = behind is None or behind.kind == "mark"
    return letter.removesuffix("m") in tuple("BCDEFGH") or letter == "Am" or (letter == "A" and is_end)


def _are_apart(text: Text, last: int, at: int) -> bool:
    """Whether something that was read, or a mark that parts, stands between two unread words."""
    between = text.tokens[last + 1 : at]
    is_fraction = text.low[text.tokens[last].end : text.tokens[at].start] == "/"
    return not is_fraction and any(token.text not in SOFT_MARKS for token in between)


def _span(text: Text, run: list[int], cuts: dict[int, Cue]) -> tuple[int, int]:
    first = run[0]
    before = first - 1
    while before >= 0 and before not in cuts and text.tokens[before].text in all_small_words() and first - before < 3:
        before -= 1
    if before in cuts and text.is_free(text.tokens[before].start, text.tokens[before].end):
        first = cuts[before].first
    end = text.tokens[run[-1]].end
    behind = run[-1] + 1
    if behind < len(text.tokens) and text.tokens[behind].start == end and text.tokens[behind].kind == "word":
        end = text.tokens[behind].end  # "90s", "3am"
    return text.tokens[first].start, end
