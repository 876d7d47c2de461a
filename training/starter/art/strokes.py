"""Brushes for drawn covers: gradients, fractal noise, soft edges, light, and shapes by signed distance.

A canvas is float32 (SIZE, SIZE, 3), sRGB from 0 to 1, and is painted in place. Coordinates run from 0 to 1, x to the
right and y down. A mask is float32 (SIZE, SIZE), 0 to 1. Signed distances are negative inside a shape.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import fft, ndimage

SIZE = 256
PIXEL = 1 / SIZE
Y, X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE + PIXEL / 2
FINER = 3  # outlines are drawn this many times larger and then averaged, which smooths their edges
_FREQUENCY = np.hypot(fft.fftfreq(SIZE)[:, None], fft.rfftfreq(SIZE)[None]).astype(np.float32) * SIZE
WHITE, BLACK = np.ones(3, np.float32), np.zeros(3, np.float32)
Canvas = np.ndarray
Colour = np.ndarray
Rng = np.random.Generator
Points = Sequence[tuple[float, float]]


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Returns 0 below `low`, 1 above `high` and a smooth rise between; falls instead where `low` > `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def inside(distance: np.ndarray, soft: float = 1.5 * PIXEL) -> np.ndarray:
    """Returns 1 where a signed distance is negative and 0 where it is positive, with an edge `soft` wide."""
    return np.clip(0.5 - distance / soft, 0, 1)


def mix(a: Colour, b: Colour, share: float | np.ndarray) -> Colour:
    """Returns `a` with `share` of `b`; a share of shape (SIZE, SIZE) makes a canvas."""
    share = np.asarray(share, np.float32)
    return a + (b - a) * (share[..., None] if share.ndim else share)


def paint(canvas: Canvas, colour: Colour, alpha: np.ndarray) -> None:
    """Lays a colour, or a canvas of colours, over the canvas."""
    canvas += (colour - canvas) * np.asarray(alpha, np.float32)[..., None]


def shine(canvas: Canvas, colour: Colour, alpha: np.ndarray) -> None:
    """Adds light, as the screen blend of image editors does."""
    canvas[:] = 1 - (1 - canvas) * (1 - colour * np.clip(alpha, 0, 1).astype(np.float32)[..., None])


def gradient(t: np.ndarray, stops: Sequence[Colour]) -> Canvas:
    """Returns the colours at `t` (0 to 1) on a ramp of evenly spaced stops."""
    table = np.stack(stops).astype(np.float32)
    at = np.clip(t, 0, 1) * (len(table) - 1)
    low = np.minimum(at.astype(np.int32), len(table) - 2)
    share = (at - low).astype(np.float32)[..., None]
    return table[low] * (1 - share) + table[low + 1] * share


def fractal(rng: Rng, slope: float = 1.8, coarsest: float = 1.5, stretch: float = 1.0) -> np.ndarray:
    """Returns noise of power 1/f^slope, mean 0 and deviation 1; features are up to SIZE/`coarsest` pixels large.

    `stretch` above 1 draws them out upward, below 1 sideways.
    """
    white = fft.rfft2(rng.standard_normal((SIZE, SIZE), dtype=np.float32))
    frequency = _FREQUENCY
    if stretch != 1.0:
        frequency = np.hypot(fft.fftfreq(SIZE)[:, None] * stretch, fft.rfftfreq(SIZE)[None]).astype(np.float32) * SIZE
    noise = fft.irfft2(white / np.maximum(frequency, coarsest) ** slope)
    return (noise - noise.mean()) / noise.std()


def ridge(rng: Rng, octaves: int, roughness: float) -> np.ndarray:
    """Returns a skyline of sines over x, (SIZE,), about -1 to 1; each octave is `roughness` as high as the last."""
    x, line = X[0], np.zeros(SIZE, np.float32)
    for octave in range(octaves):
        line += roughness**octave * np.sin(2 * np.pi * (1.4 * 1.9**octave * x * rng.uniform(0.7, 1.3) + rng.random()))
    return line / sum(roughness**o for o in range(octaves))


def disc(cx: float, cy: float, radius: float) -> np.ndarray:
    """Returns the signed distance to a circle."""
    return np.hypot(X - cx, Y - cy) - radius


def ellipse(cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
    """Returns about the signed distance to an ellipse."""
    return (np.hypot((X - cx) / rx, (Y - cy) / ry) - 1) * min(rx, ry)


def box(cx: float, cy: float, rx: float, ry: float, corner: float = 0.0) -> np.ndarray:
    """Returns the signed distance to a box of half widths `rx` and `ry` with rounded corners."""
    qx, qy = np.abs(X - cx) - rx + corner, np.abs(Y - cy) - ry + corner
    return np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - corner


def limb(x0: float, y0: float, x1: float, y1: float, r0: float, r1: float, x: np.ndarray = X) -> np.ndarray:
    """Returns the signed distance to a line with round ends whose radius goes from `r0` to `r1`."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((x - x0) * dx + (Y - y0) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    return np.hypot(x - x0 - along * dx, Y - y0 - along * dy) - (r0 + (r1 - r0) * along)


