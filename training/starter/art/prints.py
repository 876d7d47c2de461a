"""What film, print, paint and airbrush do to a picture."""

import numpy as np
from PIL import Image, ImageFilter
from scipy import ndimage

from training.starter.art.scene import Scene
from training.starter.art.strokes import (
    PIXEL,
    SIZE,
    Colour,
    X,
    Y,
    blurred,
    displaced,
    fractal,
    gradient,
    inside,
    luminance,
    mix,
    paint,
    rgb,
    ridge,
    shine,
    smoothstep,
)


def graded(scene: Scene, stops: list[Colour], share: float, chroma: float = 1.0) -> None:
    """Grades the picture as film is: shadows and lights go toward those of a ramp, middle tones keep their hue."""
    canvas = scene.canvas
    grey = luminance(canvas)
    if chroma != 1.0:
        canvas[:] = grey[..., None] + (canvas - grey[..., None]) * chroma
    wanted = gradient(grey, stops)
    ends = 0.55 + 0.45 * np.abs(2 * np.clip(grey, 0, 1) - 1) ** 1.5
    paint(canvas, wanted, share * ends)


def levelled(scene: Scene, low: float, high: float, curve: float = 0.0) -> None:
    """Stretches the tones from near black to near white, with a curve that steepens the middle."""
    grey = luminance(scene.canvas)
    dark, light = np.percentile(grey[::2, ::2], (1.0, 99.2))
    scale = (high - low) / max(light - dark, 0.25)
    value = np.clip((scene.canvas - dark) * scale + low, 0, 1.02)
    scene.canvas[:] = value + curve * (smoothstep(0, 1, value) - value)


def corners(scene: Scene, strength: float) -> None:
    """Darkens the corners."""
    scene.canvas *= (1 - strength * smoothstep(0.36, 0.82, np.hypot(X - 0.5, Y - 0.48)))[..., None]


def film_grain(scene: Scene, strength: float) -> None:
    """Grain that is strongest in the middle tones."""
    grey = luminance(scene.canvas)
    noise = scene.rng.standard_normal((SIZE, SIZE), dtype=np.float32)
    noise = 0.7 * noise + 0.9 * ndimage.gaussian_filter(noise, 0.8) * 1.6
    scene.canvas += (strength * noise * (0.35 + 0.65 * np.sin(np.pi * np.clip(grey, 0, 1))))[..., None]


def cut_out(scene: Scene) -> None:
    """Sets the subject off as if cut from another print: a torn paper edge and its shadow."""
    if not 0.02 < scene.cut.mean() < 0.42:
        return
    torn = 0.004 * fractal(scene.rng, 2.2, 9)
    grown = ndimage.distance_transform_edt(scene.cut < 0.5).astype(np.float32) / SIZE
    paper = inside(grown - 0.016 + torn, 2 * PIXEL) * (1 - scene.cut)
    shadow = np.roll(np.roll(blurred(inside(grown - 0.016), 4), 5, 0), -4 * scene.side, 1)
    held = scene.canvas.copy()
    paint(scene.canvas, scene.ink, 0.6 * shadow * (1 - scene.cut))
    paint(scene.canvas, mix(scene.glow, rgb("efe6d3")[0], 0.85), paper)
    grey = luminance(held)[..., None]
    paint(scene.canvas, np.clip(mix(held, np.repeat(grey, 3, -1), 0.35) * 1.08, 0, 1), scene.cut)


def torn_print(scene: Scene) -> None:
    """A strip torn from another print of the same picture, larger and out of place, with a white torn edge."""
    rng = scene.rng
    at, tilt, edge = (
        rng.choice((rng.uniform(0.08, 0.2), rng.uniform(0.8, 0.92))),
        rng.uniform(-0.2, 0.2),
        0.03 * ridge(rng, 5, 0.7),
    )
    if rng.random() < 0.5:
        side = (X - at + tilt * (Y - 0.5) + edge[:, None]) * (1 if at < 0.5 else -1)
    else:
        side = (Y - at + tilt * (X - 0.5) + edge[None]) * (1 if at < 0.5 else -1)
    zoomed = displaced(scene.canvas, (0.5 - X) * 0.5 + 0.04, (0.5 - Y) * 0.5 - 0.08)
    paint(scene.canvas, mix(np.repeat(luminance(zoomed)[..., None], 3, -1), scene.accent, 0.35), inside(side))
    paint(
        scene.canvas, rgb("ede4d3")[0], inside(np.abs(side) - 0.007 - 0.006 * np.abs(fractal(rng, 2.0, 8)), 2 * PIXEL)
    )


def light_leak(scene: Scene) -> None:
    """Light that fell on the film from an edge."""
    edge = X if scene.side < 0 else 1 - X
    leak = np.exp(-edge / scene.between(0.08, 0.2)) * smoothstep(-0.8, 1.0, ridge(scene.rng, 2, 0.5))[:, None]
    shine(scene.canvas, rgb("ff7a2e")[0], 0.65 * leak)


