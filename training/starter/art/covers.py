"""Draws covers by code, to train the starter's cover model on; no photograph and nobody's artwork is used.

A picture and its captions are made from the same `CoverLook`, so that they agree. Each is determined by its number.
A cover has one subject, large, at a third or in the middle, lit from one side, and leaves room for type above or below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from training.starter.art import fair, figures, finishing, lands, places, plants, skies, surfaces, vehicles
from training.starter.art.scene import Scene
from training.starter.art.strokes import BLACK, SIZE, WHITE, luminance, mix
from typebeat.covers.looks import STYLE_LOOKS, CoverLook, cover_look, cover_prompt
from typebeat.covers.vocabulary import COLOURS, ENERGIES, RGB, VERSION_2
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON

CAPTIONS = 4
MOODS = [concept for concept in LEXICON if concept.startswith("mood:")]
SOUNDS = [concept for concept in LEXICON if concept.startswith(("sound:", "fx:", "bass:distorted"))]
# motif -> its painter, in the order in which they are painted, from the sky to what is in front
PAINTERS: dict[str, Callable[[Scene, bool], None]] = {
    "stars": skies.stars,
    "sun": skies.sun,
    "planet": skies.planet,
    "moon": skies.moon,
    "clouds": skies.clouds,
    "mountains": lands.mountains,
    "city": places.city,
    "dunes": lands.dunes,
    "waves": lands.waves,
    "road": lands.road,
    "room": places.room,
    "palms": plants.palms,
    "wheel": fair.wheel,
    "halo": skies.halo,
    "plane": vehicles.plane,
    "flower": plants.flower,
    "stag": figures.stag,
    "statue": figures.statue,
    "chrome": surfaces.chrome,
    "car": vehicles.car,
    "snake": figures.snake,
    "silhouette": figures.silhouette,
    "hand": figures.hand,
    "crowd": fair.crowd,
    "flames": skies.flames,
    "smoke": skies.smoke,
    "glass": surfaces.glass,
}
SKY = frozenset(("stars", "sun", "planet", "moon", "clouds"))
ROUND = frozenset(("sun", "planet", "moon", "halo", "stars"))
LAND = frozenset(("mountains", "city", "dunes", "waves", "road", "room", "crowd"))
ON_GROUND = frozenset(("car", "snake", "silhouette", "wheel"))  # stand on something
HIGH_HORIZON = frozenset(("dunes", "road"))
LOW_HORIZON = frozenset(("silhouette", "crowd", "wheel", "palms"))
TITLE_ABOVE = frozenset(slug for slug, style in STYLES.items() if style.layout.at_top)


@dataclass(frozen=True)
class Art:
    """A drawn cover.

    Attributes:
        pixels: sRGB uint8 (SIZE, SIZE, 3).
        captions: Captions for it: first as the app would word it, then shuffled, with parts left out.
        style: A slug of `STYLES`, or "" for no style.
        look: The look that it was drawn from.
    """

    pixels: np.ndarray
    captions: tuple[str, ...]
    style: str
    look: CoverLook


def blank_scene(look: CoverLook, style: str, rng: np.random.Generator) -> Scene:
    """Returns an empty scene in the palette of a look, varied at random, composed with room for the style's type."""
    ground, accent = (
        np.clip(np.array(RGB[name], np.float32) + rng.normal(0, 0.025, 3).astype(np.float32), 0, 1)
        for name in look.palette
    )
    if luminance(ground) > luminance(accent) + 0.2:  # a light ground colour goes to the light tones
        ground, accent = mix(accent, ground, 0.12), mix(ground, accent, 0.12)
    if luminance(accent) < 0.2:
        accent = mix(accent, ground, 0.45)
    bright = look.light == "bright light"
    force = [word for _, word in ENERGIES].index(look.energy) / (len(ENERGIES) - 1)
    above = style in TITLE_ABOVE if style else rng.random() < 0.4
    third = rng.choice((1 / 3, 0.5, 0.5, 0.5, 2 / 3))
    high = rng.uniform(0.68, 0.78) if above else rng.uniform(0.56, 0.68)
    if look.motifs[:1] and look.motifs[0] in LOW_HORIZON:
        high = max(high, 0.66)
    if look.motifs[:1] and look.motifs[0] in HIGH_HORIZON:
        high = rng.uniform(0.5, 0.6)
    return Scene(
        canvas=np.empty((SIZE, SIZE, 3), np.float32),
        rng=rng,
        shadow=mix(mix(ground, BLACK, 0.8), accent, 0.04),
        ground=mix(ground, BLACK, 0.18 if bright else 0.42),
        middle=mix(mix(ground, accent, 0.5), WHITE if bright else BLACK, 0.08),
        accent=mix(accent, WHITE, 0.1) if bright else accent,
        glow=mix(accent, WHITE, 0.72 if bright else 0.6),
        bright=bright,
        force=force,
        horizon=high,
        x=float(third + rng.normal(0, 0.02)),
        y=float(rng.uniform(0.52, 0.6) if above else rng.uniform(0.38, 0.48)),
        side=int(rng.choice((-1, 1))),
    )


