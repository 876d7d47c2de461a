"""Turns the phrases of a text and what turns them round into concepts, silent parts and other readings."""

from __future__ import annotations

from dataclasses import dataclass, field

from typebeat.request.reading.languages import all_small_words
from typebeat.request.reading.lexicon import Item
from typebeat.request.reading.listed import listed
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.roles import roles_of
from typebeat.request.reading.scopes import Scopes
from typebeat.request.reading.text import Text

# a word for a family of instruments, ruled out, rules all of them out
_FAMILIES = {
    "nylon-guitar": ("nylon-guitar", "electric-guitar", "muted-guitar", "distorted-guitar"),
    "piano": ("piano", "felt-piano"),
    "saw": ("saw", "square"),
}
_VOICES = ("choir", "ooh", "vocal-chop", "hum")
_OF_SECTION = listed("in im en na no nel dans until till bis before the la le el der dem den during hasta jusqu' au")
_OTHER_BASSES = ("bass:sub", "bass:bass-guitar", "bass:upright-bass", "bass:synth-bass")
_OPPOSITE = {"slow": "fast", "fast": "slow"}


@dataclass
class Meaning:
    """What phrases mean together.

    Attributes:
        readings: What was understood.
        refused: Indexes of items that nothing can be made of, with the token that the words to be named begin at.
        used_cues: First tokens of the turning words that turned something.
    """

    readings: list[Reading] = field(default_factory=list)
    refused: dict[int, tuple[int, int]] = field(default_factory=dict)
    used_cues: set[int] = field(default_factory=set)


def meanings_of(text: Text, items: list[Item], scopes: Scopes) -> Meaning:
    """Returns what the items mean."""
    meaning = Meaning()
    wanted = [index for index in range(len(items)) if index not in scopes.cut and index not in scopes.less]
    instruments = [index for index in wanted if items[index].target.startswith("sound:")]
    roles = roles_of(text, items, instruments)
    has_other_bass = any(items[index].target in _OTHER_BASSES for index in wanted)
    for index, item in enumerate(items):
        kind, _, name = item.target.partition(":")
        if index in scopes.cut and (section := _section_of(text, items, index, item.last)):
            meaning.refused[index] = (min(scopes.cut[index], item.first), section.last)
        elif index in scopes.cut or index in scopes.less:
            cue = scopes.cut.get(index, scopes.less.get(index, item.first))
            readings = _ruled_out(text, item, kind, name, cue, is_less=index not in scopes.cut)
            if has_other_bass and kind == "part" and "808" in text.low[item.start : item.end]:  # "no 808, live bass"
                readings = [Reading("excluded", ("bass:long",), reading.start, reading.end) for reading in readings]
            if readings:
                meaning.readings += readings
                meaning.used_cues.add(cue)
            elif kind != "filler":
                meaning.refused[index] = (min(cue, item.first), max(cue, item.last))
        elif kind in ("voice", "foreign") or (kind == "out" and _is_of_a_noun(text, item)):
            meaning.refused[index] = (item.first, item.last)
        else:
            meaning.readings += _wanted(item, kind, name, roles.get(index, ""))
    _leave_out(text, items, scopes, wanted, meaning)
    return meaning


def _section_of(text: Text, items: list[Item], index: int, last: int) -> Item | None:
    """Returns the section that something is said of alone, behind token `last`: "no drums until the hook"."""
    behind = next((item for item in items[index + 1 :] if item.first > last), None)
    if behind is None or not behind.target.startswith("section:"):
        return None
    between = [token.text for token in text.tokens[last + 1 : behind.first]]
    return behind if between and all(word in _OF_SECTION for word in between) else None


def _is_of_a_noun(text: Text, item: Item) -> bool:
    """Whether "no beat" is said of something else, as in "no beat switch"."""
    if text.low[item.start : item.end] != "no beat" or item.last + 1 >= len(text.tokens):
        return False
    behind = text.tokens[item.last + 1]
    return behind.kind == "word" and behind.text not in all_small_words() | {"please", "pls"}


