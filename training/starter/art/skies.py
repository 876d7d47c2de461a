"""Paints the sky and what is in it: moon, sun, planet, stars, clouds, a halo, and the air: smoke, flames."""

import numpy as np

from training.starter.art.scene import Scene, glow_at, normals
from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    WHITE,
    X,
    Y,
    blurred,
    disc,
    displaced,
    fractal,
    gradient,
    inside,
    mix,
    paint,
    ridge,
    shine,
    smoothstep,
)


def sky(scene: Scene) -> None:
    """Fills the canvas: light at the horizon, lit from one point behind the subject, or nearly one colour."""
    rng, kind = scene.rng, scene.rng.random()
    uneven = 0.035 * fractal(rng, 2.2, 1.5, 0.4)
    if kind < 0.5:  # dusk
        t = np.clip(Y / (scene.horizon + 0.05), 0, 1.15) ** (0.9 if scene.bright else 1.9)
        t = t - 0.18 * (X - 0.5) * -scene.side
    elif kind < 0.85:  # a spot
        near = np.hypot(X - scene.x - 0.12 * scene.side, (Y - scene.y) * 1.05)
        t = np.exp(-((near / rng.uniform(0.34, 0.5)) ** 2)) * (0.95 if scene.bright else 0.8)
    else:  # one colour
        t = (0.62 if scene.bright else 0.33) + 0.25 * (Y - 0.5) - 0.2 * (X - 0.5) * -scene.side
    low, high = (0.26, 0.86) if scene.bright else (0.03, 0.8)
    scene.canvas[:] = gradient(low + (high - low) * np.clip(t + uneven, 0, 1), scene.ramp)


def stars(scene: Scene, main: bool) -> None:
    """Stars of all sizes, and a milky way with dark lanes when they are the main thing."""
    rng = scene.rng
    tilt, at = rng.uniform(-0.9, 0.9), rng.uniform(0.3, 0.55)
    paint(scene.canvas, mix(scene.shadow, scene.ground, 0.3), (0.75 if main else 0.45) * smoothstep(1.0, 0.3, Y))
    if main:
        across = (Y - at + tilt * (X - 0.5)) / 0.2 + 0.25 * fractal(rng, 2.2, 2)
        band = np.exp(-(across**2))
        dust = smoothstep(-0.6, 1.0, fractal(rng, 1.9, 3) - 1.2 * np.exp(-((across / 0.35) ** 2)))
        shine(scene.canvas, mix(scene.accent, scene.glow, 0.2), 0.75 * band * dust)
        shine(scene.canvas, scene.glow, 0.5 * np.exp(-((across / 0.6) ** 2)) * dust**2)
    field = np.zeros((SIZE, SIZE), np.float32)
    for size, count in ((0.7, 160 if main else 70), (1.2, 26 if main else 10)):
        for x, y, power in zip(rng.random(count), rng.random(count) ** 1.3, rng.uniform(0.35, 1, count), strict=True):
            _star(field, x, y * (0.95 if main else scene.horizon), size * (0.6 + 0.8 * power), power)
    for _ in range(4 if main else 1):
        _star(field, rng.random(), rng.random() * 0.55, 1.8, 1.0, flare=True)
    shine(scene.canvas, mix(scene.glow, WHITE, 0.6), field)


def _star(field: np.ndarray, x: float, y: float, size: float, power: float, flare: bool = False) -> None:
    reach = int(9 * size) if flare else int(3 * size) + 1
    cx, cy = x * SIZE, y * SIZE
    x0, y0 = max(int(cx) - reach, 0), max(int(cy) - reach, 0)
    part = field[y0 : int(cy) + reach + 1, x0 : int(cx) + reach + 1]
    if not part.size:
        return
    dy, dx = np.mgrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]].astype(np.float32)
    dy, dx = dy - cy, dx - cx
    light = power * np.exp(-(dx * dx + dy * dy) / (size * size))
    if flare:
        light += np.exp(-np.abs(dx) / 3.2 - np.abs(dy) * 1.6) + np.exp(-np.abs(dy) / 3.2 - np.abs(dx) * 1.6)
    np.maximum(part, light, out=part)


