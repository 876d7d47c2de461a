"""Paints things: a car, a plane, a flower, palms, liquid chrome, broken glass."""

import numpy as np
from scipy.spatial import cKDTree

from training.starter.art.scene import Scene, dark_shape, glow_at, normals, shadow_below, solid
from training.starter.art.strokes import (
    BLACK,
    PIXEL,
    SIZE,
    WHITE,
    Sheet,
    X,
    Y,
    blurred,
    box,
    depth_of,
    disc,
    displaced,
    ellipse,
    filled,
    fractal,
    gradient,
    inside,
    joined,
    limb,
    mix,
    paint,
    placed,
    shine,
    smooth_outline,
    smoothstep,
)

# outlines of a long low coupe that drives left, about 2 wide, wheels on y = 0
BODY = ((-1.0, -0.1), (-0.99, -0.2), (-0.9, -0.27), (-0.5, -0.33), (-0.28, -0.36), (-0.06, -0.55), (0.12, -0.585), (0.34, -0.57), (0.62, -0.4), (0.9, -0.36), (0.985, -0.3), (1.0, -0.14), (0.97, -0.08), (-0.97, -0.06))
WINDOW = ((-0.2, -0.365), (-0.03, -0.52), (0.12, -0.548), (0.3, -0.535), (0.5, -0.4), (0.44, -0.37))
# a jet from below, nose up, about 2 long; right half
JET = ((0.0, -1.0), (0.055, -0.93), (0.085, -0.78), (0.09, -0.3), (0.16, -0.2), (0.98, 0.26), (1.0, 0.36), (0.95, 0.38), (0.2, 0.17), (0.09, 0.17), (0.075, 0.66), (0.36, 0.86), (0.36, 0.94), (0.06, 0.86), (0.03, 0.97))


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
    shoulder = np.exp(-(((v + 0.3) / 0.022) ** 2)) * body * (0.35 + 0.65 * smoothstep(-0.6, 0.6, (X - x) / s * scene.side))
    shine(scene.canvas, top, 0.75 * shoulder)
    paint(scene.canvas, scene.ink, 0.75 * body * smoothstep(-0.2, -0.1, v))
    pane = filled(placed(smooth_outline(WINDOW), x, foot, s, 0.0, flip))
    paint(scene.canvas, gradient(np.clip((v + 0.56) / 0.2 + 0.5 * (X - x) / s, 0, 1), [mix(scene.glow, scene.ground, 0.45), scene.ink, scene.ink]), pane)
    pillar = inside(limb(x - way * 0.15 * s, foot - 0.57 * s, x - way * 0.2 * s, foot - 0.36 * s, 0.014 * s, 0.018 * s))
    paint(scene.canvas, scene.ink, pillar * body)
    for wx, wy in wheels:
        paint(scene.canvas, mix(scene.ink, BLACK, 0.6), inside(disc(wx, wy, 0.155 * s)))
        paint(scene.canvas, mix(scene.middle, scene.glow, 0.5), inside(np.abs(disc(wx, wy, 0.09 * s)) - 0.014 * s))
        angle = np.arctan2(Y - wy, X - wx)
        paint(scene.canvas, mix(scene.middle, scene.glow, 0.3), inside(disc(wx, wy, 0.085 * s)) * smoothstep(0.2, 0.7, np.sin(angle * 5)))
    lx, ly = x + way * 0.955 * s, foot - 0.215 * s
    u = (X - lx) * way
    beam = np.exp(-(((Y - ly - 0.1 * np.maximum(u, 0)) / (0.015 + 0.22 * np.maximum(u, 0))) ** 2)) * (u > 0) * np.exp(-np.maximum(u, 0) / 0.3)
    shine(scene.canvas, mix(scene.glow, WHITE, 0.4), 0.75 * beam)
    glow_at(scene, lx, ly, 0.12 * s + 0.01, 1.0, WHITE)
    glow_at(scene, x - way * 0.97 * s, foot - 0.26 * s, 0.1 * s, 1.0, scene.accent)
    scene.cut = np.maximum(scene.cut, whole)


