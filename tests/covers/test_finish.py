"""Finished covers: every letter inside and readable on any picture, in any script, and the PNG says what it is."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from typebeat.covers.finish import (
    AI_GENERATED,
    LEAST_CONTRAST,
    RECIPE_KEY,
    contrast,
    enlarge,
    finish,
    luminance,
    png_bytes,
    readable,
    set_type,
)
from typebeat.covers.typesetting import DISPLAY, FALLBACKS, fit, printable
from typebeat.request.styles import STYLES

SIDE = 500  # pixels; the layout is the same at any side
FACTS = ("Kid Cudi type", "84 BPM", "C# minor")
TITLES = {
    "short": "Moon",
    "one letter": "A",
    "long": "Midnight over the endless desert highway while the city sleeps and nobody is there",
    "one long word": "W" * 80,
    "accents": "Cœur Brisé, Łódź à Minuit, Ång",
    "Cyrillic": "Ночной город",
    "Greek": "Νύχτα στην πόλη",
    "Arabic": "ليل في الصحراء",
    "Hebrew": "לילה בעיר",
    "Hindi": "रात का शहर",
    "Thai": "คืนเดือนหงาย",
    "Japanese": "月の光と夜、桜の街",
    "Chinese": "沙漠中的午夜公路",
    "Korean": "한밤의 사막 도로",
    "mixed": "Night ночь 夜 ليل 808",
    "emoji": "Moon 🌙 walk 👨‍🚀🏽",
}


def pictures():
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (64, 64, 3))
    return {
        "white": np.full((64, 64, 3), 255),
        "black": np.zeros((64, 64, 3)),
        "grey": np.full((64, 64, 3), 119),  # where light and dark type need help alike
        "red": np.broadcast_to([230, 30, 30], (64, 64, 3)),
        "noise": noise,
        "checks": np.where(np.indices((64, 64)).sum(axis=0)[..., None] // 8 % 2, 255, 0) * np.ones(3),
    }


PICTURES = {name: np.asarray(picture, np.uint8) for name, picture in pictures().items()}


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("style", STYLES)
def test_every_pixel_under_the_type_keeps_the_contrast_that_wcag_asks_for(style, picture):
    canvas = enlarge(PICTURES[picture], SIDE)
    mask = set_type(style, "Dark bells", FACTS, SIDE)
    colour, shaded = readable(canvas, mask, STYLES[style].layout.tints)
    assert contrast(np.array(colour), shaded[mask > 0]).min() >= LEAST_CONTRAST
    # and in the finished cover: full letters on the pixels right beside them
    cover = finish(PICTURES[picture], style, "Dark bells", FACTS, SIDE)
    assert np.abs(cover[mask == 1].astype(int) - colour).max() <= 1


def test_contrast_is_wcags():
    assert contrast(np.array([255, 255, 255]), np.zeros((1, 3)))[0] == pytest.approx(21)
    assert contrast(np.array([119, 119, 119]), np.full((1, 3), 255))[0] == pytest.approx(4.48, abs=0.01)
    assert luminance(np.array([255, 0, 0])) == pytest.approx(0.2126)


def test_a_picture_that_needs_no_help_is_left_as_it_is():
    dark = np.full((SIDE, SIDE, 3), 20, np.uint8)
    mask = set_type("kid-cudi", "Moon", FACTS, SIDE)
    assert (readable(dark, mask, STYLES["kid-cudi"].layout.tints)[1] == dark).all()


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("style", STYLES)
def test_no_letter_is_clipped_whatever_the_title(style, title):
    """A canvas with room around the box shows what would be cut off at the box's edge."""
    layout = STYLES[style].layout
    left, top, right, bottom = (round(share * SIDE) for share in layout.box)
    width, height = right - left, bottom - top
    text = printable(title.upper() if layout.capitals else title, DISPLAY[style])
    assert text
    block = fit(
        text,
        DISPLAY[style],
        width,
        height,
        largest=round(layout.largest * SIDE),
        leading=layout.leading,
        fill=layout.fill,
    )
    canvas = Image.new("L", (width + 2 * SIDE, height + 2 * SIDE))
    block.draw(canvas, SIDE, SIDE, width, layout.align)
    ink = canvas.getbbox()
    assert ink
    assert SIDE <= ink[0] < ink[2] <= SIDE + width
    assert SIDE <= ink[1] < ink[3] <= SIDE + height
    assert min(line.size for line in block.lines) >= SIDE * 0.02
    drawn = [run.text for line in block.lines for run in line.runs]
    assert sorted("".join("".join(drawn).split())) == sorted("".join(text.split()))


