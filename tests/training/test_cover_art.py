"""The art that the cover model learns from: the same every time, true to its caption, in styles that differ."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from benchmarks.pictures import features, frechet, palette_distance
from training.starter.art import finishing
from training.starter.art.covers import PAINTERS, RGB, blank_scene, draw, make_art
from training.starter.art.store import stored_art
from typebeat.covers.looks import STYLE_LOOKS, CoverLook
from typebeat.covers.vocabulary import COLOURS, TEXTURES, VERSION_2
from typebeat.request.styles import STYLES

LOOK = CoverLook(("blue", "gold"), ("moon",), "", "flowing", "low light")


def test_the_same_number_gives_the_same_picture_and_captions_and_another_number_others():
    first, again, other = make_art("kid-cudi", 5), make_art("kid-cudi", 5), make_art("kid-cudi", 6)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.captions == again.captions
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.fixture(scope="module")
def plain():
    return draw(CoverLook(("blue", "gold"), (), "", "flowing", "low light"), "kid-cudi", 3)


@pytest.mark.parametrize("motif", VERSION_2.motifs)
def test_every_motif_that_a_prompt_can_name_is_drawn(motif, plain):
    drawn = draw(CoverLook(("blue", "gold"), (motif,), "", "flowing", "low light"), "kid-cudi", 3)
    assert np.abs(plain.astype(int) - drawn).mean() > 2


def test_painters_are_those_of_the_motifs_that_a_prompt_can_name():
    assert set(PAINTERS) == set(VERSION_2.motifs)
    assert set(finishing.TEXTURES) == set(TEXTURES)


@pytest.mark.parametrize("style", ["", *STYLES])
def test_no_picture_is_flat_or_blown_out(style):
    for number in range(4):
        grey = make_art(style, number).pixels.mean(axis=-1)
        assert np.percentile(grey, 99) - np.percentile(grey, 1) > 60
        assert (grey > 252).mean() < 0.12


def test_the_subject_leaves_room_where_the_style_sets_its_title():
    look = CoverLook(("blue", "gold"), ("statue",), "", "flowing", "low light")
    centres = {
        style: np.mean([blank_scene(look, style, np.random.default_rng(n)).y for n in range(20)]) for style in STYLES
    }
    assert centres["kid-cudi"] > 0.5 > centres["travis-scott"]
    assert centres["kid-cudi"] > 0.5 > centres["don-toliver"]


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
    assert VERSION_2.motifs[art.look.motifs[0]][0] in said


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


def test_the_frechet_distance_is_smaller_within_a_style_than_to_another(seen):
    cudi, don = seen["kid-cudi"], seen["don-toliver"]
    every = np.concatenate(list(seen.values()))
    assert frechet(cudi[:12], cudi[12:], every) < 0.7 * frechet(cudi[:12], don[:12], every)


def test_the_palette_distance_is_least_to_the_colours_that_are_there():
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[:, :128] = (255, 0, 0)
    picture[:60] //= 2
    picture[:20, 100:] = (60, 60, 60)
    assert palette_distance(picture, [(1, 0, 0), (0, 0, 0)]) < 1
    assert palette_distance(picture, [(0, 1, 0), (0, 0, 1)]) > 50


def test_stored_art_is_drawn_once_and_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    stored = stored_art(tmp_path, "", 3)
    assert np.array_equal(stored.pixels[1], make_art("", 1).pixels)
    assert tuple(stored.captions[1]) == make_art("", 1).captions
    assert stored.looks[1] == make_art("", 1).look
    lines = (tmp_path / "no-style-3.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "no-style-3.jsonl").write_text("".join(lines[:2]) + lines[2][:20])
    drawn = []
    monkeypatch.setattr("training.starter.art.store.make_art", lambda s, n: drawn.append(n) or make_art(s, n))
    again = stored_art(tmp_path, "", 3)
    assert drawn == [2]
    assert again.captions == stored.captions
