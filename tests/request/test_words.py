"""What captions say, and what is read in them."""

from random import Random

import pytest

from typebeat.request.words import (
    KEYS,
    LEXICON,
    BeatTags,
    beat_caption,
    canonical_key,
    concepts,
    describe,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Fm", "F minor"),
        ("f# min", "F# minor"),
        ("B flat minor", "A# minor"),
        ("Bb minor", "A# minor"),
        ("B", "B minor"),
        ("C MAJOR", "C major"),
        ("e♭ maj", "D# major"),
        ("CM", "C major"),
        ("H minor", None),
        ("", None),
        ("minor", None),
    ],
)
def test_a_key_is_understood_however_it_is_spelled(text, key):
    assert canonical_key(text) == key


def test_every_canonical_key_is_its_own_spelling():
    assert [canonical_key(key) for key in KEYS] == list(KEYS)


def test_unknown_words_do_not_change_what_the_starter_understands():
    known = concepts("Travis Scott type beat, 140 bpm, F minor, dark bells")
    assert concepts("Travis Scott type beat, 140 bpm, F minor, zxqj dark 🔥 bells für dich") == known
    assert set(known) == {"style:travis-scott", "key:F minor", "mood:dark", "sound:bells"}


def test_synonyms_mean_the_same():
    assert concepts("music box") == concepts("bells") == ["sound:bells"]


def test_every_word_of_the_lexicon_names_the_concept_it_is_listed_under():
    for concept, phrases in LEXICON.items():
        for phrase in phrases:
            assert concept in concepts(phrase), phrase


def test_training_captions_vary_but_repeat_with_the_same_seed():
    tags = BeatTags("kid-cudi", 80, "A minor", ("mood:warm", "sound:keys", "drums:swing", "fx:tape"))

    def caption(seed: int) -> str:
        rng = Random(seed)
        return beat_caption(describe(tags, rng), tags.style, tags.bpm, tags.key, rng)

    captions = [caption(seed) for seed in range(40)]
    assert captions == [caption(seed) for seed in range(40)]
    assert len(set(captions)) > 30
    assert any("A minor" not in text for text in captions), "parts are dropped now and then"
    understood = {concept for text in captions for concept in concepts(text)}
    assert understood == {"style:kid-cudi", "key:A minor", *tags.concepts}