def _car_from_behind(scene: Scene) -> None:
    s, x, foot = scene.between(0.27, 0.33), scene.x, scene.horizon + 0.2
    out = [(0.96, -0.12), (1.0, -0.3), (0.98, -0.5), (0.86, -0.56), (0.66, -0.86), (0.52, -0.93)]
    outline = [(-px, py) for px, py in out] + [(px, py) for px, py in reversed(out)]
    body = filled(placed(outline, x, foot, s))
    tyres = np.maximum(inside(box(x - 0.78 * s, foot - 0.1 * s, 0.14 * s, 0.13 * s, 0.04 * s)), inside(box(x + 0.78 * s, foot - 0.1 * s, 0.14 * s, 0.13 * s, 0.04 * s)))
    paint(scene.canvas, scene.ink, 0.95 * np.exp(-(((X - x) / (1.05 * s)) ** 6) - ((Y - foot) / (0.09 * s)) ** 2))
    paint(scene.canvas, mix(scene.ink, BLACK, 0.6), tyres)
    colour = mix(scene.accent, scene.middle, 0.25) if scene.chance(0.5) else mix(scene.ink, scene.ground, 0.5)
    solid(scene, depth_of(body), 0.12 * s, colour, gloss=0.8, dark=0.85)
    v, u = (Y - foot) / s, (X - x) / s
    pane = filled(placed([(-0.72, -0.59), (-0.6, -0.82), (0.6, -0.82), (0.72, -0.59)], x, foot, s))
    paint(scene.canvas, gradient(np.clip((v + 0.84) / 0.26 + 0.25 * u * scene.side, 0, 1), [mix(scene.glow, scene.accent, 0.3), scene.ground, scene.ink]), pane)
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
        trail = np.exp(-((v / (0.012 + 0.06 * np.maximum(u, 0))) ** 2)) * (u > 0.1 * s) * np.exp(-np.maximum(u, 0) / 0.6)
        shine(scene.canvas, mix(scene.glow, WHITE, 0.4), 0.75 * trail * smoothstep(-1.5, 1, fractal(scene.rng, 1.8, 5)))
    lit = mix(mix(scene.ink, scene.ground, 0.6), scene.body, 0.35 if scene.bright else 0.2)
    solid(scene, depth_of(jet), 0.075 * s, lit, gloss=0.4, dark=0.8)
    for off in (-0.36, 0.36):
        a, b = placed([(off, -0.12), (off, 0.12)], x, y, s, turn)
        solid(scene, limb(*a, *b, 0.05 * s, 0.045 * s), 0.05 * s, mix(lit, scene.ink, 0.3))
    for tip, colour in ((-0.97, scene.accent), (0.97, scene.glow)):
        gx, gy = placed([(tip, 0.32)], x, y, s, turn)[0]
        glow_at(scene, gx, gy, 0.07 * s, 1.0, mix(colour, WHITE, 0.3))


def flower(scene: Scene, main: bool) -> None:
    """A flower in bloom from above: a rose, or one of two rings of petals; with leaves, on a dark ground."""
    rng = scene.rng
    s = scene.between(0.3, 0.36) if main else scene.between(0.13, 0.17)
    x, y = scene.x, scene.y + (0.02 if main else 0.15)
    petal, deep = mix(scene.accent, scene.glow, 0.25), mix(scene.ink, scene.accent, 0.3)
    sheet = Sheet()
    leaf = mix(mix(scene.ground, np.array([0.1, 0.32, 0.2], np.float32), 0.5), scene.ink, 0.35)
    if scene.chance(0.7):
        bend = scene.between(-0.12, 0.12)
        stem = smooth_outline([(x, y), (x + 0.4 * bend, y + 0.3), (x + bend, 1.1)], closed=False)
        sheet.line(stem, leaf, 0.06 * s)
    for a in rng.uniform(0, 6.3, 1) + np.array([0.0, 2.2, 4.1]):
        _petal(sheet, x, y, a, 1.32 * s, 0.3 * s, mix(leaf, scene.ink, 0.5), mix(leaf, scene.middle, 0.45), scene.side, 0.35)
    rose = scene.chance(0.6)
    if rose:
        for ring in range(6):
            out, count = s * (1.0 - 0.155 * ring), max(3, 7 - ring)
            for a in np.linspace(0, 2 * np.pi, count, endpoint=False) + ring * 2.4 + rng.normal(0, 0.12, count):
                _petal(sheet, x, y, a, out, 0.62 * out, mix(deep, scene.ink, 0.12 * ring), mix(petal, deep, 0.07 * ring), scene.side, 1.0)
        sheet.dot(x, y, 0.07 * s, deep)
    else:
        for out, count, phase in ((1.0, 9, 0.0), (0.72, 8, 0.3), (0.45, 6, 0.6)):
            for a in np.linspace(0, 2 * np.pi, count, endpoint=False) + phase:
                _petal(sheet, x, y, a, out * s, 0.26 * s, deep, petal, scene.side, 0.6)
        for i in range(60):
            a, far = i * 2.4, 0.19 * s * np.sqrt(i / 60)
            sheet.dot(x + far * np.cos(a), y + far * np.sin(a), 0.016 * s, mix(scene.glow, deep, 0.5 * rng.random()))
    colours, mask = sheet.layer()
    near = np.hypot(X - x, Y - y) / s
    lit = 0.62 + 0.5 * np.clip(((X - x) * 0.7 * scene.side - (Y - y) * 0.55) / s + 0.1, -0.8, 0.8)
    shadow_below(scene, mask, min(y + 1.0 * s, 0.97), 0.2, 0.35)
    paint(scene.canvas, np.clip(colours * lit[..., None] * 1.15, 0, 1), mask)
    shine(scene.canvas, scene.accent, 0.2 * np.exp(-np.maximum(near - 0.9, 0) / 0.25) * (1 - mask))
    scene.cut = np.maximum(scene.cut, mask)


