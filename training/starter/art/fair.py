"""Paints a fair's wheel, and a crowd before a stage."""

import numpy as np

from training.starter.art.scene import Scene, glow_at
from training.starter.art.strokes import (
    WHITE,
    Canvas,
    Sheet,
    X,
    Y,
    blurred,
    fractal,
    mix,
    paint,
    shine,
    smoothstep,
)


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
            sheet.fill(
                [(x - 0.02, y + 0.012), (x + 0.02, y + 0.012), (x + 0.014, y + 0.045), (x - 0.014, y + 0.045)],
                mix(scene.ink, scene.accent, 0.35),
            )
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
                sheet.fill(
                    [
                        (x - 0.07, foot + 0.02),
                        (x - 0.075, foot - 0.03),
                        (x, foot - tall),
                        (x + 0.075, foot - 0.03),
                        (x + 0.07, foot + 0.02),
                    ],
                    steel,
                )
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
    rows = (
        ((0.60, 0.024, 0.55), (0.68, 0.033, 0.3), (0.78, 0.047, 0.12), (0.92, 0.07, 0.0))
        if main
        else ((0.9, 0.04, 0.15), (0.97, 0.055, 0.0))
    )
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
        shine(
            scene.canvas,
            mix(scene.accent, scene.glow, 0.5),
            (0.35 + 0.5 * (1 - air)) * np.clip(mask - moved, 0, 1) * np.exp(-(((X - scene.x) / 0.4) ** 2)),
        )


def _person(sheet: Sheet, rng: np.random.Generator, x: float, y: float, r: float, colour: Canvas) -> None:
    around = [(x + 0.86 * r * np.cos(a), y + 1.08 * r * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 20)]
    sheet.fill(around, colour)
    sheet.fill(
        [
            (x - 0.4 * r, y),
            (x + 0.4 * r, y),
            (x + 0.5 * r, y + 1.3 * r),
            (x + 1.7 * r, y + 1.9 * r),
            (x + 2.0 * r, y + 4 * r),
            (x - 2.0 * r, y + 4 * r),
            (x - 1.7 * r, y + 1.9 * r),
            (x - 0.5 * r, y + 1.3 * r),
        ],
        colour,
    )
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
