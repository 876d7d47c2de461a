"""Words concepts back into a prompt, as somebody might have written it: what training captions are made of."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import lru_cache

from typebeat.request.reading.lexicon import LANGUAGES, phrases_of

# by language: how a lead, chords, and a part left out are told; what joins two phrases
_LEAD = {
    "en": ("{} lead", "{} melody", "lead {}", "{} melody", "{} as the lead"),
    "de": ("Melodie mit {}", "{} als Melodie"),
    "fr": ("mélodie de {}", "mélodie au {}"),
    "es": ("melodía de {}", "melodía con {}"),
    "pt": ("melodia de {}", "melodia com {}"),
    "it": ("melodia di {}", "melodia con {}"),
    "ja": ("{}のメロディ", "{}のリード"),
}
_CHORDS = {
    "en": ("{} chords", "chords on {}", "{} chords", "{} in the background"),
    "de": ("Akkorde mit {}", "{} als Begleitung"),
    "fr": ("accords de {}", "accords au {}"),
    "es": ("acordes de {}", "acordes con {}"),
    "pt": ("acordes de {}", "acordes com {}"),
    "it": ("accordi di {}", "accordi con {}"),
    "ja": ("{}のコード", "{}の伴奏"),
}
_WITHOUT = {
    "en": ("no {}", "without {}", "without any {}"),
    "de": ("ohne {}",),
    "fr": ("sans {}", "pas de {}"),
    "es": ("sin {}",),
    "pt": ("sem {}",),
    "it": ("senza {}",),
    "ja": ("{}なし",),
}
_JOINTS = {
    "en": (", ", ", ", " with ", " and ", ", with ", " over "),
    "de": (", ", ", ", " mit ", " und "),
    "fr": (", ", ", ", " avec ", " et "),
    "es": (", ", ", ", " con "),
    "pt": (", ", ", ", " com ", " e "),
    "it": (", ", ", ", " con "),
    "ja": ("、",),
}
_FIRST = 0.4  # how often the usual phrase is taken


def describe_concepts(concepts: Iterable[str], rng: random.Random, language: str = "en") -> str:
    """Returns a prompt that asks for concepts, in random order, by random phrases.

    Args:
        concepts: Ids of `typebeat.request.concepts`; others are left out.
        rng: Draws phrases and order.
        language: One of `LANGUAGES`, or "" for one by chance; what its table has no word for is told in English.
    """
    language = language or rng.choice(tuple(LANGUAGES))
    concepts = list(concepts)
    sounding = [concept for concept in concepts if not concept.startswith("without:")]
    silent = [concept for concept in concepts if concept.startswith("without:")]
    rng.shuffle(sounding)
    rng.shuffle(silent)
    said = [phrase for concept in sounding if (phrase := _phrase(concept, rng, language))]
    comma = _JOINTS[language][0]
    text = said[0] if said else ""
    for phrase in said[1:]:
        text += rng.choice(_JOINTS[language]) + phrase
    # last, and behind commas, so that it is plain how far "no" reaches
    return comma.join([*([text] if text else []), *(_silent(concept, rng, language) for concept in silent)])


@lru_cache(maxsize=16)
def _phrases(language: str) -> dict[str, tuple[str, ...]]:
    """Target -> its phrases; the first one leads."""
    table: dict[str, list[str]] = {}
    for target, phrase in phrases_of(language):
        table.setdefault(target, []).append(phrase)
    return {target: tuple(phrases) for target, phrases in table.items()}


def _pick(target: str, rng: random.Random, language: str) -> str:
    phrases = _phrases(language).get(target) or _phrases("en").get(target, ())
    if not phrases:
        return ""
    return phrases[0] if rng.random() < _FIRST else rng.choice(phrases)


def _phrase(concept: str, rng: random.Random, language: str) -> str:
    kind, _, name = concept.partition(":")
    if kind not in ("lead", "chords"):
        return _pick(concept, rng, language)
    phrase = _pick(f"sound:{name}", rng, language)
    return rng.choice((_LEAD if kind == "lead" else _CHORDS)[language]).format(phrase) if phrase else ""


def _silent(concept: str, rng: random.Random, language: str) -> str:
    part = concept.removeprefix("without:")
    return rng.choice(_WITHOUT[language]).format(_phrases(language)[f"part:{part}"][0])
