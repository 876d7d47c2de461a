"""Reads a tempo: with its unit, behind a word for it, as a range or a choice, or as a number that can be nothing else.

Values are taken as they are said, whatever a request allows.
"""

import re

from typebeat.request.reading.listed import listed
from typebeat.request.reading.numerals import number_before, number_words
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.text import Text, Token

_NUMBER = r"\d{2,3}(?:[.,]\d{1,3})?(?!\d)"
_MINUTE = r"\s*(?:per|pro|par|por|al|a|a la|/|in der|je)\s*min(?:ut[eao]s?|\b)\.?"
_UNIT = (
    r"(?:b\s?\.?\s?p\s?\.?\s?ms?(?![a-z])\.?|beats?\s*/?\s*min(?:ute)?\b|ppm\b|拍/分|拍(?!子)|уд\S*\s*(?:/|в)\s*мин\w*"
    rf"|(?:beats?|schlage?n?|schlaege|battements?|pulsaciones|pulsos|batidas|battiti|slagen|uderzen){_MINUTE})"
)
_TO = r"\s*(?:-|~|to|bis|bis zu|through|till|up to|a|and|und|et|y|e|から)\s*"
_OR = r"\s*(?:or|oder|ou|o|/|\(|もしくは|または|か)\s*"
_LABEL = (
    r"(?<![a-z])(?:bpm|tempo|temp|speed|geschwindigkeit|vitesse|velocidade?|velocita|テンポ|темп|темпо|템포|tempot|q|♩)"
)
_LINK = (
    r"(?:\s*(?:[:=@~]|is|of|should|be|at|around|about|to|um|von|de|di|etwa|ungefahr|environ|ca\.?|circa|alrededor|a|auf"
    r"|en|sur|ist|bei|は|を|somewhere|roughly|approximately|approx\.?|set|set to|em|cerca|intorno|es|est|between|from"
    r"|zwischen|entre|tra|fra|von|du|y|と|the|maybe|like)(?![a-z]))*\s*"
)
_PAIR = rf"(?P<low>{_NUMBER})(?:(?:\s?{_UNIT})?(?:(?P<to>{_TO})|(?P<or>{_OR}))(?P<high>{_NUMBER})\)?)?"
_WITH_UNIT = re.compile(rf"(?<![\d/#$])(?<!\d[.,:]){_PAIR}[\s_-]*(?:ish)?[\s_-]*{_UNIT}")
_BEHIND_LABEL = re.compile(rf"{_LABEL}{_LINK}_?-?{_PAIR}(?![\d/:])")
_AT = re.compile(rf"@\s*{_PAIR}(?![\d/:])")
_NOT = re.compile(r"(?:\bnot?|\bnicht|\bkeine?|\bpas(?: de)?|\bsin|\bsans|\bnao|\bwas|\bisn't|\bnever)\s+$")
_PLAIN_OR = frozenset({"or", "oder", "ou", "o", "/", "か"})
_PLAIN_TO = listed("- ~ to and bis und et y e a through")
_BEFORE_BARE = listed(
    "at around about approx approximately roughly circa ca bei um environ auf ~ @ tempo some a zu between "
    "from zwischen entre tra like want"
)
BARE_LIMITS = (60, 200)
_BESIDE_BARE = listed("with mit avec con com in en em please pls bitte svp thanks without ohne sans sin sem no")
_MONEY = frozenset("$€£¥%#")


def read_tempo(text: Text) -> list[Reading]:
    """Returns the tempos that are said with a unit or behind a word for tempo; marks their words as read."""
    readings = []
    for pattern in (_WITH_UNIT, _BEHIND_LABEL, _AT):
        for found in pattern.finditer(text.low):
            if text.is_free(*found.span()) and not _NOT.search(text.low[: found.start()]):
                text.take(*found.span())
                readings += _pair(found)
    return readings or _in_words(text)


def _pair(found: re.Match[str]) -> list[Reading]:
    low = _value(found["low"])
    if not found["high"]:
        return [Reading("bpm", low, *found.span())]
    high = _value(found["high"])
    option = "bpm_choices" if found["or"] else "bpm_range"
    return [Reading(option, (low, high) if found["or"] else (min(low, high), max(low, high)), *found.span())]


