"""The cover model that ships: diffusers alone loads it, it is small, and adapters and words change its picture."""

import numpy as np
import pytest
from diffusers import AutoPipelineForText2Image

from typebeat.covers.looks import cover_prompt
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.cover.loading import load_cover
from typebeat.engines.cover.naming import stated_base
from typebeat.engines.cover.plans import Plan
from typebeat.engines.locate import STARTER_COVER_FOLDER
from typebeat.request.styles import STYLES

FILES = [file for file in STARTER_COVER_FOLDER.rglob("*") if file.is_file()]
PROMPT = cover_prompt("warm sunset over the city", "kid-cudi", 120, "C major")


@pytest.fixture(scope="module")
def engine():
    located = locate_cover("starter", "cpu")
    engine = load_cover(located.folder, located.weights, located.adapters)
    engine.plan = Plan(steps=4, guidance=engine.plan.guidance)  # enough to see a difference
    return engine


def test_it_ships_in_files_below_10_mb_and_40_mb_together():
    assert max(file.stat().st_size for file in FILES) < 10e6
    assert sum(file.stat().st_size for file in FILES) < 40e6
    assert not [file for file in FILES if file.suffix in (".bin", ".pt", ".pth", ".ckpt", ".py")]


def test_diffusers_loads_it_without_code_of_ours_and_draws_256_pixels():
    pipe = AutoPipelineForText2Image.from_pretrained(STARTER_COVER_FOLDER)
    pipe.set_progress_bar_config(disable=True)
    assert pipe("a full moon", num_inference_steps=1, output_type="np").images.shape == (1, 256, 256, 3)


def test_there_is_an_adapter_for_every_style_and_each_names_its_base(engine):
    assert engine.styles == set(STYLES)
    for style in STYLES:
        assert stated_base(STARTER_COVER_FOLDER / "lora" / style) == "starter"


def test_each_adapter_draws_another_picture_and_weight_zero_is_the_base(engine):
    drawn = [engine.draw(PROMPT, style, [7])[0].astype(float) for style in STYLES]
    base, again = (engine.draw(PROMPT, style, [7], strength=0.0)[0] for style in list(STYLES)[:2])
    assert np.array_equal(base, again)
    everything = [*drawn, base]
    for i, one in enumerate(everything):
        for other in everything[:i]:
            assert np.abs(one - other).mean() > 5


def test_equal_seeds_draw_equal_pictures_and_others_do_not(engine):
    first, other, again = engine.draw(PROMPT, "kid-cudi", [1, 2, 1])
    assert np.array_equal(first, again)
    assert np.abs(first.astype(float) - other).mean() > 5


def test_the_words_for_colours_colour_the_picture(engine):
    red, blue = (
        engine.draw(cover_prompt(words, "kid-cudi", 90, "C minor"), "kid-cudi", [3, 4], strength=0.5)
        for words in ("red orange sky", "blue teal sky")
    )
    warmth = [np.mean([p[..., 0].mean() - p[..., 2].mean(dtype=float) for p in pictures]) for pictures in (red, blue)]
    assert warmth[0] > warmth[1] + 20
