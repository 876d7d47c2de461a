"""What of a prompt a model is told."""

from __future__ import annotations

import pytest

from typebeat.request.captions import model_caption, model_words, sounding_words
from typebeat.request.words import beat_caption, concepts


def caption_of(prompt: str) -> str:
    return beat_caption(model_words(prompt, "kid-cudi"), "kid-cudi", 90, "F minor")


def test_a_caption_says_tempo_and_key_once_even_if_the_prompt_does_too() -> None:
    caption = caption_of("slow 808, 120 bpm in C minor")
    assert caption == "Kid Cudi type beat, 90 bpm, F minor, slow 808"


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("dark, no bells, no choir", "dark"),
        ("no drums, just a piano loop, no bass", "just a piano loop"),
        ("dunkles Klavier, ohne Glocken, 140 bpm in a-Moll", "dunkles Klavier"),
        ("dark_140bpm_Fmin", "dark"),
        ("3 AM in the city", "3 AM in the city"),
        ("DM me for collab", "DM me for collab"),
        ("16 bars, two takes, seed 7, 6/8, lo-fi", "lo-fi"),
        ("smooth Drake vibes", "smooth vibes"),
        ("", ""),
    ],
)
def test_what_is_told_elsewhere_or_not_wanted_is_left_out(prompt: str, kept: str) -> None:
    assert sounding_words(prompt) == kept


def test_the_name_of_another_style_than_is_made_is_left_out() -> None:
    assert "Cudi" not in sounding_words("Kid Cudi bells", "travis-scott")
    assert "Cudi" in sounding_words("Kid Cudi bells", "kid-cudi")


@pytest.mark.parametrize(
    ("prompt", "concept"),
    [
        ("beat oscuro", "mood:dark"),
        ("trauriges Klavier", "sound:keys"),
        ("melodía de flauta", "sound:hum"),
        ("暗いビート、ベル", "sound:bells"),
        ("batida com violino", "sound:strings"),
    ],
)
def test_words_of_other_languages_reach_the_model(prompt: str, concept: str) -> None:
    assert concept in concepts(caption_of(prompt))


@pytest.mark.parametrize(
    "prompt", ["dark bells over a slow 808, eerie choir", "warm detuned keys, humming lead, dusty drums"]
)
def test_english_words_that_the_model_knows_stay_as_they_are(prompt: str) -> None:
    assert model_words(prompt) == prompt


def test_what_shall_not_be_heard_is_not_asked_for() -> None:
    assert not {"sound:bells", "sound:choir", "fx:reverb"} & set(
        concepts(caption_of("dark, no bells, no choir, less reverb"))
    )


def test_weights_that_know_concepts_are_told_their_ids_behind_the_words_and_others_words_alone() -> None:
    known = ("style:kid-cudi", "lead:flute", "groove:boom-bap", "without:808", "style:travis-scott")
    prompt = "flute melody over boom bap, no bass"
    told = model_caption(prompt, "kid-cudi", 90, "F minor", known)
    assert set(told.split()[-4:]) == {"style:kid-cudi", "lead:flute", "groove:boom-bap", "without:808"}
    plain = model_caption(prompt, "kid-cudi", 90, "F minor")
    assert told.startswith(plain)
    assert ":" not in plain
