"""Numbers and letters in a prompt: what is said as a tempo, key or metre is taken, and nothing else that looks so."""

from __future__ import annotations

import pytest

from typebeat.request.reading import read_words


@pytest.mark.parametrize(
    "text",
    [
        "140 instead of 120 bpm",
        "140 rather than 120 bpm",
        "140 statt 120 bpm",
        "140 au lieu de 120 bpm",
        "140 en vez de 120 bpm",
        "140 em vez de 120 bpm",
        "140 invece di 120 bpm",
        "140 bpm rather than 120 bpm",
        "140 not 120, trap",
        "tempo 140 instead of 120",
        "140 bpm instead of the usual 120 bpm",
        "instead of 120 bpm make it 140 bpm",
        "not 120 bpm but 140",
        "nicht 120 bpm sondern 140, trap",
    ],
)
def test_of_two_tempos_the_one_that_is_wanted_is_taken_and_the_other_is_named(text):
    understood = read_words(text)
    assert (understood.bpm, understood.bpm_choices) == (140, ())
    assert any("120" in named for named in understood.not_understood)


@pytest.mark.parametrize("text", ["rather 140 than 120 bpm", "lieber 140 als 120 bpm", "plutôt 140 que 120 bpm"])
def test_what_is_rather_wanted_is_the_tempo(text):
    understood = read_words(text)
    assert (understood.bpm, understood.bpm_choices) == (140, ())


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("I was born in 95, boom bap", "95"),
        ("back in 93, boom bap", "93"),
        ("rap en 95", "95"),
        ("need it in 90 minutes, trap", "90"),
        ("60 second loop", "60"),
        ("track 120 seconds long", "120"),
        ("beat for a 90 second reel", "90"),
        ("trap de 90 segundos", "90"),
        ("60秒ループ", "60"),
        ("top 100 hits", "100"),
        ("top 100 trap", "100"),
        ("no. 100 trap", "100"),
        ("from 0 to 100", "100"),
        ("von 0 auf 100, trap", "100"),
        ("0-100 trap", "100"),
        ("make 100 beats, trap", "100"),
        ("sped up 120%", "120"),
        ("all but 100, trap", "100"),
        ("100 not 90 problems, trap", "100"),
        ("trap, 100 for the gang", "100"),
        ("渋谷で100、トラップ", "100"),
        ("about one hundred people, trap", "hundred"),
        ("call me around one thirty, trap", "thirty"),
    ],
)
def test_a_number_of_something_else_is_no_tempo_but_is_named(text, number):
    understood = read_words(text)
    assert understood.bpm is None
    assert any(number in named for named in understood.not_understood)


@pytest.mark.parametrize("text", ["speed 90s rap", "tempo 90s", "90er trap", "トラップで90年代", "tempo 16 bars"])
def test_a_decade_and_a_number_of_bars_are_no_tempo(text):
    assert read_words(text).bpm is None


@pytest.mark.parametrize(
    ("text", "bpm"),
    [
        ("128 BMP", 128),
        ("BMP 140", 140),
        ("140bpn", 140),
        ("140 b/m", 140),
        ("140er Trap Beat", 140),
        ("150ish trap", 150),
        ("トラップ 140くらい", 140),
        ("140くらいのトラップ", 140),
        ("ドリルで142", 142),
        ("トラップ140", 140),
        ("tempo: one twenty eight", 128),
        ("bpm one hundred fifty", 150),
        ("about one sixty, jersey club", 160),
        ("something around one forty, drill", 140),
        ("a 140 de tempo", 140),
        ("geschwindigkeit so 85", 85),
        ("halftime feel but 160 tempo", 160),
        ("808 tempo 140", 140),
        ("140 tempo 16 bars", 140),
        ("key=Fm tempo=140 bars=16", 140),
        ("tempo of 120 beats", 120),
        ("sped up 165", 165),
        ("sped up to 165", 165),
        ("dark at 143 for tonight", 143),
        ("140 half time (feels like 70)", 140),
        ("need it in 90 minutes, 140 bpm", 140),
        ("90 second loop at 140", 140),
        ("trap in 140", 140),
        ("85/170 breakbeat", 85),
    ],
)
def test_a_tempo_is_found_in_the_ways_people_write_it(text, bpm):
    assert read_words(text).bpm == bpm


