"""A picture to a finished cover: square, 1400 or 3000 pixels, title and line in type that can be read, as a PNG.

Each style has its layout. Type is light, or dark on pictures that are light there. Where a picture is too light or too
dark for it, its rows are shaded in its own hue until every pixel under the type keeps `LEAST_CONTRAST`.
How text becomes lines is typesetting.py's business, who draws the picture an engine's.
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
RECIPE_KEY = "typebeat"  # of the PNG's text that holds the recipe
_SHARPEN = ImageFilter.UnsharpMask(radius=3, percent=60, threshold=2)
_NEAR = 0.003  # of the side, around the type, where the contrast counts too
_SHADE_HALVINGS = 6  # how finely the least shade is looked for
_BAND, _FADE = 0.3, 0.06  # of the side: how high a band of shade is at least, and how softly it ends
DARK_TYPE_SHADE = 0.1  # dark type is for pictures that need at most so much shade for it, and more for light type


def finish(picture: np.ndarray, style: str, title: str, facts: tuple[str, ...], side: int) -> np.ndarray:
    """Makes a cover of a picture.

    Args:
        picture: (side, side, 3) uint8, of any side.
        style: A slug of `STYLES`; it has the layout.
        title: What stands largest; empty for a picture without any type.
        facts: What the small line says, such as style, tempo and key.
        side: Of the cover, in pixels.

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
    """Scales a picture to a side by Lanczos; what was enlarged is sharpened a little."""
    image = Image.fromarray(picture)
    if image.size == (side, side):
        return picture
    scaled = image.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(scaled.filter(_SHARPEN) if side > image.width else scaled)


def set_type(style: str, title: str, facts: tuple[str, ...], side: int) -> np.ndarray:
    """Returns where the type of a cover is, (side, side) float32 in [0, 1]; all of it is inside."""
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
    """Draws the line of facts: spread from edge to edge, or together with dots between."""
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
    """Chooses the colour of the type, and shades the picture under it as little as its contrast asks for.

    Args:
        picture: (side, side, 3) uint8.
        type_mask: Where the type is, (side, side) in [0, 1].
        tints: A light colour and a dark one.

    Returns:
        The colour, and the picture, shaded; the type is not in it yet.
    """
    side = len(picture)
    near = _spread_by(type_mask > 0, _NEAR * side)
    shade = _bands(near)
    dark, light = (_least_shade(picture[near], shade[near], tint) for tint in reversed(tints))
    tint, (share, ground) = (tints[1], dark) if dark[0] <= DARK_TYPE_SHADE < light[0] else (tints[0], light)
    return tint, _blend(picture, ground, share * shade[..., None])


def _least_shade(under: np.ndarray, shade: np.ndarray, tint: tuple[int, int, int]) -> tuple[float, np.ndarray]:
    """How much shade, (n,) in [0, 1], a colour of type needs over (n, 3) pixels: a share of it, and its colour."""
    # the picture's own hue, very dark under light type and very light under dark
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
    """A mask made larger by some pixels on all sides."""
    size = 2 * max(round(pixels), 1) + 1
    wide = maximum_filter1d(mask.view(np.uint8), size, axis=1)
    return maximum_filter1d(wide, size, axis=0).view(bool)


def _bands(near: np.ndarray) -> np.ndarray:
    """A shade over the rows with type, full there and fading out softly above and below, (side, side) in [0, 1]."""
    side = len(near)
    rows = maximum_filter1d(near.any(axis=1).astype(np.float32), round(_BAND * side))
    faded = gaussian_filter1d(rows, _FADE * side, mode="nearest")
    return np.repeat(faded[:, None], side, axis=1)


def _blend(picture: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A picture with so much of a colour laid over it, uint8."""
    return np.round(picture + (colour - picture) * share).astype(np.uint8)


def png_bytes(pixels: np.ndarray, title: str, recipe: Mapping[str, Any]) -> bytes:
    """Encodes a cover with its recipe and the mark that a machine made it; the same input gives the same bytes."""
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", title)
    told.add_itxt("Software", "Typebeat")
    told.add_itxt(RECIPE_KEY, json.dumps(recipe, ensure_ascii=False, sort_keys=True))
    told.add_itxt("XML:com.adobe.xmp", _xmp(title))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=told)
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
