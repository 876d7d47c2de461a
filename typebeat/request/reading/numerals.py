"""Numbers that are written as words, from one to two hundred, in six languages and in Japanese."""

from functools import lru_cache
from itertools import product

from typebeat.request.reading.languages import words_of
from typebeat.request.reading.text import Text

_UNITS = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "es": "un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
    "dieciocho diecinueve",
    "pt": "um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete "
    "dezoito dezenove",
    "it": "un due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici "
    "diciassette diciotto diciannove",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
}
# between tens and units; what stands for a hundred before more
_JOINTS = {"en": (" ",), "de": (), "fr": (" ", " et "), "es": (" y ",), "pt": (" e ",), "it": ("",)}
_HUNDREDS = {
    "en": ("one ", "one hundred ", "one hundred and ", "a hundred and ", "a hundred ", "hundred ", "hundred and "),
    "de": ("hundert", "einhundert", "hundertund"),
    "fr": ("cent ",),
    "es": ("ciento ",),
    "pt": ("cento e ",),
    "it": ("cento",),
}
_ALONE = {
    **{"one": 1, "eins": 1, "eine": 1, "einen": 1, "une": 1, "uno": 1, "una": 1, "uma": 1, "zwo": 2, "duas": 2},
    **{"hundred": 100, "a hundred": 100, "one hundred": 100, "hundert": 100, "cent": 100, "cien": 100, "cem": 100},
    **{"cento": 100, "two hundred": 200, "zweihundert": 200, "deux cents": 200, "doscientos": 200, "duzentos": 200},
    **{"duecento": 200, "quatre-vingts": 80, "catorze": 14, "dezasseis": 16, "veintiún": 21, "veintidós": 22},
    **{"veintitrés": 23, "veinticuatro": 24, "veinticinco": 25, "veintiséis": 26, "veintisiete": 27, "a couple of": 2},
    **{"veintiocho": 28, "veintinueve": 29, "a dozen": 12, "couple": 2},
}
_KANJI = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
LONGEST = 6  # words


@lru_cache(maxsize=1)
def number_words() -> dict[tuple[str, ...], int]:
    """Returns the words of each number, folded and without hyphens."""
    table: dict[tuple[str, ...], int] = {}
    for language, units in _UNITS.items():
        small = dict(enumerate(units.split(), start=1))
        spelled: dict[int, list[str]] = {number: [word] for number, word in small.items()}
        for ten, tens in enumerate(_TENS[language].split(), start=2):
            spelled.setdefault(10 * ten, []).append(tens)
            most = 19 if language == "fr" and ten in (6, 8) else 9
            for unit in range(1, most + 1):
                if language == "de":
                    spelled.setdefault(10 * ten + unit, []).append(f"{small[unit]}und{tens}")
                elif language == "it":
                    stem = tens[:-1] if unit in (1, 8) else tens
                    spelled.setdefault(10 * ten + unit, []).append(stem + small[unit].replace("un", "uno"))
                for joint in _JOINTS[language] if language != "it" else ():
                    spelled.setdefault(10 * ten + unit, []).append(f"{tens}{joint}{small[unit]}")
        for number, words in spelled.items():
            table |= {words_of(word): number for word in words}
            lowest = 10 if language == "en" else 1
            for hundred, word in product(_HUNDREDS[language], words):
                if number >= lowest or hundred not in ("one ",):
                    table[words_of(hundred + word)] = 100 + number
    return table | {words_of(words): number for words, number in _ALONE.items()}


def number_before(text: Text, at: int) -> tuple[float, int] | None:
    """Returns the number that ends right before a token, and the token that it begins at."""
    tokens = text.tokens
    last = at - 1
    while last >= 0 and tokens[last].text == "-":
        last -= 1
    if last >= 0 and tokens[last].kind == "number":
        return float(tokens[last].text.replace(",", ".")), last
    kanji = _kanji_before(text, last)
    if kanji:
        return kanji
    words: list[str] = []
    best = None
    for first in range(last, max(-1, last - 2 * LONGEST), -1):
        if tokens[first].kind == "mark":
            if tokens[first].text != "-":
                break
            continue
        words.insert(0, tokens[first].text)
        number = number_words().get(tuple(words))
        if number is not None:
            best = (float(number), first)
        if len(words) >= LONGEST:
            break
    return best


def _kanji_before(text: Text, last: int) -> tuple[float, int] | None:
    first = last
    while first >= 0 and text.tokens[first].text in {*_KANJI, "十", "百"}:
        first -= 1
    digits = [token.text for token in text.tokens[first + 1 : last + 1]]
    if not digits:
        return None
    total = pending = 0
    for digit in digits:
        if digit in _KANJI:
            pending = _KANJI[digit]
        else:
            total += (pending or 1) * (10 if digit == "十" else 100)
            pending = 0
    return float(total + pending), first + 1