def test_a_seed_before_the_word_tempo_stays_a_seed():
    understood = read_words("seed 42 tempo 140")
    assert (understood.seed, understood.bpm, understood.bpm_choices) == (42, 140, ())


@pytest.mark.parametrize(
    ("text", "key", "other"),
    [
        ("G minor rather than F minor", "G minor", "F minor"),
        ("C minor not F minor", "C minor", "F minor"),
        ("A minor rather than F minor", "A minor", "F minor"),
        ("Gm not Fm", "G minor", "Fm"),
        ("Gm statt Fm, trap", "G minor", "Fm"),
        ("g-Moll statt f-Moll", "G minor", "f-Moll"),
        ("sol mineur au lieu de fa mineur", "G minor", "fa mineur"),
        ("instead of F minor use G minor", "G minor", "F minor"),
        ("I want Am or Em", "A minor", "Em"),
        ("either Am or Em", "A minor", "Em"),
        ("Am, Em or Dm", "A minor", "Dm"),
        ("Fm / Gm, trap", "F minor", "Gm"),
        ("in E or in A, trap", "E minor", "A"),
    ],
)
def test_of_two_keys_the_one_that_is_wanted_is_taken_and_the_other_is_named(text, key, other):
    understood = read_words(text)
    assert understood.key == key
    assert any(named.endswith(other) for named in understood.not_understood)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("prefer Fm", "F minor"),
        ("should be in Fm", "F minor"),
        ("go with Em", "E minor"),
        ("make it Em with bells", "E minor"),
        ("E minor pentatonic guitar", "E minor"),
        ("scale: A minor pentatonic", "A minor"),
        ("A minor blues, guitar", "A minor"),
        ("Am pentatonic guitar", "A minor"),
        ("8A camelot, 124", "A minor"),
        ("12B camelot", "E major"),
        ("in A, 140 bpm", "A minor"),
        ("in E", "E minor"),
        ("in D with a guitar", "D minor"),
        ("trap in G", "G minor"),
        ("major scale in D, trap", "D major"),
        ("em_140bpm.wav", "E minor"),
        ("Am 140 bpm", "A minor"),
    ],
)
def test_a_key_is_found_in_the_ways_people_write_it(text, key):
    assert read_words(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        "em 130 bpm, triste",
        "em 95 bpm",
        "trap, em 95 bpm",
        "am 140 bpm Wochenende",
        "they want Am gone, trap",
        "I want Em, drill",
        "I said I Am or Em",
        "go with Em and fight, trap",
        "a minor blues scale",
        "A Minor Blues Night",
        "in a minor pentatonic scale",
        "a minor rather than a major problem",
        "he's a minor not an adult",
        "in A sad way",
        "in A trap beat",
        "TRAP IN A BOX",
        "trap in G funk style",
        "apartment 8A, trap",
        "18A camelot",
    ],
)
def test_letters_of_other_words_are_no_key(text):
    assert read_words(text).key is None


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("in H", "H"),
        ("in H, Klavier", "H"),
        ("key of H, trap", "H"),
        ("stuck in D, trap", "D"),
        ("I live in D town", "D town"),
        ("song in E.Bike", "E"),
        ("not in E, 140 bpm", "not in E"),
        ("trap in C block", "C block"),
    ],
)
def test_a_letter_where_a_key_would_stand_is_named_if_it_is_none(text, letter):
    understood = read_words(text)
    assert understood.key is None
    assert letter in understood.not_understood


@pytest.mark.parametrize(
    "text", ["3/4 of the song is quiet", "3/4 of my life", "3/4 der Leute, trap", "3/4 de la canción", "3/4 du morceau"]
)
def test_a_part_of_something_is_no_metre_but_is_named(text):
    understood = read_words(text)
    assert understood.metre is None
    assert "3/4" in understood.not_understood


@pytest.mark.parametrize("text", ["in 3/4 of course", "compás de 3/4 de vals", "3/4 trap", "walzer 3/4 dos versiones"])
def test_a_metre_with_words_behind_it_is_still_one(text):
    assert read_words(text).metre == "3/4"
