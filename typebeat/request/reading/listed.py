"""Sets of words, written as one line of text."""


def listed(words: str) -> frozenset[str]:
    """Returns the words that blanks part."""
    return frozenset(words.split())
