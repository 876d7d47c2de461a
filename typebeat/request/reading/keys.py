"""Reads a key, carefully: letters that may be words ("3 AM", "a minor setback", "but she Em") need their context.

A spelling that can mean nothing else ("F# minor", "b-Moll", "嬰ヘ短調") is believed wherever it stands. Of the others,
the words on both sides decide. A note that stands alone is minor, as for the option.
"""

from typebeat.request.reading import key_spellings as spell
from typebeat.request.reading.languages import all_small_words
from typebeat.request.reading.lexicon import kind_of, opens_phrase
from typebeat.request.reading.readings import Reading
from typebeat.request.reading.text import Text
from typebeat.request.words import NOTE_NAMES


def read_key(text: Text, is_tempo: bytearray) -> list[Reading]:
    """Returns the keys that are said, surest first; marks their words as read.

    Args:
        text: The text; tempo and counts have been read.
        is_tempo: For each character, whether it belongs to a tempo.
    """
    readings: list[Reading] = []
    for found in spell.CAMELOT.finditer(text.low):
        if 1 <= int(found["hour"]) <= 12:
            minor = spell.NOTES_ON_WHEEL[int(found["hour"]) - 1]
            key = (minor, "minor") if found["ring"] == "a" else ((minor + 3) % 12, "major")
            _keep(text, readings, *key, found.span())
    _read_long(text, readings)
    _read_labelled(text, readings)
    _read_short(text, readings, is_tempo)
    for found in spell.SUNG_SHORT.finditer(text.low):
        _keep(text, readings, spell.SOLFEGE[found["note"]] + (1 if found["acc"] == "#" else -1), "minor", found.span())
    for found in spell.BARE_NOTE.finditer(text.plain):
        if _is_fact(text, *found.span(), is_tempo):
            _keep(
                text,
                readings,
                spell.LETTERS[found["note"].lower()] + (1 if found["acc"] == "#" else -1),
                "minor",
                found.span(),
            )
    for found in spell.IN_NOTE.finditer(text.plain):
        if _is_closed_behind(_neighbours(text, found.start(), found.end())[1]):
            step = 1 if found["acc"] in ("#", "sharp") else -1
            _keep(text, readings, spell.LETTERS[found["note"].lower()] + step, "minor", found.span())
    alone = _mode_alone(text)
    for found in spell.IN_LETTER.finditer(text.plain):
        if _is_of_a_beat(text, found.start(), found.end(), found["note"]):
            mode = alone.value if alone else "minor"  # "a major scale in D"
            _keep(text, readings, spell.LETTERS[found["note"].lower()], mode, found.span())
    if alone and not readings:
        text.take(alone.start, alone.end)
        readings.append(alone)
    return readings


def _mode_alone(text: Text) -> Reading | None:
    """A mode without a note: "in a minor key"."""
    alone = spell.ALONE.search(text.low) or spell.ALONE_JA.search(text.low)
    if not alone or not text.is_free(*alone.span()):
        return None
    said = alone["mode"] or alone.groupdict().get("mode2") or ""
    mode = spell.MODES.get(said.replace("キー", "").replace("調", "") if said not in spell.MODES else said, "minor")
    return Reading("mode", mode, *alone.span())


def _keep(text: Text, readings: list[Reading], note: int, mode: str, span: tuple[int, int]) -> None:
    if text.is_free(*span) and not spell.NOT.search(text.low[: span[0]]):
        text.take(*span)
        readings.append(Reading("key", f"{NOTE_NAMES[note % 12]} {mode}", *span))


def _read_long(text: Text, readings: list[Reading]) -> None:
    for found in spell.OF_JAPAN.finditer(text.low):
        step = {"嬰": 1, "変": -1}.get(found["acc"] or "", 0)
        _keep(text, readings, spell.IROHA[found["note"]] + step, spell.MODES[found["mode"]], found.span())
    for found in spell.NAMED.finditer(text.low):
        note = found["note"]
        _keep(
            text, readings, spell.GERMAN.get(note, spell.LETTERS.get(note, 0)), spell.MODES[found["mode"]], found.span()
        )
    for pattern, notes in ((spell.LONG, spell.LETTERS), (spell.SUNG, spell.SOLFEGE | spell.RUSSIAN)):
        for found in pattern.finditer(text.low):
            note, accidental, mode = found["note"], (found["acc"] or "").strip(" -"), found["mode"]
            if note not in notes:
                continue
            step = 0 if not accidental else 1 if accidental in spell.SHARPS else -1
            is_sure = accidental or mode not in spell.ADJECTIVES
            if is_sure or _is_meant(text, found.start(), found.end(), note):
                end = found.start("mode") if mode in spell.NAMED_MODES else found.end()
                _keep(text, readings, notes[note] + step, spell.MODES[mode.replace(" ", "-")], (found.start(), end))
                if found.groupdict().get("quality") == "harmonic":
                    readings.append(Reading("concepts", ("harmony:harmonic-minor",), *found.span()))


