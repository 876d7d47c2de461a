"""What of a prompt a model is told: without what is said elsewhere or not wanted, and in words that the model knows.

Tempo, key and counts reach a model in other ways, and words for what shall not be heard would ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from typebeat.request.reading import Understood, read_words
from typebeat.request.reading.languages import all_small_words
from typebeat.request.words import LEXICON, beat_caption, concepts

TOLD_ELSEWHERE = frozenset(
    ("bpm", "bpm_range", "bpm_choices", "key", "mode", "bars", "takes", "metre", "seed", "excluded", "parts_left_out")
)
_SOUNDS = {
    "keys": ("piano", "felt-piano", "electric-piano", "organ", "clavinet"),
    "pluck": (
        *("nylon-guitar", "electric-guitar", "muted-guitar", "distorted-guitar", "harp", "kalimba", "koto", "sitar"),
        *("pizzicato", "pluck"),
    ),
    "bells": ("music-box", "celesta", "bells", "vibraphone", "marimba"),
    "strings": ("strings", "violin", "cello"),
    "choir": ("choir", "ooh"),
    "hum": ("hum", "vocal-chop", "whistle", "flute", "pan-flute"),
    "lead": ("saw", "square", "glide-lead"),
    "pad": ("pad",),
}
# concept of `concepts.py` -> concept of `LEXICON`, where they are called differently
_OLD_NAMES = {
    **{
        f"{role}:{name}": f"sound:{old}"
        for old, names in _SOUNDS.items()
        for name in names
        for role in ("lead", "chords")
    },
    **dict.fromkeys(("mood:soulful", "mood:nostalgic", "mood:calm"), "mood:warm"),
    **{"mood:energetic": "mood:hard", "groove:lo-fi": "fx:tape", "fx:vinyl": "fx:tape"},
    **{"groove:trap": "drums:half-time", "groove:half-time": "drums:half-time", "groove:boom-bap": "drums:boom-bap"},
    "drums:laid-back": "drums:swing",
}


def sounding_words(prompt: str, style: str = "") -> str:
    """Returns a prompt without tempo, key, counts, negated clauses and musicians' names.

    Args:
        prompt: The user's words.
        style: The slug of the style that is made; the words for another one are left out too.
    """
    words = read_words(prompt)
    wanted = [(entry.start, entry.start + len(entry.words)) for entry in words.understood if _is_heard(entry.option)]
    cut = bytearray(len(prompt) + 1)
    for entry in words.understood:
        begin, end = entry.start, entry.start + len(entry.words)
        is_kept = entry.option == "parts_left_out" and any(low < end and begin < high for low, high in wanted)
        is_other = entry.option == "style" and style and entry.value != style
        if (entry.option in TOLD_ELSEWHERE and not is_kept) or is_other:
            cut[begin:end] = b"\1" * (end - begin)
    kept = "".join(" " if is_cut else letter for letter, is_cut in zip(prompt, cut, strict=False))
    for name in words.artists:
        kept = kept.replace(name, " ")
    clauses = (clause.strip(" .;_") for clause in kept.split(","))
    return " ".join(", ".join(clause for clause in clauses if _says_something(clause)).split())


def model_words(prompt: str, style: str = "") -> str:
    """Returns `sounding_words`, and behind them an English word for each concept that only other words name."""
    kept = sounding_words(prompt, style)
    known = concepts(kept)
    missing = [name for name in old_concepts(read_words(prompt)) if name not in known]
    return ", ".join(part for part in (kept, *(LEXICON[name][0] for name in missing)) if part)


def model_caption(prompt: str, style: str, bpm: float, key: str, known: Collection[str] = (), more: str = "") -> str:
    """Words the caption that a model is given for a prompt.

    Args:
        prompt: The user's words.
        style: The slug of the style that is made.
        bpm: Tempo in beats a minute.
        key: A name of `KEYS`.
        known: Concepts that the model is told by their ids, which then follow the words; empty where it reads words.
        more: What else is to be told in words.
    """
    words = ", ".join(filter(None, (model_words(prompt, style), more)))
    caption = beat_caption(words, style, bpm, key)
    asked = (f"style:{style}", *read_words(prompt).concepts)
    return " ".join((caption, *(concept for concept in asked if concept in known)))


def old_concepts(words: Understood) -> list[str]:
    """Returns the concepts of `LEXICON` that a prompt asks for, in any language."""
    names = (_OLD_NAMES.get(concept, concept) for concept in words.concepts)
    return list(dict.fromkeys(name for name in names if name in LEXICON))


def _says_something(clause: str) -> bool:
    return any(word not in all_small_words() for word in re.findall(r"\w+", clause.lower()))


def _is_heard(option: str) -> bool:
    return option not in TOLD_ELSEWHERE