def scratches(scene: Scene) -> None:
    """Specks and scratches of a worn print."""
    rng = scene.rng
    worn = smoothstep(2.35, 2.9, fractal(rng, 0.9, 30) + 0.5 * fractal(rng, 2.2, 2))
    for _ in range(rng.integers(2, 6)):
        x, sway = rng.random(), rng.normal(0, 0.01)
        line = inside(np.abs(X - x - sway * np.sin(Y * 7)) - 0.0008, PIXEL)
        worn = np.maximum(worn, line * (rng.random((SIZE, 1)) < 0.85) * smoothstep(0.3, 0.0, np.abs(Y - rng.random())))
    paint(scene.canvas, rgb("e9dfcb")[0], 0.5 * worn)


def painted(scene: Scene) -> None:
    """Patches of paint whose edges follow the brush."""
    rng = scene.rng
    dy, dx = np.gradient(fractal(rng, 3.0, 4))
    sway = 0.006 / np.sqrt((dx * dx + dy * dy).mean())
    bristle = fractal(rng, 1.8, 14)
    moved = displaced(scene.canvas, sway * dy + 0.0016 * bristle, -sway * dx + 0.0016 * np.roll(bristle, 40, 0))
    image = Image.fromarray((np.clip(moved, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(5))
    moved = np.asarray(image, np.float32) / 255
    levels, grey = 9, luminance(moved)
    flat = (np.floor(grey * levels + 0.05 * bristle) + 0.5) / levels
    soft = grey + 0.6 * smoothstep(0.1, 0.35, grey) * (np.clip(flat, 0.02, 1) - grey)
    scene.canvas[:] = np.clip(moved * (soft / np.maximum(grey, 0.03))[..., None], 0, 1)


def ink_lines(scene: Scene) -> None:
    """Lines of ink where tones meet."""
    grey = luminance(scene.canvas)
    line = ndimage.gaussian_filter(grey, 1.0) - ndimage.gaussian_filter(grey, 2.2)
    paint(scene.canvas, rgb("1a1238")[0], 0.7 * smoothstep(0.02, 0.06, -line) * smoothstep(0.08, 0.3, grey))


def paper(scene: Scene) -> None:
    """The tooth of the paper, and colours a little out of register."""
    rng = scene.rng
    scene.canvas *= (1 + 0.022 * fractal(rng, 0.9, 24))[..., None]
    scene.canvas[..., 0] = np.roll(scene.canvas[..., 0], int(rng.integers(-1, 2)), 1)
    scene.canvas[..., 2] = np.roll(scene.canvas[..., 2], int(rng.integers(-1, 2)), 0)


def bloom(scene: Scene) -> None:
    """Light that spills out of all that is bright, as from an airbrush."""
    share = smoothstep(0.5, 0.95, luminance(scene.canvas))
    strength = 0.85 * float(smoothstep(0.4, 0.04, np.array(share.mean())))
    bright = scene.canvas * share[..., None]
    light = blurred(bright, 4) * 0.5 + blurred(bright, 14) * 0.6
    shine(scene.canvas, light, np.full((SIZE, SIZE), strength, np.float32))


def streaks(scene: Scene) -> None:
    """Streaks of light across the brightest points, and sparkles on them."""
    bright = smoothstep(0.8, 1.0, luminance(scene.canvas)).astype(np.float32)
    if bright.mean() > 0.12:
        return
    wide = ndimage.gaussian_filter(bright, (0.7, 26)) * 3.2
    shine(scene.canvas, mix(scene.accent, rgb("8fe9ff")[0], 0.55), np.clip(wide, 0, 0.55))


def sheen(scene: Scene) -> None:
    """Holographic foil: bands of all hues across, where light falls."""
    rng = scene.rng
    slant = X * rng.uniform(0.5, 1) + Y * rng.uniform(-0.8, 0.8) + 0.035 * fractal(rng, 2.2, 2)
    hue = (slant * 2.2 + rng.random())[..., None] + np.array([0, 1 / 3, 2 / 3])
    rainbow = (0.5 + 0.5 * np.cos(2 * np.pi * hue)).astype(np.float32)
    grey = luminance(scene.canvas)
    shine(
        scene.canvas, rainbow, 0.42 * smoothstep(0.1, 0.7, grey) * smoothstep(-0.1, 1, np.sin(2 * np.pi * slant * 1.7))
    )


def halftone(scene: Scene) -> None:
    """A raster of dots that are as large as the picture is dark."""
    grey = ndimage.gaussian_filter(luminance(scene.canvas), 2)
    u, v = (X + Y) * SIZE * 0.7071, (X - Y) * SIZE * 0.7071
    dots = np.hypot(u % 6 - 3, v % 6 - 3)
    mask = inside((dots - 3.9 * np.sqrt(np.clip(1 - grey * 1.1, 0, 1))) * PIXEL, 1.6 * PIXEL)
    paint(scene.canvas, mix(scene.ink, scene.canvas, 0.3), 0.62 * mask * smoothstep(0.95, 0.75, grey))
