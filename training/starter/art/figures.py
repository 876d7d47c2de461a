"""Paints figures without faces: somebody from behind, a marble bust, a hand, a stag, a snake."""

from itertools import pairwise

import numpy as np

from training.starter.art.scene import Scene, dark_shape, glow_at, shadow_below, solid
from training.starter.art.strokes import (
    WHITE,
    Sheet,
    X,
    Y,
    ellipse,
    fractal,
    inside,
    joined,
    limb,
    mix,
    paint,
    shine,
    smoothstep,
)


def silhouette(scene: Scene, main: bool) -> None:
    """Somebody in a hood from behind, before a great light, whose shadow falls toward the viewer."""
    tall = scene.between(0.44, 0.56) if main else scene.between(0.16, 0.22)
    x, foot = (scene.x, scene.horizon + 0.2) if main else (scene.x + scene.between(-0.12, 0.12), scene.horizon + 0.1)
    foot = min(foot, 0.93)
    u = tall
    if main:
        glow_at(scene, x, foot - 0.62 * u, 0.3, 0.8, mix(scene.accent, scene.glow, 0.5))
    top = foot - u
    stance = scene.between(0.05, 0.09) * u
    d = joined(
        [
            ellipse(x, top + 0.085 * u, 0.066 * u, 0.085 * u),
            limb(x, top + 0.15 * u, x, top + 0.22 * u, 0.05 * u, 0.08 * u),
            limb(x - 0.1 * u, top + 0.225 * u, x + 0.1 * u, top + 0.225 * u, 0.055 * u, 0.055 * u),
            limb(x, top + 0.26 * u, x, top + 0.52 * u, 0.115 * u, 0.085 * u),
            limb(x - 0.13 * u, top + 0.23 * u, x - 0.17 * u, top + 0.4 * u, 0.047 * u, 0.04 * u),
            limb(x - 0.17 * u, top + 0.4 * u, x - 0.155 * u, top + 0.55 * u, 0.04 * u, 0.03 * u),
            limb(x + 0.13 * u, top + 0.23 * u, x + 0.17 * u, top + 0.4 * u, 0.047 * u, 0.04 * u),
            limb(x + 0.17 * u, top + 0.4 * u, x + 0.155 * u, top + 0.55 * u, 0.04 * u, 0.03 * u),
            limb(x - 0.05 * u, top + 0.52 * u, x - stance, foot, 0.066 * u, 0.036 * u),
            limb(x + 0.05 * u, top + 0.52 * u, x + stance, foot, 0.066 * u, 0.036 * u),
        ],
        0.035 * u,
    )
    mask = inside(d)
    long = np.clip((Y - foot + 0.01) / (0.9 * u), 0, 1)
    wide = (0.09 + 0.16 * long) * u
    fall = np.exp(-(((X - x + long * 0.16 * scene.side) / wide) ** 4)) * (foot - 0.01 < Y) * (1 - long)
    paint(scene.canvas, scene.ink, 0.7 * fall)
    dark_shape(scene, mask, 0.95)