def _is_meant(text: Text, start: int, end: int, note: str) -> bool:
    """Whether a note and "minor" or "major" are a key and no words of a sentence."""
    before, behind = _neighbours(text, start, end)
    if note == "a" and behind in spell.KEY_WORDS and text.plain[start] == "a" and before not in ("of", "=", ":"):
        return False  # "in a minor key": a mode, no note
    refused = spell.BEFORE_REFUSED.match(text.low, end)
    if note == "a" and behind == "blues" and _is_word(_neighbours(text, start, text.low.index("blues", end) + 5)[1]):
        return False  # "A Minor Blues Night"
    if note == "a" and not _is_noun_in_a_key(behind) and not (refused and refused["note"] != "a"):
        return False
    if not _is_closed_behind(behind) and not _is_in_time(text, end) and not refused:
        # "in F minor storm" is a key; "in a minor accident" and "see B major changes" are none
        return before in {"in", "key", "of", "en", "em"} and note in spell.NOTES_BEHIND_IN
    is_capital_inside = text.plain[start].isupper() and _is_word(before)
    if note in spell.SURE_NOTES or (note == "a" and is_capital_inside and before not in spell.VERBS):
        return True
    if before == "is" and kind_of(text.tokens[text.token_at(start) - 2].text) in ("filler", "part"):
        return behind is None or not _is_word(behind)  # "this beat is A minor"
    if before in ("of", "de", "di"):  # "ton de la mineur"
        first = text.token_at(start)
        return first > 1 and text.tokens[first - 2].text in spell.LABELS
    return not _is_word(before) or before in spell.BEFORE or _is_music(before or "")


def _is_in_time(text: Text, end: int) -> bool:
    """Whether "in 3/4" or "in the style of" stands behind."""
    behind = [token.text for token in text.tokens[text.token_at(end) :][:3]]
    return behind[:1] == ["in"] and (behind[1:2] == ["the"] or (behind[1:2] != [] and behind[1].isdigit()))


def _neighbours(text: Text, start: int, end: int) -> tuple[str | None, str | None]:
    """The words (or marks) on both sides of a span."""
    first, behind = text.token_at(start), text.token_at(end)
    before = text.tokens[first - 1].text if first else None
    return before, text.tokens[behind].text if behind < len(text.tokens) else None


def _is_closed_behind(behind: str | None) -> bool:
    return not _is_word(behind) or behind in spell.BEHIND or _is_music(behind or "")


def _is_of_a_beat(text: Text, start: int, end: int, note: str) -> bool:
    """Whether "in D" is said of a beat, and not of a town or a grade; "in A" must not open "in A sad way"."""
    before, behind = _neighbours(text, start, end)
    if note == "A" and behind is not None and behind[0].isdigit():
        return False
    is_closed = not _is_word(behind) or behind in spell.WITH_NOTE
    return is_closed and (not _is_word(before) or _is_music(before or ""))


def _is_music(word: str) -> bool:
    return opens_phrase(word) and word not in all_small_words() and word not in spell.PEOPLE


def _is_word(token: str | None) -> bool:
    return token is not None and token[0].isalpha()


def _is_noun_in_a_key(behind: str | None) -> bool:
    """Whether a word behind "a minor" has a key: a piano or a trap beat, but no setback and no mood."""
    return (
        not _is_word(behind)
        or behind in spell.BEHIND
        or kind_of(behind or "") in ("sound", "groove")
        or behind in spell.KEYED
    )


def _read_labelled(text: Text, readings: list[Reading]) -> None:
    for found in spell.LABELLED.finditer(text.low):
        before, behind = _neighbours(text, found.start(), found.end())
        is_article = found["note"] == "a" and not found["acc"] and not found["m"] and behind is not None
        if not found["link"] or (is_article and _is_word(behind) and behind not in {"with", "and", "at"}):
            continue
        if not _is_closed_behind(behind):
            continue
        accidental = (found["acc"] or "").strip()
        step = 0 if not accidental else 1 if accidental in spell.SHARPS else -1
        is_major = bool(found["m"]) and text.plain[found.start("m")] == "M"
        mode, start = "major" if is_major else "minor", found.start()
        if before in spell.MODES:  # "major scale in D"
            mode, start = spell.MODES[before], text.tokens[text.token_at(start) - 1].start
        _keep(text, readings, spell.LETTERS[found["note"]] + step, mode, (start, found.end()))


