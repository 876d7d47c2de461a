"""Paints plants: a flower in bloom, and palms."""

import numpy as np

from training.starter.art.scene import Scene, dark_shape, shadow_below
from training.starter.art.strokes import (
    Sheet,
    X,
    Y,
    mix,
    paint,
    placed,
    shine,
    smooth_outline,
)


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
        _petal(
            sheet,
            x,
            y,
            a,
            1.32 * s,
            0.3 * s,
            mix(leaf, scene.ink, 0.5),
            mix(leaf, scene.middle, 0.45),
            scene.side,
            0.35,
        )
    rose = scene.chance(0.6)
    if rose:
        for ring in range(6):
            out, count = s * (1.0 - 0.155 * ring), max(3, 7 - ring)
            for a in np.linspace(0, 2 * np.pi, count, endpoint=False) + ring * 2.4 + rng.normal(0, 0.12, count):
                _petal(
                    sheet,
                    x,
                    y,
                    a,
                    out,
                    0.62 * out,
                    mix(deep, scene.ink, 0.12 * ring),
                    mix(petal, deep, 0.07 * ring),
                    scene.side,
                    1.0,
                )
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
    sheet: Sheet,
    x: float,
    y: float,
    angle: float,
    long: float,
    wide: float,
    deep: np.ndarray,
    light: np.ndarray,
    side: int,
    blunt: float,
) -> None:
    """A petal from (x, y) outward, dark at its root and edge and light at its turned-over tip."""
    tip = 0.75 + 0.25 * blunt
    facing = 0.5 + 0.5 * np.cos(angle - (-0.9 if side > 0 else np.pi + 0.9))
    light = mix(mix(light, deep, 0.4), light, facing)
    for share, tone in ((1.0, 0.05), (0.975, 0.95), (0.9, 0.78), (0.78, 0.6), (0.62, 0.4), (0.45, 0.2)):
        w = wide * (0.35 + 0.65 * share)
        points = [
            (0, 0),
            (0.35 * long * share, 0.72 * w),
            (0.72 * long * share, w),
            (0.97 * tip * long * share, 0.6 * w * blunt),
            (long * share, 0),
            (0.97 * tip * long * share, -0.6 * w * blunt),
            (0.72 * long * share, -w),
            (0.35 * long * share, -0.72 * w),
        ]
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
    _, mask = sheet.layer()
    dark_shape(scene, mask, 0.35, cut=False)


def _frond(
    sheet: Sheet, rng: np.random.Generator, x: float, y: float, angle: float, long: float, colour: np.ndarray
) -> None:
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
