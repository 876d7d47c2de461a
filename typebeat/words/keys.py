"""Reads a key, carefully: letters that may be words ("3 AM", "a minor setback", "but she Em") need their context.

A spelling that can mean nothing else ("F# minor", "b-Moll", "嬰ヘ短調") is believed wherever it stands. Of the others,
the words on both sides decide. A note that stands alone is minor, as for the option.
"""

import re

from typebeat.conditioning import NOTE_NAMES
from typebeat.words.languages import all_small_words
from typebeat.words.lexicon import kind_of, opens_phrase
from typebeat.words.listed import listed
from typebeat.words.readings import Reading
from typebeat.words.text import Text

_MINOR = (
    "minor min mineur mineure menor minore moll mol минор 마이너 단조 マイナー 短調 小调 小調 aeolian natural-minor"
)
_MAJOR = "major maj majeur majeure mayor maior maggiore dur мажор 메이저 장조 メジャー 長調 大调 大調 ionian"
_MODES = {  # modes with a name of their own, by the one of the two that they are nearest to
    **dict.fromkeys(listed("dorian dorisch dorien dorico phrygian phrygisch phrygien frigio locrian"), "minor"),
    **dict.fromkeys(listed("lydian lydisch lydien lidio mixolydian mixolydisch mixolydien misolidio"), "major"),
}
MODES = {**dict.fromkeys(_MINOR.split(), "minor"), **dict.fromkeys(_MAJOR.split(), "major"), **_MODES}
_ADJECTIVES = frozenset(  # that say "smaller", "more important" in their language too
    [
        "minor",
        "min",
        "mineur",
        "mineure",
        "menor",
        "minore",
        "major",
        "maj",
        "majeur",
        "majeure",
        "mayor",
        "maior",
        "maggiore",
    ]
)
_LETTERS = dict(zip("cdefgab", (0, 2, 4, 5, 7, 9, 11), strict=True))
_GERMAN = {
    **{"cis": 1, "dis": 3, "eis": 5, "fis": 6, "gis": 8, "ais": 10, "his": 0, "h": 11, "b": 10},
    **{"ces": 11, "des": 1, "es": 3, "fes": 4, "ges": 6, "as": 8},
}
_SOLFEGE = {"do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
_RUSSIAN = {"до": 0, "ре": 2, "ми": 4, "фа": 5, "соль": 7, "ля": 9, "си": 11}
_IROHA = dict(zip("ハニホヘトイロ", (0, 2, 4, 5, 7, 9, 11), strict=True))
_SHARPS = listed("# sharp diese diesis sostenido sustenido диез シャープ 샵 嬰 kruis")
_ACCIDENTAL = (
    r"\s?#|\sb(?=\s[m])|b(?![a-z])|b(?=min|maj|m\b)|\s?♭|[\s-]?(?:sharp|flat)|\s(?:diese|diesis|sostenido|sustenido|bemolle|bemol)"
    r"|\s?(?:диез|бемоль)|シャープ|フラット|샵|플랫"
)
_MODE = "|".join(sorted((re.escape(mode).replace(r"\-", r"\s") for mode in MODES), key=len, reverse=True))
_QUALITY = r"(?:(?P<quality>harmonic|natural|melodic)\s)?"
_EDGE = r"(?<![a-z0-9#'&])"
_LONG = re.compile(rf"{_EDGE}(?P<note>[a-h])(?P<acc>{_ACCIDENTAL})?[\s_-]*{_QUALITY}(?P<mode>{_MODE})(?![a-z])")
_NAMED = re.compile(
    rf"{_EDGE}(?P<note>{'|'.join(_GERMAN)}|[a-g])[\s_-]*(?P<quality>harmonisch\s)?(?P<mode>moll|dur)(?![a-z])"
)
_SUNG = re.compile(
    rf"{_EDGE}(?P<note>{'|'.join((*_SOLFEGE, *_RUSSIAN))})(?P<acc>{_ACCIDENTAL})?[\s_-]+(?P<mode>{_MODE})(?!\w)"
)
_OF_JAPAN = re.compile(rf"(?P<acc>[嬰変])?(?P<note>[{''.join(_IROHA)}])(?P<mode>短調|長調)")
_SHORT = re.compile(
    r"(?<![a-zA-Z0-9#'&])(?P<note>[a-gA-G])(?P<acc>#|b|♭)?\s?(?P<m>[mM])(?![\w'*]|\.(?!wav|mp3|flac|midi?|aiff?|ogg|m4a)\w)"
)
_IN_NOTE = re.compile(r"(?<![A-Za-z])(?:in|en|em) (?P<note>[A-G])\s?(?P<acc>#|b|♭|sharp|flat)(?![\w#'])")
_LABEL = r"(?:key|scale|tonart|tonalite|tonalidade?|tonalita|tono|tom|tonart|キー|tonacja|тональность)"
_LINK = r"(?:\s*(?:[:=]|of|is|in|de|ist|di|は|should|be|the|of|es|est|e)(?![a-z]))*[\s_-]*"
_LABELLED = re.compile(
    rf"(?<![a-z]){_LABEL}(?P<link>{_LINK})(?P<note>[a-g])(?P<acc>#|b(?![a-z])|♭|\s?sharp|\s?flat)?\s?(?P<m>m(?![a-z]))?"
    r"(?![\w#'])"
)
_ALONE = re.compile(
    rf"(?<![a-z])(?<!harmonic )(?<!melodic )(?:(?:in (?:a |einer? )?|(?:en|em|modo|mode|tonalidade?|tonalite|tonart) )?"
    rf"(?P<mode>{_MODE})[\s-]"
    r"(?:key|scale|tonality|tonart|tonleiter)(?!\s?alert|[a-z])|(?:in|en|em|mode|modo|tonalite|tonalidad|tonalidade|tono|tom)"
    r"\s(?P<mode2>minor|major|moll|dur|mineur|majeur|menor|mayor|maior|minore|maggiore)(?=\s*(?:$|[,.;!?)/|]|\d)))"
)
_ALONE_JA = re.compile(r"(?P<mode>短調|長調|マイナーキー|メジャーキー|マイナー調|メジャー調)")
_NOT = re.compile(r"\b(?:not|no|nicht|kein|pas|sin|nao|non)(?:\s(?:in|en|em|the|key|of|de|a))*\s+$")
_CAMELOT = re.compile(r"camelot\s*(?:key)?\s*:?\s*(\d{1,2})\s?([ab])(?![a-z])")
_NOTES_ON_WHEEL = (8, 3, 10, 5, 0, 7, 2, 9, 4, 11, 6, 1)  # minor keys 1A .. 12A
_BEFORE = listed("in en em key scale tonart tono tom tonalite tonalidad tonalidade ton dans kind beat at")
_LABELS = listed("key scale ton tono tom tonalite tonalidad tonalidade tonalita escala gamme scala clave")
_BEHIND = listed(
    "key scale chord chords with at and mit avec con com und et y e over around for please or oder ou bpm "
    "tempo tonart but no without ohne sans sin sem senza if an a as by instead"
)


_KEYED = listed("beat beats chords chord loop melody riff progression song drill type typebeat")
_KEY_WORDS = listed("key scale tonality")
_SURE_NOTES = listed("b c d f g re fa ut")  # no words of their own before "minor", unlike "a" and "mi"
_NOTES_BEHIND_IN = listed("d f g do re fa sol")
_VERBS = listed("is was be are am being not as he's she's i'm you're")
_MUSIC_KINDS = listed("sound groove drums bass fx harmony melody section part mood pace foreign style filler")
_PEOPLE = listed("rapper rappers singer singers drummer guitarist")


def read_key(text: Text, is_tempo: bytearray) -> list[Reading]:
    """Returns the keys that are said, surest first; marks their words as read.

    Args:
        text: The text; tempo and counts have been read.
        is_tempo: For each character, whether it belongs to a tempo.
    """
    readings: list[Reading] = []
    for found in _CAMELOT.finditer(text.low):
        if 1 <= int(found[1]) <= 12:
            minor = _NOTES_ON_WHEEL[int(found[1]) - 1]
            key = (minor, "minor") if found[2] == "a" else ((minor + 3) % 12, "major")
            _keep(text, readings, *key, found.span())
    _read_long(text, readings)
    _read_labelled(text, readings)
    _read_short(text, readings, is_tempo)
    for found in _IN_NOTE.finditer(text.plain):
        if _is_closed_behind(_neighbours(text, found.start(), found.end())[1]):
            step = 1 if found["acc"] in ("#", "sharp") else -1
            _keep(text, readings, _LETTERS[found["note"].lower()] + step, "minor", found.span())
    if not readings:
        found = _ALONE.search(text.low) or _ALONE_JA.search(text.low)
        if found and text.is_free(*found.span()):
            said = found["mode"] or found.groupdict().get("mode2") or ""
            mode = MODES.get(said.replace("キー", "").replace("調", "") if said not in MODES else said, "minor")
            text.take(*found.span())
            readings.append(Reading("mode", mode, *found.span()))
    return readings


def _keep(text: Text, readings: list[Reading], note: int, mode: str, span: tuple[int, int]) -> None:
    if text.is_free(*span) and not _NOT.search(text.low[: span[0]]):
        text.take(*span)
        readings.append(Reading("key", f"{NOTE_NAMES[note % 12]} {mode}", *span))


def _read_long(text: Text, readings: list[Reading]) -> None:
    for found in _OF_JAPAN.finditer(text.low):
        step = {"嬰": 1, "変": -1}.get(found["acc"] or "", 0)
        _keep(text, readings, _IROHA[found["note"]] + step, MODES[found["mode"]], found.span())
    for found in _NAMED.finditer(text.low):
        note = found["note"]
        _keep(text, readings, _GERMAN.get(note, _LETTERS.get(note, 0)), MODES[found["mode"]], found.span())
    for pattern, notes in ((_LONG, _LETTERS), (_SUNG, _SOLFEGE | _RUSSIAN)):
        for found in pattern.finditer(text.low):
            note, accidental, mode = found["note"], (found["acc"] or "").strip(" -"), found["mode"]
            if note not in notes:
                continue
            step = 0 if not accidental else 1 if accidental in _SHARPS else -1
            is_sure = accidental or mode not in _ADJECTIVES
            if is_sure or _is_meant(text, found.start(), found.end(), note):
                end = found.start("mode") if mode in _MODES else found.end()
                _keep(text, readings, notes[note] + step, MODES[mode.replace(" ", "-")], (found.start(), end))
                if found.groupdict().get("quality") == "harmonic":
                    readings.append(Reading("concepts", ("harmony:harmonic-minor",), *found.span()))


def _is_meant(text: Text, start: int, end: int, note: str) -> bool:
    """Whether a note and "minor" or "major" are a key and no words of a sentence."""
    before, behind = _neighbours(text, start, end)
    if note == "a" and behind in _KEY_WORDS and text.plain[start] == "a" and before not in ("of", "="):
        return False  # "in a minor key": a mode, no note
    if note == "a" and not _is_noun_in_a_key(behind):
        return False
    if not _is_closed_behind(behind) and not _is_in_time(text, end):
        # "in F minor storm" is a key; "in a minor accident" and "see B major changes" are none
        return before in {"in", "key", "of", "en", "em"} and note in _NOTES_BEHIND_IN
    is_capital_inside = text.plain[start].isupper() and _is_word(before)
    if note in _SURE_NOTES or (note == "a" and is_capital_inside and before not in _VERBS):
        return True
    if before == "is" and kind_of(text.tokens[text.token_at(start) - 2].text) in ("filler", "part"):
        return behind is None or not _is_word(behind)  # "this beat is A minor"
    if before in ("of", "de", "di"):  # "ton de la mineur"
        first = text.token_at(start)
        return first > 1 and text.tokens[first - 2].text in _LABELS
    return not _is_word(before) or before in _BEFORE or _is_music(before or "")


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
    return not _is_word(behind) or behind in _BEHIND or _is_music(behind or "")


def _is_music(word: str) -> bool:
    return opens_phrase(word) and word not in all_small_words() and word not in _PEOPLE


def _is_word(token: str | None) -> bool:
    return token is not None and token[0].isalpha()


def _is_noun_in_a_key(behind: str | None) -> bool:
    """Whether a word behind "a minor" has a key: a piano or a trap beat, but no setback and no mood."""
    return not _is_word(behind) or behind in _BEHIND or kind_of(behind or "") in ("sound", "groove") or behind in _KEYED


def _read_labelled(text: Text, readings: list[Reading]) -> None:
    for found in _LABELLED.finditer(text.low):
        behind = _neighbours(text, found.start(), found.end())[1]
        is_article = found["note"] == "a" and not found["acc"] and not found["m"] and behind is not None
        if not found["link"] or (is_article and _is_word(behind) and behind not in {"with", "and", "at"}):
            continue
        if not _is_closed_behind(behind):
            continue
        accidental = (found["acc"] or "").strip()
        step = 0 if not accidental else 1 if accidental in _SHARPS else -1
        is_major = bool(found["m"]) and text.plain[found.start("m")] == "M"
        _keep(text, readings, _LETTERS[found["note"]] + step, "major" if is_major else "minor", found.span())


def _read_short(text: Text, readings: list[Reading], is_tempo: bytearray) -> None:
    """ "Fm", "C#m": a capital and a small letter, or in a list of facts such as a file's name."""
    is_of_music = any(is_tempo) or any(kind_of(token.text) in _MUSIC_KINDS for token in text.tokens)
    is_of_music = is_of_music or (len(text.tokens) < 5 and any(token.kind == "number" for token in text.tokens))
    for found in _SHORT.finditer(text.plain):
        if not text.is_free(*found.span()) or found["m"] == "M":
            continue
        note, accidental = found["note"].lower(), found["acc"] or ""
        is_written = found["note"].isupper()
        if accidental == "#" or (accidental and is_written):
            is_key = True
        elif is_written:
            is_key = (is_of_music or len(text.tokens) == 1) and _stands_alone(text, *found.span(), note)
        else:
            is_key = _is_fact(text, found.start(), found.end(), is_tempo)
        if is_key:
            step = 0 if not accidental else 1 if accidental in _SHARPS else -1
            _keep(text, readings, _LETTERS[note] + step, "minor", found.span())


def _stands_alone(text: Text, start: int, end: int, note: str) -> bool:
    """Whether nothing beside "Em" makes it a word of a sentence or a unit."""
    before, behind = _neighbours(text, start, end)
    if before is not None and before[0].isdigit() and float(before.replace(",", ".")) < 60:
        return False  # "3 Am", "5 Cm"
    if before == "in":
        return _is_closed_behind(behind)
    words = sum(token.kind == "word" for token in text.tokens)
    if before is None and behind is None:
        return True
    is_word_too = note in "ade"  # "Am", "Dm", "Em" open sentences in some language
    if behind is not None and _is_word(behind):
        if not _is_music(behind) or (is_word_too and (before is not None or note == "a")):
            return False
        return not _is_word(before) or _is_music(before or "")
    if behind == "\n" and words > 8:
        return False
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
    if not touches:
        return False
    sides = (text.low[left:start], text.low[end:right])
    is_closed = (not before or is_tempo[left - 1] or "_" in sides[0] or "," in sides[0], not behind)
    return bool(is_closed[0] and (is_closed[1] or bool(is_tempo[right]) or "_" in sides[1] or "," in sides[1]))