def statue(scene: Scene, main: bool) -> None:
    """A marble bust without a face: smooth head, neck and shoulders, broken off at the chest."""
    rng = scene.rng
    s = scene.between(0.36, 0.44) if main else scene.between(0.16, 0.2)
    x, y, turn = scene.x, scene.y + (0.06 if main else 0.12), 0.05 * scene.side
    marble = mix(scene.body, WHITE, 0.3)
    veins = np.exp(-((fractal(rng, 2.0, 3) / 0.09) ** 2))
    chest = joined(
        [
            ellipse(x, y + 0.92 * s, 0.82 * s, 0.42 * s),
            limb(x - 0.42 * s, y + 0.66 * s, x + 0.42 * s, y + 0.66 * s, 0.24 * s, 0.24 * s),
            limb(x, y + 0.2 * s, x - turn * s, y + 0.62 * s, 0.185 * s, 0.25 * s),
        ],
        0.16 * s,
    )
    cut = y + 1.02 * s - 0.12 * s * np.cos((X - x) / s * 2.4) + 0.025 * s * fractal(rng, 2.0, 6)
    chest = np.maximum(chest, Y - cut)
    folds = (
        0.006 * np.sin((Y - y) / s * 34 + (X - x) ** 2 / s / s * 20 * scene.side) * smoothstep(0.55, 0.75, (Y - y) / s)
    )
    solid(scene, chest, 0.3 * s, marble, gloss=0.3, relief=folds * s)
    head = joined(
        [
            ellipse(x, y - 0.24 * s, 0.33 * s, 0.38 * s),
            ellipse(x + 0.03 * s * scene.side, y + 0.02 * s, 0.235 * s, 0.25 * s),
        ],
        0.14 * s,
    )
    paint(scene.canvas, scene.ink, 0.55 * inside(np.hypot((X - x) / 0.26, (Y - y - 0.3 * s) / 0.15) * 1 - s, 0.12 * s))
    nose = (
        0.1 * s * np.exp(-(((X - x - 0.1 * s * scene.side) / (0.055 * s)) ** 2) - ((Y - y + 0.1 * s) / (0.17 * s)) ** 2)
    )
    brow = 0.06 * s * np.exp(-(((Y - y + 0.2 * s) / (0.05 * s)) ** 2) - ((X - x) / (0.24 * s)) ** 2)
    mask = solid(scene, head, 0.32 * s, marble, gloss=0.35, relief=nose + brow)
    both = np.maximum(mask, inside(chest))
    paint(scene.canvas, mix(scene.shadow, scene.middle, 0.5), 0.22 * veins * both)
    if scene.chance(0.45):  # a piece has broken off
        bite = X * 0.8 * -scene.side + Y - (x * 0.8 * -scene.side + y - 0.42 * s) + 0.05 * s * fractal(rng, 1.7, 5)
        paint(scene.canvas, mix(scene.ink, scene.accent, 0.35), mask * inside(bite))
        paint(scene.canvas, scene.glow, 0.8 * mask * inside(np.abs(bite) - 0.012 * s))


def hand(scene: Scene, main: bool) -> None:
    """A hand that reaches up, its fingers spread."""
    s = scene.between(0.52, 0.62) if main else scene.between(0.24, 0.3)
    x, wrist = scene.x, (scene.y + 0.36 if main else 0.84)
    lean, out = scene.between(-0.12, 0.12), -scene.side
    shapes = [
        limb(x + lean * -0.5, 1.15, x, wrist, 0.115 * s, 0.098 * s),
        limb(x - 0.06 * s, wrist - 0.16 * s, x + 0.07 * s, wrist - 0.16 * s, 0.12 * s, 0.115 * s),
        limb(x - 0.06 * s, wrist - 0.3 * s, x + 0.08 * s, wrist - 0.29 * s, 0.082 * s, 0.075 * s),
    ]
    spread = scene.between(0.8, 1.2)
    fingers = (
        (-0.115, 0.3, -0.34, 0.9),
        (-0.035, 0.345, -0.1, 1.04),
        (0.05, 0.335, 0.1, 0.98),
        (0.125, 0.28, 0.34, 0.78),
    )
    for root, up, angle, long in fingers:
        a = angle * spread + lean
        bx, by = x + root * s * out, wrist - up * s
        for k, (length, r) in enumerate(((0.17, 0.056), (0.125, 0.05), (0.095, 0.042))):
            bend = a * (1 + 0.18 * k)
            ex, ey = bx + np.sin(bend) * out * length * long * s, by - np.cos(bend) * length * long * s
            shapes.append(limb(bx, by, ex, ey, r * s, (r - 0.007) * s))
            bx, by = ex, ey
    tx, ty = x - 0.15 * s * out, wrist - 0.1 * s
    mx, my = tx - 0.14 * s * out, ty - 0.13 * s
    shapes += [
        limb(tx + 0.06 * s * out, ty + 0.02 * s, mx, my, 0.066 * s, 0.05 * s),
        limb(mx, my, mx - 0.055 * s * out, my - 0.15 * s, 0.048 * s, 0.036 * s),
    ]
    d = joined(shapes, 0.03 * s)
    solid(scene, d, 0.07 * s, mix(scene.body, scene.accent, 0.3), gloss=0.3)


