"""Decides what the cover of a beat shows, in a small closed vocabulary, and words the prompt of the picture model.

`cover_prompt` makes the prompt from a `CoverLook`. The art that the starter learns from is drawn from the same record,
so captions and pictures agree. No prompt names an artist, whose face the model would draw; each style has words for its
look instead (`request/styles.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from typebeat.request.captions import sounding_words
from typebeat.request.styles import STYLES
from typebeat.request.words import DRAWABLE, MUSIC_PHRASES, NOTE_NAMES, concepts

OPENING = "album cover art"
STYLE_LOOKS = {style.slug: style.look for style in STYLES.values()}
COLOURS = (
    *("black", "white", "grey", "silver", "red", "orange", "gold", "brown"),
    *("cream", "green", "teal", "blue", "violet", "magenta", "pink"),
)
MOTIFS = {  # motif -> (what a prompt says, the words of free text that ask for it)
    "moon": ("a full moon", ("moon", "moons", "lunar", "moonlight", "moonlit")),
    "stars": ("a sky of stars", ("stars", "star", "starry", "galaxy", "constellation")),
    "planet": ("a ringed planet", ("planet", "planets", "saturn", "mars", "orbit", "astronaut")),
    "sun": ("a low sun", ("sun", "sunset", "sunrise", "dawn", "dusk")),
    "clouds": ("rolling clouds", ("clouds", "cloud", "sky", "skies", "heaven", "storm")),
    "dunes": ("desert dunes", ("dunes", "dune", "desert", "sand", "cactus")),
    "mountains": ("jagged mountains", ("mountains", "mountain", "hills", "peak", "cliff", "canyon")),
    "waves": ("ocean waves", ("waves", "wave", "ocean", "sea", "beach", "water", "rain")),
    "city": ("city lights", ("city", "street", "streets", "skyline", "town", "downtown", "neon", "highway")),
    "smoke": ("drifting smoke", ("smoke", "fog", "mist", "haze", "foggy", "smoky")),
    "flames": ("rising flames", ("flames", "flame", "fire", "burning", "inferno", "ash")),
    "chrome": ("liquid chrome", ("chrome", "metal", "steel", "mercury", "mirror", "glass", "diamonds")),
    "halo": ("a glowing halo", ("halo", "angel", "angels", "church", "saint", "holy", "crown")),
    "silhouette": ("a faceless silhouette", ("silhouette", "alone", "shadow", "figure", "ghost", "walking")),
}
TEXTURES = {"grain": "film grain", "halftone": "halftone dots", "foil": "holographic foil"}
ENERGIES = ((85, "calm"), (110, "flowing"), (135, "driving"), (float("inf"), "intense"))  # upper limit in BPM, word
LIGHTS = {"minor": "low light", "major": "bright light"}


@dataclass(frozen=True)
class _Mood:
    """What a mood suggests: palettes as (ground, accent), motifs, and perhaps a texture."""

    palettes: tuple[tuple[str, str], ...]
    motifs: tuple[str, ...]
    texture: str = ""


MOODS = {
    "mood:dark": _Mood((("black", "red"), ("black", "violet"), ("black", "grey")), ("smoke", "moon", "city"), "grain"),
    "mood:sad": _Mood((("blue", "grey"), ("teal", "black"), ("blue", "white")), ("waves", "silhouette", "clouds")),
    "mood:dreamy": _Mood((("violet", "pink"), ("blue", "violet"), ("teal", "cream")), ("stars", "clouds", "planet")),
    "mood:psychedelic": _Mood(
        (("magenta", "green"), ("orange", "violet"), ("teal", "magenta")), ("planet", "waves", "sun"), "foil"
    ),
    "mood:hard": _Mood((("red", "black"), ("orange", "black"), ("red", "white")), ("flames", "dunes", "mountains")),
    "mood:warm": _Mood((("brown", "gold"), ("orange", "cream"), ("gold", "red")), ("sun", "dunes", "mountains")),
    "mood:bright": _Mood(
        (("pink", "gold"), ("teal", "white"), ("magenta", "cream")), ("chrome", "sun", "city"), "foil"
    ),
    "mood:eerie": _Mood((("green", "black"), ("grey", "green"), ("black", "teal")), ("moon", "silhouette", "smoke")),
}
# sounds that add a motif or a texture to those of the mood
SOUND_MOTIFS = {"sound:choir": "halo", "sound:pad": "clouds", "sound:hum": "smoke", "sound:lead": "chrome"}
SOUND_TEXTURES = {"fx:tape": "grain", "drums:boom-bap": "grain", "bass:distorted": "halftone"}
# what version 2 of the starter's cover model can draw besides; some take over words that meant something else before
MORE_MOTIFS = {
    "road": ("an empty desert road", ("road", "highway", "route", "drive", "driving", "lane")),
    "car": ("a low car", ("car", "cars", "whip", "coupe", "ride", "racing", "lambo", "headlights")),
    "plane": ("a jet plane overhead", ("plane", "jet", "airplane", "flight", "flying", "airport")),
    "flower": ("a single flower", ("flower", "flowers", "rose", "roses", "petals", "bloom", "garden")),
    "statue": ("a marble statue", ("statue", "marble", "bust", "sculpture", "museum", "greek")),
    "hand": ("a reaching hand", ("hand", "hands", "fingers", "reach", "reaching", "palm")),
    "crowd": ("a crowd from behind", ("crowd", "stage", "concert", "festival", "people", "fans", "show", "club")),
    "room": ("a neon room", ("room", "bedroom", "hotel", "motel", "chair", "neon", "window", "apartment")),
    "snake": ("a coiled snake", ("snake", "snakes", "serpent", "viper", "python", "venom", "poison")),
    "stag": ("a stag with antlers", ("stag", "deer", "antlers", "animal", "forest", "beast", "wolf")),
    "wheel": ("a fairground wheel", ("carnival", "fair", "ferris", "amusement", "circus", "rodeo", "park")),
    "palms": ("tall palm trees", ("palms", "palm-trees", "tropical", "island", "miami", "summer", "california")),
    "glass": ("broken glass", ("glass", "shattered", "broken", "shards", "mirror", "mirrors", "diamonds", "ice")),
}
MORE_MOOD_MOTIFS = {  # of version 2, in place of those of MOODS
    "mood:dark": ("smoke", "city", "stag", "moon", "snake", "car", "room", "silhouette", "statue"),
    "mood:sad": ("waves", "flower", "silhouette", "room", "clouds", "hand", "road", "glass"),
    "mood:dreamy": ("stars", "planet", "clouds", "moon", "flower", "statue", "mountains"),
    "mood:psychedelic": ("planet", "chrome", "sun", "hand", "snake", "waves", "wheel", "flower"),
    "mood:hard": ("flames", "car", "dunes", "crowd", "mountains", "glass", "stag", "plane"),
    "mood:warm": ("sun", "dunes", "road", "palms", "mountains", "flower", "car"),
    "mood:bright": ("chrome", "palms", "city", "plane", "sun", "crowd", "car"),
    "mood:eerie": ("moon", "wheel", "smoke", "statue", "silhouette", "stag", "hand", "halo"),
}


@dataclass(frozen=True)
class Vocabulary:
    """What a cover model was taught to draw.

    Attributes:
        motifs: What a prompt says for each motif, and the words of free text that ask for it.
        mood_motifs: The motifs that each mood suggests.
    """

    motifs: Mapping[str, tuple[str, tuple[str, ...]]]
    mood_motifs: Mapping[str, tuple[str, ...]]

    def of_word(self, word: str) -> str | None:
        """Returns the motif that a word asks for; where several do, the last one."""
        return next((m for m in reversed(self.motifs) if word in self.motifs[m][1]), None)


VERSION_1 = Vocabulary(MOTIFS, {mood: each.motifs for mood, each in MOODS.items()})
VERSION_2 = Vocabulary({**MOTIFS, **MORE_MOTIFS}, MORE_MOOD_MOTIFS)
SPOKEN = VERSION_1  # what prompts are worded in, as the weights that ship know no more

_COLOUR_OF_WORD = {
    **{colour: colour for colour in COLOURS},
    **{"gray": "grey", "golden": "gold", "purple": "violet", "crimson": "red", "turquoise": "teal", "beige": "cream"},
}
_CLAUSE = re.compile(r"[,.;:!?()]|\b(?:and|over|with|under|in|on|at|of|for|to|by)\b", re.IGNORECASE)
_ANY_WORD = re.compile(r"[^\W\d_]{2,20}")
_FREE_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# words kept out of prompts: about letters, which models garble; about people, whom they give a face; filler words
_NOT_DRAWN = frozenset(
    _FREE_WORD.findall(
        "text letters lettering title titled logo word words typography font caption captioned watermark signature "
        "name quote written writing says saying spelling face faces portrait selfie headshot closeup celebrity rapper "
        "rappers singer artist president nude naked nsfw gore type beat beats bpm song track loop sample instrumental "
        "a an and the of in on over under with for to by from at but or like as is it its my me i you your into"
    )
)
_TYPE_BEAT = re.compile(r"[^,.;:!?()]*\btype[\s-]+beats?\b", re.IGNORECASE)
FREE_WORDS = 12  # more would not fit into the 77 tokens of a text encoder
LONGEST_WORD = 20  # characters
TITLE_WORDS = 3


@dataclass(frozen=True)
class CoverLook:
    """What the picture of a beat shows."""

    palette: tuple[str, str]  # ground and accent, two of `COLOURS`
    motifs: tuple[str, ...]  # one or two of `MOTIFS`, the main one first
    texture: str  # one of `TEXTURES`, or empty
    energy: str  # a word of `ENERGIES`, which follows from the tempo
    light: str  # a value of `LIGHTS`, which follows from the key's mode

    @property
    def parts(self) -> list[str]:
        """The look as short phrases."""
        motifs = " and ".join(VERSION_2.motifs[motif][0] for motif in self.motifs)
        parts = [motifs, f"{self.palette[0]} and {self.palette[1]} palette", TEXTURES.get(self.texture, "")]
        return [part for part in (*parts, f"{self.energy} mood", self.light) if part]


def cover_look(prompt: str, bpm: float, key: str, vocabulary: Vocabulary = SPOKEN, turn: int = 0) -> CoverLook:
    """Decides what the cover of a beat shows; the style plays no part in it."""
    prompt = sounding_words(prompt)
    return look_of(prompt, concepts(prompt), bpm, key, NOTE_NAMES.index(key.split()[0]), vocabulary, turn)


def cover_prompt(
    prompt: str,
    style: str,
    bpm: float,
    key: str,
    rng: Random | None = None,
    vocabulary: Vocabulary = SPOKEN,
    turn: int = 0,
) -> str:
    """Words the prompt of a picture model.

    The looks of the style and of the beat (`cover_look`) come first, in a small closed vocabulary; the user's own words
    follow, for models that know more. It names no artist and asks for no letters and no face.

    Args:
        prompt: The user's text, or in training what `describe` made of a beat.
        style: A slug of `STYLES`; empty to train a base that all styles share.
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        rng: In training, shuffles the parts and drops some of them.
        vocabulary: What the model was taught to draw.
        turn: Number of a variation, which decides among what the prompt leaves open.
    """
    free = " ".join(free_words(sounding_words(prompt), DRAWABLE, MUSIC_PHRASES, vocabulary))
    parts = [OPENING, STYLE_LOOKS.get(style, ""), *cover_look(prompt, bpm, key, vocabulary, turn).parts, free]
    if rng is not None:
        parts = [part for part in parts if rng.random() > 0.1]
        rng.shuffle(parts)
    return ", ".join(part for part in parts if part)


def cover_title(prompt: str, bpm: float, key: str) -> str:
    """Makes a title of one to three words for a beat without one."""
    bare = sounding_words(prompt)
    clauses = [free_words(clause, DRAWABLE, MUSIC_PHRASES) for clause in _CLAUSE.split(bare)]
    of_other_scripts = [word for word in _ANY_WORD.findall(bare) if not word.isascii()]
    return title_of([*clauses, of_other_scripts], cover_look(prompt, bpm, key))


def look_of(
    prompt: str,
    concepts: Sequence[str],
    bpm: float,
    key: str,
    pitch_class: int,
    vocabulary: Vocabulary = SPOKEN,
    turn: int = 0,
) -> CoverLook:
    """Chooses what the cover of a beat shows: what the prompt names, or else what its moods suggest.

    A prompt without a mood gets one that suits its tempo and mode. The key's note selects among the palettes and motifs
    of a mood, so that beats of one mood differ.

    Args:
        prompt: The user's text.
        concepts: What `words.concepts` finds in it.
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        pitch_class: The key's note, 0 (C) to 11.
        vocabulary: What the model was taught to draw.
        turn: Number of a variation: each is suggested other motifs.
    """
    mode = key.split()[1]
    energy = next(word for below, word in ENERGIES if bpm < below)
    unsaid = {"minor": ("mood:dreamy", "mood:dark"), "major": ("mood:warm", "mood:bright")}[mode]
    felt = [c for c in concepts if c in MOODS] or [unsaid[bpm >= ENERGIES[1][0]]]
    moods = [MOODS[mood] for mood in felt]
    words = re.findall(r"[a-z]+", unicodedata.normalize("NFKC", prompt).lower())

    named = _unique([_COLOUR_OF_WORD[word] for word in words if word in _COLOUR_OF_WORD])
    ground, accent = moods[0].palettes[pitch_class % len(moods[0].palettes)]
    palette = _unique([*named, accent, ground])[:2] if named else [ground, accent]

    asked = [motif for word in words if (motif := vocabulary.of_word(word))]
    choice = pitch_class // 3 if vocabulary is VERSION_1 else pitch_class + 2 * turn
    lists = [vocabulary.mood_motifs[mood] for mood in felt]
    suggested = [motifs[choice % len(motifs)] for motifs in lists]
    heard = [SOUND_MOTIFS[c] for c in concepts if c in SOUND_MOTIFS]
    spare = lists[0][(choice + 1) % len(lists[0])]
    wanted = 1 if energy == "calm" and len(asked) < 2 else 2
    motifs = _unique([*asked, *suggested, *heard, spare])[:wanted]

    textures = [*(SOUND_TEXTURES[c] for c in concepts if c in SOUND_TEXTURES), *(mood.texture for mood in moods)]
    texture = next((texture for texture in textures if texture), "")
    return CoverLook((palette[0], palette[1]), tuple(motifs), texture, energy, LIGHTS[mode])


def free_words(
    prompt: str, known: Collection[str], music: Collection[str], vocabulary: Vocabulary = SPOKEN
) -> list[str]:
    """Returns the prompt's words that a large picture model may use, in lower case, at most `FREE_WORDS`.

    Left out are words in other scripts than Latin, the words in `music` (drums, bass, style names), words for letters
    and faces, and possible names of people: words before "type beat" or with a capital, unless they are in `known`.
    A name in lower case cannot be recognised.
    """
    wanted = {*known, *_COLOUR_OF_WORD, *(word for _, words in vocabulary.motifs.values() for word in words)}
    prompt = unicodedata.normalize("NFKC", prompt)
    for name in sorted(music, key=len, reverse=True):
        prompt = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", prompt, flags=re.IGNORECASE)
    prompt = _TYPE_BEAT.sub(lambda clause: " ".join(w for w in clause.group(0).split() if w.lower() in wanted), prompt)
    found = []
    for word in _FREE_WORD.findall(prompt):
        plain = "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))
        may_be_a_name = word[0].isupper() and plain not in wanted
        if plain.isascii() and len(plain) <= LONGEST_WORD and plain not in _NOT_DRAWN and not may_be_a_name:
            found.append(plain)
    return _unique(found)[:FREE_WORDS]


def title_of(clauses: Sequence[Sequence[str]], look: CoverLook) -> str:
    """Makes a short title of the longest of the clauses, given as words, or else of what the cover shows."""
    telling = max(clauses, key=lambda words: min(len(words), TITLE_WORDS), default=())
    ground, accent = look.palette
    words = telling[:TITLE_WORDS] or (ground if accent in ("black", "grey") else accent, look.motifs[0])
    return " ".join(word[0].upper() + word[1:] for word in words)


def _unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


# every word of `cover_prompt` except free words: the vocabulary of the starter's tokenizer
COVER_WORDS = tuple(
    sorted(
        {
            word
            for text in (
                *(OPENING, *STYLE_LOOKS.values(), *COLOURS, "and palette mood"),
                *(said for said, _ in MOTIFS.values()),
                *(*TEXTURES.values(), *LIGHTS.values(), *(word for _, word in ENERGIES)),
            )
            for word in text.split()
        }
    )
)
