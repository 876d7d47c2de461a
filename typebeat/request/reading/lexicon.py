"""The vocabulary of all languages as one table, and the search of it in a text: the longest phrase first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from typebeat.request.reading import misspelt
from typebeat.request.reading.languages import all_small_words, words_of
from typebeat.request.reading.listed import listed
from typebeat.request.reading.text import SOFT_MARKS, Text, Token
from typebeat.request.reading.vocabulary import de, en, es, fr, it, ja, pt
from typebeat.request.styles import STYLES

LANGUAGES = {module.LANGUAGE: module.WORDS for module in (en, de, fr, es, pt, it, ja)}
# endings that a word's own takes the place of, or that are added ("" for any word), by language
_ENDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"": ("", "s")},
    "de": {"": ("", "e", "er", "es", "en", "em", "s", "ere", "eren", "n")},
    "fr": {"": ("", "e", "s", "es"), "e": ("e", "es"), "if": ("if", "ive", "ifs", "ives"), "x": ("x", "se", "ses")},
    "es": {"": ("", "s", "es"), "o": ("o", "a", "os", "as"), "or": ("or", "ora", "ores", "oras")},
    "pt": {"": ("", "s", "es"), "o": ("o", "a", "os", "as"), "or": ("or", "ora", "ores", "oras")},
    "it": {"": ("",), "o": ("o", "a", "i", "e", "hi", "he"), "e": ("e", "i"), "a": ("a", "e")},
    "ja": {"": ("",)},
}

# words of other languages' tables that English speaks of something else with: "hell" is bright in German
ALSO_ENGLISH = listed("hell hells still stills sale sales grave graves core charge charges pose poses pause pauses rue")
_OTHERS = ("mood", "drums", "fx", "harmony")  # longer words of these, too
_SOUNDS = ("sound", "groove", "part")


class Item(NamedTuple):
    """A phrase of the vocabulary in a text: what it means, and where it stands (characters, then tokens)."""

    target: str
    start: int
    end: int
    first: int
    last: int


class Lexicon(NamedTuple):
    """The vocabulary: words of a phrase -> language -> target; and the words that phrases are made of."""

    phrases: dict[tuple[str, ...], dict[str, str]]
    longest: dict[str, int]  # first word -> number of words of its longest phrase
    inside: frozenset[str]  # every word of a phrase
    near: misspelt.Near


def phrases_of(language: str) -> Iterator[tuple[str, str]]:
    """Yields (target, phrase) of a language's table as they are written there."""
    for line in LANGUAGES[language].strip().replace("\n    ", " ").splitlines():
        target, phrases = line.rsplit(": ", 1)
        for phrase in phrases.split(", "):
            yield target, phrase


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Builds the table, once."""
    phrases: dict[tuple[str, ...], dict[str, str]] = {}
    english = {words_of(phrase) for _, phrase in phrases_of("en")}  # these take no endings of other languages
    for language in LANGUAGES:
        written: dict[tuple[str, ...], str] = {}
        for target, phrase in phrases_of(language):
            for spelled in _spellings(phrase, language):
                written.setdefault(words_of(spelled), target)
        for words, target in written.items():
            for form in {words} if target == "foreign" else _forms(words, "en" if words in english else language):
                is_generated = form != words
                if not is_generated or not (form in written or (len(form) == 1 and form[0] in all_small_words())):
                    phrases.setdefault(form, {}).setdefault(language, target)
    for style in STYLES.values():
        for spelling in style.spellings:
            phrases.setdefault(words_of(spelling), {})["en"] = f"style:{style.slug}"
    longest: dict[str, int] = {}
    for words in phrases:
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    inside = frozenset(word for words in phrases for word in words)
    return Lexicon(phrases, longest, inside, misspelt.Near(_often_misspelt()))


def _spellings(phrase: str, language: str) -> tuple[str, ...]:
    """A phrase, and what folding would lose of it: "düster" is "duester" too, "saturé" may end in "ée"."""
    if language == "de":
        return phrase, phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    if language == "fr":
        return phrase, re.sub(r"é\b", "ée", phrase)
    if language == "ja" and phrase.endswith("い"):
        return phrase, phrase[:-1] + "く", phrase[:-1] + "くて", phrase[:-1] + "め"
    return (phrase,)


def _often_misspelt() -> set[str]:
    """Words of sounds from five letters on, other words from seven on; only as they are written in the tables."""
    found = set()
    for language in LANGUAGES:
        for target, phrase in phrases_of(language):
            kind, words = target.partition(":")[0], words_of(phrase)
            if len(words) == 1 and (kind in _SOUNDS or (kind in _OTHERS and len(words[0]) >= 7)):
                found.add(words[0])
    return found


def _forms(words: tuple[str, ...], language: str) -> set[tuple[str, ...]]:
    """Plurals, genders and cases of a phrase, by its words' endings."""
    if len(words) > 3:
        return {words}
    return set(product(*(_word_forms(word, language) for word in words)))


