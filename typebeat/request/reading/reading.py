"""Reads a prompt: each reader takes the words that it is sure of, what is left over is named as not understood."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from typebeat.request.concepts import CONCEPT_IDS
from typebeat.request.reading.artists import find_artists
from typebeat.request.reading.counts import read_counts
from typebeat.request.reading.cues import Cue, find_cues
from typebeat.request.reading.keys import read_key
from typebeat.request.reading.languages import all_small_words, language_votes
from typebeat.request.reading.leftovers import name_leftovers, unheeded
from typebeat.request.reading.lexicon import Item, find_items, split_compounds
from typebeat.request.reading.listed import listed
from typebeat.request.reading.meanings import Meaning, meanings_of
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.record import Entry, Understood
from typebeat.request.reading.scopes import read_scopes, without_double
from typebeat.request.reading.tempo import read_bare_tempo, read_tempo
from typebeat.request.reading.text import Text

_ORDER = {concept: place for place, concept in enumerate(CONCEPT_IDS)}
_ONCE = frozenset(("key", "mode", "style", "bars", "takes", "metre", "seed"))
_MUSIC = listed("beat beats loop song songs track music rap hip hop hiphop instrumental musik musique ビート 曲")
PARTS = ("drums", "808", "chords", "melody")


@lru_cache(maxsize=256)
def read_words(text: str) -> Understood:
    """Reads any text; nothing that is typed raises an error."""
    page = Text.of(text)
    split_compounds(page)
    readings = [*read_tempo(page)]
    is_tempo = bytearray(page.taken)
    readings += read_counts(page)
    readings += read_key(page, is_tempo)
    artists = find_artists(page)
    for start, end in artists:
        page.take(start, end)

    votes = language_votes(page)
    items = find_items(page, votes)
    cues = find_cues(page, votes, _tokens_of(items, page))
    cue_tokens = {at for cue in cues for at in range(cue.first, cue.last + 1)}
    items = [item for item in items if item.first not in cue_tokens]
    cues = without_double(page, items, cues)
    meaning = meanings_of(page, items, read_scopes(page, items, cues))
    readings += meaning.readings
    _take(page, items, cues, meaning)
    readings += read_bare_tempo(page, _is_musical(page, items, artists))
    named = [*meaning.refused.values(), *unheeded(page, items, cues, meaning.used_cues)]
    unread = name_leftovers(page, cues, artists, named)
    if not readings and not unread and not any(page.low[item.start : item.end] in _MUSIC for item in items):
        unread = [text.strip()] if any(token.kind != "mark" for token in page.tokens) else []
    return _record(page, readings, unread, [page.words(start, end) for start, end in artists])


def concepts_in(text: str) -> tuple[str, ...]:
    """Returns the concepts that a text asks for, in the order of the closed list."""
    return tuple(sorted(read_words(text).concepts, key=_ORDER.__getitem__))


def _tokens_of(items: list[Item], page: Text) -> set[int]:
    """Tokens of phrases; some may be words of their own or turn others: "violin solo", "solo piano"."""
    both = ("solo", "anything", "everything")
    return {at for item in items for at in range(item.first, item.last + 1) if page.tokens[at].text not in both}


def _take(page: Text, items: list[Item], cues: list[Cue], meaning: Meaning) -> None:
    """Marks as read what phrases and turning words stand at, but for those that nothing could be made of."""
    for index, item in enumerate(items):
        if index not in meaning.refused:
            page.take(item.start, item.end)
    for cue in cues:
        if cue.kind != "cut" or cue.first in meaning.used_cues:
            page.take(page.tokens[cue.first].start, page.tokens[cue.last].end)


def _is_musical(page: Text, items: list[Item], artists: list[tuple[int, int]]) -> list[bool]:
    """For each token, whether it has been made something of, or is talk of music."""
    spans = [(item.start, item.end) for item in items] + artists
    music = bytearray(page.taken)
    for start, end in spans:
        music[start:end] = b"\1" * (end - start)
    return [
        bool(music[token.start]) and token.kind != "mark" and token.text not in all_small_words()
        for token in page.tokens
    ]


def _record(page: Text, readings: list[Reading], unread: Iterable[str], artists: list[str]) -> Understood:
    readings = sorted(readings, key=lambda reading: reading.start)
    values: dict[str, Any] = {}
    lists: dict[str, list[str]] = {"concepts": [], "excluded": [], "parts_left_out": []}
    entries: list[Entry] = []
    unread = list(unread)
    asked = {concept for reading in readings if reading.option == "concepts" for concept in reading.value}
    silent = [part for reading in readings if reading.option == "parts_left_out" for part in reading.value]
    for reading in readings:
        words = page.words(reading.start, reading.end)
        if reading.option == "excluded" and asked & set(reading.value):
            unread.append(words)  # "hard, but not aggressive": what is asked for wins
            continue
        if reading.option in lists:
            lists[reading.option] += [one for one in reading.value if one not in lists[reading.option]]
        else:
            values.setdefault(reading.option, reading.value)
        if reading.option == "parts" and set(reading.value) & set(silent):
            unread.append(words)  # "no drums, hard drums": what is left out is
            continue
        if reading.option in _ONCE and values[reading.option] != reading.value:
            unread.append(words)  # of two keys the first is followed
            continue
        entries.append(Entry(reading.option, reading.value, words, page.places[reading.start]))
    excluded = [concept for concept in lists["excluded"] if concept not in lists["concepts"]]
    left_out = tuple(part for part in PARTS if part in lists["parts_left_out"])
    concepts = (*lists["concepts"], *(f"without:{part}" for part in left_out))
    values.pop("parts", None)
    _settle_tempo(values, readings)
    return Understood(
        **values,
        concepts=concepts,
        excluded=tuple(excluded),
        parts_left_out=left_out,
        understood=tuple(entries),
        not_understood=tuple(dict.fromkeys(unread)),
        artists=tuple(dict.fromkeys(artists)),
    )


def _settle_tempo(values: dict[str, Any], readings: list[Reading]) -> None:
    """One tempo to go by, where several are said; a pace counts only without any."""
    said = list(dict.fromkeys(reading.value for reading in readings if reading.option == "bpm"))
    if "bpm_range" in values:
        low, high = values["bpm_range"]
        values.setdefault("bpm", round((low + high) / 2))
    elif "bpm_choices" in values:
        values.setdefault("bpm", values["bpm_choices"][0])
    elif len(said) > 1:
        values["bpm_choices"] = tuple(said)
    if "bpm" in values:
        values.pop("pace", None)
