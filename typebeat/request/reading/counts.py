"""Reads what is counted: bars, takes, the metre, and the seed."""

import re
from collections.abc import Callable

from typebeat.request.reading.numerals import number_before
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.text import Text

_BARS = "bar bars takt takte takten mesure mesures measure measures compas compases compasso compassos battuta battute"
_TAKES = (
    "take takes version versions versionen variation variations variationen variante variantes varianten prise prises "
    "toma tomas versiones variaciones versao versoes variacao variacoes versione versioni variazioni "
    "alternatives options"
)
UNITS = {
    **dict.fromkeys(f"{_BARS} battute misura misure takty taktow такта тактов такт maten maat takter".split(), "bars"),
    **dict.fromkeys(_TAKES.split(), "takes"),
}
_BETWEEN = frozenset(  # words between the number and what is counted
    [
        "different",
        "other",
        "separate",
        "distinct",
        "full",
        "long",
        "verschiedene",
        "unterschiedliche",
        "differentes",
        "diferentes",
        "diverse",
        "various",
        "alternate",
        "alternative",
        "distintas",
        "distintos",
    ]
)
_LOOSE = frozenset({"bar", "version", "take", "variation", "prise", "mesure"})  # of these, one is not a count
# "3/4 of the song", "3/4 der Leute" are parts of something
_OF = r"of (?!course)|d(?:er|es) |von |du |de (?:la |los |las |l'|m[aio]n? |mes )|de(?:l|lla|lle|i|gli) |d[ao] "
_METRE = re.compile(rf"(?<![\d/])(?<!\d[.,])(\d{{1,2}})\s?/\s?(4|8|16)(?!\s?[\d/]|[a-z]|\s(?:{_OF}))")
_METRE_JA = re.compile(r"(?<![\d/])(?:([48])\s?分の\s?)?([2-9])\s?拍子")
_METRE_WORDS = {
    "3/4": "waltz waltzes walzer walzers valse vals valsa valzer dreivierteltakt ワルツ valsetto",
    "6/8": "sechsachteltakt sechsachtel",
    "4/4": "viervierteltakt",
}
_METRE_NAMES = re.compile(
    r"\b(three quarter|three four|six eight|four four|five four|seven eight)\b(?=\s*(?:time|metre|meter))"
)
_SPOKEN = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "quarter": 4}
_MAKE = re.compile(
    r"(?<![a-z])(?:make|give|generate|create|mach|gib|erstelle|fais|donne|haz|hazme|dame|faz|faca|me da|fammi|dammi)"
    r"(?: me| us| mir| moi)? (?P<count>[1-9]|two|three|four|five|zwei|drei|vier|deux|trois|quatre|dos|tres|cuatro|dois"
    r"|quatro|due|tre|quattro) (?:beats|loops|tracks|songs|instrumentals|different|instrus|pistas|bases|basi)(?![a-z])"
)
_SEED = re.compile(
    r"(?<![a-z])(?:seed|startwert|zufallszahl|graine|semilla|semente|seme|シード|сид|种子|시드)"
    r"(?:\s*(?:[:=#は]|is|number|no\.?|nr\.?|num|numero|nummer|de|value)(?![a-z]))*\s*(\d{1,10})(?![\d.,]*\d)"
)
_SEED_BEFORE = re.compile(r"#\s?seed\s?(\d{1,10})")
_JA_COUNTS = re.compile(
    r"([0-9]{1,3}|[一二三四五六七八九十百]{1,4})\s?(小節|テイク|パターン|バージョン|つのバージョン|마디|小节)"
)
_LABELLED = re.compile(
    r"(?<![a-z])(bars|takes|takte|mesures|compases|compassos|battute|versions|loop length)\s?[:=]\s?(\d{1,3})(?!\d)"
)


def read_counts(text: Text) -> list[Reading]:
    """Returns bars, takes, metre and seed as they are said; marks their words as read."""
    readers: tuple[Callable[[Text], list[Reading]], ...] = (_seed, _metre, _japanese, _labelled, _counted, _made)
    readings = [reading for reader in readers for reading in reader(text)]
    if any(reading.option == "metre" for reading in readings):  # what is said twice: "3/4拍子", "waltz in 3/4"
        for found in re.finditer("拍子", text.low):
            text.take(*found.span())
    return readings


def _taken(text: Text, option: str, value: object, span: tuple[int, int]) -> list[Reading]:
    if not text.is_free(*span):
        return []
    text.take(*span)
    return [Reading(option, value, *span)]


def _seed(text: Text) -> list[Reading]:
    found = _SEED.search(text.low) or _SEED_BEFORE.search(text.low)
    return _taken(text, "seed", int(found[1]), found.span()) if found else []


def _metre(text: Text) -> list[Reading]:
    readings = []
    for found in _METRE.finditer(text.low):
        if 2 <= int(found[1]) <= 15:
            readings += _taken(text, "metre", f"{int(found[1])}/{found[2]}", found.span())
    for found in _METRE_JA.finditer(text.low):
        readings += _taken(text, "metre", f"{found[2]}/{found[1] or (8 if found[2] == '6' else 4)}", found.span())
    for found in _METRE_NAMES.finditer(text.low.replace("-", " ")):
        beats, unit = (_SPOKEN[word] for word in found[1].split())
        readings += _taken(text, "metre", f"{beats}/{unit}", found.span())
    for metre, words in _METRE_WORDS.items():
        for found in re.finditer(rf"(?<![a-z])(?:{'|'.join(words.split())})(?![a-z])", text.low):
            readings += _taken(text, "metre", metre, found.span())
    return readings


def _japanese(text: Text) -> list[Reading]:
    readings = []
    for found in _JA_COUNTS.finditer(text.low):
        option = "bars" if found[2] in {"小節", "마디", "小节"} else "takes"
        if found[1].isdigit():
            value = int(found[1])
        else:
            number = number_before(text, text.token_at(found.start(2)))
            value = int(number[0]) if number else 0
        readings += _taken(text, option, value, found.span())
    return readings


def _labelled(text: Text) -> list[Reading]:
    readings = []
    for found in _LABELLED.finditer(text.low):
        option = UNITS.get(found[1], "bars")
        readings += _taken(text, option, int(found[2]), found.span())
    return readings


def _counted(text: Text) -> list[Reading]:
    """ "16 bars", "eight-bar loop", "two different takes"."""
    readings = []
    for at, token in enumerate(text.tokens):
        option = UNITS.get(token.text)
        if not option:
            continue
        before = at - 1 if at and text.tokens[at - 1].text in _BETWEEN else at
        number = number_before(text, before)
        if not number or number[0] != int(number[0]) or not 1 <= number[0] <= 999:
            continue
        if number[0] == 1 and token.text in _LOOSE and text.tokens[number[1]].kind != "number":
            continue
        readings += _taken(text, option, int(number[0]), (text.tokens[number[1]].start, token.end))
    return readings


def _made(text: Text) -> list[Reading]:
    """ "make me three beats"."""
    found = _MAKE.search(text.low)
    if not found:
        return []
    number = number_before(text, text.token_at(found.end("count")))
    return _taken(text, "takes", int(number[0]), found.span("count")) if number else []
