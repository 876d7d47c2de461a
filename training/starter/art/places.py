"""Paints what people built: a city from afar or from a street, and a neon room."""

import numpy as np

from training.starter.art.scene import Scene, dark_shape, glow_at
from training.starter.art.strokes import (
    BLACK,
    PIXEL,
    SIZE,
    WHITE,
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
            tall = (0.08 + (0.16 + 0.16 * scene.force) * rng.random() + 0.3 * rise * rng.random()) * (
                1.15 if main else 0.5
            )
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
        shade = mix(
            np.broadcast_to(wall, scene.canvas.shape),
            scene.haze,
            0.55 * smoothstep(foot - 0.25, foot, Y) * (1 - 0.5 * near),
        )
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
    mirrored = displaced(
        scene.canvas, 0.006 * fractal(rng, 1.6, 10, 0.4), -2.0 * np.maximum(dy, 0) + 0.02 * fractal(rng, 1.8, 5, 3.0)
    )
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
    scene.canvas[:] = (
        mix(wall, scene.ink, np.clip(0.1 + 1.05 * (1 - z), 0, 1)) + 0.012 * fractal(rng, 1.6, 6)[..., None]
    )
    tiles = np.minimum(np.abs((dx * z / half * 4) % 1 - 0.5), np.abs((5 / np.maximum(reach, 1)) % 1 - 0.5))
    paint(scene.canvas, mix(scene.ink, scene.ground, 0.5), 0.5 * is_floor * inside(tiles - 0.02, 0.04))
    kind, r = rng.integers(4), half * rng.uniform(0.5, 0.66)
    if kind != 2 and scene.chance(0.6):  # a window, with a frame
        wx, wy, ww, wh = cx - 0.35 * half * scene.side * -1, cy - 0.12, 0.42 * half, 0.42 * half
        frame = inside(box(wx, wy, ww + 0.012, wh + 0.012))
        paint(scene.canvas, mix(scene.ink, scene.ground, 0.4), frame)
        view = displaced(outside, (0.5 - wx) + (X - wx) * 0.9, (0.36 - wy) + (Y - wy) * 0.9)
        paint(scene.canvas, view, inside(box(wx, wy, ww, wh)))
        paint(
            scene.canvas,
            scene.ink,
            inside(np.minimum(np.abs(X - wx), np.abs(Y - wy)) - 0.003) * inside(box(wx, wy, ww, wh)),
        )
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
        strip = np.minimum(
            limb(cx - half, cy - 0.92 * half, 0, cy - half * 0.92 * cx / half, 0, 0),
            limb(cx + half, cy - 0.92 * half, 1, cy - half * 0.92 * (1 - cx) / half, 0, 0),
        )
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
    arms = np.maximum(
        inside(box(x - 0.72 * s, foot - 0.5 * s, 0.2 * s, 0.42 * s, 0.16 * s)),
        inside(box(x + 0.72 * s, foot - 0.5 * s, 0.2 * s, 0.42 * s, 0.16 * s)),
    )
    seat = inside(box(x, foot - 0.32 * s, 0.68 * s, 0.26 * s, 0.1 * s))
    legs = np.maximum(
        inside(box(x - 0.7 * s, foot, 0.04 * s, 0.1 * s)), inside(box(x + 0.7 * s, foot, 0.04 * s, 0.1 * s))
    )
    paint(
        scene.canvas, scene.ink, 0.6 * np.exp(-(((X - x) / (1.1 * s)) ** 2) - ((Y - foot - 0.06 * s) / (0.22 * s)) ** 2)
    )
    body = mix(scene.ink, scene.accent, 0.22)
    dark_shape(scene, np.maximum(back, legs), 0.9, body)
    dark_shape(scene, arms, 0.9, mix(body, scene.accent, 0.1))
    paint(scene.canvas, mix(body, scene.accent, 0.25), seat * inside(foot - 0.4 * s - Y, 0.02))
    paint(scene.canvas, mix(body, BLACK, 0.3), seat * smoothstep(foot - 0.36 * s, foot - 0.28 * s, Y))