def sphere(scene: Scene, cx: float, cy: float, r: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns the mask of a sphere, how much light falls on each point of it, and the x and y of its surface."""
    u, v = (X - cx) / r, (Y - cy) / r
    z = np.sqrt(np.maximum(1 - u * u - v * v, 0))
    light = np.clip(u * 0.75 * scene.side - v * 0.35 + z * 0.5, 0, 1)
    return inside(disc(cx, cy, r)), light, u, v


def _in_sky(scene: Scene, main: bool, large: tuple[float, float], small: tuple[float, float]) -> tuple[float, ...]:
    """Returns place and radius of something round in the sky: at the subject's place, or off it and smaller."""
    if main:
        return scene.x, scene.y, scene.between(*large)
    r = scene.between(*small)
    x = scene.x + scene.side * scene.between(0.1, 0.3) if scene.chance(0.75) else scene.x
    return float(np.clip(x, 0.16, 0.84)), float(np.clip(scene.y - scene.between(0.08, 0.22), 0.15, 0.5)), r


def moon(scene: Scene, main: bool) -> None:
    """A moon with seas and craters, full or waning, in its own light."""
    rng = scene.rng
    cx, cy, r = _in_sky(scene, main, (0.22, 0.34), (0.09, 0.16))
    d = disc(cx, cy, r)
    shine(scene.canvas, mix(scene.accent, scene.glow, 0.4), 0.6 * np.exp(-np.maximum(d, 0) / (0.4 * r)))
    mask, light, u, v = sphere(scene, cx, cy, r)
    seas = smoothstep(0.0, 1.0, fractal(rng, 2.1, 3)) * 0.55
    rough = 0.006 * fractal(rng, 2.3, 10)
    for _ in range(9):
        a, far, size = rng.random() * 6.3, rng.random() ** 0.5 * 0.85, rng.uniform(0.05, 0.16)
        at = np.hypot(u - far * np.cos(a), v - far * np.sin(a)) / size
        rough += 0.16 * size * (np.exp(-(((at - 1) / 0.3) ** 2)) - 0.9 * smoothstep(1.0, 0.7, at))
    nx, ny, _ = normals(blurred(rough * r, 0.8))
    full = rng.random() < 0.6
    light = np.clip((0.72 + 0.35 * light if full else 1.25 * light) + 0.9 * (nx * scene.side - ny), 0.03, 1)
    face = mix(mix(scene.glow, WHITE, 0.45), mix(scene.middle, scene.accent, 0.35), seas)
    paint(scene.canvas, mix(mix(scene.shadow, scene.ground, 0.4), face, light), mask)


def sun(scene: Scene, main: bool) -> None:
    """A low sun, at times cut by bars as posters cut it."""
    cx, cy, r = _in_sky(scene, main, (0.22, 0.33), (0.11, 0.17))
    cy = min(cy, scene.horizon - 0.35 * r) if main else scene.horizon - scene.between(0.2, 0.9) * r
    d = disc(cx, cy, r)
    shine(scene.canvas, scene.accent, 0.7 * np.exp(-np.maximum(d, 0) / (0.55 * r)))
    down = np.clip((Y - cy + r) / (2 * r), 0, 1)
    face = gradient(down, [mix(scene.glow, WHITE, 0.5), scene.glow, mix(scene.accent, scene.glow, 0.15)])
    alpha = inside(d)
    if scene.chance(0.5):
        rows = (Y - cy) / r
        bars = smoothstep(-0.06, 0.06, np.sin(rows * 16) * 0.3 + 0.3 - 0.55 * np.clip(rows, 0, 1))
        alpha = alpha * np.where(rows > 0, bars, 1.0)
    paint(scene.canvas, face, alpha)


def planet(scene: Scene, main: bool) -> None:
    """A banded planet with a tilted ring, half of it behind, its shadow on both."""
    rng = scene.rng
    cx, cy, r = _in_sky(scene, main, (0.17, 0.25), (0.07, 0.12))
    tilt, flat = rng.uniform(-0.5, 0.5), rng.uniform(0.18, 0.34)
    u = (X - cx) * np.cos(tilt) + (Y - cy) * np.sin(tilt)
    v = -(X - cx) * np.sin(tilt) + (Y - cy) * np.cos(tilt)
    around = np.hypot(u, v / flat) / r
    ring = smoothstep(1.3, 1.36, around) * smoothstep(2.15, 2.05, around) * (0.72 + 0.28 * np.sin(around * 34))
    ring *= 1 - 0.8 * np.exp(-(((around - 1.78) / 0.035) ** 2))
    colour = mix(scene.accent, scene.glow, 0.45)
    behind = ring * (v < 0)
    paint(scene.canvas, colour, 0.9 * behind)
    shine(scene.canvas, scene.accent, 0.4 * np.exp(-np.maximum(disc(cx, cy, r), 0) / (0.4 * r)))
    mask, light, _, _ = sphere(scene, cx, cy, r)
    swirl = v / r * rng.uniform(6, 11) + 0.45 * fractal(rng, 2.2, 2, 0.4)
    bands = 0.5 + 0.5 * np.sin(swirl) * np.cos(0.6 * swirl + 1)
    face = gradient(
        bands, [mix(scene.middle, scene.accent, 0.4), scene.accent, mix(scene.glow, scene.accent, 0.3), scene.glow]
    )
    paint(scene.canvas, mix(mix(scene.shadow, scene.ground, 0.3), face, np.clip(1.25 * light, 0.04, 1)), mask)
    paint(scene.canvas, scene.ink, 0.5 * mask * np.exp(-(((v / r - 0.12) / 0.07) ** 2)))
    paint(scene.canvas, colour, 0.95 * ring * (v >= 0))


def halo(scene: Scene, main: bool) -> None:
    """A ring of light, with rays when it is the main thing."""
    cx, cy = (scene.x, scene.y) if main else (scene.x, scene.y - 0.1)
    r = scene.between(0.2, 0.3) if main else scene.between(0.17, 0.25)
    d = np.abs(disc(cx, cy, r))
    if main or scene.chance(0.4):
        angle = np.arctan2(Y - cy, X - cx)
        rays = smoothstep(-0.1, 1, np.sin(angle * scene.rng.integers(9, 18) + scene.between(0, 6)))
        out = disc(cx, cy, r)
        shine(scene.canvas, scene.glow, 0.4 * rays * (out > 0) * np.exp(-np.maximum(out, 0) / 0.28))
        shine(scene.canvas, scene.accent, 0.5 * np.exp(-((out + r) ** 2) / (1.4 * r * r)))
    shine(scene.canvas, scene.accent, 0.9 * np.exp(-d / 0.05))
    paint(scene.canvas, mix(scene.glow, WHITE, 0.6), inside(d - 0.009 - 0.006 * main, 3 * PIXEL))


def clouds(scene: Scene, main: bool) -> None:
    """Banks of heaped cloud, lit from the light's side."""
    rng = scene.rng
    for bank in range(3 if main else 2):
        base = (scene.y + 0.16 * (bank - 0.7)) if main else scene.horizon - 0.16 + 0.1 * bank
        heap = 0.25 + 0.8 * np.abs(fractal(rng, 2.1, 3, 0.7)) + 0.3 * ridge(rng, 3, 0.6)[None]
        reach = (0.2 if main else 0.11) * (0.8 + 0.4 * scene.force)
        density = heap - ((Y - base) / reach) * np.where(base > Y, -1.0, 0.9) - 0.1
        nx, ny, _ = normals(0.05 * blurred(np.clip(density, -0.3, 1.9), 1.4))
        light = np.clip(0.48 + 0.8 * (nx * 0.8 * scene.side + ny * -0.75), 0, 1) * smoothstep(
            -1.3, 0.5, -(Y - base) / reach
        )
        body = gradient(
            light,
            [mix(scene.ground, scene.middle, 0.5), scene.haze, scene.accent, scene.glow, mix(scene.glow, WHITE, 0.5)],
        )
        paint(scene.canvas, body, 0.96 * smoothstep(-0.12, 0.3, density))


def smoke(scene: Scene, main: bool) -> None:
    """Smoke: a coloured plume that rises and spreads, or wisps that drift in front of the ground."""
    rng = scene.rng
    warp = 0.045 * (1 + 0.5 * scene.force)
    base = fractal(rng, 2.3, 2)
    noise = displaced(fractal(rng, 2.0, 2.5), warp * base, warp * np.roll(base, 77, 1))
    if main:
        rise = np.clip((0.98 - Y) / 0.9, 0, 1)
        sway = (
            0.1 * np.sin(rise * rng.uniform(3, 6) + rng.random() * 6) * rise + 0.05 * ridge(rng, 3, 0.6)[:, None] * rise
        )
        wide = 0.08 + 0.3 * rise**1.2
        where = np.exp(-(((X - scene.x - sway) / wide) ** 2)) * smoothstep(0.0, 0.12, Y)
        density = smoothstep(0.0, 1.25, 1.7 * where + 0.3 * noise - 0.35)
    else:
        where = np.exp(-(((Y - scene.horizon - 0.12 + 0.06 * ridge(rng, 2, 0.5)[None]) / 0.17) ** 2))
        density = 0.62 * (1 - 0.7 * scene.cut) * smoothstep(-0.1, 1.8, 1.3 * where + 0.45 * noise - 0.3)
    nx, ny, _ = normals(blurred(0.035 * noise + 0.1 * density, 4.0))
    light = np.clip(0.4 + 0.75 * nx * scene.side - 0.45 * ny, 0, 1)
    back = np.clip(-0.8 * nx * scene.side - 0.1, 0, 1)
    body = gradient(light, [mix(scene.shadow, scene.ground, 0.7), scene.middle, scene.accent, scene.glow])
    paint(scene.canvas, mix(body, mix(scene.accent, scene.ground, 0.3), 0.7 * back), density)


def flames(scene: Scene, main: bool) -> None:
    """Fire that rises from the ground in tongues, with sparks."""
    rng = scene.rng
    foot = 1.02 if main else scene.horizon + 0.2
    middle = np.exp(-(((X - scene.x) / (0.34 if main else 0.24)) ** 2))
    tall = (0.7 if main else 0.34) * (0.75 + 0.35 * scene.force) * (0.12 + 0.9 * middle)
    up = np.maximum((foot - Y) / tall, 0)
    sway = 0.035 * fractal(rng, 2.6, 2) * (0.3 + np.minimum(up, 1.3))
    tongues = displaced(fractal(rng, 2.1, 4, 1.9), sway, np.zeros_like(sway))
    heat = 1.05 - up + (0.08 + 0.24 * np.minimum(up, 1.3)) * tongues - 0.6 * smoothstep(0.75, 1.3, up)
    heat = heat * (foot > Y) * smoothstep(0.0, 0.15, middle + (0.1 if main else 0))
    glow_at(scene, scene.x, foot - 0.1, 0.5 if main else 0.3, 0.65)
    ember = mix(scene.accent, scene.shadow, 0.45)
    hot = [
        ember,
        scene.accent,
        scene.accent,
        mix(scene.accent, scene.glow, 0.6),
        scene.glow,
        mix(scene.glow, WHITE, 0.8),
    ]
    paint(scene.canvas, gradient(np.clip(heat, 0, 1), hot), smoothstep(0.04, 0.22, heat))
    sparks = np.zeros((SIZE, SIZE), np.float32)
    for _ in range(45 if main else 18):
        _star(
            sparks,
            scene.x + rng.normal(0, 0.22),
            foot - 0.1 - rng.random() * 0.8,
            rng.uniform(0.6, 1.2),
            rng.uniform(0.4, 1),
        )
    shine(scene.canvas, mix(scene.accent, scene.glow, 0.6), sparks)
