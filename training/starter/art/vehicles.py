"""Paints what drives and flies: a car and a plane."""

import numpy as np

from training.starter.art.scene import Scene, glow_at, solid
from training.starter.art.strokes import (
    BLACK,
    WHITE,
    X,
    Y,
    blurred,
    box,
    depth_of,
    disc,
    displaced,
    filled,
    fractal,
    gradient,
    inside,
    limb,
    mix,
    paint,
    placed,
    shine,
    smooth_outline,
    smoothstep,
)

# outlines of a long low coupe that drives left, about 2 wide, wheels on y = 0
BODY = (
    (-1.0, -0.1),
    (-0.99, -0.2),
    (-0.9, -0.27),
    (-0.5, -0.33),
    (-0.28, -0.36),
    (-0.06, -0.55),
    (0.12, -0.585),
    (0.34, -0.57),
    (0.62, -0.4),
    (0.9, -0.36),
    (0.985, -0.3),
    (1.0, -0.14),
    (0.97, -0.08),
    (-0.97, -0.06),
)
WINDOW = ((-0.2, -0.365), (-0.03, -0.52), (0.12, -0.548), (0.3, -0.535), (0.5, -0.4), (0.44, -0.37))
# a jet from below, nose up, about 2 long; right half
JET = (
    (0.0, -1.0),
    (0.055, -0.93),
    (0.085, -0.78),
    (0.09, -0.3),
    (0.16, -0.2),
    (0.98, 0.26),
    (1.0, 0.36),
    (0.95, 0.38),
    (0.2, 0.17),
    (0.09, 0.17),
    (0.075, 0.66),
    (0.36, 0.86),
    (0.36, 0.94),
    (0.06, 0.86),
    (0.03, 0.97),
)


def car(scene: Scene, main: bool) -> None:
    """A low car: from the side with its lights on, or from behind on its way into the light."""
    if main and scene.chance(0.5):
        _car_from_behind(scene)
    else:
        _car_from_the_side(scene, main)


def _car_from_the_side(scene: Scene, main: bool) -> None:
    s = scene.between(0.36, 0.42) if main else scene.between(0.14, 0.18)
    x, foot, flip = scene.x * 0.6 + 0.2, scene.horizon + (0.17 if main else 0.1), scene.side < 0
    way = -1 if not flip else 1  # where it drives
    body = filled(placed(smooth_outline(BODY), x, foot, s, 0.0, flip))
    wheels = [(x + way * 0.6 * s, foot - 0.13 * s), (x - way * 0.58 * s, foot - 0.13 * s)]
    wheel = np.minimum.reduce([disc(wx, wy, 0.15 * s) for wx, wy in wheels])
    whole = np.maximum(body, inside(wheel))
    if scene.chance(0.7):  # the ground is wet
        line = foot + 0.01
        depth = np.maximum(Y - line, 0)
        reflected = displaced(whole, 0.012 * np.sin(depth * 200) * depth * 10, -2 * depth) * inside(line - Y)
        paint(scene.canvas, scene.ink, 0.75 * reflected * smoothstep(0.5 * s, 0, depth))
    paint(scene.canvas, scene.ink, 0.9 * np.exp(-(((X - x) / (1.02 * s)) ** 6) - ((Y - foot) / (0.05 * s)) ** 2))
    paint_colour = mix(scene.accent, scene.middle, 0.2) if scene.chance(0.6) else mix(scene.ink, scene.ground, 0.4)
    d = depth_of(body)
    solid(scene, d, 0.1 * s, paint_colour, gloss=0.9, dark=0.85)
    top = mix(scene.glow, WHITE, 0.5)
    v = (Y - foot) / s
    shoulder = (
        np.exp(-(((v + 0.3) / 0.022) ** 2)) * body * (0.35 + 0.65 * smoothstep(-0.6, 0.6, (X - x) / s * scene.side))
    )
    shine(scene.canvas, top, 0.75 * shoulder)
    paint(scene.canvas, scene.ink, 0.75 * body * smoothstep(-0.2, -0.1, v))
    pane = filled(placed(smooth_outline(WINDOW), x, foot, s, 0.0, flip))
    paint(
        scene.canvas,
        gradient(
            np.clip((v + 0.56) / 0.2 + 0.5 * (X - x) / s, 0, 1),
            [mix(scene.glow, scene.ground, 0.45), scene.ink, scene.ink],
        ),
        pane,
    )
    pillar = inside(limb(x - way * 0.15 * s, foot - 0.57 * s, x - way * 0.2 * s, foot - 0.36 * s, 0.014 * s, 0.018 * s))
    paint(scene.canvas, scene.ink, pillar * body)
    for wx, wy in wheels:
        paint(scene.canvas, mix(scene.ink, BLACK, 0.6), inside(disc(wx, wy, 0.155 * s)))
        paint(scene.canvas, mix(scene.middle, scene.glow, 0.5), inside(np.abs(disc(wx, wy, 0.09 * s)) - 0.014 * s))
        angle = np.arctan2(Y - wy, X - wx)
        paint(
            scene.canvas,
            mix(scene.middle, scene.glow, 0.3),
            inside(disc(wx, wy, 0.085 * s)) * smoothstep(0.2, 0.7, np.sin(angle * 5)),
        )
    lx, ly = x + way * 0.955 * s, foot - 0.215 * s
    u = (X - lx) * way
    beam = (
        np.exp(-(((Y - ly - 0.1 * np.maximum(u, 0)) / (0.015 + 0.22 * np.maximum(u, 0))) ** 2))
        * (u > 0)
        * np.exp(-np.maximum(u, 0) / 0.3)
    )
    shine(scene.canvas, mix(scene.glow, WHITE, 0.4), 0.75 * beam)
    glow_at(scene, lx, ly, 0.12 * s + 0.01, 1.0, WHITE)
    glow_at(scene, x - way * 0.97 * s, foot - 0.26 * s, 0.1 * s, 1.0, scene.accent)
    scene.cut = np.maximum(scene.cut, whole)