def stag(scene: Scene, main: bool) -> None:
    """A stag's head from the front, dark, with wide antlers against the light."""
    s = scene.between(0.4, 0.48) if main else scene.between(0.18, 0.22)
    x, y = scene.x, scene.y + (0.16 if main else 0.12)
    glow_at(scene, x, y - 0.45 * s, 0.62 * s, 0.75)
    u = x + np.abs(X - x)  # both halves alike
    beam = [(0.1, -0.2), (0.26, -0.42), (0.5, -0.62), (0.58, -0.95), (0.46, -1.22)]
    tines = [
        ((0.2, -0.36), (0.13, -0.62)),
        ((0.4, -0.55), (0.3, -0.9)),
        ((0.55, -0.75), (0.72, -0.98)),
        ((0.57, -0.98), (0.4, -1.02)),
    ]
    antlers = [
        limb(
            x + a[0] * s,
            y + a[1] * s,
            x + b[0] * s,
            y + b[1] * s,
            0.036 * s * (1 - 0.16 * i),
            0.032 * s * (1 - 0.18 * i),
            u,
        )
        for i, (a, b) in enumerate(pairwise(beam))
    ]
    antlers += [limb(x + a[0] * s, y + a[1] * s, x + b[0] * s, y + b[1] * s, 0.028 * s, 0.01 * s, u) for a, b in tines]
    solid(scene, joined(antlers, 0.02 * s), 0.03 * s, mix(scene.body, scene.middle, 0.35), gloss=0.1)
    ears = limb(x + 0.14 * s, y - 0.1 * s, x + 0.42 * s, y - 0.2 * s, 0.06 * s, 0.02 * s, u)
    head = joined(
        [
            limb(x, y - 0.1 * s, x, y + 0.42 * s, 0.17 * s, 0.085 * s, u),
            limb(x + 0.05 * s, y - 0.08 * s, x + 0.06 * s, y + 0.05 * s, 0.14 * s, 0.1 * s, u),
            limb(x, y + 0.3 * s, x, y + 1.3 * s, 0.16 * s, 0.5 * s, u),
            ears,
        ],
        0.09 * s,
    )
    fur = 0.004 * s * fractal(scene.rng, 1.8, 10, 2.0)
    muzzle = 0.12 * s * np.exp(-(((X - x) / (0.09 * s)) ** 2) - ((Y - y - 0.36 * s) / (0.3 * s)) ** 2)
    solid(scene, head, 0.2 * s, mix(scene.middle, scene.ground, 0.35), gloss=0.05, relief=fur + muzzle)
    nose = inside(ellipse(x, y + 0.47 * s, 0.06 * s, 0.04 * s))
    paint(scene.canvas, scene.ink, 0.9 * nose)
    for eye in (-1, 1):
        at = x + eye * 0.125 * s
        paint(scene.canvas, scene.ink, inside(ellipse(at, y + 0.02 * s, 0.035 * s, 0.028 * s)))
        shine(
            scene.canvas,
            WHITE,
            0.8 * inside(ellipse(at + 0.01 * s * scene.side, y + 0.012 * s, 0.009 * s, 0.009 * s), 0.01),
        )


