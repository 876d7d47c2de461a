"""Finishes drawn covers as each style does: colour grading, what joins the scene, and print or film on top.

- travis-scott: a gritty photo collage. Film in brown, ember and teal black; dust, cut-outs with a torn white edge,
  light leaks, scratches, heavy corners.
- kid-cudi: a retro painting of space. Indigo to peach and cream; flat patches of paint, ink lines, paper.
- don-toliver: an 80s airbrush. Plum, magenta and cyan; wet floors, bloom, streaks of light, gloss.

Covers of no style (`no_style`), for the base model, use all of these at random.
"""

from collections.abc import Callable

import numpy as np

from training.starter.art.fair import wheel
from training.starter.art.plants import palms
from training.starter.art.prints import (
    bloom,
    corners,
    cut_out,
    film_grain,
    graded,
    halftone,
    ink_lines,
    levelled,
    light_leak,
    painted,
    paper,
    scratches,
    sheen,
    streaks,
    torn_print,
)
from training.starter.art.scene import Scene, glow_at
from training.starter.art.skies import planet, stars
from training.starter.art.strokes import (
    SIZE,
    WHITE,
    Canvas,
    X,
    Y,
    blurred,
    disc,
    displaced,
    fractal,
    inside,
    luminance,
    mix,
    paint,
    rgb,
    shine,
    smoothstep,
)

GRADES = {  # colours that shadows, middle tones and lights are pulled toward
    "travis-scott": rgb("0b0a0a", "2b1c14", "8a5a34", "d9a066", "f2e3c6"),
    "kid-cudi": rgb("1d1747", "53408f", "c56c8f", "f3b183", "fdf0cf"),
    "don-toliver": rgb("0a0626", "3a0f66", "c41f8e", "ff77b7", "d5f7ff"),
}


def dust(scene: Scene) -> None:
    """Dust that blows over the ground, in the light."""
    rng = scene.rng
    haze = smoothstep(-0.6, 1.8, fractal(rng, 2.1, 1.5, 0.5)) * np.exp(-(((Y - scene.horizon - 0.06) / 0.2) ** 2))
    paint(scene.canvas, scene.haze, 0.5 * haze)


def wet_floor(scene: Scene) -> None:
    """The foot of the picture mirrors what is above, in ripples."""
    line = max(scene.horizon + 0.16, 0.76)
    if scene.cut[int(line * SIZE)].mean() > 0.12:  # it would cut through the subject
        return
    depth = np.maximum(Y - line, 0)
    ripple = 0.007 * np.sin(depth * (170 - 90 * depth)) * (1 + depth * 6)
    mirrored = blurred(displaced(scene.canvas, ripple, -2.0 * depth), 1.2)
    paint(scene.canvas, mix(mirrored * 0.8, scene.ink, 0.15 + 0.9 * np.clip(depth, 0, 0.5)), inside(line - Y))
    shine(scene.canvas, scene.glow, 0.35 * np.exp(-np.abs(Y - line) / 0.005))


def two_lights(scene: Scene) -> None:
    """Magenta light from one side and cyan light from the other."""
    grey = luminance(scene.canvas)
    lit = 0.16 + 0.4 * grey
    shine(scene.canvas, rgb("ff2d9b")[0], lit * smoothstep(0.15, 1.0, X if scene.side > 0 else 1 - X))
    shine(scene.canvas, rgb("18c8ff")[0], 0.8 * lit * smoothstep(0.35, 1.0, 1 - X if scene.side > 0 else X))


def grain(scene: Scene) -> None:
    """Film grain that the caption asks for."""
    film_grain(scene, 0.03)


TEXTURES: dict[str, Callable[[Scene], None]] = {"grain": grain, "halftone": halftone, "foil": sheen}


def great_disc(scene: Scene) -> None:
    """A huge pale disc behind the scene, in rings of light."""
    cx, cy, r = scene.x, scene.y - 0.05, scene.between(0.26, 0.36)
    d = disc(cx, cy, r)
    for ring in (2, 1):
        paint(scene.canvas, mix(scene.accent, scene.glow, 0.3), 0.3 * inside(d - 0.05 * ring))
    face = mix(scene.glow, scene.accent, 0.25 + 0.5 * np.clip((Y - cy + r) / (2 * r), 0, 1))
    paint(scene.canvas, face, 0.9 * inside(d))


