"""Brushes for drawn covers: gradients, fractal noise, soft edges, light, and shapes by signed distance.

A canvas is float32 (SIZE, SIZE, 3), sRGB from 0 to 1, and is painted in place. Coordinates run from 0 to 1, x to the
right and y down.
"""

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

SIZE = 256
PIXEL = 1 / SIZE
Y, X = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE + PIXEL / 2
_FREQUENCY = np.hypot(fft.fftfreq(SIZE)[:, None], fft.rfftfreq(SIZE)[None]).astype(np.float32) * SIZE
Canvas = np.ndarray
Colour = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class Tones:
    """The five colours of a palette, from dark to light, and the mood of a scene.

    Attributes:
        shadow, ground, middle, accent, glow: sRGB, float32 (3,).
        force: 0 (calm) to 1 (intense); shapes get rougher, taller and more.
        horizon: y of the horizon.
    """

    shadow: Colour
    ground: Colour
    middle: Colour
    accent: Colour
    glow: Colour
    force: float
    horizon: float

    @property
    def ramp(self) -> list[Colour]:
        """All five, dark to light."""
        return [self.shadow, self.ground, self.middle, self.accent, self.glow]


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
    canvas += (colour - canvas) * alpha[..., None]


def shine(canvas: Canvas, colour: Colour, alpha: np.ndarray) -> None:
    """Adds light, as the screen blend of image editors does."""
    canvas[:] = 1 - (1 - canvas) * (1 - colour * np.clip(alpha, 0, 1)[..., None])


def gradient(t: np.ndarray, stops: list[Colour]) -> Canvas:
    """Returns the colours at `t` (0–1) on a ramp of evenly spaced stops."""
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(t, at, [stop[c] for stop in stops]) for c in range(3)], axis=-1).astype(np.float32)


def fractal(rng: Rng, slope: float = 1.8, coarsest: float = 1.5, stretch: float = 1.0) -> np.ndarray:
    """Returns noise of power 1/f^slope, mean 0 and deviation 1; features are up to SIZE/`coarsest` pixels large.

    `stretch` above 1 draws them out upward.
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


def stroke(x0: float, y0: float, x1: float, y1: float, thick: float) -> np.ndarray:
    """Returns the signed distance to a line with round ends, `thick` wide."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((X - x0) * dx + (Y - y0) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    return np.hypot(X - x0 - along * dx, Y - y0 - along * dy) - thick / 2


def displaced(canvas: Canvas, dx: np.ndarray, dy: np.ndarray) -> Canvas:
    """Returns the canvas with each point taken from (x + dx, y + dy), edges mirrored."""
    at = np.stack([Y + dy, X + dx]) * SIZE - 0.5
    return np.stack(
        [ndimage.map_coordinates(canvas[..., c], at, order=1, mode="reflect") for c in range(3)], axis=-1
    ).astype(np.float32)


def blurred(canvas: Canvas, pixels: float) -> Canvas:
    """Returns the canvas out of focus."""
    return np.stack([ndimage.gaussian_filter(canvas[..., c], pixels, mode="nearest") for c in range(3)], axis=-1)


def luminance(canvas: Canvas) -> np.ndarray:
    """Returns how bright each point is, 0–1."""
    return canvas @ np.array([0.299, 0.587, 0.114], np.float32)
