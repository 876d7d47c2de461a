"""Prompts are read: what is said is understood or named, and nothing is made of words that do not say it."""

from __future__ import annotations

import json
import random

import pytest

from typebeat.request.concepts import CONCEPT_IDS
from typebeat.request.reading import concepts_in, describe_concepts, read_words
from typebeat.request.reading.lexicon import LANGUAGES, phrases_of
from typebeat.request.reading.wording import _phrases


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("BPM: 128", 128),
        ("140 b.p.m.", 140),
        ("dark_140bpm_Fmin", 140),
        ("tempo 140", 140),
        ("jersey club 140", 140),
        ("92,5 bpm boom bap", 92.5),
        ("１４０ｂｐｍ", 140),
        ("one forty bpm", 140),
        ("cent quarante bpm", 140),
        ("120 Schläge pro Minute", 120),
        ("テンポ120", 120),
        ("250 bpm", 250),
    ],
)
def test_a_tempo_is_understood_as_it_is_said(text, bpm):
    assert read_words(text).bpm == bpm


@pytest.mark.parametrize(
    "text", ["100 racks", "99 problems", "24/7", "808", "not 150 bpm", "90s rap", "3:40 am", "room 101", "$100"]
)
def test_other_numbers_are_no_tempo(text):
    assert read_words(text).bpm is None


def test_a_choice_and_a_range_of_tempos_are_both_told():
    choice = read_words("tempo 75 or 150")
    assert (choice.bpm, choice.bpm_choices) == (75, (75, 150))
    between = read_words("140-150 bpm")
    assert (between.bpm, between.bpm_range) == (145, (140, 150))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("B-flat minor", "A# minor"),
        ("in a-Moll", "A minor"),
        ("Fマイナー", "F minor"),
        ("dark_140bpm_Fmin", "F minor"),
        ("in b-Moll", "A# minor"),
        ("h-moll", "B minor"),
        ("fa dièse mineur", "F# minor"),
        ("si bemol menor", "A# minor"),
        ("lá menor", "A minor"),
        ("嬰ヘ短調", "F# minor"),
        ("140 Fm", "F minor"),
        ("sad piano in Em", "E minor"),
        ("key of F#", "F# minor"),
        ("D dorian", "D minor"),
        ("camelot 8A", "A minor"),
        ("key: FM", "F major"),
    ],
)
def test_a_key_is_understood_in_many_spellings(text, key):
    assert read_words(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        "3 AM in the city",
        "DM me for collab",
        "GM everyone",
        "I am the night",
        "old FM radio",
        "a minor setback, a major comeback",
        "I told her wait … but she Em",
        "major key alert",
        "he's only a minor",
        "no tengo la menor idea",
        "a maior festa",
        "la majeure partie",
        "am Abend",
    ],
)
def test_words_that_look_like_a_key_are_none(text):
    understood = read_words(text)
    assert (understood.key, understood.mode) == (None, None)


def test_a_mode_without_a_note_is_told_as_one():
    assert (read_words("happy major key").mode, read_words("happy major key").key) == ("major", None)


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("no bells, no choir", {"lead:bells", "chords:bells", "lead:choir", "chords:choir"}),
        ("less reverb", {"fx:reverb"}),
        ("nicht zu dunkel", {"mood:dark"}),
        ("sans flûte", {"lead:flute", "chords:flute"}),
        ("sin coro", {"lead:choir", "chords:choir"}),
        ("sem sinos", {"lead:bells", "chords:bells"}),
        ("フルートなし", {"lead:flute", "chords:flute"}),
    ],
)
def test_what_is_ruled_out_is_excluded_and_not_asked_for(text, excluded):
    understood = read_words(text)
    assert set(understood.excluded) == excluded
    assert not understood.concepts


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("no 808", ("808",)),
        ("no drums, just a piano loop, no bass", ("drums", "808")),
        ("drums only", ("808", "chords", "melody")),
        ("only drums and bass", ("chords", "melody")),
        ("a cappella", ("drums", "808", "chords")),
        ("ohne Schlagzeug", ("drums",)),
        ("ドラムなし", ("drums",)),
        ("just a dark trap beat with a piano", ()),
        ("piano no fundo", ()),
    ],
)
def test_parts_that_are_to_be_silent_are_left_out(text, left_out):
    understood = read_words(text)
    assert understood.parts_left_out == left_out
    assert {f"without:{part}" for part in left_out} <= set(understood.concepts)