def _wanted(item: Item, kind: str, name: str, role: str) -> list[Reading]:
    if kind == "sound":
        return [Reading("concepts", (f"{role}:{name}",), item.start, item.end)] if role else []
    if kind == "part":
        if name == "808bass":
            return [Reading("concepts", ("bass:long",), item.start, item.end)]
        return [Reading("parts", (name,), item.start, item.end)]
    if kind == "detail":
        return [Reading("parts", ("drums",), item.start, item.end)]
    if kind == "alone":
        return [Reading("parts_left_out", ("drums", "808", "chords"), item.start, item.end)]
    if kind == "out":
        return [Reading("parts_left_out", (name,), item.start, item.end)]
    if kind in ("style", "pace"):
        return [Reading(kind, name, item.start, item.end)]
    return [Reading("concepts", (item.target,), item.start, item.end)] if kind not in ("filler", "role", "cue") else []


def _ruled_out(text: Text, item: Item, kind: str, name: str, cue: int, is_less: bool) -> list[Reading]:
    """What "no" or "less" makes of an item; nothing where it cannot be followed."""
    token = text.tokens[cue]
    start, end = min(token.start, item.start), max(token.end, item.end)
    if kind == "sound":
        names = _FAMILIES.get(name, (name,))
        return [Reading("excluded", tuple(f"{role}:{one}" for one in names for role in ("lead", "chords")), start, end)]
    if kind == "voice":
        return [
            Reading("excluded", tuple(f"{role}:{one}" for one in _VOICES for role in ("lead", "chords")), start, end)
        ]
    if kind == "part":
        name = "808" if name == "808bass" else name
        if not is_less:
            return [Reading("parts_left_out", (name,), start, end)]
        fewer = {"drums": "drums:sparse", "melody": "melody:simple"}.get(name)
        return [Reading("concepts", (fewer,), start, end)] if fewer else []
    if item.target == "drums:percussion" and not is_less:
        return [Reading("parts_left_out", ("drums",), start, end)]
    if kind == "filler" and not is_less and text.low[item.start : item.end] in {"beat", "beats", "ritmo", "ビート"}:
        return [Reading("parts_left_out", ("drums",), start, end)]
    if kind == "pace":
        return [Reading("pace", _OPPOSITE[name], start, end)]
    if kind in ("style", "detail", "filler", "role", "alone", "out", "cue", "foreign"):
        return []
    return [Reading("excluded", (item.target,), start, end)]


def _leave_out(text: Text, items: list[Item], scopes: Scopes, wanted: list[int], meaning: Meaning) -> None:
    """What "only" leaves out: every part that is not named."""
    everywhere = {part for index in wanted for part in _parts_named(items[index])}
    for group, cue in scopes.only:
        named = [index for index in group if index in wanted]
        if not named:
            continue
        if section := _section_of(text, items, min(named), max(cue.last, *(items[index].last for index in named))):
            meaning.refused[min(named)] = (min(cue.first, items[min(named)].first), section.last)
            continue
        kept = everywhere | ({"chords", "melody"} if any(_is_tuned(items[index]) for index in named) else set())
        left_out = tuple(part for part in ("drums", "808", "chords", "melody") if part not in kept)
        if left_out:
            first, last = min(items[i].start for i in named), max(items[i].end for i in named)
            meaning.readings.append(Reading("parts_left_out", left_out, first, last))
        meaning.used_cues.add(cue.first)


def _is_tuned(item: Item) -> bool:
    return item.target.startswith("sound:")


def _parts_named(item: Item) -> set[str]:
    kind, _, name = item.target.partition(":")
    if kind == "part":
        return {"808" if name == "808bass" else name}
    if kind == "sound":
        return {"chords", "melody"}
    return {"drums": {"drums"}, "detail": {"drums"}, "bass": {"808"}}.get(kind, set())
