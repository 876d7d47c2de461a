"""The words that turn what stands beside them round: "no", "less", "only" and their like, in each language."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from typebeat.request.reading.languages import words_of
from typebeat.request.reading.listed import listed
from typebeat.request.reading.misspelt import Near
from typebeat.request.reading.text import SOFT_MARKS, Text

CUES = {
    "cut": {
        "en": "no, not, without, w/o, zero, minus, remove, don't, dont, do not, never, neither, nor, leave out, "
        "take out, get rid of, except, excluding, free of, instead of, rather than, nothing, skip, mute, "
        "isn't, isnt, ain't, aint, no more, absolutely no, doesn't, shouldn't, didn't, cut the, lose the, "
        "hold the, hate, avoid, can't stand, nix, anything but, everything but, all but, none of, with out, w/out, "
        "ditch, scrap, delete, dump, kill the, turn off, get rid",
        "de": "ohne, kein, keine, keinen, keiner, keinem, keinerlei, nicht, weder, weg mit, statt, anstatt, "
        "nie, nichts, bloß kein, bloß keine, bitte kein, bitte keine, außer, verzichte auf, streich",
        "fr": "sans, pas de, pas d', pas, aucun, aucune, ni, au lieu de, au lieu d', jamais, enlève, enlever, sauf, "
        "pas du, pas la, plutôt que, surtout pas de, surtout pas, zéro, hormis, supprime, vire, retire, coupe, "
        "pas que ce soit, je veux pas que",
        "es": "sin, no, nada de, ni, ningún, ninguna, en vez de, en lugar de, quita, excepto, nunca, tampoco, cero, "
        "no quiero, menos el, menos la, quitar, elimina, quítale, sácale, no quiero que tenga, que no tenga",
        "pt": "sem, não, nao, nada de, nem, nenhum, nenhuma, em vez de, ao invés de, tira, exceto, menos o, menos a, "
        "tirar, não quero, nunca, tire, retire, remova",
        "it": "senza, non, niente, nessun, nessuna, nessuno, né, invece di, al posto di, togli, tranne, mai, zero",
        "other": "zonder, geen, bez, utan, без, нет, 없이, 没有, uten, uden, fără",
    },
    "less": {
        "en": "less, fewer, not too, not so, not very, not that, not as, not overly, reduce, lower, turn down, "
        "tone down, go easy on, easy on, easy with, low on, a bit less, a little less, not too much, not so "
        "much, way less, much less, don't make it too, not much, too much, without much, without too much",
        "de": "weniger, nicht zu, nicht so, nicht allzu, nicht sehr, nicht zu viel, nicht so viel, etwas weniger, "
        "viel weniger, wenig, ohne viel, ohne zu viel, ohne so viel",
        "fr": "moins de, moins d', moins, pas trop, pas si, pas trop de, pas trop d', un peu moins, peu de, pas très, "
        "un peu moins de, sans trop, sans trop de, sans trop d'",
        "es": "menos, no muy, no tan, no demasiado, no demasiada, un poco menos, poco, poca, sin tanto, sin tanta, "
        "no mucho, no mucha, sin mucho, sin mucha, sin demasiado, sin demasiada",
        "pt": "menos, não muito, não tão, não demais, pouco, pouca, um pouco menos, sem muito, sem muita, não muita, "
        "sem tanto, sem tanta, nao muito, nao tao",
        "it": "meno, non troppo, non molto, non così, un po' meno, poco, poca, non troppa, senza troppo, senza troppa",
    },
    "more": {
        "en": "more, extra, lots of, plenty of, with, w/, but, not only, not just, don't forget, dont forget, "
        "don't know, dont know, don't stop, don't lose, added, plus, add, no problem, no cap, instead, "
        "nothing short of, no matter, no less, but with, don't mind, no doubt, why not, even more, use, "
        "keep, don't leave out, never leave out, don't remove, don't skip, don't mute, "
        "can never have too much, can't have too much",
        "de": "mehr, viel, mit, aber, sondern, nicht nur, stattdessen, dafür, lieber, plus, dazu, und dafür, eher",
        "fr": "plus de, plus d', avec, mais, pas seulement, plutôt, en plus, beaucoup de, davantage de, plus",
        "es": "más, mucho, mucha, con, pero, sino, no solo, mejor, no sólo",
        "pt": "mais, muito, muita, com, não só, não apenas, porém, e sim, nao so",
        "it": "più, molto, con, ma, non solo, bensì, piuttosto",
    },
    "only": {
        "en": "only, just, solely, purely, nothing but, exclusively, strictly, simply",
        "de": "nur, bloß, ausschließlich, lediglich, einzig, bloss",
        "fr": "seulement, juste, uniquement, rien que, exclusivement, que du, que de la",
        "es": "solo, sólo, solamente, únicamente, nada más que",
        "pt": "só, apenas, somente, unicamente",
        "it": "solo, soltanto, solamente, unicamente",
    },
    "else": {
        "en": "nothing else, and nothing else, no other instruments, no other instrument, that's all, that's it, "
        "no nothing, and that's it, by itself, on its own, nothing more",
        "de": "sonst nichts, nichts anderes, nichts sonst, nichts weiter, und sonst nichts",
        "fr": "rien d'autre, et c'est tout, c'est tout, rien de plus, et rien d'autre",
        "es": "nada más, y nada más, y ya, nada mas, y ya está",
        "pt": "nada mais, e nada mais, e só, mais nada",
        "it": "nient'altro, e basta, nient'altro che, niente altro, e nient'altro",
    },
}
_PORTUGUESE_PLACES = listed(
    "estilo fundo meio final comeco inicio refrao tom ritmo beat clima fim lugar tempo ar modo brasil rio"
)


_LONGEST = 5  # words of a phrase
_OFTEN_MISSPELT = Near(("without",))


class Cue(NamedTuple):
    """A turning word in a text, by its tokens."""

    kind: str
    first: int
    last: int


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, ...], dict[str, str]]:
    table: dict[tuple[str, ...], dict[str, str]] = {}
    for kind, languages in CUES.items():
        for language, phrases in languages.items():
            for phrase in phrases.split(", "):
                table.setdefault(words_of(phrase), {})[language] = kind
    return table


def find_cues(text: Text, votes: dict[str, float], in_items: set[int]) -> list[Cue]:
    """Returns the turning words of a text, the longest phrase at each place; not those inside of other phrases.

    Args:
        text: The text.
        votes: Language -> how much speaks for it.
        in_items: Tokens that belong to phrases of the vocabulary.
    """
    cues = []
    at = 0
    while at < len(text.tokens):
        cue = _cue_at(text, at, votes, in_items)
        if cue:
            cues.append(cue)
        at = cue.last + 1 if cue else at + 1
    return cues


def _cue_at(text: Text, at: int, votes: dict[str, float], in_items: set[int]) -> Cue | None:
    words: list[str] = []
    best = None
    behind = at
    while behind < len(text.tokens) and len(words) < _LONGEST and behind not in in_items:
        token = text.tokens[behind]
        if token.kind != "mark":
            words.append(_OFTEN_MISSPELT.word(token.text) or token.text)
            languages = _table().get(tuple(words))
            if languages and _is_spoken(text, at, languages, votes):
                spoken = max(languages, key=lambda language: votes.get(language, 0))
                best = Cue(languages[spoken], at, behind)
        elif token.text not in SOFT_MARKS or not words:
            break
        behind += 1
    return best


def _is_spoken(text: Text, at: int, languages: dict[str, str], votes: dict[str, float]) -> bool:
    """Whether a word turns anything in the language of the text: "no" is "in the" in Portuguese."""
    token = text.tokens[at]
    most = max(votes.values(), default=0)
    if token.text == "no":
        behind = text.tokens[at + 1].text if at + 1 < len(text.tokens) else ""
        others = max(votes.get(language, 0) for language in ("en", "es", "it"))
        return behind not in _PORTUGUESE_PLACES and votes.get("pt", 0) <= others + 0.4
    if token.text == "so":
        return "ó" in text.words(token.start, token.end).lower() or (0 < most == votes.get("pt", 0))
    if token.text == "sin":
        return votes.get("es", 0) >= votes.get("en", 0)
    if token.text == "solo":  # "violin solo" is a part, "solo piano" is all there is
        before = text.tokens[at - 1] if at else None
        return max(votes.get("es", 0), votes.get("it", 0)) >= votes.get("en", 0) and (
            before is None or before.kind == "mark" or before.text in {"y", "e", "con", "ma", "pero", "quiero"}
        )
    if token.text in {"ni", "ne", "mas", "die", "que", "poco", "poca", "mute", "hate", "null"}:
        return any(votes.get(language, 0) >= most - 0.5 for language in languages)
    return True
