"""The cover of a pack and the cover alone: options, titles, and a failure that never costs the beat."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from fakes import FAKE_WEIGHTS, FakeCover, FakeEngine
from PIL import Image

from typebeat.covers.finish import RECIPE_KEY
from typebeat.covers.looks import cover_title
from typebeat.covers.vocabulary import VERSION_2
from typebeat.engines import Engines, Job, Stopped, WeightsError
from typebeat.parts.cover import COVER_FILE, draw_covers
from typebeat.pipeline import make_pack
from typebeat.request.cover_request import SettledCoverRequest
from typebeat.request.options import RequestError
from typebeat.request.requests import BeatRequest

ASKED = SettledCoverRequest(prompt="dark bells", style="kid-cudi", bpm=84, key="A minor", seed=7)
BEAT = BeatRequest(
    prompt="dark bells", style="kid-cudi", bpm=100, key="A minor", bars=1, seed=7, parts=("beat", "cover")
)


def test_variations_are_drawn_each_from_its_own_seed():
    engine = FakeCover()
    covers = draw_covers(replace(ASKED, variations=3, strength=0.5), engine)
    assert [cover.seed for cover in covers] == [7, 8, 9]
    assert len({cover.png for cover in covers}) == 3
    (prompt, style, seeds, strength) = engine.asked[0]
    assert (style, seeds, strength) == ("kid-cudi", (7, 8, 9), 0.5)
    assert prompt.startswith("album cover art, ")
    assert draw_covers(replace(ASKED, seed=9, strength=0.5), FakeCover())[0].png == covers[2].png


def test_the_file_holds_what_makes_it_again():
    cover = draw_covers(replace(ASKED, variations=2, title="夜"), FakeCover())[1]
    held = json.loads(Image.open(io.BytesIO(cover.png)).text[RECIPE_KEY])
    assert held == json.loads(json.dumps(cover.recipe))
    again = {name: held[name] for name in vars(ASKED)}
    assert draw_covers(SettledCoverRequest(**again), FakeCover())[0].png == cover.png
    assert held["weights"]["revision"] == FAKE_WEIGHTS.revision


def test_the_size_is_the_one_that_is_asked_for():
    png = draw_covers(replace(ASKED, size="3000"), FakeCover())[0].png
    assert Image.open(io.BytesIO(png)).size == (3000, 3000)


def test_a_title_is_the_users_or_made_or_left_off():
    assert draw_covers(replace(ASKED, title="My Night"), FakeCover())[0].title == "My Night"
    assert draw_covers(ASKED, FakeCover())[0].title == "Dark Bells"
    bare = draw_covers(replace(ASKED, title="-"), FakeCover())[0]
    assert bare.title == ""
    assert np.asarray(Image.open(io.BytesIO(bare.png))).std(axis=1).max() == 0  # the fake's rows, and nothing on them


def test_a_title_of_nothing_that_can_be_set_is_made_from_the_prompt():
    assert draw_covers(replace(ASKED, title="🌙🌙"), FakeCover())[0].title == "Dark Bells"


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("dark bells over a slow 808", "Dark Bells"),
        ("a Drake type beat, warm sun over the desert", "Warm Sun"),
        ("140 bpm in F minor, sad piano", "Sad Piano"),
        ("ночь 🌙", "Ночь"),
        ("travis scott", "Gold Sun"),
    ],
)
def test_a_title_is_made_of_the_prompts_telling_words_or_of_what_the_cover_shows(prompt, title):
    made = cover_title(prompt, 80, "C major")
    assert made == title if prompt != "travis scott" else len(made.split()) == 2
    assert "Drake" not in made


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"title": "x" * 500}, "the title is 500 characters long; 80 are allowed"),
        ({"title": "a\x00b"}, "control character"),
        ({"strength": 5}, "strength must be a number from 0 to 2, not 5"),
        ({"strength": "much"}, "strength must be a number"),
        ({"size": "99999"}, "choose 1400 or 3000"),
        ({"variations": 5}, "variations must be a whole number from 1 to 4"),
        ({"prompt": "", "style": ""}, "nothing is asked for"),
        ({"bpm": 20}, "bpm must be"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(options, told):
    with pytest.raises(RequestError, match=told):
        replace(ASKED, **options)


@pytest.mark.parametrize("strength", [0, 2])
def test_strength_reaches_the_adapter_from_off_to_twice(strength):
    engine = FakeCover()
    draw_covers(replace(ASKED, strength=strength), engine)
    assert engine.asked[0][3] == strength


def test_stop_is_heard():
    with pytest.raises(Stopped):
        draw_covers(ASKED, FakeCover(), Job(should_stop=lambda: True))


# --- in a pack ---


def test_of_several_drafts_the_best_is_kept_and_a_variation_is_made_again_by_its_seed_alone():
    engine = FakeCover(drafts=3, vocabulary=VERSION_2)
    covers = draw_covers(replace(ASKED, variations=4), engine)
    drawn = [seed for _, _, seeds, _ in engine.asked for seed in seeds]
    assert len(drawn) == len(set(drawn)) == 12
    assert [seeds[0] for _, _, seeds, _ in engine.asked] == [7, 8, 9, 10]
    assert len({cover.recipe["caption"] for cover in covers}) == 4, "variations differ in what they show"
    again = {name: value for name, value in covers[2].recipe.items() if name in ASKED.__dataclass_fields__}
    assert draw_covers(SettledCoverRequest(**again), FakeCover(drafts=3, vocabulary=VERSION_2))[0].png == covers[2].png


def test_steps_of_variations_that_show_different_things_are_counted_together():
    heard = []
    job = Job(report=lambda done, needed, doing: heard.append((done, needed)))
    draw_covers(replace(ASKED, variations=2), FakeCover(drafts=2, vocabulary=VERSION_2), job)
    assert heard == [(0, 4), (1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]


def test_a_prompt_for_a_face_or_letters_gets_a_scene_and_the_recipe_says_so():
    recipe = draw_covers(replace(ASKED, prompt="a rapper's face with a logo"), FakeCover())[0].recipe
    assert recipe["left_out"] == "no face is drawn (rapper, face); no letters are drawn but the title (logo)"
    assert not {"face", "logo", "rapper"} & set(recipe["caption"].replace(",", "").split())
    assert "left_out" not in draw_covers(ASKED, FakeCover())[0].recipe


def test_a_pack_holds_its_cover_and_the_recipe_tells_of_it(tmp_path):
    pack = make_pack(replace(BEAT, title="Night"), Engines(FakeEngine(), FakeCover()), tmp_path)
    assert Image.open(pack.folder / COVER_FILE).size == (1400, 1400)
    assert pack.recipe["cover"]["title"] == "Night"
    assert pack.recipe["cover"]["weights"]["name"] == "fake"
    assert {"name": COVER_FILE, "part": "cover"} in pack.recipe["files"]
    assert not [each for each in pack.recipe["missing"] if each["part"] == "cover"]


@pytest.mark.parametrize("error", [WeightsError("an adapter is\nbroken"), MemoryError(), ValueError("odd")])
def test_a_cover_that_fails_never_costs_the_beat(tmp_path, monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(FakeCover, "draw", fail)
    pack = make_pack(BEAT, Engines(FakeEngine(), FakeCover()), tmp_path)
    assert pack.takes[0].is_file()
    assert not (pack.folder / COVER_FILE).exists()
    why = next(each["why"] for each in pack.recipe["missing"] if each["part"] == "cover")
    assert type(error).__name__ in why
    assert "\n" not in why


def test_without_a_cover_model_the_recipe_says_why(tmp_path):
    engines = Engines(FakeEngine(), missing={"cover": "its weights are truncated"})
    pack = make_pack(BEAT, engines, tmp_path)
    assert {"part": "cover", "why": "its weights are truncated"} in pack.recipe["missing"]