def _read_short(text: Text, readings: list[Reading], is_tempo: bytearray) -> None:
    """ "Fm", "C#m": a capital and a small letter, or in a list of facts such as a file's name."""
    is_of_music = any(is_tempo) or any(kind_of(token.text) in spell.MUSIC_KINDS for token in text.tokens)
    is_of_music = is_of_music or (len(text.tokens) < 5 and any(token.kind == "number" for token in text.tokens))
    pairs = [found.span() for found in spell.PAIR.finditer(text.plain) if _is_pair(text, found.start())]
    for found in spell.SHORT.finditer(text.plain):
        if not text.is_free(*found.span()) or found["m"] == "M":
            continue
        note, accidental = found["note"].lower(), found["acc"] or ""
        is_written = found["note"].isupper()
        if accidental in ("#", "♭") or (accidental and is_written):
            is_key = True
        elif is_written:
            is_key = (is_of_music or len(text.tokens) == 1) and _stands_alone(text, *found.span(), note)
            is_key = is_key or _is_wished(text, *found.span(), note)
            is_key = is_key or any(start <= found.start() < end for start, end in pairs)
        else:
            is_key = _is_fact(text, found.start(), found.end(), is_tempo)
        if is_key:
            step = 0 if not accidental else 1 if accidental in spell.SHARPS else -1
            _keep(text, readings, spell.LETTERS[note] + step, "minor", found.span())


def _is_pair(text: Text, start: int) -> bool:
    """Whether two keys such as "Am or Em" begin here, and no "I Am not Em"."""
    before = _neighbours(text, start, start)[0]
    is_led_in = before in spell.BEFORE_PAIR or spell.WISH.search(text.low[:start]) is not None
    return not _is_word(before) or _is_music(before or "") or is_led_in


def _is_wished(text: Text, start: int, end: int, note: str) -> bool:
    """Whether "prefer Fm" or "go with Em" says it; "I want Em" may want them."""
    before, behind = _neighbours(text, start, end)
    if not spell.WISH.search(text.low[:start]) or (note == "e" and before in spell.OF_THEM):
        return False
    return not _is_word(behind) or behind in spell.BEHIND_WISH


def _stands_alone(text: Text, start: int, end: int, note: str) -> bool:
    """Whether nothing beside "Em" makes it a word of a sentence or a unit."""
    before, behind = _neighbours(text, start, end)
    if before is not None and before[0].isdigit() and float(before.replace(",", ".")) < 60:
        return False  # "3 Am", "5 Cm"
    if before == "in":
        return _is_closed_behind(behind)
    words = sum(token.kind == "word" for token in text.tokens)
    if "\n" in text.low and words > 8:  # lyrics may be full of "Em"; facts have a line of their own
        return before in (None, "\n") and behind in (None, "\n")
    if before is None and behind is None:
        return True
    is_word_too = note in "ade"  # "Am", "Dm", "Em" open sentences in some language
    if behind is not None and _is_word(behind) and behind not in spell.SCALES:
        if not _is_music(behind) or (is_word_too and (before is not None or note == "a")):
            return False
        return not _is_word(before) or _is_music(before or "")
    return not _is_word(before) or _is_music(before or "")


def _is_fact(text: Text, start: int, end: int, is_tempo: bytearray) -> bool:
    """Whether "fm" stands beside a tempo, with nothing but marks on its other side."""
    before, behind = text.low[:start].rstrip(" _-,/|"), text.low[end:].lstrip(" _-,/|")
    left, right = len(before), len(text.low) - len(behind)
    words = text.low[:start].split()
    if words[-1:] == ["in"] and not behind and text.low[start] not in "ade" and len(words) > 1 and _is_music(words[-2]):
        return True  # "trap in gm"
    if text.low[start - 1 : start] in ("(", "[") and text.low[end : end + 1] in (")", "]"):
        return True
    touches = (left and is_tempo[left - 1]) or (behind and is_tempo[right])
    if text.low[start:end] in ("am", "em") and behind and text.low[end:right].isspace():
        return False  # "em 95 bpm" is Portuguese for "at 95 bpm"
    if not touches:
        return False
    sides = (text.low[left:start], text.low[end:right])
    is_closed = (not before or is_tempo[left - 1] or "_" in sides[0] or "," in sides[0], not behind)
    return bool(is_closed[0] and (is_closed[1] or bool(is_tempo[right]) or "_" in sides[1] or "," in sides[1]))