def _petal(
    sheet: Sheet, x: float, y: float, angle: float, long: float, wide: float, deep: np.ndarray, light: np.ndarray, side: int, blunt: float
) -> None:
    """A petal from (x, y) outward, dark at its root and edge and light at its turned-over tip."""
    tip = 0.75 + 0.25 * blunt
    facing = 0.5 + 0.5 * np.cos(angle - (-0.9 if side > 0 else np.pi + 0.9))
    light = mix(mix(light, deep, 0.4), light, facing)
    for share, tone in ((1.0, 0.05), (0.975, 0.95), (0.9, 0.78), (0.78, 0.6), (0.62, 0.4), (0.45, 0.2)):
        w = wide * (0.35 + 0.65 * share)
        points = [(0, 0), (0.35 * long * share, 0.72 * w), (0.72 * long * share, w), (0.97 * tip * long * share, 0.6 * w * blunt), (long * share, 0), (0.97 * tip * long * share, -0.6 * w * blunt), (0.72 * long * share, -w), (0.35 * long * share, -0.72 * w)]
        sheet.fill(placed(smooth_outline(points, per_piece=5), x, y, 1.0, angle), mix(deep, light, tone))


def palms(scene: Scene, main: bool) -> None:
    """Palms against the sky: one or two that stand out, or a row far off."""
    rng, sheet = scene.rng, Sheet()
    if main:
        spots = [(scene.x - 0.05, scene.y - 0.18, 1.0), (scene.x + scene.side * 0.2, scene.y - 0.02, 0.78)]
    else:
        far = [(float(rng.uniform(0.05, 0.95)), scene.horizon - rng.uniform(0.1, 0.2), 0.3) for _ in range(3)]
        spots = [*far, (0.5 + 0.43 * -scene.side, scene.horizon - rng.uniform(0.26, 0.4), 0.7)]
    for x, top, size in spots:
        foot, lean = (1.05 if main else scene.horizon + 0.03), rng.normal(0, 0.05) * size
        top = max(top, 0.14)
        trunk = smooth_outline([(x - lean, foot), (x - 0.7 * lean, (foot + top) / 2), (x, top)], closed=False)
        sheet.line(trunk, scene.ink, 0.024 * size)
        for a in np.linspace(-0.55, np.pi + 0.55, 11) + rng.normal(0, 0.1, 11):
            _frond(sheet, rng, x, top, a, rng.uniform(0.2, 0.27) * size, scene.ink)
    colours, mask = sheet.layer()
    dark_shape(scene, mask, 0.35, cut=False)


def _frond(sheet: Sheet, rng: np.random.Generator, x: float, y: float, angle: float, long: float, colour: np.ndarray) -> None:
    t = np.linspace(0, 1, 12)
    rib = np.stack([x + long * t * np.cos(angle), y - long * t * np.sin(angle) + 0.75 * long * t**2.2], axis=1)
    sheet.line([tuple(p) for p in rib.tolist()], colour, 0.02 * long + 0.002)
    for i in range(1, 12):
        (px, py), (qx, qy) = rib[i - 1], rib[i]
        dx, dy = (qx - px) / long * 12, (qy - py) / long * 12
        size = long * 0.34 * np.sin(np.pi * (0.12 + 0.84 * t[i])) + 0.01
        for side in (-1, 1):
            tip = (qx + size * (0.55 * dx - side * 0.6 * dy), qy + size * (0.55 * dy + side * 0.6 * dx) + 0.35 * size)
            sheet.line([(px, py), tip], colour, 0.05 * long)