@pytest.mark.parametrize("style", STYLES)
def test_what_no_font_has_is_left_out_and_never_an_empty_box(style):
    assert printable("Moon 🌙 walk 👨‍🚀🏽", DISPLAY[style]) == "Moon walk"
    assert printable("🌙\U0010ffff", DISPLAY[style]) == ""


def test_right_to_left_words_are_read_from_right_to_left():
    block = fit("ליל City 808", "noto-sans-700", 2000, 200, largest=60, lines=1)
    assert [run.text.strip() for run in block.lines[0].runs] == ["City 808", "ליל"]
    block = fit("City ליל רחוק", "noto-sans-700", 2000, 200, largest=60, lines=1)
    assert [run.text.strip() for run in block.lines[0].runs] == ["City", "ליל רחוק"]


def test_a_line_of_a_text_keeps_the_direction_of_the_whole():
    block = fit("City of ליל night", "noto-sans-700", 260, 400, largest=60, lines=2)
    assert [[run.text.strip() for run in line.runs] for line in block.lines] == [["City of"], ["ליל", "night"]]


def test_lines_do_not_touch_even_with_accents():
    block = fit("ÅÉÔ ÅÉÔ ÅÉÔ", DISPLAY["travis-scott"], 160, 500, largest=150, leading=0.5, lines=3)
    assert len(block.lines) == 3
    for line, top, following in zip(block.lines, block.tops, block.tops[1:], strict=False):
        assert top + line.ink[3] - line.ink[1] < following


def test_without_a_title_the_picture_stands_alone():
    assert (finish(PICTURES["noise"], "kid-cudi", "", FACTS, SIDE) == enlarge(PICTURES["noise"], SIDE)).all()


def test_the_png_holds_its_recipe_and_says_that_a_machine_made_it():
    recipe = {"prompt": "ночь 🌙", "seed": 7}
    png = png_bytes(PICTURES["red"], "A < B & ночь", recipe)
    held = Image.open(io.BytesIO(png)).text
    assert json.loads(held[RECIPE_KEY]) == recipe
    assert held["Title"] == "A < B & ночь"
    assert f'DigitalSourceType="{AI_GENERATED}"' in held["XML:com.adobe.xmp"]
    assert AI_GENERATED.endswith("/trainedAlgorithmicMedia")
    assert ElementTree.fromstring(held["XML:com.adobe.xmp"]).tag == "{adobe:ns:meta/}xmpmeta"
    assert png == png_bytes(PICTURES["red"], "A < B & ночь", recipe)


def test_fonts_ship_with_their_licences_and_stay_small():
    from typebeat.covers.typesetting import FONTS, TEXT

    fonts = sorted(path.stem for path in FONTS.glob("*.woff2"))
    assert set(fonts) == {*DISPLAY.values(), *FALLBACKS, TEXT}
    for path in (FONTS / "licences").iterdir():
        assert "SIL OPEN FONT LICENSE Version 1.1" in path.read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8").startswith("Copyright")
    families = {path.stem for path in (FONTS / "licences").iterdir()}
    assert all(any(font.startswith(family) for family in families) for font in fonts)
    assert sum(path.stat().st_size for path in FONTS.rglob("*") if path.is_file()) < 2e6