def test_fields_in_words_are_understood():
    understood = read_words("16 bars in 6/8, two takes, seed 42")
    assert (understood.bars, understood.metre, understood.takes, understood.seed) == (16, "6/8", 2, 42)


def test_what_is_not_understood_is_named():
    assert read_words("in the style of Future").artists == ("Future",)
    assert "Future" in read_words("in the style of Future").not_understood
    assert read_words("zorbulated trap").not_understood == ("zorbulated",)
    assert read_words("x").not_understood == ("x",)
    assert read_words("no snare").not_understood == ("no snare",)
    assert not read_words("please make me a dark trap beat").not_understood


def test_of_two_keys_the_first_is_followed_and_the_other_is_named():
    understood = read_words("F minor or G minor")
    assert (understood.key, understood.not_understood) == ("F minor", ("G minor",))


def test_instruments_lead_or_play_chords():
    assert set(concepts_in("flute melody over piano chords")) == {"lead:flute", "chords:piano"}
    assert set(concepts_in("piano and pads")) == {"lead:piano", "chords:pad"}
    assert set(concepts_in("piano and flute")) == {"lead:flute", "chords:piano"}


def test_slips_of_the_keyboard_are_read():
    assert set(concepts_in("piono and flutte, tripplets")) == {"chords:piano", "lead:flute", "drums:triplets"}
    assert read_words("a chair in the river").concepts == ()


def test_every_entry_says_from_which_words_it_comes():
    text = "Düsterer Trap,　１４０ｂｐｍ"
    entries = {entry.option: entry for entry in read_words(text).understood}
    assert entries["bpm"].words == "１４０ｂｐｍ"
    for entry in read_words(text).understood:
        assert text[entry.start :].startswith(entry.words)


def test_an_option_that_is_given_wins_over_the_words():
    understood = read_words("140 bpm, F minor").against(bpm=120, key="F minor", bars=None)
    (contradiction,) = understood.contradicted
    assert (contradiction.option, contradiction.given, contradiction.said) == ("bpm", 120, 140)
    assert contradiction.words == "140 bpm"
    assert not read_words("140-150 bpm").against(bpm=145).contradicted


def test_the_record_can_be_written_as_json():
    assert json.loads(json.dumps(read_words("dark, 140 bpm").to_dict()))["bpm"] == 140


def test_any_text_is_read_without_an_error():
    rng = random.Random(1)
    pieces = [*"abm#♭0123456789.,:/-_ \n\t'\"&$@", "ﾞ", "が", "ど", "🔥", "é", "e\u0301", "no ", "only ", "bpm", "\x00"]
    for _ in range(3000):
        random_letters = "".join(chr(rng.randrange(1, 0x3100)) for _ in range(rng.randrange(12)))
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(60))) + random_letters
        for entry in read_words(text).understood:
            assert entry.words in text
    assert read_words("").concepts == ()
    assert read_words("dark " * 100_000).concepts == ("mood:dark",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_concepts_that_are_put_into_words_are_read_again(language):
    heard = asked = 0
    for seed in range(60):
        rng = random.Random(seed)
        concepts = set(rng.sample(CONCEPT_IDS, 5))
        heard += len(concepts & set(concepts_in(describe_concepts(concepts, rng, language))))
        asked += len(concepts)
    assert heard / asked > 0.97


def test_the_same_generator_words_concepts_the_same():
    concepts = ("mood:dark", "lead:flute", "without:drums")
    assert describe_concepts(concepts, random.Random(3)) == describe_concepts(concepts, random.Random(3))


def test_english_has_words_for_every_concept():
    known = set(_phrases("en"))
    for concept in CONCEPT_IDS:
        kind, _, name = concept.partition(":")
        target = {"lead": f"sound:{name}", "chords": f"sound:{name}", "without": f"part:{name}"}.get(kind, concept)
        assert target in known, concept


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_name_only_concepts_that_there_are(language):
    own = ("part", "role", "detail", "voice", "alone", "out", "pace", "filler", "foreign", "cue", "style")
    for target, phrase in phrases_of(language):
        kind, _, name = target.partition(":")
        is_concept = target in CONCEPT_IDS or (kind == "sound" and f"lead:{name}" in CONCEPT_IDS)
        assert is_concept or kind in own, target
        assert phrase == phrase.strip() != ""
