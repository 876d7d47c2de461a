"""How far "no", "less" and "only" reach in the ways people write them: no wish is reversed, and none is dropped."""

from __future__ import annotations

import pytest

from typebeat.request.reading import read_words


def asked(text: str) -> set[str]:
    """Returns what is asked for, by its plain name."""
    return {each.partition(":")[2] for each in read_words(text).concepts if not each.startswith("without:")}


def ruled_out(text: str) -> set[str]:
    """Returns what is ruled out, by its plain name."""
    return {each.partition(":")[2] for each in read_words(text).excluded}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no piano / dark trap / 140 bpm", {"dark", "trap"}),
        ("no vocals / dark / piano", {"dark", "piano"}),
        ("no snare + sad piano", {"sad", "piano"}),
        ("no 808 + flute + bells", {"flute", "bells"}),
        ("sin batería / oscuro / 140", {"dark"}),
    ],
)
def test_a_stroke_between_blanks_or_a_plus_ends_what_no_reaches(text, kept):
    assert kept <= asked(text)


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("nicht mit Flöte", "flute"),
        ("not with a flute", "flute"),
        ("pas avec du piano", "piano"),
        ("no extra bells", "bells"),
        ("piano? no. guitar? yes", "piano"),
        ("guitar yes, piano no", "piano"),
        ("das Klavier bitte raus", "piano"),
        ("ditch the piano, strings instead", "piano"),
        ("w/out piano, trap", "piano"),
        ("withut piano, trap", "piano"),
        ("witout any bells, dark", "bells"),
        ("tira o coro e o piano", "piano"),
        ("フルートは入れないで", "flute"),
        ("ピアノじゃなくてギター", "piano"),
        ("暗くないビート", "dark"),
    ],
)
def test_what_is_refused_in_any_of_these_ways_is_ruled_out(text, out):
    assert out in ruled_out(text)
    assert out not in asked(text)


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("drums: none, piano", {"drums"}),
        ("bass=off", {"808"}),
        ("bass-free, pads", {"808"}),
        ("Drums weglassen", {"drums"}),
        ("Schlagzeug brauche ich nicht", {"drums"}),
        ("drums are not needed", {"drums"}),
        ("the melody isn't needed", {"melody"}),
        ("the drums should be left out", {"drums"}),
        ("everything but the drums", {"drums"}),
        ("wihtout drums", {"drums"}),
    ],
)
def test_parts_that_are_refused_in_any_of_these_ways_are_left_out(text, left_out):
    assert set(read_words(text).parts_left_out) == left_out


@pytest.mark.parametrize(
    "text",
    [
        "not without drums",
        "don't leave out the drums, trap",
        "never leave out the 808",
        "I don't want it without a bass",
        "no flute melody, keep the melody simple",
        "no piano chords",
        "no beat switch, trap",
        "no drums until the hook",
        "no 808 in the hook",
        "drums only in the hook",
        "sin batería en la intro",
        "just make it dark with a piano",
        "just give me something with a flute and drums",
        "no leader, no rules",
        "no grave can hold me",
        "no 808, live bass",
        "no 808 but with a sub bass",
    ],
)
def test_no_part_is_silent_that_nobody_refused(text):
    assert read_words(text).parts_left_out == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("no drums until the hook", "no drums until the hook"),
        ("drums only in the hook", "drums only in the hook"),
        ("no beat switch, trap", "no beat switch"),
        ("piano and bells, no piano", "no piano"),
        ("no drums, hard drums", "drums"),
        ("ohne viel Bass", "ohne viel Bass"),
    ],
)
def test_what_cannot_be_followed_is_named(text, named):
    assert named in read_words(text).not_understood


@pytest.mark.parametrize(
    ("text", "not_meant"),
    [
        ("trap from hell", "bright"),
        ("not for sale, drill", "gritty"),
        ("I still want drums", "calm"),
        ("this one hits hard", "stabs"),
        ("slide on my opps, drill", "glide"),
        ("would love a beat with bells", "romantic"),
        ("clap back freestyle, drill", "clap"),
        ("leave space for vocals, trap", "dreamy"),
        ("Night Lovell type beat", "dark"),
        ("Black Thought freestyle", "dark"),
        ("anything but trap", "trap"),
    ],
)
def test_everyday_words_and_names_are_no_wishes(text, not_meant):
    assert not_meant not in asked(text)
    assert not_meant not in ruled_out(text) or text.startswith("anything but")
