"""Paints the motifs of drawn covers: one function for each motif of `covers.looks.MOTIFS`, and some for single styles.

Each paints on a canvas (see `strokes`) in the five tones of a palette. No figure has a face.
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    Canvas,
    Rng,
    Tones,
    X,
    Y,
    disc,
    fractal,
    gradient,
    inside,
    mix,
    paint,
    ridge,
    shine,
    smoothstep,
    stroke,
)


def sky(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Fills the canvas: dark above, light at the horizon, or lit from one point."""
    if rng.random() < 0.65:
        t = Y / (tones.horizon + 0.08) + 0.03 * fractal(rng, 2.4)
    else:
        t = 1.05 - 1.3 * np.hypot(X - rng.uniform(0.3, 0.7), Y - tones.horizon + 0.1) + 0.03 * fractal(rng, 2.4)
    canvas[:] = gradient(np.clip(t, 0, 1) ** 1.3, [tones.shadow, tones.ground, tones.middle, tones.accent])


def stars(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Stars, some large, along a faint band."""
    band = np.exp(-(((Y - 0.35 + rng.uniform(-0.6, 0.6) * (X - 0.5)) / 0.16) ** 2))
    shine(canvas, mix(tones.accent, tones.glow, 0.5), (0.28 if main else 0.14) * band * smoothstep(-1, 2, fractal(rng)))
    for size, count in ((1.0, 70 if main else 35), (1.7, 16 if main else 7)):
        points = np.zeros((SIZE, SIZE), np.float32)
        rows = (rng.random(count) * (tones.horizon + 0.1) * SIZE).astype(int) % SIZE
        points[rows, rng.integers(0, SIZE, count)] = rng.uniform(0.4, 1, count)
        shine(canvas, mix(tones.glow, np.ones(3, np.float32), 0.5), 8 * size * ndimage.gaussian_filter(points, size))


def moon(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A full moon with seas, shaded to one side, in its own light."""
    r = rng.uniform(0.15, 0.26) if main else rng.uniform(0.07, 0.11)
    cx, cy = rng.uniform(0.28, 0.72), rng.uniform(0.2, max(0.25, tones.horizon - 0.6 * r))
    d = disc(cx, cy, r)
    shine(canvas, tones.glow, 0.55 * np.exp(-np.maximum(d, 0) / (0.5 * r)))
    seas = smoothstep(0.1, 1.1, fractal(rng, 1.9, 4)) * 0.45
    shade = smoothstep(-1.3, 0.9, ((X - cx) * rng.choice((-1, 1)) - (Y - cy) * 0.5) / r)
    paint(canvas, mix(mix(tones.glow, tones.middle, seas), tones.ground, 0.75 * (1 - shade)), inside(d))


def sun(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A low sun, at times cut by bars as posters cut it."""
    r = rng.uniform(0.18, 0.3) if main else rng.uniform(0.09, 0.14)
    cx, cy = rng.uniform(0.35, 0.65), tones.horizon - rng.uniform(0.1, 0.8) * r
    d = disc(cx, cy, r)
    shine(canvas, tones.accent, 0.6 * np.exp(-np.maximum(d, 0) / (0.7 * r)))
    face = gradient(np.clip((Y - cy + r) / (2 * r), 0, 1), [tones.glow, tones.glow, tones.accent])
    alpha = inside(d)
    if rng.random() < 0.5:
        rows = np.arange(SIZE)[:, None] % 16
        alpha = alpha * np.where((rows >= 10 - 4 * (Y - cy) / r) & (cy < Y), 0.0, 1.0)
    paint(canvas, face, alpha)


def planet(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A banded planet with a tilted ring, half of it behind."""
    r = rng.uniform(0.13, 0.21) if main else rng.uniform(0.06, 0.1)
    cx, cy, tilt = rng.uniform(0.3, 0.7), rng.uniform(0.2, max(0.25, tones.horizon - r)), rng.uniform(-0.5, 0.5)
    u = (X - cx) * np.cos(tilt) + (Y - cy) * np.sin(tilt)
    v = -(X - cx) * np.sin(tilt) + (Y - cy) * np.cos(tilt)
    d = disc(cx, cy, r)
    around = np.hypot(u, v / rng.uniform(0.2, 0.35))
    ring = inside(np.abs(around - 1.75 * r) - 0.28 * r, 3 * PIXEL) * (0.65 + 0.35 * np.sin(around / r * 16))
    paint(canvas, tones.accent, 0.85 * ring * (v < 0))
    shine(canvas, tones.accent, 0.35 * np.exp(-np.maximum(d, 0) / (0.4 * r)))
    bands = 0.5 + 0.5 * np.sin(v / r * rng.uniform(5, 9) + 0.5 * fractal(rng, 2.2))
    lit = smoothstep(-1.0, 0.8, ((X - cx) * rng.choice((-1, 1)) - (Y - cy) * 0.6) / r)
    paint(canvas, mix(tones.shadow, mix(tones.accent, tones.glow, bands), 0.12 + 0.88 * lit), inside(d))
    paint(canvas, mix(tones.accent, tones.glow, 0.4), 0.9 * ring * (v >= 0))


def halo(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A ring of light, with rays when it is the main thing."""
    cx, cy = (rng.uniform(0.42, 0.58), rng.uniform(0.33, 0.45)) if main else (rng.uniform(0.3, 0.7), 0.28)
    r = rng.uniform(0.2, 0.28) if main else rng.uniform(0.1, 0.15)
    d = np.abs(disc(cx, cy, r))
    if main:
        angle = np.arctan2(Y - cy, X - cx)
        rays = smoothstep(0.2, 1, np.sin(angle * rng.integers(8, 15) + rng.random() * 6)) * (disc(cx, cy, r) > 0)
        shine(canvas, tones.glow, 0.28 * rays * np.exp(-d / 0.22))
    shine(canvas, tones.accent, 0.75 * np.exp(-d / 0.05))
    paint(canvas, mix(tones.glow, np.ones(3, np.float32), 0.4), inside(d - 0.012 - 0.006 * main, 3 * PIXEL))


def clouds(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Banks of cloud, lit from above, thicker toward the horizon."""
    for bank in range(3 if main else 2):
        base = tones.horizon - 0.32 + 0.17 * bank
        top = base + 0.07 * ridge(rng, 5, 0.6)[None] + 0.025 * fractal(rng, 1.9, 4)
        depth = Y - top
        body = gradient(np.clip(depth / 0.16, 0, 1), [tones.glow, mix(tones.accent, tones.middle, 0.4), tones.ground])
        paint(canvas, body, inside(-depth, 0.012) * smoothstep(0.34, 0.12, depth) * 0.92)


def mountains(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Jagged ranges one behind the other, the far ones in haze, one side of each face lit."""
    layers, height = 3 if main else 2, (0.27 if main else 0.15) * (0.8 + 0.5 * tones.force)
    for layer in range(layers):
        near = layer / (layers - 1)
        jag = np.abs(ridge(rng, 2, 0.5)) * 0.7 + np.abs(ridge(rng, 5, 0.72)) * 0.5
        line = (tones.horizon + 0.03 + 0.1 * near - height * (1 - 0.45 * near) * jag)[None]
        colour = mix(mix(tones.middle, tones.accent, 0.25), tones.shadow, 0.25 + 0.75 * near)
        lit = smoothstep(-0.004, 0.004, np.gradient(ndimage.gaussian_filter1d(line[0], 2)))[None]
        lit = lit * smoothstep(0.16, 0.0, Y - line - 0.02 * fractal(rng, 1.7, 4))
        paint(canvas, mix(colour, mix(colour, tones.glow, 0.55), lit), inside(line - Y))


def dunes(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Dunes with a lit and a shaded side that meet in a winding crest."""
    for layer in range(3):
        near = layer / 2
        line = tones.horizon + 0.02 + 0.15 * near + (0.05 + 0.05 * near) * (1 + 0.5 * main) * ridge(rng, 2, 0.4)
        depth = Y - line[None]
        crest = rng.uniform(0.2, 0.8) + 0.22 * np.sin(depth * rng.uniform(6, 10) + rng.random() * 6) + 0.3 * depth
        lit = inside((X - crest) * rng.choice((-1, 1)), 0.03) * smoothstep(0.5, 0.0, depth)
        ripple = 0.06 * np.sin((depth * 55 + 3 * np.sin(X * 9 + layer)) * (1 + near))
        light = mix(mix(tones.accent, tones.glow, 0.25), tones.middle, 0.5 * near)
        dark = mix(tones.ground, tones.shadow, 0.4 + 0.45 * near)
        paint(canvas, mix(dark, light, np.clip(lit * (0.9 + ripple), 0, 1)), inside(-depth))


def waves(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A sea in rows of crests, foam on each, and the light's path on it."""
    rows, path = 6, rng.uniform(0.3, 0.7)
    for row in range(rows):
        near = row / (rows - 1)
        swell = (0.004 + (0.028 if main else 0.016) * near) * (0.7 + 0.8 * tones.force)
        phase = 2 * np.pi * (X[0] * rng.uniform(5, 7) / (0.5 + near) + rng.random())
        line = (tones.horizon + 0.38 * near**1.4 - swell * (2 * np.abs(np.sin(phase / 2)) ** 0.8 - 1))[None]
        depth = Y - line
        body = gradient(np.clip(depth / (0.05 + 0.1 * near), 0, 1), [tones.accent, tones.middle, tones.ground])
        body = mix(body, tones.shadow, 0.25 + 0.3 * near)
        paint(canvas, body, inside(-depth))
        glint = np.exp(-(((X - path) / (0.06 + 0.12 * near)) ** 2))
        paint(canvas, tones.glow, inside(np.abs(depth - 0.004) - 0.004, 2 * PIXEL) * (0.35 + 0.6 * glint))


def city(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A skyline with lit windows on a grid of 4 pixels, in two rows, with its light in the haze."""
    shine(canvas, tones.accent, 0.5 * np.exp(-np.abs(Y - tones.horizon - 0.05) / 0.12))
    centre = rng.uniform(0.3, 0.7)
    for near in (0.0, 1.0):
        tops, column = np.empty(SIZE, np.float32), 0
        while column < SIZE:
            width = int(rng.integers(2, 6)) * 8
            rise = np.exp(-(((column / SIZE - centre) / 0.35) ** 2))
            height = (0.08 + 0.3 * rng.random() * (0.35 + rise)) * (1.25 if main else 0.75) * (1 - 0.25 * near)
            tops[column : column + width] = round((tones.horizon + 0.06 + 0.1 * near - height) * 32) / 32
            column += width
        wall = mix(mix(tones.ground, tones.middle, 0.5), tones.shadow, 0.45 + 0.5 * near)
        mask = (tops[None] <= Y).astype(np.float32)
        paint(canvas, np.broadcast_to(wall, canvas.shape), mask)
        lit = rng.random((SIZE // 8, SIZE // 4)) < 0.28 + 0.3 * rng.random()
        lit = np.kron(lit, _WINDOW)
        windows = lit * mask * (tops[None] + 6 * PIXEL <= Y)
        paint(canvas, mix(tones.accent, tones.glow, 0.6), windows.astype(np.float32) * (0.5 + 0.45 * near))


def smoke(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Smoke that drifts across, dense in places, lit at its edges."""
    noise = fractal(rng, 2.1, 2)
    where = np.exp(-(((Y - tones.horizon - 0.05 + 0.16 * ridge(rng, 2, 0.5)[None]) / (0.26 if main else 0.15)) ** 2))
    density = smoothstep(-0.6, 1.3, noise) * where
    colour = gradient(
        np.clip(0.5 + 0.3 * (noise - np.roll(noise, (7, 7), (0, 1))) * 2, 0, 1),
        [tones.ground, tones.middle, tones.glow],
    )
    paint(canvas, colour, density * (0.9 if main else 0.6))


def flames(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """Tongues of fire from the lower edge, light inside and ragged at the tips."""
    tall = (0.62 if main else 0.38) * (0.75 + 0.35 * tones.force)
    tongue = 0.5 + 0.3 * ridge(rng, 4, 0.75)[None] + 0.16 * fractal(rng, 1.8, 3, 0.35)
    heat = 1 - (1 - Y) / (tall * np.maximum(tongue + 0.25, 0.05))
    ember = smoothstep(0.4, -0.2, -heat)
    shine(canvas, tones.accent, 0.35 * ember)
    body = gradient(
        np.clip(heat * 1.15 + 0.06 * fractal(rng, 1.9, 4, 0.4), 0, 1),
        [mix(tones.ground, tones.accent, 0.5), tones.accent, tones.glow, tones.glow],
    )
    paint(canvas, body, smoothstep(0.0, 0.06, heat))


def chrome(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A pool of liquid metal that mirrors a sky and a ground."""
    field, cx, cy = np.zeros((SIZE, SIZE), np.float32), rng.uniform(0.4, 0.6), rng.uniform(0.45, 0.6)
    spread = 0.2 if main else 0.12
    for _ in range(6 if main else 4):
        x, y, r = cx + rng.normal(0, spread), cy + rng.normal(0, spread), rng.uniform(0.4, 0.75) * spread
        field += np.exp(-((X - x) ** 2 + (Y - y) ** 2) / (2 * r * r))
    height = np.sqrt(np.maximum(field - 0.45, 0))
    slope_y, slope_x = np.gradient(ndimage.gaussian_filter(height, 2.5))
    facing = np.clip(0.5 - 9 * slope_y - 4 * slope_x, 0, 1)
    silver = np.array([0.86, 0.87, 0.9], np.float32)
    dark = mix(tones.shadow, np.full(3, 0.05, np.float32), 0.4)
    metal = gradient(
        facing,
        [
            dark,
            tones.middle,
            silver,
            np.ones(3, np.float32),
            dark,
            tones.accent,
            mix(silver, tones.glow, 0.5),
            np.ones(3, np.float32),
        ],
    )
    shine(canvas, tones.accent, 0.35 * smoothstep(0.1, 0.45, field))
    paint(canvas, metal, smoothstep(0.44, 0.5, field))


def silhouette(canvas: Canvas, tones: Tones, rng: Rng, main: bool) -> None:
    """A figure seen from behind, a hooded bust or one that stands far off, with light along its edge."""
    cx = rng.uniform(0.42, 0.58) if main else rng.uniform(0.25, 0.75)
    if main and rng.random() < 0.6:
        top = rng.uniform(0.3, 0.42)
        half = np.interp(Y[:, 0] - top, [0, 0.02, 0.08, 0.16, 0.24, 0.29, 0.34, 0.45, 0.7], _BUST).astype(np.float32)
        parts = [np.maximum(np.abs(X - cx) - ndimage.gaussian_filter1d(half, 3)[:, None], top - Y)]
    else:
        tall = rng.uniform(0.3, 0.4) if main else rng.uniform(0.16, 0.22)
        foot = min(tones.horizon + 0.22, 0.93)
        head, hip = foot - tall, foot - 0.48 * tall
        lean = rng.uniform(-0.04, 0.04) * tall
        parts = [
            disc(cx, head + 0.07 * tall, 0.075 * tall),
            stroke(cx, head + 0.22 * tall, cx + lean, hip, 0.23 * tall),
            stroke(cx - 0.11 * tall, head + 0.22 * tall, cx - 0.15 * tall, hip + 0.05 * tall, 0.075 * tall),
            stroke(cx + 0.11 * tall, head + 0.22 * tall, cx + 0.15 * tall, hip + 0.05 * tall, 0.075 * tall),
            stroke(cx - 0.05 * tall, hip, cx - 0.08 * tall, foot, 0.1 * tall),
            stroke(cx + 0.05 * tall, hip, cx + 0.08 * tall, foot, 0.1 * tall),
        ]
    d = np.minimum.reduce(parts)
    shine(canvas, tones.glow, 0.6 * np.exp(-np.maximum(d, 0) / 0.03))
    paint(canvas, mix(tones.shadow, np.zeros(3, np.float32), 0.5), inside(d, 2 * PIXEL))


# motif -> its painter, from the farthest to the nearest
MOTIF_PAINTERS: dict[str, Callable[[Canvas, Tones, Rng, bool], None]] = {
    "stars": stars,
    "halo": halo,
    "planet": planet,
    "moon": moon,
    "sun": sun,
    "clouds": clouds,
    "mountains": mountains,
    "city": city,
    "waves": waves,
    "dunes": dunes,
    "flames": flames,
    "smoke": smoke,
    "chrome": chrome,
    "silhouette": silhouette,
}
# a window, 2 x 4 pixels in 4 x 8
_WINDOW = np.pad(np.ones((4, 2)), ((2, 2), (1, 1)))
# half the width of a hooded bust from the crown down
_BUST = [0.02, 0.055, 0.095, 0.11, 0.1, 0.11, 0.2, 0.29, 0.33]
ON_GROUND = frozenset(("clouds", "mountains", "city", "waves", "dunes", "flames"))
