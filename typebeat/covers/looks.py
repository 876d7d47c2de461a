"""What a beat looks like, in a small closed vocabulary: the words that a cover model is given and learns from.

`cover_prompt` makes the one line of text from a `CoverLook`; the starter's art is drawn from the same
record, so that caption and picture agree. No artist is named to a picture model: it would draw the artist's face, so
each style has words for its look instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from typebeat.request.styles import STYLES
from typebeat.request.words import DRAWABLE, MUSIC_PHRASES, NOTE_NAMES, concepts, without_tempo_and_key

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
ENERGIES = ((85, "calm"), (110, "flowing"), (135, "driving"), (float("inf"), "intense"))  # below so many BPM
LIGHTS = {"minor": "low light", "major": "bright light"}


@dataclass(frozen=True)
class _Mood:
    """What a mood brings: palettes as (ground, accent), motifs, and a texture or none."""

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
# sounds that bring a motif or a texture beside the mood's
SOUND_MOTIFS = {"sound:choir": "halo", "sound:pad": "clouds", "sound:hum": "smoke", "sound:lead": "chrome"}
SOUND_TEXTURES = {"fx:tape": "grain", "drums:boom-bap": "grain", "bass:distorted": "halftone"}

_MOTIF_OF_WORD = {word: motif for motif, (_, words) in MOTIFS.items() for word in words}
_COLOUR_OF_WORD = {
    **{colour: colour for colour in COLOURS},
    **{"gray": "grey", "golden": "gold", "purple": "violet", "crimson": "red", "turquoise": "teal", "beige": "cream"},
}
_CLAUSE = re.compile(r"[,.;:!?()]|\b(?:and|over|with|under|in|on|at|of|for|to|by)\b", re.IGNORECASE)
_ANY_WORD = re.compile(r"[^\W\d_]{2,20}")
_FREE_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# what a picture model is not asked for: letters, which it draws broken, and people, whom it draws with a face
_NOT_DRAWN = frozenset(
    _FREE_WORD.findall(
        "text letters lettering title titled logo word words typography font caption captioned watermark signature "
        "name quote written writing says saying spelling face faces portrait selfie headshot closeup celebrity rapper "
        "rappers singer artist president nude naked nsfw gore type beat beats bpm song track loop sample instrumental "
        "a an and the of in on over under with for to by from at but or like as is it its my me i you your into"
    )
)
_TYPE_BEAT = re.compile(r"[^,.;:!?()]*\btype[\s-]+beats?\b", re.IGNORECASE)
FREE_WORDS = 12  # more would be cut off by a text encoder of 77 tokens
LONGEST_WORD = 20  # characters
TITLE_WORDS = 3


@dataclass(frozen=True)
class CoverLook:
    """What the picture of a beat shows.

    Attributes:
        palette: Ground and accent, of `COLOURS`.
        motifs: One or two of `MOTIFS`, the main one first.
        texture: One of `TEXTURES`, or empty.
        energy: One of the words in `ENERGIES`, from the tempo.
        light: One of the values of `LIGHTS`, from the key's mode.
    """

    palette: tuple[str, str]
    motifs: tuple[str, ...]
    texture: str
    energy: str
    light: str

    @property
    def parts(self) -> list[str]:
        """The look in words, each part a few."""
        motifs = " and ".join(MOTIFS[motif][0] for motif in self.motifs)
        parts = [motifs, f"{self.palette[0]} and {self.palette[1]} palette", TEXTURES.get(self.texture, "")]
        return [part for part in (*parts, f"{self.energy} mood", self.light) if part]


def cover_look(prompt: str, bpm: float, key: str) -> CoverLook:
    """Returns what the cover of a beat shows, whatever its style: palette, motifs, texture, energy and light."""
    return look_of(prompt, concepts(prompt), bpm, key, NOTE_NAMES.index(key.split()[0]))


def cover_prompt(prompt: str, style: str, bpm: float, key: str, rng: Random | None = None) -> str:
    """Returns the one line of text that a picture model is given.

    It opens with the style's look and the beat's (`cover_look`), in a small closed vocabulary; the prompt's own words
    follow, for models that know more. It names no artist and asks for no letters and no face.

    Args:
        prompt: What the user wrote (serving) or what `describe` made of a beat (training).
        style: A slug of `STYLES`; empty for none, as for training a base that all styles share.
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        rng: For training only: shuffles the parts and drops some of them.
    """
    free = " ".join(free_words(without_tempo_and_key(prompt), DRAWABLE, MUSIC_PHRASES))
    parts = [OPENING, STYLE_LOOKS.get(style, ""), *cover_look(prompt, bpm, key).parts, free]
    if rng is not None:
        parts = [part for part in parts if rng.random() > 0.1]
        rng.shuffle(parts)
    return ", ".join(part for part in parts if part)


def cover_title(prompt: str, bpm: float, key: str) -> str:
    """Returns a title of one to three words for a beat whose user gave it none."""
    bare = without_tempo_and_key(prompt)
    clauses = [free_words(clause, DRAWABLE, MUSIC_PHRASES) for clause in _CLAUSE.split(bare)]
    of_other_scripts = [word for word in _ANY_WORD.findall(bare) if not word.isascii()]
    return title_of([*clauses, of_other_scripts], cover_look(prompt, bpm, key))


def look_of(prompt: str, concepts: Sequence[str], bpm: float, key: str, pitch_class: int) -> CoverLook:
    """Chooses what the cover of a beat shows: what the prompt names, else what its moods bring.

    A prompt without a mood has the mood of its tempo and mode. Which of a mood's palettes and motifs it is depends on
    the key's note, so that beats of one mood differ.

    Args:
        prompt: What the user wrote.
        concepts: What `words.concepts` finds in it.
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        pitch_class: The key's note, 0 (C) to 11.
    """
    mode = key.split()[1]
    energy = next(word for below, word in ENERGIES if bpm < below)
    unsaid = {"minor": ("mood:dreamy", "mood:dark"), "major": ("mood:warm", "mood:bright")}[mode]
    moods = [MOODS[c] for c in concepts if c in MOODS] or [MOODS[unsaid[bpm >= ENERGIES[1][0]]]]
    words = re.findall(r"[a-z]+", unicodedata.normalize("NFKC", prompt).lower())

    named = _unique([_COLOUR_OF_WORD[word] for word in words if word in _COLOUR_OF_WORD])
    ground, accent = moods[0].palettes[pitch_class % len(moods[0].palettes)]
    palette = _unique([*named, accent, ground])[:2] if named else [ground, accent]

    asked = [_MOTIF_OF_WORD[word] for word in words if word in _MOTIF_OF_WORD]
    turn = pitch_class // 3
    brought = [mood.motifs[turn % len(mood.motifs)] for mood in moods]
    heard = [SOUND_MOTIFS[c] for c in concepts if c in SOUND_MOTIFS]
    spare = moods[0].motifs[(turn + 1) % len(moods[0].motifs)]
    wanted = 1 if energy == "calm" and len(asked) < 2 else 2
    motifs = _unique([*asked, *brought, *heard, spare])[:wanted]

    textures = [*(SOUND_TEXTURES[c] for c in concepts if c in SOUND_TEXTURES), *(mood.texture for mood in moods)]
    texture = next((texture for texture in textures if texture), "")
    return CoverLook((palette[0], palette[1]), tuple(motifs), texture, energy, LIGHTS[mode])


def free_words(prompt: str, known: Collection[str], music: Collection[str]) -> list[str]:
    """Returns the prompt's words that a large picture model may use, at most `FREE_WORDS`, lower case.

    Left out are words of letters outside the Latin script, the words in `music` (drums, bass, a style's name), words
    for letters and faces, and what may be a person's name: what stands before "type beat" or begins with a capital,
    unless it is in `known`. A name in small letters is not told apart from other words.
    """
    wanted = {*known, *_MOTIF_OF_WORD, *_COLOUR_OF_WORD}
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
    """Returns a short title: the prompt's most telling clause, else what the cover shows.

    Args:
        clauses: The words of each clause that `free_words` lets through.
        look: What the cover shows.
    """
    telling = max(clauses, key=lambda words: min(len(words), TITLE_WORDS), default=())
    ground, accent = look.palette
    words = telling[:TITLE_WORDS] or (ground if accent in ("black", "grey") else accent, look.motifs[0])
    return " ".join(word[0].upper() + word[1:] for word in words)


def _unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


# every word that `cover_prompt` says beside free words, for a tokenizer of a closed vocabulary
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