def some_stars(scene: Scene) -> None:
    """Stars in the sky of a painting."""
    stars(scene, False)


def some_planet(scene: Scene) -> None:
    """A planet in the sky of a painting."""
    planet(scene, False)


def more_palms(scene: Scene) -> None:
    """Palms far off, and one that frames the picture."""
    palms(scene, False)


def far_wheel(scene: Scene) -> None:
    """A fair's wheel on the horizon."""
    wheel(scene, False)


def warm_horizon(scene: Scene) -> None:
    """The glow of a city at night, on the horizon."""
    glow_at(scene, scene.x, scene.horizon, 0.5, 0.4, mix(scene.accent, WHITE, 0.1))


Device = tuple[Callable[[Scene], None], float]  # and in which share of the covers it is used
BEHIND: dict[str, tuple[Device, ...]] = {  # what joins the sky
    "travis-scott": (),
    "kid-cudi": ((some_stars, 0.6), (great_disc, 0.3), (some_planet, 0.25)),
    "don-toliver": ((warm_horizon, 0.5),),
}
BESIDE: dict[str, tuple[Device, ...]] = {
    "travis-scott": ((far_wheel, 0.2),),
    "don-toliver": ((more_palms, 0.4),),
}  # what joins the land
BEFORE: dict[str, tuple[Device, ...]] = {"don-toliver": ((two_lights, 0.6),)}  # before the grading
AFTER: dict[str, tuple[Device, ...]] = {
    "travis-scott": ((dust, 0.8), (cut_out, 0.4), (torn_print, 0.25), (light_leak, 0.35), (scratches, 0.7)),
    "kid-cudi": ((painted, 1.0), (ink_lines, 0.6), (paper, 1.0)),
    "don-toliver": ((wet_floor, 0.35), (bloom, 1.0), (streaks, 0.7), (sheen, 0.25)),
}


def _used(scene: Scene, devices: tuple[Device, ...]) -> None:
    for device, share in devices:
        if scene.chance(share):
            device(scene)


def in_style(style: str, scene: Scene) -> None:
    """Grades and finishes a scene in a style."""
    _used(scene, BEFORE.get(style, ()))
    if style == "travis-scott":
        levelled(scene, 0.01, 0.95, 0.45)
        graded(scene, GRADES[style], 0.62, 0.72)
    elif style == "kid-cudi":
        levelled(scene, 0.12, 0.97, 0.0)
        scene.canvas[:] = np.clip(scene.canvas, 0, 1) ** 0.82
        graded(scene, GRADES[style], 0.6, 1.05)
    else:
        levelled(scene, 0.02, 0.92, 0.3)
        graded(scene, GRADES[style], 0.5, 1.25)
    _used(scene, AFTER[style])
    if style == "travis-scott":
        corners(scene, 0.7)
        film_grain(scene, 0.022)


def no_style(scene: Scene) -> None:
    """Grades and finishes a scene with anything of any style, each at random."""
    for devices in BEFORE.values():
        _used(scene, tuple((device, 0.15) for device, _ in devices))
    levelled(scene, scene.between(0.0, 0.08), scene.between(0.92, 0.98), scene.between(0.0, 0.45))
    if scene.chance(0.7):
        stops = [colour for grade in GRADES.values() for colour in grade]
        chosen = sorted(scene.rng.choice(len(stops), 5, replace=False), key=lambda i: float(luminance(stops[i])))
        graded(scene, [stops[i] for i in chosen], scene.between(0.15, 0.6), scene.between(0.7, 1.25))
    for devices in AFTER.values():
        _used(scene, tuple((device, 0.14) for device, _ in devices))
    if scene.chance(0.35):
        corners(scene, scene.between(0.2, 0.7))
    if scene.chance(0.3):
        film_grain(scene, scene.between(0.01, 0.03))


def join(style: str, scene: Scene, devices: dict[str, tuple[Device, ...]]) -> None:
    """Adds what a style puts into its scenes; no style puts anything of any style into a few."""
    if style:
        _used(scene, devices.get(style, ()))
    else:
        _used(scene, tuple((device, 0.1) for each in devices.values() for device, _ in each))


def clipped(canvas: Canvas) -> np.ndarray:
    """Returns the canvas as sRGB uint8."""
    return (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)
