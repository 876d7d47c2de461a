"""Chooses the best of a few pictures for a cover: by its title, its tones, its subject and the colours asked for.

All of it is measured on a small copy of the picture; no model runs here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from typebeat.covers.finish import LEAST_CONTRAST, contrast
from typebeat.covers.looks import CoverLook
from typebeat.covers.vocabulary import RGB
from typebeat.request.styles import STYLES

_SIDE = 64  # of the small copy
_ENOUGH_RANGE = 0.75  # share of all tones between the darkest and the lightest percent of a picture with full contrast
_MOST_CLIPPED = 0.3  # share of white or black pixels with which nothing is left of the contrast's score
_CALM = 0.12  # deviation of tones under a title that makes it hard to read
_FAR = 0.5  # distance of colours (of sRGB's unit cube) that counts as another colour
_WEIGHTS = {"title": 1.0, "contrast": 1.0, "subject": 1.0, "palette": 1.0}


def best_of(pictures: Sequence[np.ndarray], style: str, look: CoverLook) -> int:
    """Returns the index of the best picture; of equal ones the first."""
    scores = [sum(_WEIGHTS[name] * value for name, value in measures(each, style, look).items()) for each in pictures]
    return int(np.argmax(scores))


def measures(picture: np.ndarray, style: str, look: CoverLook) -> dict[str, float]:
    """Measures a picture, (n, n, 3) uint8.

    Returns:
        Each from 0 to 1: `title`, how legible type is where the style sets its title; `contrast`, how much of the tones
        it uses without being blown out or blocked up; `subject`, how much one thing stands out from the rest;
        `palette`, how near its colours are to those of the look.
    """
    small = np.asarray(Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32) / 255
    grey = small @ np.array([0.299, 0.587, 0.114], np.float32)
    return {
        "title": _title(small, grey, style),
        "contrast": _contrast(grey),
        "subject": _subject(small),
        "palette": _palette(small, look),
    }


def _title(small: np.ndarray, grey: np.ndarray, style: str) -> float:
    """How calm the ground of the title is, and for how much of it light or dark type has enough contrast."""
    layout = STYLES[style].layout
    left, top, right, bottom = (round(share * _SIDE) for share in layout.box)
    if not layout.at_top:
        top = (top + bottom) // 2  # titles of usual length stand in the lower half
    under, room = small[top:bottom, left:right].reshape(-1, 3) * 255, grey[top:bottom, left:right]
    legible = max(float((contrast(np.array(tint), under) >= LEAST_CONTRAST).mean()) for tint in layout.tints)
    fine = float(np.abs(room - gaussian_filter(room, 2)).mean() * 2 + 0.5 * room.std())
    return legible * (1 - min(fine / _CALM, 1.0) * 0.5)


def _contrast(grey: np.ndarray) -> float:
    dark, light = np.percentile(grey, (1, 99))
    clipped = float(((grey < 0.015) | (grey > 0.985)).mean())
    return min((light - dark) / _ENOUGH_RANGE, 1.0) * max(0.0, 1 - clipped / _MOST_CLIPPED)


def _subject(small: np.ndarray) -> float:
    """How much what differs from the picture's border is gathered in one place away from it."""
    border = np.concatenate([small[:4].reshape(-1, 3), small[:, :4].reshape(-1, 3), small[:, -4:].reshape(-1, 3)])
    differs = gaussian_filter(np.linalg.norm(small - np.median(border, axis=0), axis=-1), 1.5)
    weight = differs**2 / max(float((differs**2).sum()), 1e-6)
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    cy, cx = float((weight * y).sum()), float((weight * x).sum())
    spread = float(np.sqrt((weight * ((y - cy) ** 2 + (x - cx) ** 2)).sum()))
    stands_out = min(float(differs.max()) / 0.6, 1.0)
    return stands_out * float(np.clip(1.35 - 2.2 * spread, 0, 1)) * (0.3 < cx < 0.7 or 0.8)


def _palette(small: np.ndarray, look: CoverLook) -> float:
    """How near the nearest tenth of the pixels is to each colour of the look."""
    pixels = small.reshape(-1, 3)
    near = [np.percentile(np.linalg.norm(pixels - np.array(RGB[name]), axis=1), 10) for name in look.palette]
    return float(np.mean([max(0.0, 1 - distance / _FAR) for distance in near]))
