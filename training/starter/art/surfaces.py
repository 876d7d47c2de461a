"""Paints what mirrors: liquid chrome, and broken glass."""

import numpy as np
from scipy.spatial import cKDTree

from training.starter.art.scene import Scene, glow_at, normals, shadow_below
from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    WHITE,
    X,
    Y,
    blurred,
    depth_of,
    displaced,
    ellipse,
    fractal,
    gradient,
    inside,
    joined,
    mix,
    paint,
    shine,
    smoothstep,
)


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
    mirror = [
        scene.ink,
        mix(scene.ground, scene.ink, 0.3),
        mix(scene.middle, scene.accent, 0.4),
        scene.glow,
        scene.ink,
        scene.ground,
        mix(scene.accent, scene.glow, 0.4),
        mix(scene.glow, WHITE, 0.7),
        WHITE,
        mix(scene.accent, scene.ground, 0.3),
    ]
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
    facing = gradient(
        np.clip(tilt + 0.25 * (X - Y) * scene.side, 0, 1),
        [scene.ink, scene.ground, scene.accent, mix(scene.glow, WHITE, 0.4)],
    )
    paint(moved, facing, (0.45 if main else 0.25) * (tilt > 0.35))
    reach = (
        smoothstep(0.62, 0.42, np.hypot(X - scene.x, Y - scene.y)) if not main else np.ones((SIZE, SIZE), np.float32)
    )
    paint(scene.canvas, moved, reach)
    paint(scene.canvas, scene.ink, 0.55 * reach * inside(edge - 0.007))
    paint(scene.canvas, mix(scene.glow, WHITE, 0.6), reach * inside(edge - 0.0028, 2 * PIXEL))
    if main:
        hole = inside(ellipse(scene.x, scene.y, 0.045, 0.04) + 0.02 * fractal(rng, 1.6, 8) * 0.5)
        paint(scene.canvas, scene.ink, hole)
