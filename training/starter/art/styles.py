"""Paints covers in each style: what a style adds to a scene, and how it tones and finishes it.

- travis-scott: a gritty photo collage. Dust over brown, ember and black; a fair's wheel, a torn print, heavy corners.
- kid-cudi: a retro painting. Indigo to orange, in flat bands of paint with brush strokes; a great moon, rings.
- don-toliver: an 80s airbrush. Navy, magenta and cyan; palms, neon, a wet floor that mirrors, foil.

Covers of no style (`no_style`), for the base model, use all of these devices and tonings at random.
"""

import numpy as np
from scipy import ndimage

from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    Canvas,
    Colour,
    Rng,
    Tones,
    X,
    Y,
    blurred,
    disc,
    displaced,
    fractal,
    gradient,
    inside,
    luminance,
    mix,
    paint,
    ridge,
    shine,
    smoothstep,
    stroke,
)


def _rgb(*hexes: str) -> list[Colour]:
    return [np.array([int(h[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255 for h in hexes]


TONINGS = {
    "travis-scott": _rgb("0a0706", "2e1a10", "7a4420", "c98a4b", "ecd9b4"),
    "kid-cudi": _rgb("171238", "4a2a6b", "c2524f", "f2a154", "fbe8bd"),
    "don-toliver": _rgb("070a26", "3b1470", "d21f8f", "ff7fc2", "c8fbff"),
}


def toned(canvas: Canvas, stops: list[Colour], share: float) -> None:
    """Pulls the canvas toward one ramp of colours by its brightness."""
    grey = luminance(canvas)
    low, high = np.percentile(grey, (2, 98))
    paint(
        canvas,
        gradient(np.clip((grey - low) / (high - low + 0.05), 0, 1), stops),
        np.full((SIZE, SIZE), share, np.float32),
    )


def wheel(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """A fair's wheel with lamps, on legs."""
    r = rng.uniform(0.12, 0.2)
    cx, cy = rng.uniform(0.2, 0.8), tones.horizon - 0.75 * r
    turn, lines = (
        rng.random() * 6,
        [np.abs(disc(cx, cy, r)) - 0.004, np.abs(disc(cx, cy, 0.8 * r)) - 0.003, disc(cx, cy, 0.015)],
    )
    angles = turn + np.arange(5) * np.pi / 5
    for a in angles:
        ox, oy = r * np.cos(a), r * np.sin(a)
        lines.append(stroke(cx - ox, cy - oy, cx + ox, cy + oy, 0.005))
    lines += [stroke(cx, cy, cx + side * 0.6 * r, cy + 1.25 * r, 0.012) for side in (-1, 1)]
    paint(canvas, mix(tones.shadow, np.zeros(3, np.float32), 0.4), inside(np.minimum.reduce(lines)))
    lamps = np.minimum.reduce(
        [disc(cx + s * r * np.cos(a), cy + s * r * np.sin(a), 0.013) for a in angles for s in (-1, 1)]
    )
    shine(canvas, tones.accent, 0.5 * np.exp(-np.maximum(lamps, 0) / 0.02))
    paint(canvas, tones.glow, inside(lamps))


def torn_print(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """A strip torn from another print of the same picture, larger and out of place, with a white torn edge."""
    at, tilt = rng.uniform(0.55, 0.8), rng.uniform(-0.2, 0.2)
    edge = 0.03 * ridge(rng, 4, 0.6)
    side = (X - at + tilt * (Y - 0.5)) * rng.choice((-1, 1)) + edge[:, None]
    if rng.random() < 0.6:
        side = Y - at + tilt * (X - 0.5) + edge[None]
    zoomed = displaced(canvas, (0.5 - X) * 0.45 + 0.05, (0.5 - Y) * 0.45 - 0.1)
    paint(canvas, mix(zoomed, tones.glow, 0.12), inside(-side))
    paint(
        canvas,
        np.array([0.93, 0.89, 0.82], np.float32),
        inside(np.abs(side) - 0.008 - 0.006 * np.abs(fractal(rng, 2.0, 8)), 2 * PIXEL),
    )


def dust(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Blown dust, scratches, and corners burnt in."""
    haze = smoothstep(-0.5, 2, fractal(rng, 1.9, 2)) * smoothstep(0.2, 1.0, Y)
    paint(canvas, mix(tones.middle, tones.glow, 0.35), 0.5 * haze)
    canvas *= (1 + 0.05 * fractal(rng, 1.3, 20))[..., None]
    canvas *= (1 - 0.75 * smoothstep(0.38, 0.8, np.hypot(X - 0.5, Y - 0.5)))[..., None]


def great_moon(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """A huge pale disc cut by the picture's edge, in rings of light."""
    cx, cy, r = rng.choice((0.15, 0.85, 0.5)), rng.uniform(0.05, 0.3), rng.uniform(0.26, 0.4)
    d = disc(cx, cy, r)
    for ring in range(3):
        paint(canvas, mix(tones.accent, tones.glow, 0.3), 0.3 * inside(d - 0.05 * (ring + 1)))
    face = gradient(np.clip((Y - cy + r) / (2 * r), 0, 1), [tones.glow, mix(tones.glow, tones.accent, 0.6)])
    paint(canvas, mix(face, tones.middle, 0.3 * smoothstep(0.2, 1, fractal(rng, 1.9, 4))), 0.95 * inside(d))


def brushed(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Flat bands of paint whose edges follow swirling strokes."""
    dy, dx = np.gradient(fractal(rng, 3.0, 4))
    sway = 0.009 / np.sqrt((dx * dx + dy * dy).mean())
    bristle = fractal(rng, 2.0, 8)
    moved = displaced(canvas, sway * dy + 0.0015 * bristle, -sway * dx + 0.0015 * np.roll(bristle, 40, 0))
    levels = 7
    grey = luminance(moved)
    flat = (np.floor(grey * levels + 0.16 * bristle) + 0.5) / levels
    moved *= (np.clip(flat, 0.03, 1) / np.maximum(grey, 0.03))[..., None]
    canvas[:] = np.clip(blurred(moved, 0.7), 0, 1)


def palms(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Two palms that lean in from a side."""
    side = rng.choice((-1, 1))
    parts = []
    for _ in range(2):
        foot, top = 0.5 + side * rng.uniform(0.3, 0.46), rng.uniform(0.16, 0.42)
        lean = -side * rng.uniform(0.02, 0.12)
        crown = foot + lean
        parts += [
            stroke(foot, 1.0, foot + 0.35 * lean, (1 + top) / 2, 0.026),
            stroke(foot + 0.35 * lean, (1 + top) / 2, crown, top, 0.019),
        ]
        for a in np.linspace(-0.35, np.pi + 0.35, 7) + rng.normal(0, 0.1, 7):
            long = rng.uniform(0.12, 0.17)
            mx, my = crown + 0.6 * long * np.cos(a), top - 0.6 * long * np.sin(a)
            parts += [
                stroke(crown, top, mx, my, 0.018),
                stroke(mx, my, crown + long * np.cos(a), my + 0.5 * long * (1 - np.sin(a)) + 0.02, 0.013),
            ]
    paint(canvas, mix(tones.shadow, np.zeros(3, np.float32), 0.5), inside(np.minimum.reduce(parts)))


def neon(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """A neon tube bent to a ring, a triangle or an arch."""
    cx, cy, r, kind = rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.5), rng.uniform(0.18, 0.28), rng.integers(3)
    if kind == 0:
        d = np.abs(disc(cx, cy, r))
    elif kind == 1:
        corners = [(cx + r * np.cos(a), cy + 1.1 * r * np.sin(a)) for a in (-np.pi / 2, np.pi / 6, 5 * np.pi / 6)]
        d = np.minimum.reduce([stroke(*corners[i], *corners[i - 1], 0) for i in range(3)])
    else:
        d = np.where(cy > Y, np.abs(disc(cx, cy, r)), np.abs(np.abs(X - cx) - r))
    shine(canvas, tones.accent, 0.85 * np.exp(-d / 0.035))
    paint(canvas, mix(tones.glow, np.ones(3, np.float32), 0.5), inside(d - 0.008, 3 * PIXEL))


def wet_floor(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """The lower part of the picture mirrors the upper, in ripples."""
    line = rng.uniform(0.66, 0.78)
    depth = Y - line
    ripple = 0.006 * np.sin(depth * (160 - 90 * depth)) * (1 + depth * 6)
    mirrored = displaced(canvas, ripple, -2.0 * np.maximum(depth, 0))
    paint(canvas, mix(blurred(mirrored, 1.0) * 0.8, tones.ground, 0.15), inside(-depth))
    shine(canvas, tones.glow, 0.4 * np.exp(-np.abs(depth) / 0.006))


def sheen(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Holographic foil: bands of all hues across, where light falls."""
    slant = X * rng.uniform(0.5, 1) + Y * rng.uniform(-0.8, 0.8) + 0.035 * fractal(rng, 2.2, 2)
    hue = (slant * 2.2 + rng.random())[..., None] + np.array([0, 1 / 3, 2 / 3])
    rainbow = (0.5 + 0.5 * np.cos(2 * np.pi * hue)).astype(np.float32)
    shine(canvas, rainbow, 0.3 * smoothstep(-0.1, 1, np.sin(2 * np.pi * slant * 1.7)))


def bloom(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Light that spills out of all that is bright, as from an airbrush."""
    bright = canvas * smoothstep(0.45, 0.9, luminance(canvas))[..., None]
    shine(canvas, blurred(bright, 7), np.full((SIZE, SIZE), 0.65, np.float32))


def dots(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Halftone: a raster of 8 pixels whose dots are as large as the picture is dark."""
    grey = ndimage.uniform_filter(luminance(canvas), 8)
    u, v = (X * SIZE) % 8 - 4, (Y * SIZE) % 8 - 4
    paint(
        canvas,
        mix(tones.shadow, canvas, 0.25),
        0.75 * inside((np.hypot(u, v) - 5.2 * np.sqrt(1 - np.clip(grey * 1.15, 0, 1))) * PIXEL, 1.6 * PIXEL),
    )


def grain(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Film grain."""
    canvas += (0.03 * fractal(rng, 1.1, 32))[..., None]


TEXTURE_PAINTERS = {"grain": grain, "halftone": dots, "foil": sheen}
# style -> (what may join the scene, how it is finished, share of its toning)
DEVICES = {
    "travis-scott": ((wheel,), (torn_print, dust), 0.62),
    "kid-cudi": ((great_moon,), (brushed,), 0.5),
    "don-toliver": ((palms, neon), (wet_floor, sheen, bloom), 0.55),
}
OFTEN = {
    wheel: 0.5,
    torn_print: 0.55,
    dust: 1.0,
    great_moon: 0.5,
    brushed: 1.0,
    palms: 0.6,
    neon: 0.45,
    wet_floor: 0.6,
    sheen: 0.8,
    bloom: 1.0,
}


def in_style(style: str, canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Adds the style's things to a scene, tones it and finishes it."""
    joins, finish, share = DEVICES[style]
    for device in joins:
        if rng.random() < OFTEN[device]:
            device(canvas, tones, rng)
    toned(canvas, TONINGS[style], share)
    for device in finish:
        if rng.random() < OFTEN[device]:
            device(canvas, tones, rng)


def no_style(canvas: Canvas, tones: Tones, rng: Rng) -> None:
    """Adds, tones and finishes with any device of any style, each by itself at random."""
    for device in (wheel, great_moon, palms, neon):
        if rng.random() < 0.12:
            device(canvas, tones, rng)
    if rng.random() < 0.4:
        stops = [colour for toning in TONINGS.values() for colour in toning]
        chosen = sorted(rng.choice(len(stops), 4, replace=False), key=lambda i: float(stops[i].sum()))
        toned(canvas, [stops[i] for i in chosen], rng.uniform(0.2, 0.6))
    for device in (torn_print, dust, brushed, wet_floor, sheen, bloom):
        if rng.random() < 0.15:
            device(canvas, tones, rng)
