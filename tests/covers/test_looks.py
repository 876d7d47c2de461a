"""What a picture model is told: the beat's look in few words, no letters, nobody's name."""

from random import Random

import pytest

from typebeat.covers.looks import COVER_WORDS, STYLE_LOOKS, cover_look, cover_prompt
from typebeat.covers.vocabulary import COLOURS, MOODS, MOTIFS, TEXTURES, VERSION_2
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON

MOOD_WORDS = [(mood, word) for mood in MOODS for word in LEXICON[mood] if word not in ("blue", "acid")]


def words_of(prompt):
    return set(prompt.replace(",", " ").split())


@pytest.mark.parametrize(("mood", "word"), MOOD_WORDS)
def test_a_mood_word_brings_a_palette_of_its_mood(mood, word):
    assert {cover_look(f"{word} beat", 120, key).palette for key in KEYS} == set(MOODS[mood].palettes)


def test_colours_and_motifs_that_the_prompt_names_win():
    look = cover_look("dark, a golden sun over the ocean", 140, "F minor")
    assert look.palette[0] == "gold"
    assert look.motifs == ("sun", "waves")


def test_tempo_is_energy_and_mode_is_light():
    slow, fast = cover_look("", 72, "A minor"), cover_look("", 160, "A major")
    assert (slow.energy, slow.light) == ("calm", "low light")
    assert (fast.energy, fast.light) == ("intense", "bright light")


@pytest.mark.parametrize("style", STYLES)
def test_without_a_word_of_the_user_all_words_are_of_the_closed_vocabulary(style):
    for key in KEYS:
        for mood in MOODS:
            prompt = cover_prompt("", style, 70 + len(mood) * 6, key)
            assert words_of(prompt) <= set(COVER_WORDS)


def test_the_vocabulary_fits_a_tiny_text_encoder():
    assert len(COVER_WORDS) < 100
    for mood in MOODS.values():
        assert {colour for palette in mood.palettes for colour in palette} <= set(COLOURS)
        assert set(mood.motifs) <= set(MOTIFS)
        assert mood.texture in ("", *TEXTURES)


@pytest.mark.parametrize(
    "prompt",
    [
        "A Drake type beat with bells",
        "dark drake x future type beat",
        "Travis Scott and Kid Cudi, la flame at night",
        "a portrait of Rihanna, her face, the title says HELLO",
    ],
)
def test_nobody_is_named_and_no_letters_are_asked_for(prompt):
    said = words_of(cover_prompt(prompt, "travis-scott", 140, "F minor"))
    assert not said & {"drake", "future", "travis", "scott", "cudi", "flame", "rihanna", "hello"}
    assert not said & {"face", "portrait", "title", "says", "type"}


def test_free_words_follow_for_models_that_know_more_and_music_words_do_not():
    prompt = cover_prompt("dark café bells over a slow 808, 140 bpm in F minor, 夜 🌙", "kid-cudi", 140, "F minor")
    assert prompt.split(", ")[-1] == "dark cafe bells"


def test_a_prompt_of_500_characters_stays_short():
    assert len(cover_prompt("word " * 20 + "x" * 400, "kid-cudi", 80, "C major").split()) < 50
    many = " ".join("abcdefghij"[i] * 3 + "abcdefghij"[j] * 3 for i in range(10) for j in range(6))
    assert len(cover_prompt(many, "kid-cudi", 80, "C major").split()) < 40


def test_training_shuffles_and_drops_parts_and_serving_does_not():
    asked = ("sad piano", "don-toliver", 120, "A minor")
    assert cover_prompt(*asked) == cover_prompt(*asked)
    trained = {cover_prompt(*asked, Random(seed)) for seed in range(20)}
    assert len(trained) > 15
    assert all(words_of(caption) <= words_of(cover_prompt(*asked)) for caption in trained)


def test_a_base_is_captioned_without_any_style():
    prompt = cover_prompt("sad piano", "", 120, "A minor")
    assert not any(look in prompt for look in STYLE_LOOKS.values())
    assert prompt.startswith("album cover art, ")


@pytest.mark.parametrize("motif", VERSION_2.motifs)
def test_version_2_knows_a_word_for_every_motif_and_version_1_is_told_what_it_was(motif):
    words = [word for word in VERSION_2.motifs[motif][1] if VERSION_2.of_word(word) == motif]
    assert words, "no word asks for it"
    assert cover_look(f"sad {words[0]}", 100, "A minor", VERSION_2).motifs[0] == motif
    assert set(cover_look(f"sad {words[0]}", 100, "A minor").motifs) <= set(MOTIFS)


def test_variations_are_suggested_other_motifs_and_what_is_asked_for_stays():
    shown = [cover_look("sad", 100, "A minor", VERSION_2, turn).motifs for turn in range(4)]
    assert len(set(shown)) == 4
    asked = [cover_look("sad car", 100, "A minor", VERSION_2, turn).motifs for turn in range(4)]
    assert {motifs[0] for motifs in asked} == {"car"}
    assert len({motifs[1] for motifs in asked}) == 4