def snake(scene: Scene, main: bool) -> None:
    """A coiled snake whose scales gleam, its head raised."""
    rng = scene.rng
    s = scene.between(0.3, 0.36) if main else scene.between(0.13, 0.16)
    cx, cy, flip = scene.x, scene.y + (0.18 if main else 0.2), scene.side
    turns = np.linspace(0, 2 * np.pi * 2.55, 300)
    grow = turns / turns[-1]
    wide = s * (0.35 + 0.72 * (1 - grow))
    path = np.stack(
        [cx + flip * wide * np.cos(turns + 0.4), cy + 0.1 * s + 0.34 * wide * np.sin(turns + 0.4) - 0.42 * s * grow],
        axis=1,
    )
    start = path[-1]
    neck_t = np.linspace(0, 1, 46)[1:, None]
    bend = np.array([[flip * 0.34 * s, -0.28 * s], [flip * -0.3 * s, -0.62 * s], [flip * 0.12 * s, -0.98 * s]])
    p0, p1, p2, p3 = start, start + bend[0], start + bend[1], np.array([cx, start[1]]) + bend[2]
    neck = (
        (1 - neck_t) ** 3 * p0
        + 3 * (1 - neck_t) ** 2 * neck_t * p1
        + 3 * (1 - neck_t) * neck_t**2 * p2
        + neck_t**3 * p3
    )
    path = np.concatenate([path, neck])
    along = np.linspace(0, 1, len(path))
    thick = s * (
        0.04 + 0.105 * np.sin(np.clip(along * 1.35, 0, 1) * np.pi / 2) - 0.03 * np.clip((along - 0.8) / 0.2, 0, 1)
    )
    sheet = Sheet()
    dark, light = mix(scene.ink, scene.middle, 0.25), mix(scene.body, scene.accent, 0.3)
    pattern = rng.uniform(0.5, 0.8)
    for i, ((x, y), r) in enumerate(zip(path, thick, strict=True)):
        band = 0.5 + 0.5 * np.sin(i * pattern * (0.5 if i < 300 else 1.0))
        mid = mix(mix(scene.middle, scene.accent, 0.55), scene.ground, 0.75 * (band > 0.6))
        for share, colour in (
            (1.0, scene.ink),
            (0.88, mix(dark, mid, 0.5)),
            (0.66, mid),
            (0.36, mix(mid, light, 0.55)),
            (0.14, mix(mid, light, 0.9)),
        ):
            off = r * (1 - share) * 0.62
            sheet.dot(x + off * scene.side * 0.75, y - off, r * share, colour)
    colours, mask = sheet.layer()
    paint(
        scene.canvas,
        scene.ink,
        0.55 * np.exp(-(((X - cx) / (1.15 * s)) ** 2) - ((Y - cy - 0.45 * s) / (0.22 * s)) ** 2),
    )
    shadow_below(scene, mask, cy + 0.45 * s, 0.1, 0.4)
    paint(scene.canvas, colours, mask)
    hx, hy = path[-1]
    head = joined(
        [ellipse(hx, hy, 0.17 * s, 0.13 * s), limb(hx, hy, hx - flip * 0.2 * s, hy + 0.05 * s, 0.11 * s, 0.07 * s)],
        0.06 * s,
    )
    solid(scene, head, 0.09 * s, mix(scene.accent, scene.middle, 0.25), gloss=0.6)
    paint(
        scene.canvas,
        mix(scene.glow, WHITE, 0.5),
        inside(ellipse(hx - flip * 0.06 * s, hy - 0.03 * s, 0.028 * s, 0.028 * s)),
    )
    paint(scene.canvas, scene.ink, inside(ellipse(hx - flip * 0.062 * s, hy - 0.03 * s, 0.008 * s, 0.026 * s)))
    tongue = np.minimum(
        limb(hx - flip * 0.25 * s, hy + 0.06 * s, hx - flip * 0.4 * s, hy + 0.1 * s, 0.008 * s, 0.007 * s),
        limb(hx - flip * 0.38 * s, hy + 0.095 * s, hx - flip * 0.46 * s, hy + 0.07 * s, 0.006 * s, 0.004 * s),
    )
    paint(scene.canvas, mix(scene.accent, WHITE, 0.2), inside(tongue))