def draw(look: CoverLook, style: str, seed: int) -> np.ndarray:
    """Returns the picture of a look in a style (or "" for none), sRGB uint8 (SIZE, SIZE, 3)."""
    rng = np.random.default_rng(seed)
    scene = blank_scene(look, style, rng)
    skies.sky(scene)
    shown = [motif for motif in PAINTERS if motif in look.motifs]
    main = look.motifs[0] if look.motifs else ""
    for motif in shown:
        if motif in SKY:
            PAINTERS[motif](scene, motif == main)
    if not ROUND.intersection(shown):
        finishing.join(style, scene, finishing.BEHIND)
    for motif in shown:
        if motif in LAND:
            PAINTERS[motif](scene, motif == main)
    has_land = bool(LAND.intersection(shown)) or _ground(scene, look, style)
    if has_land and main not in SKY | {"room", "crowd", "palms", "wheel"}:
        finishing.join(style, scene, finishing.BESIDE)
    for motif in shown:
        if motif not in SKY | LAND:
            PAINTERS[motif](scene, motif == main)
    if style:
        finishing.in_style(style, scene)
    else:
        finishing.no_style(scene)
    if look.texture:
        finishing.TEXTURES[look.texture](scene)
    return finishing.clipped(scene.canvas)


def _ground(scene: Scene, look: CoverLook, style: str) -> bool:
    """Gives a scene without a land the ground that it needs, or at times one that it does not need."""
    needed = bool(ON_GROUND.intersection(look.motifs)) or scene.chance(0.35)
    if needed:
        painter = 0 if style == "travis-scott" and scene.chance(0.5) else scene.rng.integers(4)
        if painter == 0:
            lands.dunes(scene, False)
        elif painter == 1:
            lands.mountains(scene, False)
            lands.plain(scene)
        else:
            lands.plain(scene)
    return needed


def random_prompt(rng: Random) -> str:
    """Returns a prompt that a user might write: one or two moods, and often a sound, a motif and a colour."""
    said = [rng.choice(LEXICON[mood]) for mood in rng.sample(MOODS, rng.choice((1, 1, 1, 2)))]
    if rng.random() < 0.3:
        said.append(rng.choice(LEXICON[rng.choice(SOUNDS)]))
    if rng.random() < 0.75:
        motifs = rng.sample(list(VERSION_2.motifs), rng.choice((1, 1, 2)))
        said += [rng.choice(VERSION_2.motifs[motif][1]) for motif in motifs]
    if rng.random() < 0.4:
        said += rng.sample(COLOURS, rng.choice((1, 2)))
    rng.shuffle(said)
    return " ".join(said)


def make_art(style: str, number: int) -> Art:
    """Returns the cover with this number in a style, or in no style ("").

    Captions of covers in no style name a random style, so that the base learns to ignore the names.
    """
    rng = Random(f"{style}/{number}")
    prompt, key = random_prompt(rng), rng.choice(KEYS)
    bpm = rng.uniform(STYLES[style].bpm_low, STYLES[style].bpm_high) if style else rng.uniform(70, 170)
    look = cover_look(prompt, bpm, key, VERSION_2)
    named = [style or rng.choice(("", *STYLE_LOOKS)) for _ in range(CAPTIONS)]
    captions = [cover_prompt(prompt, name, bpm, key, rng if i else None, VERSION_2) for i, name in enumerate(named)]
    return Art(draw(look, style, rng.getrandbits(32)), tuple(captions), style, look)