def _car_from_behind(scene: Scene) -> None:
    s, x, foot = scene.between(0.27, 0.33), scene.x, scene.horizon + 0.2
    out = [(0.96, -0.12), (1.0, -0.3), (0.98, -0.5), (0.86, -0.56), (0.66, -0.86), (0.52, -0.93)]
    outline = [(-px, py) for px, py in out] + [(px, py) for px, py in reversed(out)]
    body = filled(placed(outline, x, foot, s))
    tyres = np.maximum(
        inside(box(x - 0.78 * s, foot - 0.1 * s, 0.14 * s, 0.13 * s, 0.04 * s)),
        inside(box(x + 0.78 * s, foot - 0.1 * s, 0.14 * s, 0.13 * s, 0.04 * s)),
    )
    paint(scene.canvas, scene.ink, 0.95 * np.exp(-(((X - x) / (1.05 * s)) ** 6) - ((Y - foot) / (0.09 * s)) ** 2))
    paint(scene.canvas, mix(scene.ink, BLACK, 0.6), tyres)
    colour = mix(scene.accent, scene.middle, 0.25) if scene.chance(0.5) else mix(scene.ink, scene.ground, 0.5)
    solid(scene, depth_of(body), 0.12 * s, colour, gloss=0.8, dark=0.85)
    v, u = (Y - foot) / s, (X - x) / s
    pane = filled(placed([(-0.72, -0.59), (-0.6, -0.82), (0.6, -0.82), (0.72, -0.59)], x, foot, s))
    paint(
        scene.canvas,
        gradient(
            np.clip((v + 0.84) / 0.26 + 0.25 * u * scene.side, 0, 1),
            [mix(scene.glow, scene.accent, 0.3), scene.ground, scene.ink],
        ),
        pane,
    )
    paint(scene.canvas, scene.ink, body * smoothstep(-0.27, -0.2, v))
    bar = inside(box(x, foot - 0.42 * s, 0.9 * s, 0.055 * s, 0.02 * s))
    lamps = bar * smoothstep(0.32, 0.4, np.abs(u)) * (0.75 + 0.25 * np.sign(np.sin(u * 40)))
    paint(scene.canvas, scene.ink, bar)
    red = mix(mix(scene.accent, WHITE, 0.1), np.array([1.0, 0.1, 0.15], np.float32), 0.45)
    paint(scene.canvas, mix(red, WHITE, 0.35), lamps)
    shine(scene.canvas, red, 1.5 * blurred(lamps, 6))
    line = foot + 0.02
    depth = np.maximum(Y - line, 0)
    wet = blurred(displaced(scene.canvas, 0.01 * np.sin(depth * 160), -2 * depth), 1.5)
    paint(scene.canvas, wet * 0.7, inside(line - Y) * smoothstep(0.3, 0.0, depth) * 0.75 * np.exp(-((u / 1.3) ** 4)))
    scene.cut = np.maximum(scene.cut, np.maximum(body, tyres))


def plane(scene: Scene, main: bool) -> None:
    """A jet seen from below as it crosses the sky, with the trails of its engines."""
    s = scene.between(0.32, 0.4) if main else scene.between(0.09, 0.13)
    turn = scene.side * scene.between(0.35, 0.95)
    x, y = (scene.x, scene.y) if main else (scene.x - 0.2 * scene.side, 0.22)
    half = list(JET)
    outline = half + [(-px, py) for px, py in reversed(half)]
    jet = filled(placed(outline, x, y, s, turn))
    ux, uy = -np.sin(turn), np.cos(turn)  # toward its tail
    for off in (-0.36, 0.36):
        ex, ey = placed([(off, 0.05)], x, y, s, turn)[0]
        u = (X - ex) * ux + (Y - ey) * uy
        v = (X - ex) * uy - (Y - ey) * ux
        trail = (
            np.exp(-((v / (0.012 + 0.06 * np.maximum(u, 0))) ** 2)) * (u > 0.1 * s) * np.exp(-np.maximum(u, 0) / 0.6)
        )
        shine(scene.canvas, mix(scene.glow, WHITE, 0.4), 0.75 * trail * smoothstep(-1.5, 1, fractal(scene.rng, 1.8, 5)))
    lit = mix(mix(scene.ink, scene.ground, 0.6), scene.body, 0.35 if scene.bright else 0.2)
    solid(scene, depth_of(jet), 0.075 * s, lit, gloss=0.4, dark=0.8)
    for off in (-0.36, 0.36):
        a, b = placed([(off, -0.12), (off, 0.12)], x, y, s, turn)
        solid(scene, limb(*a, *b, 0.05 * s, 0.045 * s), 0.05 * s, mix(lit, scene.ink, 0.3))
    for tip, colour in ((-0.97, scene.accent), (0.97, scene.glow)):
        gx, gy = placed([(tip, 0.32)], x, y, s, turn)[0]
        glow_at(scene, gx, gy, 0.07 * s, 1.0, mix(colour, WHITE, 0.3))