def _word_forms(word: str, language: str) -> tuple[str, ...]:
    if len(word) < 4 or not word.isalpha():
        return (word,)
    endings = _ENDINGS[language]
    own = max((ending for ending in endings if word.endswith(ending)), key=len)
    stem = word[: len(word) - len(own)]
    return (word, *(stem + ending for ending in endings[own]))


_COMPOUNDS = re.compile(
    "(beats?|typebeat|loops?|melodien?|akkorden?|sounds?|musik|klang|klange|intro|solo|line|bass|chords|samples?|drums)$"
)


def split_compounds(text: Text) -> None:
    """Parts words such as "Trapbeat" and "Flötenmelodie" in two, where both are known and the whole is not."""
    table = lexicon()
    tokens: list[Token] = []
    for token in text.tokens:
        found = _COMPOUNDS.search(token.text) if token.kind == "word" and token.text not in table.longest else None
        stem = token.text[: found.start()] if found else ""
        if len(stem) >= 4 and (stem,) in table.phrases:
            middle = token.start + len(stem)
            tokens.append(Token(stem, "word", token.start, middle))
            tokens.append(Token(token.text[len(stem) :], "word", middle, token.end))
        else:
            tokens.append(token)
    text.tokens = tokens


def opens_phrase(word: str) -> bool:
    """Whether a phrase of the vocabulary begins with a folded word."""
    return word in lexicon().longest


def kind_of(word: str) -> str | None:
    """The kind of thing ("sound", "mood", ...) that a folded word names by itself."""
    targets = lexicon().phrases.get((word,))
    return next(iter(targets.values())).partition(":")[0] if targets else None


def find_items(text: Text, votes: dict[str, float]) -> list[Item]:
    """Returns the phrases of the vocabulary in the free parts of a text, left to right, the longest first."""
    table = lexicon()
    items = []
    tokens = text.tokens
    is_english = votes.get("en", 0) >= max(votes.values(), default=0)
    at = 0
    while at < len(tokens):
        found = None
        is_other = tokens[at].text in ALSO_ENGLISH and is_english
        if not is_other and tokens[at].kind != "mark" and text.is_free(tokens[at].start, tokens[at].end):
            found = _longest(text, at, table)
        if found is None:
            at += 1
            continue
        targets, last = found
        items.append(Item(_spoken(targets, votes), tokens[at].start, tokens[last].end, at, last))
        at = last + 1
    return items


def _longest(text: Text, at: int, table: Lexicon) -> tuple[dict[str, str], int] | None:
    tokens = text.tokens
    first = _corrected(text, at, table)
    limit = table.longest.get(first, 0)
    if not limit:
        return None
    words, places = [first], [at]
    behind = at + 1
    while len(words) < limit and behind < len(tokens):
        token = tokens[behind]
        if token.kind == "mark":
            if token.text not in SOFT_MARKS:
                break
        elif not text.is_free(token.start, token.end):
            break
        else:
            words.append(_corrected(text, behind, table))
            places.append(behind)
        behind += 1
    for length in range(len(words), 0, -1):
        targets = table.phrases.get(tuple(words[:length]))
        if targets and not _is_cut(text, places[0], places[length - 1]):
            return targets, places[length - 1]
    return None


def _is_cut(text: Text, first: int, last: int) -> bool:
    """Whether a Japanese phrase begins or ends inside a longer word of the same syllables (katakana)."""
    tokens = text.tokens
    if tokens[first].kind != "cjk":
        return False
    # a word of one Chinese character is only a word where no other stands beside it
    if first == last and tokens[first].text >= "\u3400":
        sides = (text.low[tokens[first].start - 1 : tokens[first].start], text.low[tokens[last].end :][:1])
        return any("\u3400" <= side <= "\u9fff" for side in sides if side)
    return False


def _corrected(text: Text, at: int, table: Lexicon) -> str:
    token = text.tokens[at]
    word = token.text
    if token.kind != "word" or word in table.inside or word in all_small_words():
        return word
    if not word.isascii() or "'" in word:
        return word
    is_name = text.plain[token.start].isupper() and at > 0 and text.tokens[at - 1].kind == "word"
    return word if is_name else table.near.word(word) or word


def _spoken(targets: dict[str, str], votes: dict[str, float]) -> str:
    """The target in the language that the text is most likely in."""
    return targets[max(targets, key=lambda language: votes.get(language, 0))]


def main_phrases() -> dict[str, dict[str, list[str]]]:
    """Returns language -> target -> its phrases as written, for wording concepts."""
    table: dict[str, dict[str, list[str]]] = {}
    for language in LANGUAGES:
        for target, phrase in phrases_of(language):
            table.setdefault(language, {}).setdefault(target, []).append(phrase)
    return table


def size() -> dict[str, int]:
    """Returns how many phrases each language's table has, as written."""
    return {language: sum(1 for _ in phrases_of(language)) for language in LANGUAGES}
