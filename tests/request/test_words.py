"""What free text is understood to ask for, and what captions say."""

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
    parse_prompt,
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


def test_tempo_key_and_style_are_read_out_of_a_sentence():
    facts = parse_prompt("A dark Travis Scott type beat in F# minor, 140 BPM, with bells")
    assert (facts.style, facts.bpm, facts.key) == ("travis-scott", 140.0, "F# minor")


@pytest.mark.parametrize(
    "text", ["a minor setback, a major comeback", "808 bells", "bpm", "drums at 7 pm", "🌙 ночь 夜"]
)
def test_words_that_only_look_like_a_tempo_or_key_ask_for_nothing(text):
    facts = parse_prompt(text)
    assert (facts.style, facts.bpm, facts.key) == (None, None, None)


def test_a_caption_says_tempo_and_key_once_even_if_the_prompt_does_too():
    caption = beat_caption("slow 808, 120 bpm in C minor", "kid-cudi", 90, "F minor")
    assert caption.count("bpm") == 1
    assert "90 bpm" in caption
    assert "C minor" not in caption
    assert "F minor" in caption


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
