"""How keys are spelled: names of notes and modes by language, patterns, and the words that may stand beside them."""

import re

from typebeat.request.reading.listed import listed
from typebeat.request.reading.tempo import INSTEAD_OF

MINOR = "minor min mineur mineure menor minore moll mol минор 마이너 단조 マイナー 短調 小调 小調 aeolian natural-minor"
MAJOR = "major maj majeur majeure mayor maior maggiore dur мажор 메이저 장조 メジャー 長調 大调 大調 ionian"
NAMED_MODES = {  # modes with a name of their own, by the one of the two that they are nearest to
    **dict.fromkeys(listed("dorian dorisch dorien dorico phrygian phrygisch phrygien frigio locrian"), "minor"),
    **dict.fromkeys(listed("lydian lydisch lydien lidio mixolydian mixolydisch mixolydien misolidio"), "major"),
}
MODES = {**dict.fromkeys(MINOR.split(), "minor"), **dict.fromkeys(MAJOR.split(), "major"), **NAMED_MODES}
ADJECTIVES = frozenset(  # that say "smaller", "more important" in their language too
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
LETTERS = dict(zip("cdefgab", (0, 2, 4, 5, 7, 9, 11), strict=True))
GERMAN = {
    **{"cis": 1, "dis": 3, "eis": 5, "fis": 6, "gis": 8, "ais": 10, "his": 0, "h": 11, "b": 10},
    **{"ces": 11, "des": 1, "es": 3, "fes": 4, "ges": 6, "as": 8},
}
SOLFEGE = {"do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11}
RUSSIAN = {"до": 0, "ре": 2, "ми": 4, "фа": 5, "соль": 7, "ля": 9, "си": 11}
IROHA = dict(zip("ハニホヘトイロ", (0, 2, 4, 5, 7, 9, 11), strict=True))
SHARPS = listed("# sharp diese diesis sostenido sustenido диез シャープ 샵 嬰 kruis")
ACCIDENTAL = (
    r"\s?#|\sb(?=\s[m])|b(?![a-z])|b(?=min|maj|m\b)|\s?♭|[\s-]?(?:sharp|flat)|\s(?:diese|diesis|sostenido|sustenido|bemolle|bemol)"
    r"|\s?(?:диез|бемоль)|シャープ|フラット|샵|플랫"
)
MODE = "|".join(sorted((re.escape(mode).replace(r"\-", r"\s") for mode in MODES), key=len, reverse=True))
QUALITY = r"(?:(?P<quality>harmonic|natural|melodic)\s)?"
EDGE = r"(?<![a-z0-9#'&])"
LONG = re.compile(rf"{EDGE}(?P<note>[a-h])(?P<acc>{ACCIDENTAL})?[\s_-]*{QUALITY}(?P<mode>{MODE})(?![a-z]|[679](?!\d))")
NAMED = re.compile(
    rf"{EDGE}(?P<note>{'|'.join(GERMAN)}|[a-g])[\s_-]*(?P<quality>harmonisch\s)?(?P<mode>moll|dur)(?![a-z])"
)
SUNG = re.compile(
    rf"{EDGE}(?P<note>{'|'.join((*SOLFEGE, *RUSSIAN))})(?P<acc>{ACCIDENTAL})?[\s_-]+(?P<mode>{MODE})(?!\w)"
)
OF_JAPAN = re.compile(rf"(?P<acc>[嬰変])?(?P<note>[{''.join(IROHA)}])(?P<mode>短調|長調)")
SHORT = re.compile(
    r"(?<![a-zA-Z0-9#'&])(?P<note>[a-gA-G])(?P<acc>#|b|♭)?\s?(?P<m>[mM])(?![^\W_]|['*]|\.(?!wav|mp3|flac|midi?|aiff?|ogg|m4a)\w)"
)
IN_NOTE = re.compile(r"(?<![A-Za-z])(?:in|en|em) (?P<note>[A-G])[\s-]?(?P<acc>#|b|♭|sharp|flat)(?![\w#'])")
IN_LETTER = re.compile(r"(?<![A-Za-z])(?:[Ii]n|[Ee]n|[Ee]m) (?P<note>[A-G])(?=[,;.!?)|]*(?:\s|$))")
BARE_NOTE = re.compile(r"(?<![A-Za-z0-9#'&])(?P<note>[A-G])(?P<acc>#|b|♭)(?![\w#'])")
SUNG_SHORT = re.compile(rf"{EDGE}(?P<note>{'|'.join(SOLFEGE)})(?P<acc>#|b)m(?![a-z0-9])")
LABEL = r"(?:key|scale|tonart|tonalite|tonalidade?|tonalita|tono|tom|tonart|キー|tonacja|тональность)"
LINK = r"(?:\s*(?:[:=]|of|is|in|de|ist|di|は|should|be|the|of|es|est|e)(?![a-z]))*[\s_-]*"
LABELLED = re.compile(
    rf"(?<![a-z]){LABEL}(?P<link>{LINK})(?P<note>[a-g])(?P<acc>#|b(?![a-z])|♭|\s?sharp|\s?flat)?\s?(?P<m>m(?![a-z]))?"
    r"(?![\w#'])"
)
ALONE = re.compile(
    rf"(?<![a-z])(?<!harmonic )(?<!melodic )(?:(?:in (?:a |einer? )?|(?:en|em|modo|mode|tonalidade?|tonalite|tonart) )?"
    rf"(?P<mode>{MODE})[\s-]"
    r"(?:key|scale|tonality|tonart|tonleiter|chords|mode|feel|tonalitat)(?!\s?alert|[a-z])|(?:in|en|em|key|mode|modo|tonalite|tonalidad|tonalidade|tono|tom)"
    r"(?:\s?[:=]|\sis)?\s(?P<mode2>minor|major|moll|dur|mineur|majeur|menor|mayor|maior|minore|maggiore)(?=\s*(?:$|[,.;!?)/|]|\d)))"
)
ALONE_JA = re.compile(r"(?P<mode>短調|長調|マイナーキー|メジャーキー|マイナー調|メジャー調)")
_NO = rf"\b(?:{INSTEAD_OF}|not|no|nicht|kein|pas|sin|nao|non)(?:\s(?:in|en|em|the|key|of|de|a))*\s+"
NOT = re.compile(f"{_NO}$")
BEFORE_REFUSED = re.compile(  # "G minor" in "G minor rather than F minor"
    rf",?\s+{_NO}(?P<note>[a-h]|{'|'.join((*GERMAN, *SOLFEGE))})(?:{ACCIDENTAL})?[\s_-]*(?:{MODE}|m)(?![a-z])"
)
_OR_NOT = rf"(?:\s?/\s?|\s(?:or|oder|ou|o|not|nicht|pas|no|non|nao|{INSTEAD_OF})\s(?:in\s)?)"
_SHORT_KEY = r"[A-G](?:#|b|♭)?m"
PAIR = re.compile(  # "Am or Em", "Gm not Fm", "Am, Em or Dm"
    rf"(?<![\w#'&]){_SHORT_KEY}(?:,\s?{_SHORT_KEY})*{_OR_NOT}{_SHORT_KEY}(?![\w'*])"
)
BEFORE_PAIR = listed("either maybe be")
CAMELOT = re.compile(  # "camelot 8A", "8A camelot"
    r"(?P<label>camelot\s*(?:key)?\s*:?\s*)?(?<![\d#])(?P<hour>\d{1,2})\s?(?P<ring>[ab])(?![a-z])(?(label)|\s*\(?camelot)"
)
NOTES_ON_WHEEL = (8, 3, 10, 5, 0, 7, 2, 9, 4, 11, 6, 1)  # minor keys 1A .. 12A
BEFORE = listed("in en em key scale tonart tono tom tonalite tonalidad tonalidade ton dans kind beat at")
LABELS = listed("key scale ton tono tom tonalite tonalidad tonalidade tonalita escala gamme scala clave")
SCALES = listed("pentatonic pentatonics pentatonik pentatonique pentatonica blues")
BEHIND = SCALES | listed(
    "key scale chord chords with at and mit avec con com und et y e over around for please or oder ou bpm "
    "tempo tonart but no without ohne sans sin sem senza if an a as by instead"
)
# before a key that stands alone; some of these may have "'em" behind them
WISH = re.compile(r"\b(?:should be|must be|go with|going with|make it|want|prefer|use|try|need)(?: in)?\s+$")
BEHIND_WISH = listed("or oder ou please bitte at with mit avec con com")
OF_THEM = listed("want prefer use try need")
WITH_NOTE = listed("with and at or mit und avec et con y com e please")  # behind "in D"


KEYED = listed("beat beats chords chord loop melody riff progression song drill type typebeat")
KEY_WORDS = listed("key scale tonality") | SCALES
SURE_NOTES = listed("b c d f g re fa ut")  # no words of their own before "minor", unlike "a" and "mi"
NOTES_BEHIND_IN = listed("d f g do re fa sol")
VERBS = listed("is was be are am being not as he's she's i'm you're")
MUSIC_KINDS = listed("sound groove drums bass fx harmony melody section part mood pace foreign style filler")
PEOPLE = listed("rapper rappers singer singers drummer guitarist")
