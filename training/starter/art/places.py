"""Paints what people built: a city from afar or from a street, a neon room, a fair's wheel, and a crowd."""

import numpy as np

from training.starter.art.scene import Scene, dark_shape, glow_at
from training.starter.art.strokes import (
    BLACK,
    PIXEL,
    SIZE,
    WHITE,
    Canvas,
    Sheet,
    X,
    Y,
    blurred,
    box,
    disc,
    displaced,
    fractal,
    gradient,
    inside,
    limb,
    mix,
    paint,
    shine,
    smoothstep,
)


def city(scene: Scene, main: bool) -> None:
    """City lights: a skyline in three rows, or, as the main thing, at times a street between towers."""
    if main and scene.chance(0.45):
        street(scene)
    else:
        skyline(scene, main)


def skyline(scene: Scene, main: bool) -> None:
    """Towers in three rows, the far ones in haze, with lit windows, a tallest one, and water that mirrors them."""
    rng, foot = scene.rng, scene.horizon + 0.05
    glow_at(scene, scene.x, foot, 0.55, 0.55)
    for row, near in enumerate((0.0, 0.5, 1.0)):
        tops, column = np.full(SIZE, foot, np.float32), -int(rng.integers(0, 10))
        while column < SIZE:
            width = int(rng.integers(9, 22) * (0.8 + 0.4 * near))
            rise = np.exp(-((((column + width / 2) / SIZE - scene.x) / 0.3) ** 2))
            tall = (0.08 + (0.16 + 0.16 * scene.force) * rng.random() + 0.3 * rise * rng.random()) * (1.15 if main else 0.5)
            top = foot - tall * (1.05 - 0.4 * near)
            lo, hi = max(column, 0), max(column + width, 0)
            tops[lo:hi] = top
            if rng.random() < 0.35:
                tops[lo + width // 4 : max(hi - width // 4, 0)] = top - 0.03
            column += width + int(rng.integers(0, 3))
        if row == 1 and main:  # the tallest
            at, wide, top = int(scene.x * SIZE), int(rng.integers(8, 13)), foot - rng.uniform(0.45, 0.55)
            tops[at - wide : at + wide] = top
            tops[at - wide // 2 : at + wide // 2] = top - 0.035
            tops[at - 1 : at + 1] = top - 0.12
        wall = mix(mix(scene.ink, scene.ground, 0.35), scene.haze, 0.62 * (1 - near) ** 1.3)
        mask = (tops[None] <= Y) * inside(Y - foot)
        shade = mix(np.broadcast_to(wall, scene.canvas.shape), scene.haze, 0.55 * smoothstep(foot - 0.25, foot, Y) * (1 - 0.5 * near))
        paint(scene.canvas, shade, mask)
        _windows(scene, mask * (tops[None] + 4 * PIXEL <= Y), near)
    if main or scene.chance(0.5):
        _mirror(scene, foot)


def _windows(scene: Scene, mask: np.ndarray, near: float) -> None:
    rng, cell = scene.rng, 4
    count = SIZE // cell
    lit = rng.random((count, count)) < (0.1 + 0.3 * rng.random((1, count))) * rng.uniform(0.7, 1.3)
    power = lit * rng.uniform(0.35, 1.0, (count, count))
    pane = np.zeros((cell, cell))
    pane[1:3, 0:2] = 1
    lights = (np.kron(power, pane) * mask).astype(np.float32)
    paint(scene.canvas, mix(scene.accent, scene.glow, 0.65), lights * (0.4 + 0.6 * near))
    shine(scene.canvas, scene.accent, 0.6 * blurred(lights, 2.0))


def _mirror(scene: Scene, line: float) -> None:
    """Below a line the picture mirrors itself in ripples."""
    depth = np.maximum(Y - line, 0)
    ripple = (0.004 + 0.03 * depth) * np.sin(depth * 300 / (1 + 5 * depth) + 3 * np.sin(X * 11))
    mirrored = blurred(displaced(scene.canvas, ripple, -2.0 * depth), 1.0)
    paint(scene.canvas, mix(mirrored * 0.75, scene.ink, 0.1 + 1.0 * np.clip(depth, 0, 0.8)), inside(line - Y))


def street(scene: Scene) -> None:
    """A street between towers in one-point perspective, lit from its end, wet enough to mirror its lights."""
    rng, vx, vy = scene.rng, scene.x, scene.horizon - 0.04
    wide = 0.26
    dx, dy = X - vx, Y - vy
    left = dx < 0
    z = wide / np.maximum(np.abs(dx), 0.003)  # how far along the street the wall is
    height = -dy * z  # above the eye, in street widths
    cells = np.floor(z * 0.9 + np.where(left, 0.0, 0.37) + rng.random()).astype(int) % 64
    tall = rng.uniform(0.35, 1.5, 64)[cells] + np.where(left, 0.0, 0.15)
    eye = 0.085
    ground_z = eye / np.maximum(dy, 0.003)
    is_wall = (height < tall) & ((dy < 0) | (ground_z > z))
    glow_at(scene, vx, vy - 0.04, 0.32, 0.9, scene.glow)
    air = np.exp(-z * 0.17)
    shade = 0.14 + 0.2 * rng.random(64)[cells] + np.where(left == (scene.side > 0), 0.12, 0.0)
    wall = gradient(shade, [scene.ink, scene.ground, scene.middle])
    u, v = (z * 5.2) % 1, (height * 15 + 0.3) % 1
    cell_hash = np.sin(np.floor(z * 5.2) * 12.99 + np.floor(height * 15) * 78.23 + left * 37.7) * 43758.5
    power = ((cell_hash - np.floor(cell_hash)) < 0.34) * (u > 0.25) * (u < 0.8) * (v > 0.25) * (v < 0.75)
    lights = (power * smoothstep(26, 7, z) * is_wall).astype(np.float32)
    wall = mix(wall, mix(scene.accent, scene.glow, 0.6), 0.85 * lights)
    paint(scene.canvas, mix(wall, scene.haze, (1 - air) * 0.95), is_wall.astype(np.float32))
    signs = np.zeros((SIZE, SIZE), np.float32)
    for _ in range(6):
        sz, side, h = rng.uniform(0.7, 3.0), rng.choice((-1, 1)), rng.uniform(0.12, 0.5)
        sx, sy = vx + side * wide * 0.97 / sz, vy - h / sz
        signs = np.maximum(signs, inside(box(sx, sy, 0.02 / sz + 0.004, rng.uniform(0.06, 0.14) / sz, 0.004)))
    paint(scene.canvas, mix(scene.accent, scene.glow, 0.45), signs)
    shine(scene.canvas, scene.accent, 1.2 * blurred(signs, 6))
    is_ground = (dy > 0) & ~is_wall
    across = dx * ground_z / eye * 0.085 / wide
    mirrored = displaced(scene.canvas, 0.006 * fractal(rng, 1.6, 10, 0.4), -2.0 * np.maximum(dy, 0) + 0.02 * fractal(rng, 1.8, 5, 3.0))
    wet = mix(mix(scene.ink, scene.ground, 0.2), blurred(mirrored, 1.2), 0.62)
    paint(scene.canvas, mix(wet, scene.haze, 0.7 * smoothstep(0.06, 0.0, dy)), is_ground.astype(np.float32))
    dashes = inside(np.abs(across) - 0.022, 0.02) * inside(np.abs((ground_z * 1.3) % 1 - 0.5) - 0.25, 0.1)
    paint(scene.canvas, scene.glow, 0.8 * dashes * is_ground)


def room(scene: Scene, main: bool) -> None:
    """A room lit by neon, whose window shows the sky that was painted before; a chair stands in it."""
    rng = scene.rng
    outside = scene.canvas.copy()
    cx, cy, half = 0.5 + 0.12 * (scene.x - 0.5), 0.46, rng.uniform(0.2, 0.25)
    dx, dy = X - cx, Y - cy
    reach = np.maximum(np.abs(dx) / half, np.abs(dy) / (half * 0.92))
    z = 1 / np.maximum(reach, 1.0)  # 1 on the back wall, smaller toward the viewer
    is_floor, is_back = (dy > 0) & (np.abs(dy) / 0.92 > np.abs(dx)), reach <= 1
    wall = np.broadcast_to(mix(scene.shadow, scene.ground, 0.55), scene.canvas.shape)
    scene.canvas[:] = mix(wall, scene.ink, np.clip(0.1 + 1.05 * (1 - z), 0, 1)) + 0.012 * fractal(rng, 1.6, 6)[..., None]
    tiles = np.minimum(np.abs((dx * z / half * 4) % 1 - 0.5), np.abs((5 / np.maximum(reach, 1)) % 1 - 0.5))
    paint(scene.canvas, mix(scene.ink, scene.ground, 0.5), 0.5 * is_floor * inside(tiles - 0.02, 0.04))
    kind, r = rng.integers(4), half * rng.uniform(0.5, 0.66)
    if kind != 2 and scene.chance(0.6):  # a window, with a frame
        wx, wy, ww, wh = cx - 0.35 * half * scene.side * -1, cy - 0.12, 0.42 * half, 0.42 * half
        frame = inside(box(wx, wy, ww + 0.012, wh + 0.012))
        paint(scene.canvas, mix(scene.ink, scene.ground, 0.4), frame)
        view = displaced(outside, (0.5 - wx) + (X - wx) * 0.9, (0.36 - wy) + (Y - wy) * 0.9)
        paint(scene.canvas, view, inside(box(wx, wy, ww, wh)))
        paint(scene.canvas, scene.ink, inside(np.minimum(np.abs(X - wx), np.abs(Y - wy)) - 0.003) * inside(box(wx, wy, ww, wh)))
    ny = cy - 0.22 * half
    if kind == 0:
        tube = np.abs(disc(cx, ny, r))
    elif kind == 1:
        corners = [(cx + r * np.cos(a), ny + 1.05 * r * np.sin(a)) for a in (-np.pi / 2, np.pi / 6, 5 * np.pi / 6)]
        tube = np.minimum.reduce([limb(*corners[i], *corners[i - 1], 0, 0) for i in range(3)])
    elif kind == 2:
        tube = np.abs(box(cx, cy, half * 0.86, half * 0.78, 0.01))
    else:
        tube = np.abs(box(cx, cy + 0.1, 0.55 * r, r + 0.1, 0.55 * r))
    pool = np.exp(-tube / (0.16 + 0.1 * scene.force))
    shine(scene.canvas, scene.accent, 0.75 * pool * (0.55 + 0.45 * z))
    if scene.chance(0.4):
        strip = np.minimum(limb(cx - half, cy - 0.92 * half, 0, cy - half * 0.92 * cx / half, 0, 0), limb(cx + half, cy - 0.92 * half, 1, cy - half * 0.92 * (1 - cx) / half, 0, 0))
        tube = np.minimum(tube, strip)
    shine(scene.canvas, scene.accent, 0.9 * np.exp(-tube / 0.022))
    paint(scene.canvas, mix(scene.glow, WHITE, 0.6), inside(tube - 0.006, 2.5 * PIXEL))
    floor_line = cy + 0.92 * half
    depth = np.maximum(Y - floor_line, 0)
    mirrored = blurred(displaced(scene.canvas, 0.004 * fractal(rng, 1.5, 10, 0.5), -2 * depth), 1.6)
    paint(scene.canvas, np.maximum(scene.canvas, mirrored * 0.8), is_floor * ~is_back * smoothstep(0.36, 0.0, depth))
    if main:
        _chair(scene, cx + 0.1 * (rng.random() - 0.5), floor_line + 0.2)


def _chair(scene: Scene, x: float, foot: float) -> None:
    """An armchair seen from the front, dark against the light."""
    s = 0.17
    back = inside(box(x, foot - 1.0 * s, 0.62 * s, 0.72 * s, 0.25 * s))
    arms = np.maximum(inside(box(x - 0.72 * s, foot - 0.5 * s, 0.2 * s, 0.42 * s, 0.16 * s)), inside(box(x + 0.72 * s, foot - 0.5 * s, 0.2 * s, 0.42 * s, 0.16 * s)))
    seat = inside(box(x, foot - 0.32 * s, 0.68 * s, 0.26 * s, 0.1 * s))
    legs = np.maximum(inside(box(x - 0.7 * s, foot, 0.04 * s, 0.1 * s)), inside(box(x + 0.7 * s, foot, 0.04 * s, 0.1 * s)))
    paint(scene.canvas, scene.ink, 0.6 * np.exp(-(((X - x) / (1.1 * s)) ** 2) - ((Y - foot - 0.06 * s) / (0.22 * s)) ** 2))
    body = mix(scene.ink, scene.accent, 0.22)
    dark_shape(scene, np.maximum(back, legs), 0.9, body)
    dark_shape(scene, arms, 0.9, mix(body, scene.accent, 0.1))
    paint(scene.canvas, mix(body, scene.accent, 0.25), seat * inside(foot - 0.4 * s - Y, 0.02))
    paint(scene.canvas, mix(body, BLACK, 0.3), seat * smoothstep(foot - 0.36 * s, foot - 0.28 * s, Y))


def wheel(scene: Scene, main: bool) -> None:
    """A fair's wheel on its legs, lamps along its rims, with tents below."""
    rng = scene.rng
    r = scene.between(0.28, 0.35) if main else scene.between(0.12, 0.17)
    foot = scene.horizon + (0.1 if main else 0.03)
    cx, cy = scene.x if main else float(rng.uniform(0.2, 0.8)), foot - 1.22 * r
    sheet, lamps, turn = Sheet(), [], rng.random() * 6
    steel = mix(scene.ink, scene.ground, 0.25)
    spokes = 16 if main else 10
    for i in range(spokes):
        a = turn + 2 * np.pi * i / spokes
        x, y = cx + r * np.cos(a), cy + r * np.sin(a)
        sheet.line([(cx, cy), (x, y)], steel, 0.0045 if main else 0.003)
        lamps.append((x, y))
        if main:
            sheet.fill([(x - 0.02, y + 0.012), (x + 0.02, y + 0.012), (x + 0.014, y + 0.045), (x - 0.014, y + 0.045)], mix(scene.ink, scene.accent, 0.35))
            sheet.line([(x - 0.021, y + 0.012), (x, y), (x + 0.021, y + 0.012)], steel, 0.004)
    for share, thick in ((1.0, 0.009), (0.86, 0.006), (0.2, 0.006)):
        rim = [(cx + share * r * np.cos(a), cy + share * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 73)]
        sheet.line(rim, steel, thick if main else thick * 0.6)
    for side in (-1, 1):
        sheet.line([(cx, cy), (cx + side * 0.55 * r, foot + 0.02)], steel, 0.018 if main else 0.009)
    sheet.dot(cx, cy, 0.06 * r, steel)
    if main:
        for x in np.linspace(0.02, 0.98, 7) + rng.normal(0, 0.02, 7):
            if abs(x - cx) > 0.55 * r:
                tall = rng.uniform(0.06, 0.1)
                sheet.fill([(x - 0.07, foot + 0.02), (x - 0.075, foot - 0.03), (x, foot - tall), (x + 0.075, foot - 0.03), (x + 0.07, foot + 0.02)], steel)
    colours, mask = sheet.layer()
    paint(scene.canvas, colours, mask)
    lights = Sheet()
    ring = [(cx + r * np.cos(a), cy + r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 49)] if main else []
    for x, y in [*lamps, *ring, (cx, cy)]:
        lights.dot(x, y, 0.0055 if main else 0.004, WHITE)
    _, bulbs = lights.layer()
    shine(scene.canvas, scene.accent, 2.2 * blurred(bulbs, 4))
    paint(scene.canvas, mix(scene.glow, WHITE, 0.4), bulbs)


def crowd(scene: Scene, main: bool) -> None:
    """A crowd from behind, arms raised, against the light of a stage."""
    rng = scene.rng
    if main:
        _beams(scene)
    rows = ((0.60, 0.024, 0.55), (0.68, 0.033, 0.3), (0.78, 0.047, 0.12), (0.92, 0.07, 0.0)) if main else ((0.9, 0.04, 0.15), (0.97, 0.055, 0.0))
    for base, r, air in rows:
        sheet = Sheet()
        colour = mix(scene.ink, scene.haze, air)
        x = -rng.random() * r
        while x < 1 + r:
            y, head = base + rng.normal(0, 0.25 * r), r * rng.uniform(0.85, 1.1)
            _person(sheet, rng, x, y, head, colour)
            x += r * rng.uniform(2.1, 3.0)
        sheet.fill([(0, base + 1.9 * r), (1, base + 1.9 * r), (1, 1), (0, 1)], colour)
        colours, mask = sheet.layer()
        paint(scene.canvas, colours, mask)
        moved = np.roll(mask, max(1, round(r * 45)), 0)
        shine(scene.canvas, mix(scene.accent, scene.glow, 0.5), (0.35 + 0.5 * (1 - air)) * np.clip(mask - moved, 0, 1) * np.exp(-(((X - scene.x) / 0.4) ** 2)))


def _person(sheet: Sheet, rng: np.random.Generator, x: float, y: float, r: float, colour: Canvas) -> None:
    around = [(x + 0.86 * r * np.cos(a), y + 1.08 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 20)]
    sheet.fill(around, colour)
    sheet.fill([(x - 0.4 * r, y), (x + 0.4 * r, y), (x + 0.5 * r, y + 1.3 * r), (x + 1.7 * r, y + 1.9 * r), (x + 2.0 * r, y + 4 * r), (x - 2.0 * r, y + 4 * r), (x - 1.7 * r, y + 1.9 * r), (x - 0.5 * r, y + 1.3 * r)], colour)
    if rng.random() < 0.33:
        side, lean = rng.choice((-1, 1)), rng.normal(0, 0.6)
        elbow, hand = (x + side * 2.1 * r, y + 0.3 * r), (x + side * (1.5 + lean) * r, y - 2.3 * r)
        sheet.line([(x + side * 1.4 * r, y + 2.2 * r), elbow, hand], colour, 0.62 * r)
        sheet.dot(*hand, 0.42 * r, colour)


def _beams(scene: Scene) -> None:
    """Beams of a stage that spread upward from lamps in a row."""
    rng = scene.rng
    glow_at(scene, scene.x, 0.56, 0.34, 0.9, scene.glow)
    for i in range(7):
        x0, y0, a = scene.x + (i - 3) * 0.12, 0.5, (i - 3) * 0.2 + rng.normal(0, 0.08)
        u = (X - x0) * np.cos(a) + (Y - y0) * np.sin(a)
        v = (y0 - Y) * np.cos(a) + (X - x0) * np.sin(a)
        beam = np.exp(-((u / (0.01 + 0.1 * np.maximum(v, 0))) ** 2)) * (v > 0) * np.exp(-np.maximum(v, 0) / 0.45)
        shine(scene.canvas, mix(scene.accent, scene.glow, 0.3), 0.6 * beam)
        glow_at(scene, x0, y0, 0.02, 1.0, WHITE)
    paint(scene.canvas, scene.haze, 0.3 * smoothstep(-0.5, 1.5, fractal(rng, 2.2, 2)) * smoothstep(0.2, 0.6, Y))