def _value(digits: str) -> float:
    return float(digits.replace(",", "."))


def _in_words(text: Text) -> list[Reading]:
    """ "one forty bpm", "tempo achtzig"."""
    for at, token in enumerate(text.tokens):
        if token.text in {"bpm", "beats"}:
            number = number_before(text, at)
            is_written_out = number and text.tokens[number[1]].kind != "number"
            if (
                number
                and is_written_out
                and number[0] >= 20
                and (token.text == "bpm" or _is_next(text, at, ("per", "minute")))
            ):
                end = text.tokens[at + 2].end if token.text == "beats" else token.end
                start = text.tokens[number[1]].start
                text.take(start, end)
                return [Reading("bpm", number[0], start, end)]
        if token.text == "tempo":
            for length in (5, 4, 3, 2, 1):
                words = tuple(each.text for each in text.tokens[at + 1 : at + 1 + length] if each.text != "-")
                if number_words().get(words, 0) >= 20:
                    end = text.tokens[at + length].end
                    text.take(token.start, end)
                    return [Reading("bpm", float(number_words()[words]), token.start, end)]
    return []


def _is_next(text: Text, at: int, words: tuple[str, ...]) -> bool:
    return tuple(token.text for token in text.tokens[at + 1 : at + 1 + len(words)]) == words


def read_bare_tempo(text: Text, is_musical: "list[bool]") -> list[Reading]:
    """Returns the tempo that a number alone must be: "jersey club 140", "dark trap, 140, F minor".

    Only one such number (or two with "or" between them) is believed, and only beside words that have been understood.

    Args:
        text: The text, in which everything else has been read.
        is_musical: For each token, whether it was understood or belongs to talk of music.
    """
    bare = [at for at, token in enumerate(text.tokens) if _may_be_tempo(text, at, token, is_musical)]
    if len(bare) == 1:
        token = text.tokens[bare[0]]
        end = token.end + (3 if text.low[token.end : token.end + 3] == "ish" else 0)
        text.take(token.start, end)
        return [Reading("bpm", _value(token.text), token.start, end)]
    if len(bare) == 2 and bare[1] - bare[0] == 2 and text.tokens[bare[0] + 1].text in {*_PLAIN_OR, *_PLAIN_TO}:
        low, high = text.tokens[bare[0]], text.tokens[bare[1]]
        option = "bpm_choices" if text.tokens[bare[0] + 1].text in _PLAIN_OR else "bpm_range"
        text.take(low.start, high.end)
        return [Reading(option, (_value(low.text), _value(high.text)), low.start, high.end)]
    return []


def _may_be_tempo(text: Text, at: int, token: Token, is_musical: list[bool]) -> bool:
    if token.kind != "number" or not text.is_free(token.start, token.end):
        return False
    if not BARE_LIMITS[0] <= _value(token.text) <= BARE_LIMITS[1]:
        return False
    if _NOT.search(text.low[: token.start]):
        return False
    left, right = text.low[token.start - 1 : token.start], text.low[token.end : token.end + 1]
    if (right.isalpha() and text.low[token.end : token.end + 3] != "ish") or left in _MONEY or right in _MONEY:
        return False
    if left.isalpha() or (left and left in ".:'") or (right and right in ":'"):
        return False
    before, behind = _side(text, at, -1, is_musical), _side(text, at, 1, is_musical)
    return ("other" not in (before, behind) and (before, behind) != ("mark", "mark")) or {before, behind} <= {"mark"}


def _side(text: Text, at: int, step: int, is_musical: list[bool]) -> str:
    """What stands beside a number: "end", "mark", "music" or "other"."""
    beside = at + step
    if not 0 <= beside < len(text.tokens):
        return "end"
    token = text.tokens[beside]
    if is_musical[beside]:
        return "music"
    if token.kind == "mark" or (token.kind == "number" and len(token.text) == 4):  # a year
        return "mark"
    if step < 0 and token.text in _BEFORE_BARE:
        return "music"
    if token.text in _PLAIN_OR | _PLAIN_TO | _BESIDE_BARE:
        return "mark"
    return "other"