def joined(shapes: Sequence[np.ndarray], soft: float = 0.02) -> np.ndarray:
    """Returns the signed distance to the union of shapes, whose joints are rounded over `soft`."""
    whole = shapes[0]
    for shape in shapes[1:]:
        share = np.clip(0.5 + 0.5 * (shape - whole) / soft, 0, 1)
        whole = shape + (whole - shape) * share - soft * share * (1 - share)
    return whole


def smooth_outline(points: Points, closed: bool = True, per_piece: int = 8) -> list[tuple[float, float]]:
    """Returns points on a Catmull-Rom curve through the given ones."""
    p = np.asarray(points, float)
    padded = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, per_piece, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    if not closed:
        pieces.append(p[-1:])
    return [tuple(point) for point in np.concatenate(pieces).tolist()]


class Sheet:
    """A transparent sheet on which outlines are filled and lines drawn with smooth edges, before it is laid on."""

    def __init__(self) -> None:
        self._image = Image.new("RGBA", (SIZE * FINER, SIZE * FINER))
        self._draw = ImageDraw.Draw(self._image)

    def fill(self, points: Points, colour: Colour) -> None:
        """Fills a polygon."""
        self._draw.polygon([(x * SIZE * FINER, y * SIZE * FINER) for x, y in points], fill=_bytes(colour))

    def line(self, points: Points, colour: Colour, thick: float) -> None:
        """Draws a line through points."""
        width = max(1, round(thick * SIZE * FINER))
        at = [(x * SIZE * FINER, y * SIZE * FINER) for x, y in points]
        self._draw.line(at, fill=_bytes(colour), width=width, joint="curve")

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Draws a disc."""
        cx, cy, r = x * SIZE * FINER, y * SIZE * FINER, max(radius * SIZE * FINER, 1)
        self._draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=_bytes(colour))

    def layer(self) -> tuple[Canvas, np.ndarray]:
        """Returns the colours and the mask of what was drawn."""
        small = np.asarray(self._image.convert("RGBa").reduce(FINER), np.float32) / 255
        alpha = small[..., 3]
        return small[..., :3] / np.maximum(alpha, 1 / 255)[..., None], alpha


def _bytes(colour: Colour) -> tuple[int, int, int, int]:
    r, g, b = (round(255 * min(1.0, max(0.0, float(c)))) for c in colour)
    return r, g, b, 255


def filled(*outlines: Points) -> np.ndarray:
    """Returns the mask of polygons."""
    image = Image.new("L", (SIZE * FINER, SIZE * FINER))
    draw = ImageDraw.Draw(image)
    for points in outlines:
        draw.polygon([(x * SIZE * FINER, y * SIZE * FINER) for x, y in points], fill=255)
    return np.asarray(image.reduce(FINER), np.float32) / 255


def depth_of(mask: np.ndarray) -> np.ndarray:
    """Returns the signed distance to a mask's outline."""
    within = mask > 0.5
    return (ndimage.distance_transform_edt(~within) - ndimage.distance_transform_edt(within)).astype(np.float32) / SIZE


def placed(points: Points, cx: float, cy: float, scale: float, turn: float = 0.0, flip: bool = False) -> Points:
    """Returns points around the origin, turned by `turn` (radians), scaled, and moved to a place."""
    p = np.asarray(points, float) * (-1 if flip else 1, 1)
    cos, sin = np.cos(turn), np.sin(turn)
    moved = p @ np.array([[cos, sin], [-sin, cos]]) * scale + (cx, cy)
    return [tuple(point) for point in moved.tolist()]


def displaced(canvas: Canvas, dx: np.ndarray, dy: np.ndarray, order: int = 1) -> Canvas:
    """Returns the canvas (or a mask) with each point taken from (x + dx, y + dy), edges mirrored."""
    at = np.stack([Y + dy, X + dx]) * SIZE - 0.5
    if canvas.ndim == 2:
        return ndimage.map_coordinates(canvas, at, order=order, mode="reflect").astype(np.float32)
    return np.stack(
        [ndimage.map_coordinates(canvas[..., c], at, order=order, mode="reflect") for c in range(3)], axis=-1
    ).astype(np.float32)


def blurred(canvas: Canvas, pixels: float) -> Canvas:
    """Returns the canvas (or a mask) out of focus."""
    if canvas.ndim == 2:
        return ndimage.gaussian_filter(canvas, pixels, mode="nearest")
    return ndimage.gaussian_filter(canvas, (pixels, pixels, 0), mode="nearest")


def luminance(canvas: Canvas) -> np.ndarray:
    """Returns how bright each point is, 0 to 1."""
    return canvas @ np.array([0.299, 0.587, 0.114], np.float32)


def rgb(*hexes: str) -> list[Colour]:
    """Returns colours of six hexadecimal digits each."""
    return [np.array([int(h[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255 for h in hexes]
