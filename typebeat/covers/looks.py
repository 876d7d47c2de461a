"""Decides what the cover of a beat shows, in a small closed vocabulary, and words the prompt of the picture model.

`cover_prompt` makes the prompt from a `CoverLook`. The art that the starter learns from is drawn from the same record,
so captions and pictures agree. No prompt names an artist, whose face the model would draw; each style has words for its
look instead (`request/styles.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from typebeat.covers.vocabulary import (
    COLOURS,
    ENERGIES,
    LIGHTS,
    MOODS,
    MOTIFS,
    SOUND_MOTIFS,
    SOUND_TEXTURES,
    SPOKEN,
    TEXTURES,
    VERSION_1,
    VERSION_2,
    Vocabulary,
)
from typebeat.request.captions import sounding_words
from typebeat.request.styles import STYLES
from typebeat.request.words import DRAWABLE, MUSIC_PHRASES, NOTE_NAMES, concepts

OPENING = "album cover art"
STYLE_LOOKS = {style.slug: style.look for style in STYLES.values()}


_COLOUR_OF_WORD = {
    **{colour: colour for colour in COLOURS},
    **{"gray": "grey", "golden": "gold", "purple": "violet", "crimson": "red", "turquoise": "teal", "beige": "cream"},
}
_CLAUSE = re.compile(r"[,.;:!?()]|\b(?:and|over|with|under|in|on|at|of|for|to|by)\b", re.IGNORECASE)
_ANY_WORD = re.compile(r"[^\W\d_]{2,20}")
_FREE_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# words kept out of prompts: about letters, which models garble; about people, whom they give a face; filler words
_LETTERS = frozenset(
    _FREE_WORD.findall(
        "text letters lettering title titled logo word words typography font caption captioned watermark signature "
        "name quote written writing says saying spelling"
    )
)
_FACES = frozenset(
    _FREE_WORD.findall("face faces portrait selfie headshot closeup celebrity rapper rappers singer president")
)
_NOT_DRAWN = frozenset(
    _FREE_WORD.findall(
        "artist nude naked nsfw gore type beat beats bpm song track loop sample instrumental "
        "a an and the of in on over under with for to by from at but or like as is it its my me i you your into"
    )
) | (_LETTERS | _FACES)
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


def cover_title(prompt: str, bpm: float, key: str, vocabulary: Vocabulary = SPOKEN, turn: int = 0) -> str:
    """Makes a title of one to three words for a beat without one."""
    bare = sounding_words(prompt)
    clauses = [free_words(clause, DRAWABLE, MUSIC_PHRASES, vocabulary) for clause in _CLAUSE.split(bare)]
    of_other_scripts = [word for word in _ANY_WORD.findall(bare) if not word.isascii()]
    return title_of([*clauses, of_other_scripts], cover_look(prompt, bpm, key, vocabulary, turn))


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


def left_out(prompt: str) -> str:
    """Says which things that a prompt asks for no cover shows, faces and letters, and with which words; or nothing."""
    words = _unique(re.findall(r"[a-z]+", unicodedata.normalize("NFKC", sounding_words(prompt)).lower()))
    kinds = (("no face is drawn", _FACES), ("no letters are drawn but the title", _LETTERS))
    said = [(what, [word for word in words if word in kind]) for what, kind in kinds]
    return "; ".join(f"{what} ({', '.join(found)})" for what, found in said if found)


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
