"""Slips of the keyboard: an unknown word that is one letter away from a word of the vocabulary.

Every word of the vocabulary is kept under itself and under each spelling with one letter left out; two words that meet
there differ by one letter. That takes the same time for any size of vocabulary.
"""

from collections.abc import Iterable
from functools import lru_cache

from typebeat.request.reading.vocabulary.other import OTHER_WORDS

SHORTEST = 5  # letters; shorter words have too many neighbours


class Near:
    """Finds the vocabulary's word that an unknown one is a slip of."""

    def __init__(self, words: Iterable[str]) -> None:
        self._under: dict[str, list[str]] = {}
        for word in sorted(words):
            if len(word) >= SHORTEST and word.isascii() and word.isalpha():
                for key in _keys(word):
                    self._under.setdefault(key, []).append(word)
        self.word = lru_cache(maxsize=4096)(self._word)

    def _word(self, word: str) -> str | None:
        """Returns the nearest word; None if there is none or the word is one of its own."""
        squeezed = _squeezed(word)
        for spelled in (word, squeezed):
            if len(spelled) < SHORTEST or spelled in OTHER_WORDS or len(spelled) > 24:
                continue
            near = {known for key in _keys(spelled) for known in self._under.get(key, ()) if _near(known, spelled)}
            near = {known for known in near if known[0] == spelled[0]}
            if near:
                return min(near)
        return None


def _keys(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def _squeezed(word: str) -> str:
    """Letters that stand three times or more are meant twice: "trippplets"."""
    letters: list[str] = []
    for letter in word:
        if letters[-2:] != [letter, letter]:
            letters.append(letter)
    return "".join(letters)


def _near(one: str, other: str) -> bool:
    """Whether two words differ by one letter put in, left out, changed, or changed places with its neighbour."""
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    one, other = one[begin:], other[begin:]
    if one[1:] == other[1:] or one[1:] == other or one == other[1:]:
        return True
    return one[:2] == other[1::-1] and one[2:] == other[2:]
