"""What of a prompt's words can be followed: values within the limits of a request, and what is not possible and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from typebeat.request.reading import Understood, read_words

METRE = "4/4"  # the only one that beats are made in
OCTAVES = (2, 0.5)  # a tempo that is felt at half or twice the speed


@dataclass(frozen=True)
class Impossible:
    """Words that were understood and cannot be followed.

    Attributes:
        option: What they are about.
        value: What they say.
        words: The words as typed.
        why: What is possible instead.
    """

    option: str
    value: Any
    words: str
    why: str


@dataclass(frozen=True)
class Said:
    """A prompt as far as it can be followed.

    Attributes:
        words: As it was read, with a tempo that a request can have, and without what is impossible.
        impossible: What is not followed, and why.
    """

    words: Understood
    impossible: tuple[Impossible, ...] = ()


def said_in(prompt: str, limits: Mapping[str, tuple[float, float]]) -> Said:
    """Reads a prompt.

    Args:
        prompt: The user's words.
        limits: Lowest and highest value of "bpm", "bars", "takes" and "seed". A tempo that no octave brings within
            them stays as it is said, for the request to refuse.
    """
    words = _with_tempo(read_words(prompt), *limits["bpm"])
    impossible = []
    if words.metre not in (None, METRE):
        impossible.append(Impossible("metre", words.metre, words.words_for("metre"), f"beats are made in {METRE} only"))
    for option in ("bars", "takes", "seed"):
        value, (low, high) = getattr(words, option), limits[option]
        if value is not None and not low <= value <= high:
            why = f"{option} can be {low:g} to {high:.12g}"
            impossible.append(Impossible(option, value, words.words_for(option), why))
            words = replace(words, **{option: None})  # type: ignore[arg-type]  # one of the three
    unfollowed = {each.option for each in impossible}
    entries = tuple(entry for entry in words.understood if entry.option not in unfollowed)
    names = (*words.not_understood, *(each.words for each in impossible))
    return Said(replace(words, understood=entries, not_understood=tuple(dict.fromkeys(names))), tuple(impossible))


def _with_tempo(words: Understood, low: float, high: float) -> Understood:
    """Settles on a tempo within the limits, if the words leave one: a choice, a part of a range, or an octave."""
    if words.bpm is None:
        return words
    for bpm in (words.bpm, *words.bpm_choices):
        if low <= bpm <= high:
            return replace(words, bpm=bpm)
    if words.bpm_range:
        least, most = max(low, words.bpm_range[0]), min(high, words.bpm_range[1])
        if least <= most:
            return replace(words, bpm=float(round((least + most) / 2)))
    for factor in OCTAVES:
        bpm = words.bpm * factor
        if low <= bpm <= high:
            note = f"a beat felt at {words.bpm:g} BPM is written at {bpm:g}"
            entries = tuple(
                replace(entry, value=bpm, note=note) if entry.option.startswith("bpm") else entry
                for entry in words.understood
            )
            return replace(words, bpm=bpm, bpm_range=None, bpm_choices=(), understood=entries)
    return words
