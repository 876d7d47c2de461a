"""Reads a tempo: with its unit, behind a word for it, as a range or a choice, or as a number that can be nothing else.

Values are taken as they are said, whatever a request allows. A year, an age, a length in seconds and what is counted
are no tempo; where that is in doubt, the number is left to be named.
"""

import re

from typebeat.request.reading.listed import listed
from typebeat.request.reading.numerals import number_before, number_words
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.text import Text, Token

_NUMBER = r"\d{2,3}(?:[.,]\d{1,3})?(?!\d)"
_MINUTE = r"\s*(?:per|pro|par|por|al|a|a la|/|in der|je)\s*min(?:ut[eao]s?|\b)\.?"
_UNIT = (
    r"(?:b\s?\.?\s?p\s?\.?\s?m{1,2}s?(?![a-z])\.?|(?:bmps?|bpn|b/m)(?![a-z])"
    r"|beats?\s*/?\s*min(?:ute)?\b|ppm\b|拍/分|拍(?!子)|уд\S*\s*(?:/|в)\s*мин\w*"
    rf"|(?:beats?|schlage?n?|schlaege|battements?|pulsaciones|pulsos|batidas|battiti|slagen|uderzen){_MINUTE})"
)
_TO = r"\s*(?:-|~|to|bis|bis zu|through|till|up to|a|and|und|et|y|e|から)\s*"
_OR = r"\s*(?:or|oder|ou|o|/|\(|もしくは|または|か)\s*"
_LABEL = (
    r"(?<![a-z])(?:bpm|bmp|tempo|temp|speed|sped[ -]up|slowed(?: down)?|geschwindigkeit|vitesse|velocidade?|velocita"
    r"|テンポ|темп|темпо|템포|tempot|q|♩)"
)
_LINK = (
    r"(?:\s*(?:[:=@~]|is|of|should|be|at|around|about|to|um|von|de|di|etwa|ungefahr|environ|ca\.?|circa|alrededor|a|auf"
    r"|en|sur|ist|bei|は|を|somewhere|roughly|approximately|approx\.?|set|set to|em|cerca|intorno|es|est|between|from"
    r"|zwischen|entre|tra|fra|von|du|y|と|the|maybe|like|so|die|gegen|rund)(?![a-z]))*\s*"
)
_PAIR = rf"(?P<low>{_NUMBER})(?:(?:\s?{_UNIT})?(?:(?P<to>{_TO})|(?P<or>{_OR}))(?P<high>{_NUMBER})\)?)?"
_MEASURE = (  # these, behind a number, make it no tempo
    r"(?:second|sec|minute|min|hour|day|week|month|year|bar)s?|hrs|secondes?|heures?|jours?|semaines?|mois|annees|ans"
    r"|(?:sekunde|minute|stunde|woche)n?|sek|tagen?|monate|jahren?|takten?"
    r"|(?:segundo|minuto|hora|dia|semana|ano)s|segundo|minuto|meses|secondo|secondi|minuti|ore|giorni|settimane|mesi|anni"
)
_NO_TEMPO = (
    rf"\s*%|'?s(?![a-z])|[\s-]*(?:{_MEASURE})(?![a-z]|\s?[:=])"  # "100%", "90s", "90 seconds", but not "140 bars=8"
)
_IS_COUNTED = re.compile(rf"{_NO_TEMPO}|[\s-]*(?:hits|songs|tracks|beats)(?![a-z])")
_WITH_UNIT = re.compile(rf"(?<![\d/#$])(?<!\d[.,:]){_PAIR}[\s_-]*(?:ish)?[\s_-]*{_UNIT}")
_BEHIND_LABEL = re.compile(rf"{_LABEL}{_LINK}_?-?{_PAIR}(?![\d/:]|{_NO_TEMPO})")
_AT = re.compile(rf"@\s*{_PAIR}(?![\d/:])")
_BEFORE_TEMPO = re.compile(  # "140 tempo", but not "808 tempo 140"
    rf"(?<![\d.,:/#$-]){_PAIR}(?:er)?\s(?:de\s)?tempo(?![a-z])(?!{_LINK}_?-?{_NUMBER}(?!{_NO_TEMPO}))"
)
INSTEAD_OF = (
    "instead of|rather than|(?:an)?statt|au lieu de|plutot que|en vez de|en lugar de|em vez de|ao inves de|invece di"
)
_NO = (
    r"\b(?:not?|nicht|keine?|pas(?: de)?|sin|sans|nao|non|was|isn't|never"
    rf"|(?:{INSTEAD_OF})(?:\s(?:the|my|a|usual|old|normal|standard|typical))*)\s+"
)
_RATHER = re.compile(
    rf"\b(?:rather|lieber|eher|plutot|piuttosto)\s+(?P<low>{_NUMBER})(?:\s?{_UNIT})?"
    rf"\s+(?:than|als|que|che)\s+{_NUMBER}\s?{_UNIT}"
)
_NOT = re.compile(f"{_NO}$")
_BEFORE_REFUSED = re.compile(rf",?\s+{_NO}{_NUMBER}(?:\s?{_UNIT})?")
_BEHIND_REFUSED = re.compile(rf"{_NO}{_NUMBER}(?:\s?{_UNIT})?,?\s+(?:but|sondern|mais|sino|mas|ma|pero)\s+$")
_NO_TEMPO_BEFORE = re.compile(  # "top 100", "no. 100", "0-100", "from 0 to 100", "(feels like 70)"
    r"(?:\b(?:top|n[or]\.|number|nummer|numero|feel(?:s|ing)? like|0 ?-)"
    r"|(?<![\d.,:])[0-5]?\d\s+(?:to|bis|a|auf|ate|hasta))\s*$"
)
_LOOK_BACK = 60  # characters; what is said of a number stands close before it
_BEFORE_YEAR = re.compile(r"\b(?:in|im|en|em)\s+$")
_SUFFIX = re.compile(r"(?P<ish>ish)(?![a-z])|(?P<er>er)(?![a-z])|(?:[くぐ]らい|前後|程度|ほど|あたり)の?")
_PLAIN_OR = frozenset({"or", "oder", "ou", "o", "/", "か"})
_PLAIN_TO = listed("- ~ to and bis und et y e a through")
_BEFORE_BARE = listed(
    "at around about approx approximately roughly circa ca bei um environ auf ~ @ tempo some a zu between "
    "from zwischen entre tra like want"
)
BARE_LIMITS = (60, 200)
_BESIDE_BARE = listed("with mit avec con com in en em please pls bitte svp thanks without ohne sans sin sem no instead")
_FOR = listed("for fur pour para per")
_PARTICLES = frozenset("でにはも")  # of Japanese: what stands behind or before them counts
_ABOUT = listed("about around roughly approximately circa")
_BEFORE_ABOUT = listed("something somewhere maybe")
_SPOKEN_LABELS = listed("bpm bmp tempo speed")
_SPOKEN_LINKS = listed(": = - of is at about around roughly")
_MONEY = frozenset("$€£¥%#")


