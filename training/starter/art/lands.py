"""Paints land and water: dunes, mountains, a sea, a desert road."""

from itertools import pairwise

import numpy as np
from scipy import ndimage

from training.starter.art.scene import Scene, normals
from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    Sheet,
    X,
    Y,
    fractal,
    gradient,
    inside,
    mix,
    paint,
    ridge,
    shine,
    smoothstep,
)


def on_ground(horizon: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns how far away the flat ground at each point is, its x there, and the mask of the ground."""
    below = Y - horizon
    far = 0.12 / np.maximum(below, 0.004)
    return far, (X - 0.5) * far / 0.12, inside(-below)


def plain(scene: Scene) -> None:
    """A flat ground under a thing, lighter where the light falls and dark toward the viewer."""
    mask = on_ground(scene.horizon)[2]
    noise = fractal(scene.rng, 1.7, 6, 0.22)
    light = np.exp(-(((X - scene.x - 0.1 * scene.side) / 0.42) ** 2)) * smoothstep(1.05, scene.horizon, Y)
    t = 0.1 + 0.5 * light + 0.05 * noise * smoothstep(scene.horizon, 1.0, Y)
    paint(scene.canvas, gradient(t, [scene.ink, scene.ground, scene.middle, scene.accent]), mask)
    shine(scene.canvas, scene.haze, 0.5 * np.exp(-np.abs(Y - scene.horizon) / 0.035))


def mountains(scene: Scene, main: bool) -> None:
    """Ranges one behind the other, the far ones in haze, with rock faces lit from one side; one peak stands out."""
    rng = scene.rng
    layers = 3 if main else 2
    for layer in range(layers):
        near = (layer + 1) / layers
        tall = (0.34 if main else 0.13) * (0.85 + 0.35 * scene.force) * (0.65 if layer < layers - 1 else 1.0)
        x0 = scene.x if main and layer == layers - 2 else rng.random()
        foot = scene.horizon + 0.02 + 0.13 * near * (1 if main else 0.5)
        if main and layer == layers - 2:  # the peak
            slope = np.abs(X[0] - x0) / rng.uniform(0.42, 0.6)
            profile = np.maximum(1.25 * (1 - slope), 0.18 + 0.12 * ridge(rng, 3, 0.6)) + 0.07 * ridge(rng, 6, 0.75)
        else:
            tall *= 0.55
            profile = 0.55 + 0.4 * ridge(rng, 2, 0.5) + 0.22 * np.abs(ridge(rng, 5, 0.75))
        line = (foot - tall * profile).astype(np.float32)[None]
        depth = np.maximum(Y - line, 0)
        wander = 0.035 * fractal(rng, 2.3, 3)
        spurs = [
            x0 + fan * depth + off for fan, off in zip(rng.uniform(-1.6, 1.6, 5), rng.normal(0, 0.22, 5), strict=True)
        ]
        away = np.minimum.reduce([np.abs(X - spur - wander) for spur in (x0 + 0.15 * depth, *spurs)])
        height = 0.018 * (1 - np.abs(fractal(rng, 2.2, 5, 1.6))) - 0.75 * away - 0.25 * depth
        nx, ny, nz = normals(ndimage.gaussian_filter(height, 1.0))
        light = np.clip(0.12 + 0.95 * (nx * scene.side * 0.85 - ny * 0.25 + nz * 0.12), 0, 1)
        rock = gradient(
            light, [scene.ink, mix(scene.shadow, scene.ground, 0.6), mix(scene.middle, scene.accent, 0.5), scene.glow]
        )
        snow = smoothstep(0.3, 0.0, depth / tall + 0.12 * fractal(rng, 1.6, 6)) * smoothstep(0.15, 0.5, light)
        rock = mix(rock, mix(scene.glow, np.ones(3, np.float32), 0.4), 0.8 * snow)
        air = (1 - near) * 0.75 + 0.5 * smoothstep(foot - 0.12, foot + 0.02, Y) * (0.6 if layer < layers - 1 else 0.15)
        paint(scene.canvas, mix(rock, scene.haze, np.clip(air, 0, 1)), inside(line - Y))
        shine(scene.canvas, scene.haze, 0.22 * np.exp(-(((Y - foot) / 0.05) ** 2)) * (layer < layers - 1))


def dunes(scene: Scene, main: bool) -> None:
    """Dunes with a lit and a shaded side that meet in a winding crest, and ripples of the wind."""
    rng = scene.rng
    for layer in range(3):
        near = layer / 2
        swell = (0.05 + 0.07 * near) * (1.2 if main else 0.6)
        line = (scene.horizon + 0.01 + 0.15 * near + swell * ridge(rng, 2, 0.35)).astype(np.float32)[None]
        depth = Y - line
        crest = (
            rng.uniform(0.25, 0.75)
            + 0.16 * np.sin(depth * rng.uniform(7, 11) + rng.random() * 6)
            + 0.5 * depth * scene.side * -1
        )
        edge = (X - crest) * scene.side
        lit = smoothstep(-0.01, 0.015, edge) * (1 - 0.55 * smoothstep(0.0, 0.55, edge)) * smoothstep(0.6, 0.0, depth)
        ripple = np.sin((depth * 60 + 3.5 * np.sin(X * 7 + layer * 2) + 1.2 * X * scene.side) * (2.4 - 1.2 * near))
        lit = lit * (0.93 + 0.07 * ripple) + 0.05 * smoothstep(0.06, 0.0, depth)
        light = mix(mix(scene.accent, scene.glow, 0.45), scene.middle, 0.3 * near)
        dark = mix(scene.ground, scene.ink, 0.25 + 0.6 * near)
        sand = mix(dark, light, np.clip(lit, 0, 1))
        paint(scene.canvas, mix(sand, scene.haze, 0.55 * (1 - near) ** 1.5), inside(-depth))


def waves(scene: Scene, main: bool) -> None:
    """A sea that mirrors the sky, with the light's path on it, and a breaking wave when it is the main thing."""
    rng, horizon = scene.rng, min(scene.horizon, 0.6) if main else scene.horizon
    far, across, mask = on_ground(horizon)
    slope = np.zeros((SIZE, SIZE), np.float32)
    for octave in range(9):
        angle, k = rng.normal(0, 0.5), 1.6 * 1.55**octave
        fade = np.exp(-((k * far / 26) ** 2))
        slope += (
            fade
            * 0.8**octave
            * np.cos(k * (far * 3.2 * np.cos(angle) + across * np.sin(angle) * 3) + rng.random() * 6.3)
        )
    slope *= 0.32 * (0.7 + 0.7 * scene.force)
    mirror = np.clip((Y - horizon) * 1.6, 0, 1)
    t = 0.62 - 0.6 * mirror + 0.17 * slope
    sea = gradient(
        np.clip(t, 0.02, 1), [scene.ink, mix(scene.shadow, scene.ground, 0.7), scene.ground, scene.middle, scene.accent]
    )
    paint(scene.canvas, sea, mask)
    path = np.exp(-(((X - scene.x) / (0.05 + 0.2 * (Y - horizon))) ** 2)) * smoothstep(1.1, horizon, Y)
    shine(scene.canvas, mix(scene.glow, scene.accent, 0.2), mask * path * smoothstep(0.0, 0.65, slope + 0.25))
    shine(scene.canvas, scene.haze, 0.4 * np.exp(-np.abs(Y - horizon) / 0.02))
    if main:
        _breaker(scene, horizon)


def _breaker(scene: Scene, horizon: float) -> None:
    """A wave that rises in front and leans over, with light through its lip, streaks, and foam on its crest."""
    rng = scene.rng
    lift, x0, lean = 0.24 + 0.07 * scene.force, scene.x, scene.side
    u = (X[0] - x0) * lean
    crest = np.where(u > 0, np.exp(-((u / 0.16) ** 2)), np.exp(-((u / 0.42) ** 2)))
    line = (horizon + 0.22 - lift * crest + 0.012 * ridge(rng, 6, 0.75)).astype(np.float32)[None]
    depth = Y - line
    streak = np.sin((X - x0) * 60 - 40 * depth * lean + 1.5 * fractal(rng, 2.4, 3))
    hollow = smoothstep(-0.05, 0.2, (X - x0) * lean + 0.5 * depth) * smoothstep(0.5, 0.1, depth)
    t = (
        0.2
        + 0.62 * smoothstep(0.2, 0.0, depth) * (1 - 0.5 * hollow)
        + 0.07 * streak * smoothstep(0.4, 0.02, depth)
        - 0.15 * hollow
    )
    wall = gradient(t, [scene.ink, scene.ground, scene.middle, scene.accent, mix(scene.accent, scene.glow, 0.6)])
    paint(scene.canvas, wall, inside(-depth, 3 * PIXEL))
    foam = fractal(rng, 1.7, 9, 0.8)
    thick = 0.008 + 0.03 * crest[None]
    spray = smoothstep(0.0, 0.9, 0.55 * foam + 1.25 - np.abs(depth - 0.004) / thick)
    drops = smoothstep(1.7, 2.4, fractal(rng, 0.8, 24)) * (depth < 0) * np.exp(depth / 0.05) * crest[None]
    lace = smoothstep(1.3, 2.2, foam - 8 * np.abs(depth - 0.09)) * 0.4
    paint(
        scene.canvas,
        mix(scene.glow, np.ones(3, np.float32), 0.5),
        np.clip(np.maximum(np.maximum(spray, lace * (depth > 0)), drops), 0, 0.95),
    )


def road(scene: Scene, main: bool) -> None:
    """An empty desert road to the horizon, with its lines, poles along it and mesas far off."""
    rng, horizon = scene.rng, scene.horizon
    centre = scene.x
    mesa = np.zeros(SIZE, np.float32)
    for _ in range(3 if main else 2):
        at, wide, tall = rng.random(), rng.uniform(0.07, 0.16), rng.uniform(0.03, 0.1)
        mesa = np.maximum(mesa, tall * smoothstep(wide, wide - 0.025, np.abs(X[0] - at)))
    line = (horizon - mesa - 0.004 * ridge(rng, 6, 0.8)).astype(np.float32)[None]
    face = smoothstep(-0.3, 1.0, fractal(rng, 1.8, 5, 0.3) + (X - centre) * scene.side)
    paint(scene.canvas, mix(mix(scene.ground, scene.haze, 0.35), scene.haze, 0.6 * face), inside(line - Y))
    below = np.maximum(Y - horizon, 0.002)
    far, mask = 0.1 / below, inside(horizon - Y)
    across = (X - centre) / below  # 0 in the middle of the road, 1.1 at its edge
    scrub = fractal(rng, 1.4, 14, 0.2)
    t = (
        0.5
        - 0.4 * smoothstep(horizon, 1.0, Y)
        + 0.1 * scrub * smoothstep(0.02, 0.2, below)
        + 0.12 * (X - 0.5) * scene.side
    )
    paint(scene.canvas, gradient(t, [scene.ink, scene.ground, scene.middle, scene.accent, scene.glow]), mask)
    edge = 1.15
    tar = mix(mix(scene.ink, scene.ground, 0.3), scene.haze, 0.75 * smoothstep(0.2, 0.0, below))
    soft = 1.5 * PIXEL / below
    paint(scene.canvas, tar, mask * inside(np.abs(across) - edge, soft))
    shine(scene.canvas, scene.haze, 0.28 * mask * inside(np.abs(across) - edge, soft) * np.exp(-((across / 0.5) ** 2)))
    stripe = mix(scene.glow, scene.accent, 0.15)
    paint(scene.canvas, stripe, mask * inside(np.abs(np.abs(across) - edge + 0.12) - 0.025, soft))
    dashes = inside(np.abs(((far * 2.2 + rng.random()) % 1) - 0.5) - 0.27, 0.06)
    paint(scene.canvas, stripe, mask * inside(np.abs(across) - 0.045, soft) * dashes)
    shine(scene.canvas, scene.haze, 0.55 * np.exp(-np.abs(Y - horizon) / 0.03))
    if main:
        _poles(scene, centre)


def _poles(scene: Scene, centre: float) -> None:
    """Poles and wires along one side of the road, smaller with each."""
    sheet, tops = Sheet(), []
    for i in range(7):
        below = 0.42 * 0.62**i
        x, foot = centre - scene.side * 1.9 * below, scene.horizon + below
        top = foot - 1.75 * below
        sheet.line([(x, foot), (x, top)], scene.ink, 0.028 * below + 0.002)
        sheet.line(
            [(x - 0.2 * below, top + 0.12 * below), (x + 0.2 * below, top + 0.12 * below)],
            scene.ink,
            0.02 * below + 0.001,
        )
        tops.append((x, top + 0.12 * below))
    for a, b in pairwise(tops):
        sag = 0.22 * abs(a[0] - b[0])
        wire = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + sag * t * (1 - t)) for t in np.linspace(0, 1, 9)]
        sheet.line(wire, scene.ink, 0.0025)
    colours, mask = sheet.layer()
    paint(scene.canvas, colours, mask)
