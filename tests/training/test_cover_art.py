"""The art that the cover model learns from: the same every time, true to its caption, in styles that differ."""

import json

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from benchmarks.pictures import features, frechet, palette_distance
from training.starter.art.covers import RGB, draw, make_art
from training.starter.art.motifs import MOTIF_PAINTERS
from training.starter.art.store import stored_art
from typebeat.covers.looks import COLOURS, MOTIFS, STYLE_LOOKS, TEXTURES, CoverLook
from typebeat.request.styles import STYLES

LOOK = CoverLook(("blue", "gold"), ("moon",), "", "flowing", "low light")


def test_the_same_number_gives_the_same_picture_and_captions_and_another_number_others():
    first, again, other = make_art("kid-cudi", 5), make_art("kid-cudi", 5), make_art("kid-cudi", 6)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.captions == again.captions
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_that_a_prompt_can_name_is_drawn(motif):
    assert motif in MOTIF_PAINTERS
    plain = draw(CoverLook(("blue", "gold"), (), "", "flowing", "low light"), "kid-cudi", 3)
    drawn = draw(CoverLook(("blue", "gold"), (motif,), "", "flowing", "low light"), "kid-cudi", 3)
    assert np.abs(plain.astype(int) - drawn).mean() > 2


def test_every_colour_and_texture_of_a_prompt_is_known():
    assert set(RGB) == set(COLOURS)
    plain = draw(LOOK, "", 1)
    for texture in TEXTURES:
        assert not np.array_equal(
            plain, draw(CoverLook(LOOK.palette, LOOK.motifs, texture, "calm", "low light"), "", 1)
        )


def test_a_caption_begins_as_serving_says_it_and_names_what_is_drawn():
    art = make_art("don-toliver", 3)
    said = art.captions[0]
    assert said.startswith("album cover art, " + STYLE_LOOKS["don-toliver"])
    assert f"{art.look.palette[0]} and {art.look.palette[1]} palette" in said
    assert MOTIFS[art.look.motifs[0]][0] in said


def test_captions_of_no_style_hold_the_words_of_every_style_by_chance():
    captions = [caption for number in range(12) for caption in make_art("", number).captions]
    assert all(any(look in caption for caption in captions) for look in STYLE_LOOKS.values())
    assert any(not any(look in caption for look in STYLE_LOOKS.values()) for caption in captions)


@pytest.fixture(scope="module")
def seen():
    """Features of drawn covers by style, 24 of each."""
    return {style: np.stack([features(make_art(style, n).pixels) for n in range(24)]) for style in STYLES}


def test_styles_are_told_apart_by_simple_features(seen):
    known = np.concatenate([rows[:16] for rows in seen.values()])
    unknown = np.concatenate([rows[16:] for rows in seen.values()])
    classifier = ExtraTreesClassifier(200, random_state=0).fit(known, np.repeat(list(seen), 16))
    assert (classifier.predict(unknown) == np.repeat(list(seen), 8)).mean() > 0.8


def test_the_frechet_distance_is_small_within_a_style_and_large_to_another(seen):
    cudi, don = seen["kid-cudi"], seen["don-toliver"]
    every = np.concatenate(list(seen.values()))
    assert frechet(cudi[:12], cudi[12:], every) < 0.5 * frechet(cudi[:12], don[:12], every)


def test_the_palette_distance_is_least_to_the_colours_that_are_there():
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[:, :128] = (255, 0, 0)
    picture[:60] //= 2
    picture[:20, 100:] = (60, 60, 60)
    assert palette_distance(picture, [(1, 0, 0), (0, 0, 0)]) < 1
    assert palette_distance(picture, [(0, 1, 0), (0, 0, 1)]) > 50


def test_stored_art_is_drawn_once_and_read_afterwards(tmp_path):
    pixels, captions = stored_art(tmp_path, "", 2)
    assert np.array_equal(pixels[1], make_art("", 1).pixels)
    assert tuple(captions[1]) == make_art("", 1).captions
    (tmp_path / "no-style-2.json").write_text(json.dumps([["kept"], ["kept"]]))
    assert stored_art(tmp_path, "", 2)[1] == [["kept"], ["kept"]]