def chrome(scene: Scene, main: bool) -> None:
    """Liquid chrome: a heart, a star, a ring or drops that mirror a horizon."""
    rng = scene.rng
    s = scene.between(0.28, 0.35) if main else scene.between(0.12, 0.16)
    x, y = scene.x, scene.y + (0.0 if main else 0.1)
    u, v = (X - x) / s, (Y - y) / s
    turn = rng.normal(0, 0.2)
    u, v = u * np.cos(turn) + v * np.sin(turn), -u * np.sin(turn) + v * np.cos(turn)
    kind = rng.integers(4)
    if kind == 0:  # a heart
        heart = (u * u * 1.05 + (-v * 1.05 + 0.12) ** 2 - 0.62) ** 3 - u * u * 1.0 * (-v * 1.05 + 0.12) ** 3
        d = depth_of((heart < 0).astype(np.float32))
    elif kind == 1:  # a star of four points
        d = depth_of((np.abs(u) ** 0.55 + np.abs(v) ** 0.55 < 1.12).astype(np.float32))
    elif kind == 2:  # a ring
        d = (np.abs(np.hypot(u, v * rng.uniform(1.0, 1.6)) - 0.72) - 0.26) * s
    else:  # drops that run together
        spots = [(rng.normal(0, 0.42), rng.normal(0, 0.42), rng.uniform(0.22, 0.5)) for _ in range(7)]
        d = joined([(np.hypot(u - a, v - b) - r) * s for a, b, r in spots], 0.24 * s)
    wobble = 0.014 * s * fractal(rng, 2.6, 3)
    height = blurred(np.sqrt(np.maximum(1 - (1 - np.clip(-d / (0.3 * s), 0, 1)) ** 2, 0)) * 0.3 * s, 1.8) + wobble
    nx, ny, nz = normals(height * 1.25)
    look = -ny * 1.1 + 0.28 * nx * scene.side + 0.1 * np.sin(3.2 * nx + 2 * u) + 0.06 * v
    t = 0.5 + 0.5 * np.clip(look, -1, 1)
    mirror = [scene.ink, mix(scene.ground, scene.ink, 0.3), mix(scene.middle, scene.accent, 0.4), scene.glow, scene.ink, scene.ground, mix(scene.accent, scene.glow, 0.4), mix(scene.glow, WHITE, 0.7), WHITE, mix(scene.accent, scene.ground, 0.3)]
    mask = inside(d)
    shadow_below(scene, mask, min(y + 1.02 * s, 0.95), 0.18, 0.5)
    silver = mix(gradient(t, mirror), luminous(gradient(t, mirror)), 0.45)
    paint(scene.canvas, silver, mask)
    shine(scene.canvas, WHITE, mask * np.clip(nx * 0.45 * scene.side - ny * 0.6 + nz * 0.62, 0, 1) ** 26)
    glow_at(scene, x + 0.42 * s * scene.side, y - 0.5 * s, 0.05, 0.9, WHITE)
    scene.cut = np.maximum(scene.cut, mask)


def luminous(colours: np.ndarray) -> np.ndarray:
    """Returns the greys of colours."""
    return np.repeat((colours @ np.array([0.3, 0.59, 0.11], np.float32))[..., None], 3, axis=-1)


def glass(scene: Scene, main: bool) -> None:
    """Broken glass: the picture behind it in shards that are out of place, cracks that run from where it was hit."""
    rng = scene.rng
    count = 34 if main else 18
    angle, far = rng.random(count) * 2 * np.pi, 0.04 + 0.7 * rng.random(count) ** 1.4
    points = np.stack([scene.x + far * np.cos(angle), scene.y + far * np.sin(angle)], axis=1)
    at = np.stack([X.ravel(), Y.ravel()], axis=1)
    near, which = cKDTree(points).query(at, k=2)
    shard = which[:, 0].reshape(SIZE, SIZE)
    edge = ((near[:, 1] - near[:, 0]) / 2).reshape(SIZE, SIZE).astype(np.float32)
    push = rng.normal(0, 0.06 if main else 0.035, (count, 2))
    moved = displaced(scene.canvas, push[shard, 0].astype(np.float32), push[shard, 1].astype(np.float32))
    tilt = rng.random(count)[shard]
    facing = gradient(np.clip(tilt + 0.25 * (X - Y) * scene.side, 0, 1), [scene.ink, scene.ground, scene.accent, mix(scene.glow, WHITE, 0.4)])
    paint(moved, facing, (0.45 if main else 0.25) * (tilt > 0.35))
    reach = smoothstep(0.62, 0.42, np.hypot(X - scene.x, Y - scene.y)) if not main else np.ones((SIZE, SIZE), np.float32)
    paint(scene.canvas, moved, reach)
    paint(scene.canvas, scene.ink, 0.55 * reach * inside(edge - 0.007))
    paint(scene.canvas, mix(scene.glow, WHITE, 0.6), reach * inside(edge - 0.0028, 2 * PIXEL))
    if main:
        hole = inside(ellipse(scene.x, scene.y, 0.045, 0.04) + 0.02 * fractal(rng, 1.6, 8) * 0.5)
        paint(scene.canvas, scene.ink, hole)
