"""How far "no", "less" and "only" reach: which phrases of a text they turn round."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from typebeat.request.reading.cues import Cue
from typebeat.request.reading.languages import all_small_words
from typebeat.request.reading.lexicon import Item
from typebeat.request.reading.listed import listed
from typebeat.request.reading.text import SOFT_MARKS, Text, Token

_ALTERNATIVES = listed("or nor oder noch ou ni o nem u né ne")
_ALSO = listed("and und et y e & +")
_JOINTS = _ALTERNATIVES | _ALSO | {"/", "&", "+"}
_ARTICLES = listed("a an the some ein eine einen un une des una um uma il la le el der die das o os as los las")
# "not with a flute", "no extra bells": "no" reaches past these
_PASSED = listed("with w/ mit avec con com extra added more use add")
_REFUSALS = listed("off out free none no nope non nein nao nicht raus weg aus weglassen excluded removed")
_REFUSABLE = ("sound:", "part:", "detail:", "drums:", "bass:", "fx:")
_PLAYED = ("part:melody", "part:chords")
_GAP = 3  # words between "no" and what it means
_STOPS = frozenset(".;!?\n()[]|:")
_ASKING = listed("make give want need do start mach gib fais haz faz dame")  # "just make it dark with a piano"
_LABELS = frozenset(":=-?")
_BETWEEN = listed(
    "bitte please pls left be should are is must can i ich brauche brauch wird komplett ganz all completely just"
)
_NEEDED = listed("needed wanted necessary required notig gebraucht")
_ABSENT = listed("without w/o ohne sans sin sem senza")
_WHOLE_BEAT = listed("beat beats song track typebeat lied chanson morceau cancion musica canzone instru ビート 曲")


@dataclass
class Scopes:
    """What turning words do to the items of a text, by the items' indexes.

    Attributes:
        cut: Item -> the token that its "no" begins at.
        less: Item -> the token that its "less" begins at.
        only: Groups of items of which it is said that there is nothing beside them.
    """

    cut: dict[int, int] = field(default_factory=dict)
    less: dict[int, int] = field(default_factory=dict)
    only: list[tuple[set[int], Cue]] = field(default_factory=list)


def is_part(item: Item) -> bool:
    """Whether an item names an instrument or a part of the beat."""
    return item.target.startswith(("sound:", "part:"))


def read_scopes(text: Text, items: list[Item], cues: list[Cue]) -> Scopes:
    """Returns which items each turning word reaches."""
    scopes = Scopes()
    starts = {item.first: index for index, item in enumerate(items)}
    cue_starts = {cue.first: cue for cue in cues}
    ends = {item.last: index for index, item in enumerate(items)}
    for at, token in enumerate(text.tokens):
        refused = _refused_before(text, items, ends, at) if token.text in _REFUSALS else None
        if refused is not None:
            scopes.cut[refused] = at
    last = len(text.tokens) - 1
    for cue in cues:
        hyphen, noun = cue.first - 1, ends.get(cue.first - 2)
        if text.tokens[cue.first].text == "less" and noun is not None and text.tokens[hyphen].text == "-":
            scopes.cut[noun] = cue.first  # "bass-less"
        elif cue.kind in ("cut", "less"):
            reached = _reached(text, items, starts, cue_starts, cue)
            if not reached and cue.kind == "cut" and text.tokens[min(cue.last + 1, last)].text in _NEEDED:
                refused = _refused_before(text, items, ends, cue.last + 1, cue.first)
                reached = [] if refused is None else [refused]
            (scopes.cut if cue.kind == "cut" else scopes.less).update(dict.fromkeys(reached, cue.first))
        elif cue.kind == "only":
            group = _only_behind(text, items, starts, cue_starts, cue) or _only_before(text, items, cue.first)
            scopes.only.append((group, cue))
        elif cue.kind == "else":
            scopes.only.append((_sentence_before(text, items, cue.first), cue))
    for index, item in enumerate(items):
        if item.target.startswith("cue:"):
            _behind_its_noun(text, items, index, scopes)
    return scopes


def without_double(text: Text, items: list[Item], cues: list[Cue]) -> list[Cue]:
    """Returns the cues but for those that undo each other: "I don't want it without a bass"."""
    undone = set()
    for earlier, later in pairwise(cues):
        between = range(earlier.last + 1, later.first)
        is_close = len(between) <= _GAP and not any(text.tokens[at].kind == "mark" for at in between)
        names = any(item.first in between and item.target != "filler" for item in items)
        if earlier.kind == later.kind == "cut" and text.tokens[later.first].text in _ABSENT and is_close and not names:
            undone |= {earlier, later}
    return [cue for cue in cues if cue not in undone]


def _refused_before(
    text: Text, items: list[Item], ends: dict[int, int], at: int, first: int | None = None
) -> int | None:
    """Returns the item that words behind it, from `first` to `at`, refuse: "drums off", "drums: none", "bass-free"."""
    if not _is_end(text, at + 1):
        return None
    before = (at if first is None else first) - 1
    while before >= 0 and text.tokens[before].text in _LABELS | _BETWEEN:
        before -= 1
    index = ends.get(before)
    is_named = index is not None and items[index].target.startswith(_REFUSABLE)
    return index if is_named else None


def _is_end(text: Text, at: int) -> bool:
    return at >= len(text.tokens) or text.tokens[at].kind == "mark"


def _reached(text: Text, items: list[Item], starts: dict[int, int], cue_starts: dict[int, Cue], cue: Cue) -> list[int]:
    reached: list[int] = []
    gap = 0
    at = cue.last + 1
    is_joined = False
    while at < len(text.tokens):
        token = text.tokens[at]
        if at in starts:
            index = starts[at]
            item = items[index]
            is_meant = not reached and token.text in _WHOLE_BEAT and _is_end(text, item.last + 1)
            is_noise = item.target in ("filler", "role:chords") and not is_meant
            if is_noise and (reached or gap >= _GAP):
                break
            if reached and not is_joined and at != items[reached[-1]].last + 1:
                break
            if is_noise:
                gap += 1
            elif item.target.startswith("cue:"):
                break
            else:
                reached.append(index)
                is_joined = False
            at = item.last + 1
            continue
        if at in cue_starts and at != cue.first:
            follows_or = cue_starts[at].kind == "cut" and token.text in _ALTERNATIVES
            if not follows_or and not reached and token.text in _PASSED:
                gap += 1
                at = cue_starts[at].last + 1
                continue
            if not follows_or:
                break
            is_joined = True
        elif token.kind == "mark":
            if (token.text == "," and reached and _is_listed(text, starts, at)) or (
                reached and (token.text == "&" or (token.text == "/" and not _is_spaced(text, token)))
            ):
                is_joined = True
            elif token.text not in SOFT_MARKS:
                break
        elif token.text in _JOINTS and reached:
            behind = text.tokens[at + 1].text if at + 1 < len(text.tokens) else ""
            is_parallel = text.tokens[cue.last + 1].text == behind  # "without the bass and the choir"
            is_parallel |= text.tokens[cue.last + 1].text in _ARTICLES  # "tira o coro e a flauta"
            if token.text in _ALSO and at + 1 not in starts and not (behind in _ARTICLES and is_parallel):
                break
            is_joined = True
        elif reached and not (is_joined and token.text in _ARTICLES):
            break
        elif token.text in all_small_words():
            gap += 1
        elif _may_describe(items, starts, at):
            gap += 2
        else:
            break
        if gap > _GAP:
            break
        at += 1
    return _heads(items, reached)


def _is_spaced(text: Text, mark: Token) -> bool:
    """Whether blanks stand around a mark, which then parts two wishes: "no piano / dark trap"."""
    return text.low[mark.start - 1 : mark.start] == " " and text.low[mark.end : mark.end + 1] == " "


def _may_describe(items: list[Item], starts: dict[int, int], at: int) -> bool:
    """Whether an unknown word may be an adjective of the instrument or part behind it: "no weird bells"."""
    return at + 1 in starts and is_part(items[starts[at + 1]])


def _is_listed(text: Text, starts: dict[int, int], at: int) -> bool:
    """Whether a comma stands in a list that "or" ends: "no bells, choir or strings"."""
    if at + 1 not in starts:
        return False
    for token in text.tokens[at + 1 : at + 10]:
        if token.text in _ALTERNATIVES:
            return True
        if token.text in _STOPS:
            return False
    return False


def _heads(items: list[Item], reached: list[int]) -> list[int]:
    """Of "no aggressive drums" the adjective is meant, of "no sad piano" the noun, of "no piano melody" the piano."""
    dropped = set()
    for index, behind in pairwise(reached):
        is_next = items[behind].first == items[index].last + 1
        if is_next and items[index].target.startswith("sound:") and items[behind].target in _PLAYED:
            dropped.add(behind)
        describes = items[index].target.startswith("mood:") and items[behind].first == items[index].last + 1
        if describes and items[behind].target.startswith("part:"):
            dropped.add(behind)
        elif describes and items[behind].target.startswith("sound:"):
            dropped.add(index)
    return [index for index in reached if index not in dropped]


def _only_behind(
    text: Text, items: list[Item], starts: dict[int, int], cue_starts: dict[int, Cue], cue: Cue
) -> set[int]:
    group: set[int] = set()
    at = cue.last + 1
    if at < len(text.tokens) and text.tokens[at].text in _ASKING:
        return group
    while at < len(text.tokens):
        token = text.tokens[at]
        if at in starts:
            item = items[starts[at]]
            if token.text in _WHOLE_BEAT or item.target.startswith("groove:"):
                return set()
            if is_part(item) or item.target.startswith(("bass:", "drums:")):
                group.add(starts[at])
            at = item.last + 1
            continue
        if at in cue_starts and cue_starts[at].kind != "more":
            break
        if token.kind == "mark" and (
            token.text in _STOPS
            or (token.text == "," and not (group and at + 1 in starts and is_part(items[starts[at + 1]])))
        ):
            break
        at += 1
    return group


def _only_before(text: Text, items: list[Item], first: int) -> set[int]:
    """ "drums and bass only": what stands right before, joined by "and"."""
    group: set[int] = set()
    begin = first
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item.first >= first:
            continue
        between = text.tokens[item.last + 1 : begin]
        if any(token.text not in _JOINTS and token.text not in SOFT_MARKS for token in between):
            break
        if not is_part(item):
            break
        group.add(index)
        begin = item.first
    return group


def _sentence_before(text: Text, items: list[Item], first: int) -> set[int]:
    begin = max((at for at in range(first) if text.tokens[at].text in ".;!?\n"), default=-1)
    within = [index for index, item in enumerate(items) if begin < item.first < first]
    if any(items[index].target.startswith("groove:") for index in within):
        return set()
    return {index for index in within if is_part(items[index]) or items[index].target.startswith(("bass:", "drums:"))}


def _behind_its_noun(text: Text, items: list[Item], index: int, scopes: Scopes) -> None:
    """Japanese turning words stand behind what they mean: "ピアノなし"."""
    kind = items[index].target.removeprefix("cue:")
    group: set[int] = set()
    begin = items[index].first
    for before in range(index - 1, -1, -1):
        item = items[before]
        if item.last + 1 != begin or item.target.startswith("cue:"):
            break
        word = text.low[item.start : item.end]
        if item.target != "filler":
            if group and items[before + 1].target != "filler":
                break
            group.add(before)
        elif word not in {"と", "や", "も", "は", "が", "の", "を"}:
            break
        begin = item.first
    if kind == "only":
        scopes.only.append((group, Cue("only", items[index].first, items[index].last)))
    else:
        (scopes.cut if kind == "cut" else scopes.less).update(dict.fromkeys(group, items[index].first))