def read_tempo(text: Text) -> list[Reading]:
    """Returns the tempos that are said with a unit or behind a word for tempo; marks their words as read."""
    readings = [_taken(text, _value(found["low"]), *found.span()) for found in _RATHER.finditer(text.low)]
    for pattern in (_WITH_UNIT, _BEHIND_LABEL, _AT):
        for found in pattern.finditer(text.low):
            if text.is_free(*found.span()) and not _NOT.search(text.low[: found.start()]):
                text.take(*found.span())
                readings += _pair(found)
    for found in _BEFORE_TEMPO.finditer(text.low):
        if text.is_free(*found.span()) and _is_bare_value(found["low"]) and not _NOT.search(text.low[: found.start()]):
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


def _is_bare_value(digits: str) -> bool:
    return BARE_LIMITS[0] <= _value(digits) <= BARE_LIMITS[1]


def _in_words(text: Text) -> list[Reading]:
    """ "one forty bpm", "tempo achtzig", "bpm: one twenty eight"."""
    for at, token in enumerate(text.tokens):
        if token.text in {"bpm", "bmp", "beats"}:
            number = number_before(text, at)
            is_written_out = number and text.tokens[number[1]].kind != "number"
            if (
                number
                and is_written_out
                and number[0] >= 20
                and (token.text != "beats" or _is_next(text, at, ("per", "minute")))
            ):
                end = text.tokens[at + 2].end if token.text == "beats" else token.end
                return [_taken(text, number[0], text.tokens[number[1]].start, end)]
        if token.text in _SPOKEN_LABELS:
            first = at + 1
            while first < len(text.tokens) and text.tokens[first].text in _SPOKEN_LINKS:
                first += 1
            spoken = _number_from(text, first)
            if spoken and spoken[0] >= 20:
                return [_taken(text, spoken[0], token.start, text.tokens[spoken[1]].end)]
    return []


