"""Words captions and reads them again: the names of keys, the concepts of a caption, and the caption itself.

What users write is read by `reading/`; `captions` turns that into the words that stand here.

Serving and training share `beat_caption`. Training also passes a random generator, which shuffles and drops parts, and
uses `describe`, which puts a corpus beat's tags into words. The prompt of the cover model is worded in
`typebeat/covers/looks.py`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from typebeat.request.styles import STYLES

NOTE_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
KEYS = tuple(f"{note} {mode}" for mode in ("minor", "major") for note in NOTE_NAMES)
BPM_LIMITS = (70, 170)

# concept -> the words that name it in free text; `describe` prefers the first
LEXICON: dict[str, tuple[str, ...]] = {
    "mood:dark": (
        "dark",
        "moody",
        "sinister",
        "menacing",
        "night",
        "midnight",
        "gloomy",
        "shadowy",
        "brooding",
        "noir",
    ),
    "mood:sad": ("sad", "melancholic", "lonely", "heartbroken", "emotional", "somber", "blue", "tearful", "pain"),
    "mood:dreamy": (
        "dreamy",
        "spacey",
        "floating",
        "ethereal",
        "hazy",
        "ambient",
        "atmospheric",
        "cosmic",
        "space",
        "airy",
    ),
    "mood:psychedelic": ("psychedelic", "trippy", "warped", "wavy", "hallucinating", "acid", "swirling", "surreal"),
    "mood:hard": ("hard", "aggressive", "angry", "heavy", "rage", "brutal", "banger", "energetic", "hype"),
    "mood:warm": ("warm", "mellow", "soft", "cozy", "nostalgic", "soulful", "smooth", "chill", "calm", "relaxed"),
    "mood:bright": (
        "bright",
        "glossy",
        "shiny",
        "uplifting",
        "happy",
        "summer",
        "sunny",
        "hopeful",
        "melodic",
        "crisp",
    ),
    "mood:eerie": ("eerie", "haunting", "creepy", "horror", "ghostly", "spooky", "haunted", "evil", "mysterious"),
    "sound:bells": ("bells", "bell", "glockenspiel", "music box", "chimes", "celesta", "vibraphone"),
    "sound:pluck": ("plucks", "pluck", "guitar", "plucked", "harp", "kalimba", "koto"),
    "sound:keys": ("keys", "electric piano", "rhodes", "piano", "wurlitzer", "e-piano", "organ"),
    "sound:lead": ("synth lead", "lead", "synth", "saw lead", "moog", "synthesizer", "arp"),
    "sound:strings": ("strings", "violin", "violins", "orchestra", "orchestral", "cello", "string section"),
    "sound:choir": ("choir", "choirs", "vocal pad", "voices", "chant", "vox"),
    "sound:hum": ("humming", "hum", "hummed melody", "humming lead", "vocal hum", "vocal chop", "whistle", "flute"),
    "sound:pad": ("pads", "pad", "wide pad", "synth pad", "drone", "texture", "textures"),
    "drums:rolls": ("hi-hat rolls", "hat rolls", "rolls", "rolling hats", "fast hats", "stutter hats"),
    "drums:triplets": ("triplets", "triplet hats", "triplet", "triplet flow", "triplet rolls"),
    "drums:swing": ("swing", "swung", "shuffle", "swinging drums", "laid back", "dusty drums", "dilla"),
    "drums:sparse": ("sparse", "minimal", "stripped", "simple drums", "empty"),
    "drums:busy": ("busy", "dense", "busy drums", "bouncy", "bounce", "bouncing"),
    "drums:open-hats": ("open hats", "open hi-hats", "open hat"),
    "drums:clap": ("claps", "clap", "crisp claps", "handclap"),
    "drums:boom-bap": ("boom bap", "boom-bap", "boombap", "old school"),
    "drums:half-time": ("half-time", "half time", "trap", "trap drums"),
    "bass:glide": ("808 glides", "glides", "sliding 808", "gliding 808", "808 slides", "slides"),
    "bass:distorted": ("distorted 808", "distorted", "distortion", "gritty 808", "saturated 808", "dirty 808"),
    "bass:sub": ("sub bass", "deep sub", "round sub", "clean sub", "sub"),
    "bass:long": ("slow 808", "long 808", "808", "808s", "sustained 808", "booming 808"),
    "bass:bounce": ("bouncing bass", "bouncy bass", "plucky bass", "short 808", "punchy 808", "bass line"),
    "fx:reverb": ("reverb", "cavernous", "spacious", "wide", "huge", "cathedral"),
    "fx:tape": ("tape", "lo-fi", "lofi", "vinyl", "cassette", "dusty", "detuned", "wobbly"),
    "fx:sidechain": ("side-chain", "sidechain", "pumping", "ducking"),
}
STYLE_CONCEPTS = tuple(f"style:{slug}" for slug in STYLES)
CONCEPTS = (*STYLE_CONCEPTS, *(f"key:{key}" for key in KEYS), *LEXICON)

_PHRASES = {
    **{phrase: concept for concept, phrases in LEXICON.items() for phrase in phrases},
    **{spelling: f"style:{style.slug}" for style in STYLES.values() for spelling in style.spellings},
}
MUSIC_PHRASES = frozenset(p for p, concept in _PHRASES.items() if not concept.startswith(("mood:", "sound:")))
DRAWABLE = frozenset(_PHRASES) - MUSIC_PHRASES
_LONGEST_PHRASE = max(phrase.count(" ") + 1 for phrase in _PHRASES)
_NOTE = r"([a-g])(?:\s*(#|♯|sharp|b|♭|flat))?"
# "a minor setback" names no key: an "a" that is followed by another word after "minor" is an article
_ARTICLE = r"(?!a\s+(?:(?i:minor|major))\s+[a-z])"
_KEY = re.compile(rf"(?<![\w#]){_ARTICLE}(?i:{_NOTE}[\s-]*(minor|min|major|maj|m)(?!\w))")
_WORD = re.compile(r"[a-z0-9#]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class BeatTags:
    """The tags of a corpus beat: `concepts` are moods, sounds (lead first), drums, bass and effects of `LEXICON`."""

    style: str
    bpm: float
    key: str
    concepts: tuple[str, ...]


def canonical_key(text: str) -> str | None:
    """Returns the name in `KEYS` for spellings such as "Fm", "f# min", "B flat minor" or "A", or None for other text.

    A note alone means minor, as in most rap beats, in lower case or upper case.
    """
    text = text.strip()
    found = _KEY.fullmatch(text) or re.fullmatch(_NOTE, text, re.IGNORECASE)
    if found is None:
        return None
    note, accidental, mode = (*found.groups(), None)[:3]
    step = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get((accidental or "").lower(), 0)
    pitch_class = (NOTE_NAMES.index(str(note).upper()) + step) % 12
    # "M" alone means major, as in chord charts; "m" means minor
    is_major = mode is not None and (mode.lower().startswith("maj") or mode == "M")
    return f"{NOTE_NAMES[pitch_class]} {'major' if is_major else 'minor'}"


def beat_caption(prompt: str, style: str, bpm: float, key: str, rng: Random | None = None) -> str:
    """Words the caption that a music model is given.

    Args:
        prompt: What `captions.model_words` leaves of the user's text, or in training what `describe` made of a beat:
            without tempo and key, which `bpm` and `key` name already.
        style: A slug of `STYLES`; in training it may be another, such as "phonk".
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        rng: In training, shuffles the parts and drops some of them.
    """
    prompt = " ".join(prompt.split()).strip(" ,.;")
    style_name = STYLES[style].name if style in STYLES else f"{style.replace('-', ' ')} type"
    parts = [f"{style_name} beat", f"{bpm:g} bpm", key, prompt]
    if rng is not None:
        parts = [part for part in parts if rng.random() > 0.1]
        rng.shuffle(parts)
    return ", ".join(part for part in parts if part)


def describe(tags: BeatTags, rng: Random) -> str:
    """Puts some of a corpus beat's concepts into words, in random order and with random synonyms."""
    chosen = [concept for concept in tags.concepts if rng.random() > 0.25]
    rng.shuffle(chosen)
    words = [LEXICON[c][0] if rng.random() < 0.4 else rng.choice(LEXICON[c]) for c in chosen]
    joints = rng.choice(((", ",), (" and ", " with ", " over ", ", ")))
    return "".join(word + (rng.choice(joints) if i < len(words) - 1 else "") for i, word in enumerate(words))


def concepts(caption: str) -> list[str]:
    """Finds the known concepts in a caption, in the order of `CONCEPTS`; the tempo is not one of them."""
    found = set(_lexical_concepts(caption))
    key = _KEY.search(caption)
    if key:
        found.add(f"key:{canonical_key(key.group(0))}")
    return [concept for concept in CONCEPTS if concept in found]


def _lexical_concepts(text: str) -> Iterable[str]:
    """Yields the concept of the longest known phrase at each place, from left to right."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            concept = _PHRASES.get(" ".join(words[at : at + length]))
            if concept:
                yield concept
                break
        at += length
