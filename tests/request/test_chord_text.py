"""Chords as text: the field's usual spellings are read, and what is no chord is named."""

from __future__ import annotations

import pytest

from typebeat.request.chord_names import QUALITIES, read_chord
from typebeat.request.chord_text import MOST_BARS, read_chords
from typebeat.request.options import RequestError


def names(text: str, beats_per_bar: int = 4) -> list[str]:
    return [chord.name for chord in read_chords(text, beats_per_bar).chords]


def lengths(text: str, beats_per_bar: int = 4) -> list[float]:
    return [chord.beats for chord in read_chords(text, beats_per_bar).chords]


def test_without_bar_lines_each_chord_fills_a_bar():
    chart = read_chords("Am F C G")
    assert [(c.name, c.start, c.beats) for c in chart.chords] == [("Am", 0, 4), ("F", 4, 4), ("C", 8, 4), ("G", 12, 4)]
    assert chart.bars == 4


def test_between_bar_lines_the_chords_share_the_beats():
    assert lengths("Fm7 | Db | Ab Eb") == [4, 4, 2, 2]
    assert names("Fm7 | Db | Ab Eb") == ["Fm7", "C#", "G#", "D#"]
    assert lengths("| C Dm Em | F |") == [2, 1, 1, 4]
    assert lengths("C Dm Em F G Am C7 F | C") == [0.5] * 8 + [4]


@pytest.mark.parametrize(
    "text",
    [
        "Am, F, C, G",
        "Am - F - C - G",
        "Am-F-C-G",
        "Am → F → C → G",
        "Am -> F -> C -> G",
        "[Am] [F] [C] [G]",
        "am f c g",
    ],
)
def test_what_stands_between_chords_means_nothing(text):
    assert names(text) == ["Am", "F", "C", "G"]


def test_a_simile_repeats_the_bar_and_a_count_the_line():
    assert names("Am F | % | G") == ["Am", "F", "Am", "F", "G"]
    assert names("Am F x2") == ["Am", "F"] * 2
    assert names("Am F x2 C 3x") == ["Am", "F"] * 2 + ["C"] * 3
    assert names("| Am | F | ×2") == ["Am", "F"] * 2
    assert names("C ||: Dm7 | G7 :|| C") == ["C", "Dm7", "G7", "Dm7", "G7", "C"]
    assert names("||: Dm7 | G7 :|| x 2\nC") == ["Dm7", "G7", "Dm7", "G7", "C"]
    assert names("Am F\n% ") == ["Am", "F", "Am", "F"]


def test_slashes_and_beats_tell_lengths():
    assert lengths("C / / G | Am") == [3, 1, 4]
    assert lengths("Am / / / F / C /") == [4, 2, 2]
    assert lengths("Am:2 F:2 C") == [2, 2, 4]
    assert lengths("Am:3 F | C") == [3, 1, 4]


def test_other_metres_have_other_bars():
    assert lengths("Am F", beats_per_bar=3) == [3, 3]
    assert lengths("Am F | C", beats_per_bar=3) == [2, 1, 3]


@pytest.mark.parametrize(
    ("word", "root", "quality"),
    [
        *[(f"E{quality}", 4, quality) for quality in QUALITIES],
        ("C#m7b5", 1, "m7b5"),
        ("C♯ø", 1, "m7b5"),
        ("Cø7", 0, "m7b5"),
        ("B♭m7(♭5)", 10, "m7b5"),
        ("Bb5", 10, "5"),
        ("Bbb", 9, ""),
        ("F##m", 7, "m"),
        ("Cb", 11, ""),
        ("E#", 5, ""),
        ("CM7", 0, "maj7"),
        ("Cm7", 0, "m7"),
        ("CΔ", 0, "maj7"),
        ("CMaj7", 0, "maj7"),
        ("C^7", 0, "maj7"),
        ("C-7", 0, "m7"),
        ("C-", 0, "m"),
        ("CM", 0, ""),
        ("Cmin", 0, "m"),
        ("Cmin9", 0, "m9"),
        ("C°", 0, "dim"),
        ("C°7", 0, "dim7"),
        ("C+", 0, "aug"),
        ("C7#5", 0, "aug7"),
        ("Csus", 0, "sus4"),
        ("C7sus", 0, "7sus4"),
        ("C(add9)", 0, "add9"),
        ("C2", 0, "add9"),
        ("C6/9", 0, "69"),
        ("CmMaj7", 0, "mmaj7"),
        ("Cm(maj7)", 0, "mmaj7"),
        ("CminMaj7", 0, "mmaj7"),
        ("C7(b9)", 0, "7b9"),
        ("bbm", 10, "m"),
        ("b", 11, ""),
    ],
)
def test_the_usual_spellings_are_read(word, root, quality):
    chord = read_chord(word.replace("♯", "#").replace("♭", "b").replace("°", "o").replace("Δ", "δ"))
    assert (chord.root, chord.quality) == (root, quality)
    assert read_chords(word).chords[0].pitch_classes == chord.pitch_classes


def test_a_slash_names_the_bass():
    chord = read_chord("Cmaj7/E")
    assert (chord.root, chord.bass, chord.name, chord.pitch_classes) == (0, 4, "Cmaj7/E", (0, 4, 7, 11))
    assert read_chord("C6/9/G").bass == 7
    assert read_chord("D/F#").bass == 6
    assert 8 in read_chord("Am/G#").pitch_classes


def test_no_chord_is_a_rest():
    chart = read_chords("N.C. Am NC")
    assert [chord.root for chord in chart.chords] == [None, 9, None]
    assert chart.chords[0].pitch_classes == ()