def _taken(text: Text, value: float, start: int, end: int) -> Reading:
    text.take(start, end)
    return Reading("bpm", float(value), start, end)


def _number_from(text: Text, first: int) -> tuple[int, int] | None:
    """Returns the longest number in words that begins at a token, and the token that it ends at."""
    for last in range(min(first + 5, len(text.tokens)) - 1, first - 1, -1):
        words = tuple(token.text for token in text.tokens[first : last + 1] if token.text != "-")
        if words in number_words() and text.tokens[last].text != "-":
            return number_words()[words], last
    return None


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
        return [_taken(text, _value(token.text), token.start, _end(text, token))]
    if len(bare) == 2 and bare[1] - bare[0] == 2 and text.tokens[bare[0] + 1].text in {*_PLAIN_OR, *_PLAIN_TO}:
        low, high = text.tokens[bare[0]], text.tokens[bare[1]]
        option = "bpm_choices" if text.tokens[bare[0] + 1].text in _PLAIN_OR else "bpm_range"
        text.take(low.start, high.end)
        return [Reading(option, (_value(low.text), _value(high.text)), low.start, high.end)]
    return [] if bare else _bare_in_words(text, is_musical)


def _bare_in_words(text: Text, is_musical: list[bool]) -> list[Reading]:
    """ "about one sixty, jersey club", where nothing else is said to be around it: "call me around one thirty"."""
    for at, token in enumerate(text.tokens):
        number = _number_from(text, at + 1) if token.text in _ABOUT else None
        if number is None or not BARE_LIMITS[0] <= number[0] <= BARE_LIMITS[1]:
            continue
        is_begin = at > 0 and text.tokens[at - 1].text in _BEFORE_ABOUT
        start, end = text.tokens[at + 1].start, text.tokens[number[1]].end
        sides = (_side(text, at - 1, -1, is_musical), _side(text, number[1] + 1, 1, is_musical))
        is_tempo = (is_begin or sides[0] != "other") and sides[1] != "other" and not _IS_COUNTED.match(text.low, end)
        if is_tempo and text.is_free(start, end):
            return [_taken(text, number[0], start, end)]
    return []


def _end(text: Text, token: Token) -> int:
    """Where a number ends, with what is written to it: "140ish", "140er", "140くらい"; but not "90er"."""
    found = _SUFFIX.match(text.low, token.end)
    return found.end() if found and (not found["er"] or _value(token.text) >= 100) else token.end


def _may_be_tempo(text: Text, at: int, token: Token, is_musical: list[bool]) -> bool:
    if token.kind != "number" or not text.is_free(token.start, token.end) or not _is_bare_value(token.text):
        return False
    so_far, end = text.low[max(token.start - _LOOK_BACK, 0) : token.start], _end(text, token)
    if _NOT.search(so_far) or _NO_TEMPO_BEFORE.search(so_far) or _IS_COUNTED.match(text.low, end):
        return False
    if _BEFORE_YEAR.search(so_far) and _value(token.text) < 100:
        return False  # "back in 93"
    left, right = so_far[-1:], text.low[end : end + 1]
    if left in _MONEY or right in _MONEY or (left and left in ".:'") or (right and right in ":'"):
        return False
    behind = text.token_at(end)
    beside = [*text.tokens[max(at - 1, 0) : at], *text.tokens[behind : behind + 1]]
    if any(each.kind == "word" and (each.end == token.start or each.start == end) for each in beside):
        return False
    before = "music" if _BEHIND_REFUSED.search(so_far) else _side(text, at - 1, -1, is_musical)
    if refused := _BEFORE_REFUSED.match(text.low, end):  # "140 rather than 120"
        behind = text.token_at(refused.end())
    if text.tokens[behind : behind + 1] and text.tokens[behind].text in _FOR:
        return before == "music" and any(is_musical[max(at - 2, 0) : at])  # "dark at 143 for tonight"
    return "other" not in (before, _side(text, behind, 1, is_musical))


def _side(text: Text, beside: int, step: int, is_musical: list[bool]) -> str:
    """What stands beside a number: "end", "mark", "music" or "other"."""
    if 0 <= beside < len(text.tokens) and text.tokens[beside].text in _PARTICLES:
        beside += step
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
