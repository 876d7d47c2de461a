"""Which instrument leads and which plays chords, where a prompt says it or leaves it to be guessed."""

from __future__ import annotations

from typebeat.request.reading.lexicon import Item
from typebeat.request.reading.listed import listed
from typebeat.request.reading.text import SOFT_MARKS, Text

# these play one note at a time, so they lead
_ONE_VOICE = listed("flute pan-flute whistle violin cello trumpet saxophone hum glide-lead vocal-chop sitar")
_LINKS = listed("of on de d' di do da del mit von der with played by in à a au aux à la pour for per con com avec")
_BACK = listed("in the im en el no di au a le un de der il in")


def roles_of(text: Text, items: list[Item], instruments: list[int]) -> dict[int, str]:
    """Returns "lead" or "chords" for the items that name instruments.

    Args:
        text: The text.
        items: All items, left to right.
        instruments: Indexes of those instruments that are wanted.
    """
    roles: dict[int, str] = {}
    pads_of_others = set()
    for index in instruments:
        said = _said(text, items, index)
        behind = index + 1
        if behind in instruments and _follows(text, items, index) and items[behind].target == "sound:pad":
            said = "chords"  # "string pads"
            pads_of_others.add(behind)
        if said:
            roles[index] = said
    for index in pads_of_others:
        roles[index] = ""
    kinds = {items[index].target for index in instruments}
    for index in instruments:  # "a cheap guitar ... a muted guitar": one instrument, told twice
        is_general = items[index].target == "sound:nylon-guitar" and items[index].first == items[index].last
        if (
            is_general
            and not roles.get(index)
            and any(kind.endswith("-guitar") and "nylon" not in kind for kind in kinds)
        ):
            roles[index] = ""
    open_ones = [index for index in instruments if index not in roles]
    for index in open_ones:
        name = items[index].target.removeprefix("sound:")
        if name == "pad":
            roles[index] = "chords"
        elif name in _ONE_VOICE:
            roles[index] = "lead"
    for index in open_ones:
        if index not in roles:
            roles[index] = "chords" if "lead" in roles.values() else "lead"
    return roles


def _follows(text: Text, items: list[Item], index: int) -> bool:
    """Whether the next item stands right behind, in the same phrase."""
    return index + 1 < len(items) and all(
        token.text in SOFT_MARKS for token in text.tokens[items[index].last + 1 : items[index + 1].first]
    )


def _said(text: Text, items: list[Item], index: int) -> str | None:
    if _follows(text, items, index):
        role = _role(items[index + 1])
        if role:
            return role
        behind = index + 2
        is_ja = items[index + 1].target == "filler" and text.tokens[items[index + 1].first].text == "の"
        if is_ja and behind < len(items) and _follows(text, items, index + 1) and _role(items[behind]):
            return _role(items[behind])
    if index and _role(items[index - 1]):
        between = text.tokens[items[index - 1].last + 1 : items[index].first]
        is_linked = all(token.text in _LINKS or token.text in SOFT_MARKS for token in between)
        if is_linked and len(between) <= 2 and (between or _role(items[index - 1]) == "lead"):
            return _role(items[index - 1])
    words = {token.text for token in text.tokens[items[index].first : items[index].last + 1]}
    if words & {"lead", "melody", "melodie", "solo"}:
        return "lead"
    if index + 1 < len(items) and items[index + 1].target == "role:chords":
        between = text.tokens[items[index].last + 1 : items[index + 1].first]
        if len(between) <= 2 and all(token.text in _BACK for token in between):
            return "chords"  # "in the background"
    behind_words = [token.text for token in text.tokens[items[index].last + 1 : items[index].last + 4]]
    if "as" in behind_words[:1] or "als" in behind_words[:1] or "comme" in behind_words[:1]:
        following = items[index + 1] if index + 1 < len(items) else None
        if following and following.first <= items[index].last + 3:
            return _role(following)
    return None


def _role(item: Item) -> str | None:
    if item.target in ("part:chords", "role:chords", "harmony:stabs", "harmony:sevenths"):
        return "chords" if item.target in ("part:chords", "role:chords") else None
    if item.target == "part:melody" or item.target.startswith("melody:"):
        return "lead"
    return None