def test_the_chord_at_a_beat_is_found_and_the_chart_begins_anew():
    chart = read_chords("Fm7 | Db Eb")
    assert [chart.chord_at(beat).name for beat in (0, 3.9, 4, 6, 8, 13)] == ["Fm7", "Fm7", "C#", "D#", "Fm7", "C#"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("H", "German H is written B"),
        ("Am Hm", "'Hm'"),
        ("C/x", "bass behind the slash must be a note such as E or Bb, not 'x'"),
        ("Cfoo", "'foo' is no kind of chord"),
        ("Am F Q7", "'Q7' is no chord"),
        ("i VI III VII", "numerals need a key"),
        ("Am " * 2000, "6,000 characters long; 1,000 are allowed"),
        ("", "there is no chord"),
        ("| | |", "there is no chord"),
        ("N.C.", "there is no chord"),
        ("% | Am", "there is none"),
        ("/ Am", "there is none"),
        ("Am x900", f"more than {MOST_BARS} bars"),
        ("Am:0", "longer than 0 beats"),
        ("Am:3 F:3 | C", "does not add up to 4 beats"),
        ("C D E F G A B C D | C", "holds 9 chords in 4 beats"),
        ("hello world", "'hello'"),
        (12, "must be text"),
    ],
)
def test_what_is_no_chord_is_refused_in_one_line_that_names_it(text, part):
    with pytest.raises(RequestError) as error:
        read_chords(text)
    assert part in str(error.value)
    assert error.value.field == "chords"
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_an_impossible_metre_is_refused():
    with pytest.raises(RequestError, match="2 to 12 beats"):
        read_chords("Am", beats_per_bar=1)


@pytest.mark.parametrize("sign", [":| x4", ":|x4", ":| 4x", ":||x4", ":| (x4)"])
def test_a_count_behind_a_repeat_sign_is_how_often_it_plays(sign):
    assert names(f"|: Am | F {sign}") == ["Am", "F"] * 4
    assert names(f"|: Am | F {sign} C |") == ["Am", "F"] * 4 + ["C"]


@pytest.mark.parametrize(
    ("text", "plays"),
    [
        ("|: Am | F |\n| C | G :|", "Am F C G Am F C G"),
        ("Dm |: Am |\n| C :| x3\nE | F :|", "Dm Am C Am C Am C E F E F"),
        ("|: Am | F :|\n| C | G :|", "Am F Am F C G C G"),
        ("(Am F) x2", "Am F Am F"),
        ("[Am][F] (x2)", "Am F Am F"),
    ],
)
def test_a_repeat_goes_back_to_its_beginning_even_over_lines(text, plays):
    assert names(text) == plays.split()


@pytest.mark.parametrize("text", ["| Am - - F |", "| Am – – F |", "Am - - F", "| Am / / F |", "| Am . . F |"])
def test_marks_in_a_row_hold_a_chord(text):
    assert lengths(text) == [3, 1]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        *[(text, "'%' is a whole bar") for text in ("C | Am % | F", "| Am | F % |", "| Am F | % % |", "Am F % G")],
        *[(text, "behind what it repeats") for text in ("x2 Am F", "Am F\nC G\nx2", "Am F x2 x2", "Am F x0")],
        *[(text, "write % for the bar before it, or N.C.") for text in ("| Am | | F |", "| - | Am |")],
        *[(text, "put spaces between") for text in ("| Am .. F |", "| Am /// |", "Am // F //", "Am .. F")],
        *[(text, "does not hold a chord") for text in ("| Am ' ' F |", "| Am , , F |")],
        ("Am / F / C / G", "7 make no whole bars"),
        ("Am F C G\nDm . G .", "others do not: put | between bars"),
        *[(text, "section's name") for text in ("A) Am F C G\nB) Dm G", "A. Am F", "[A] Am F C G")],
        *[(text, "stands apart") for text in ("E7 b9", "Am b5", "D b", "C maj7", "A minor", "E7 (b9)")],
        *[(text, "is no kind of chord") for text in ("C7(b9, b13)", "Cm7(b5", "C)", "Csus24", "CM+7", "CMb5")],
        *[(text, "numerals need a key") for text in ("I-V-vi-IV", "bVII", "1 5 6 4")],
        *[(text, "write :| behind it") for text in ("|: Am | F", "|: Am |: F :|")],
        ("C [Am F] x2", "write |: and :| around it"),
        ("C 7", "stands apart"),
        ("C/H", "German H is written B"),
        ("Hello world", "'Hello' is no chord"),
    ],
)
def test_what_would_be_lost_or_misread_is_refused_with_what_would_be_right(text, part):
    with pytest.raises(RequestError) as error:
        read_chords(text)
    assert part in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *[("CMadd9", "Cadd9"), ("CM(add9)", "Cadd9"), ("CMΔ", "Cmaj7"), ("C^", "Cmaj7"), ("C^7", "Cmaj7")],
        *[("CMin7", "Cm7"), ("CMI7", "Cm7"), ("CMinor", "Cm"), ("CM", "C"), ("CM7", "Cmaj7"), ("C∅", "Cm7b5")],
        *[("Cmi7b5", "Cm7b5"), ("C7add9", "C9"), ("Cadd6", "C6"), ("C7-5", "C7b5"), ("CmiMaj7", "Cmmaj7")],
        *[("C⁷", "C7"), ("C\u200b", "C"), ("“C”", "C"), ("C‑7", "Cm7")],
    ],
)
def test_a_capital_m_is_major_and_other_spellings_mean_what_musicians_mean(word, name):
    assert names(word) == [name]
