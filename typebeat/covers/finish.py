"""Turns a picture into a finished cover: square, with a title and a line of facts in legible type, as a PNG.

Type is light, or dark on pictures that are light under it. If the contrast is too low, the picture is shaded in its own
hue, row by row, until every pixel under the type keeps `LEAST_CONTRAST`. Text is broken into lines by `typesetting.py`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, PngImagePlugin
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from typebeat.covers.typesetting import TEXT, begins_right_to_left, fit, printable
from typebeat.request.styles import STYLES, Layout

LEAST_CONTRAST = 4.5  # WCAG 2.2 AA, for text of any size
AI_GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
RECIPE_KEY = "typebeat"  # keyword of the PNG's text chunk that holds the recipe
_SHARPEN = ImageFilter.UnsharpMask(radius=3, percent=60, threshold=2)
_NEAR = 0.003  # width of the border around the type in which the contrast counts too, as a share of the side
_SHADE_HALVINGS = 6  # steps of the bisection for the least shade
_BAND, _FADE = 0.3, 0.06  # least height of a band of shade, and width of its soft edge, as shares of the side
DARK_TYPE_SHADE = 0.1  # most shade with which dark type is still chosen, if light type needs more


def finish(picture: np.ndarray, style: str, title: str, facts: tuple[str, ...], side: int) -> np.ndarray:
    """Makes a cover from a picture.

    Args:
        picture: (n, n, 3) uint8.
        style: A slug of `STYLES`, which decides font and layout.
        title: The title; empty for a cover without any type.
        facts: Texts of the small line, such as style, tempo and key.
        side: Side of the cover in pixels.

    Returns:
        The cover, (side, side, 3) uint8.
    """
    canvas = enlarge(picture, side)
    if not title:
        return canvas
    layout = STYLES[style].layout
    type_mask = set_type(style, title, facts, side)
    colour, shaded = readable(canvas, type_mask, layout.tints)
    if layout.frame:
        type_mask = np.maximum(type_mask, _frame(layout.frame, side))
    return _blend(shaded, np.array(colour, np.float32), type_mask[..., None])


def enlarge(picture: np.ndarray, side: int) -> np.ndarray:
    """Scales a picture to a side with a Lanczos filter; an enlarged picture is sharpened a little."""
    image = Image.fromarray(picture)
    if image.size == (side, side):
        return picture
    scaled = image.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(scaled.filter(_SHARPEN) if side > image.width else scaled)


def set_type(style: str, title: str, facts: tuple[str, ...], side: int) -> np.ndarray:
    """Sets the type of a cover and returns it as a mask, (side, side) float32 in [0, 1]; nothing is clipped."""
    layout = STYLES[style].layout
    canvas = Image.new("L", (side, side))
    left, top, right, bottom = (round(share * side) for share in layout.box)
    text = printable(title.upper() if layout.capitals else title, STYLES[style].font)
    block = fit(
        text,
        STYLES[style].font,
        right - left,
        bottom - top,
        largest=round(layout.largest * side),
        leading=layout.leading,
        fill=layout.fill,
    )
    align = "right" if layout.align == "left" and begins_right_to_left(text) else layout.align
    block.draw(canvas, left, top if layout.at_top else bottom - block.height, right - left, align)
    _draw_facts(canvas, layout, [printable(fact.upper(), TEXT) for fact in facts])
    return np.asarray(canvas, np.float32) / 255


def _draw_facts(canvas: Image.Image, layout: Layout, facts: list[str]) -> None:
    """Draws the line of facts: spread from edge to edge, or as one text with dots in between."""
    side = canvas.width
    left, right = round(layout.box[0] * side), round(layout.box[2] * side)
    top, size = round(layout.line_top * side), round(layout.line_size * side)
    texts = facts if layout.spread else ["   ·   ".join(facts)]
    aligns = ("left", "center", "right") if len(texts) == 3 else (layout.align,)
    for text, align in zip(texts, aligns, strict=True):
        block = fit(text, TEXT, right - left, 2 * size, largest=size, lines=1)
        block.draw(canvas, left, top, right - left, align)


def _frame(share: float, side: int) -> np.ndarray:
    canvas = Image.new("L", (side, side))
    inset = round(share * side)
    box = (inset, inset, side - 1 - inset, side - 1 - inset)
    ImageDraw.Draw(canvas).rectangle(box, outline=255, width=max(round(side * 0.002), 1))
    return np.asarray(canvas, np.float32) / 255


def readable(
    picture: np.ndarray, type_mask: np.ndarray, tints: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> tuple[tuple[int, int, int], np.ndarray]:
    """Chooses a colour for the type and shades the picture under it, as little as the contrast needs.

    Args:
        picture: (side, side, 3) uint8.
        type_mask: Where the type is, (side, side) in [0, 1].
        tints: A light colour and a dark one.

    Returns:
        The colour, and the shaded picture without the type.
    """
    side = len(picture)
    near = _spread_by(type_mask > 0, _NEAR * side)
    shade = _bands(near)
    dark, light = (_least_shade(picture[near], shade[near], tint) for tint in reversed(tints))
    tint, (share, ground) = (tints[1], dark) if dark[0] <= DARK_TYPE_SHADE < light[0] else (tints[0], light)
    return tint, _blend(picture, ground, share * shade[..., None])


def _least_shade(under: np.ndarray, shade: np.ndarray, tint: tuple[int, int, int]) -> tuple[float, np.ndarray]:
    """Returns the least share of a shade (n,) that type in a tint needs over pixels (n, 3), and the shade's colour."""
    # the picture's own hue, very dark under light type and very light under dark type
    hue = under.mean(axis=0).astype(np.float32)
    ground = hue * 0.1 if luminance(np.array(tint)) > 0.5 else 255 - (255 - hue) * 0.1

    def suffices(share: float) -> bool:
        shaded = _blend(under, ground, share * shade[:, None])
        return bool(contrast(np.array(tint), shaded).min() >= LEAST_CONTRAST)

    if suffices(0.0):
        return 0.0, ground
    low, high = 0.0, 1.0  # a full shade keeps any contrast
    for _ in range(_SHADE_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high, ground


def contrast(colour: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Returns WCAG's contrast ratio of a colour, (3,) in 0..255, with each of many, (n, 3): 1 to 21."""
    lights = np.sort(np.stack(np.broadcast_arrays(luminance(colour), luminance(under))), axis=0)
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colours: np.ndarray) -> np.ndarray:
    """Returns WCAG's relative luminance of sRGB colours, (..., 3) in 0..255, as (...) in [0, 1]."""
    share = np.asarray(colours, np.float32) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def _spread_by(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Grows a mask by some pixels on all sides."""
    size = 2 * max(round(pixels), 1) + 1
    wide = maximum_filter1d(mask.view(np.uint8), size, axis=1)
    return maximum_filter1d(wide, size, axis=0).view(bool)


def _bands(near: np.ndarray) -> np.ndarray:
    """Makes a shade that is full over the rows with type and fades out above and below, (side, side) in [0, 1]."""
    side = len(near)
    rows = maximum_filter1d(near.any(axis=1).astype(np.float32), round(_BAND * side))
    faded = gaussian_filter1d(rows, _FADE * side, mode="nearest")
    return np.repeat(faded[:, None], side, axis=1)


def _blend(picture: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Mixes a share of a colour into a picture, uint8."""
    return np.round(picture + (colour - picture) * share).astype(np.uint8)


def png_bytes(pixels: np.ndarray, title: str, recipe: Mapping[str, Any]) -> bytes:
    """Encodes a cover with its recipe and the AI mark in its metadata; the same input gives the same bytes."""
    metadata = PngImagePlugin.PngInfo()
    metadata.add_itxt("Title", title)
    metadata.add_itxt("Software", "Typebeat")
    metadata.add_itxt(RECIPE_KEY, json.dumps(recipe, ensure_ascii=False, sort_keys=True))
    metadata.add_itxt("XML:com.adobe.xmp", _xmp(title))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=metadata)
    return buffer.getvalue()


def _xmp(title: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{AI_GENERATED}">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    )
