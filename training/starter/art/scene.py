"""A scene: its colours, where its subject stands, where its light comes from, and how a solid looks in that light.

Painters take a `Scene` and whether theirs is the main motif, and paint on `scene.canvas`.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from training.starter.art.strokes import (
    BLACK,
    PIXEL,
    SIZE,
    WHITE,
    Canvas,
    Colour,
    Rng,
    X,
    Y,
    blurred,
    gradient,
    inside,
    mix,
    paint,
    shine,
    smoothstep,
)


@dataclass
class Scene:
    """A picture in the making.

    Attributes:
        canvas: What is painted so far, float32 (SIZE, SIZE, 3).
        rng: Whatever is random is drawn from it.
        shadow, ground, middle, accent, glow: The five colours of the palette, from dark to light, sRGB float32 (3,).
        bright: Whether it is day.
        force: 0 (calm) to 1 (intense); shapes get larger, rougher and more.
        horizon: y of the horizon.
        x, y: Where the subject stands.
        side: The side that the light comes from, -1 (left) or 1.
        cut: Mask of the subject, where it can be cut out as for a collage; filled by painters of things.
    """

    canvas: Canvas
    rng: Rng
    shadow: Colour
    ground: Colour
    middle: Colour
    accent: Colour
    glow: Colour
    bright: bool
    force: float
    horizon: float
    x: float
    y: float
    side: int
    cut: np.ndarray = field(default_factory=lambda: np.zeros((SIZE, SIZE), np.float32))

    @property
    def ramp(self) -> list[Colour]:
        """All five colours, dark to light."""
        return [self.shadow, self.ground, self.middle, self.accent, self.glow]

    @property
    def haze(self) -> Colour:
        """The colour of far things and of the air at the horizon."""
        return mix(self.middle, self.accent, 0.55)

    @property
    def ink(self) -> Colour:
        """The darkest colour, nearly black."""
        return mix(self.shadow, BLACK, 0.45)

    @property
    def body(self) -> Colour:
        """What a lit solid is made of: light, with a little of the palette."""
        return mix(mix(self.glow, self.accent, 0.25), WHITE, 0.15)

    def chance(self, share: float) -> bool:
        """Whether something that happens in a `share` of scenes happens in this one."""
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """Returns a random number."""
        return float(self.rng.uniform(low, high))


def normals(height: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the normal (x, y, z) of a surface that comes `height` toward the viewer, in the unit of x and y."""
    gy, gx = np.gradient(height)
    gy, gx = gy * SIZE, gx * SIZE
    length = np.sqrt(gx * gx + gy * gy + 1)
    return -gx / length, -gy / length, 1 / length


def rounded(distance: np.ndarray, radius: float, soft: float = 1.5) -> np.ndarray:
    """Returns the height of a solid with round edges of `radius` whose outline has a signed distance."""
    t = np.clip(-distance / radius, 0, 1)
    return ndimage.gaussian_filter(radius * np.sqrt(np.maximum(1 - (1 - t) ** 2, 0)), soft)


def solid(
    scene: Scene,
    distance: np.ndarray,
    radius: float,
    body: Colour | None = None,
    *,
    gloss: float = 0.2,
    dark: float = 0.9,
    relief: np.ndarray | None = None,
) -> np.ndarray:
    """Paints a solid in the scene's light: a lit and a dark side, a gleam, and a rim of light from behind.

    Args:
        scene: The scene.
        distance: Signed distance to the outline.
        radius: How far from the outline it is still rounded.
        body: Its colour in full light.
        gloss: How strongly it gleams.
        dark: How dark its dark side is, 0 to 1.
        relief: Height to add, in the unit of x and y.

    Returns:
        Its mask.
    """
    height = rounded(distance, radius)
    if relief is not None:
        height = height + relief
    nx, ny, nz = normals(height)
    lx, ly, lz = 0.72 * scene.side, -0.45, 0.53
    lit = np.clip(nx * lx + ny * ly + nz * lz, 0, 1)
    body = scene.body if body is None else body
    night = mix(mix(scene.shadow, scene.ground, 0.25), body, 1 - dark)
    stops = [night, mix(night, body, 0.35), body, mix(body, WHITE, 0.35)]
    colour = gradient(lit**1.15, stops)
    mask = inside(distance)
    behind = np.clip(-nx * scene.side * 0.9 - ny * 0.3, 0, 1) * smoothstep(0.75, 0.2, nz)
    colour = mix(colour, scene.accent, 0.85 * behind)
    gleam = np.clip(nx * 0.5 * lx + ny * 0.5 * ly + nz * 0.87, 0, 1) ** 28
    colour = mix(colour, WHITE, np.clip(gloss * gleam, 0, 1))
    paint(scene.canvas, colour, mask)
    scene.cut = np.maximum(scene.cut, mask)
    return mask


def dark_shape(
    scene: Scene, mask: np.ndarray, rim: float = 0.8, colour: Colour | None = None, cut: bool = True
) -> None:
    """Paints a silhouette against the light, with a thin lit edge on the light's side."""
    paint(scene.canvas, scene.ink if colour is None else colour, mask)
    shift = max(1, round(2.2 * SIZE / 256))
    moved = np.roll(np.roll(mask, -scene.side * shift, 1), shift, 0)
    edge = np.clip(mask - moved, 0, 1) * mask
    shine(scene.canvas, mix(scene.accent, scene.glow, 0.6), rim * blurred(edge, 0.6))
    if cut:
        scene.cut = np.maximum(scene.cut, mask)


def shadow_below(scene: Scene, mask: np.ndarray, foot: float, flat: float = 0.16, strength: float = 0.75) -> None:
    """Paints the shadow that a thing throws on the ground, away from the light."""
    rows = np.clip(((foot - (np.arange(SIZE) / SIZE)) / -flat), -1, 2)
    source = np.clip(foot - rows * 0.9, 0, 1)
    take = np.clip((source * SIZE).astype(int), 0, SIZE - 1)
    thrown = mask[take]
    slide = (rows * 0.35 * scene.side * -SIZE).astype(int)
    for row in range(SIZE):
        thrown[row] = np.roll(thrown[row], slide[row])
    below = (np.arange(SIZE) / SIZE > foot - 2 * PIXEL)[:, None]
    paint(scene.canvas, scene.ink, strength * blurred((thrown * below).astype(np.float32), 2.5))


def glow_at(scene: Scene, x: float, y: float, radius: float, strength: float, colour: Colour | None = None) -> None:
    """Adds a round glow."""
    fall = np.exp(-((X - x) ** 2 + (Y - y) ** 2) / (radius * radius))
    shine(scene.canvas, scene.accent if colour is None else colour, strength * fall)
