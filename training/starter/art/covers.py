"""Draws covers by code, to train the starter's cover model on; no photograph and nobody's artwork is used.

A picture and its captions are made from the same `CoverLook`, so that they agree. Each is determined by its number.
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from training.starter.art.motifs import MOTIF_PAINTERS, ON_GROUND, dunes, sky
from training.starter.art.strokes import SIZE, Tones, luminance, mix
from training.starter.art.styles import TEXTURE_PAINTERS, in_style, no_style
from typebeat.covers.looks import COLOURS, ENERGIES, MOTIFS, STYLE_LOOKS, CoverLook, cover_look, cover_prompt
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON

RGB = {
    "black": (0.05, 0.05, 0.07),
    "white": (0.93, 0.93, 0.91),
    "grey": (0.45, 0.46, 0.48),
    "silver": (0.70, 0.73, 0.78),
    "red": (0.80, 0.11, 0.10),
    "orange": (0.94, 0.45, 0.09),
    "gold": (0.88, 0.66, 0.20),
    "brown": (0.42, 0.25, 0.13),
    "cream": (0.94, 0.87, 0.71),
    "green": (0.14, 0.55, 0.28),
    "teal": (0.05, 0.53, 0.55),
    "blue": (0.12, 0.28, 0.72),
    "violet": (0.42, 0.20, 0.70),
    "magenta": (0.86, 0.10, 0.56),
    "pink": (0.96, 0.55, 0.69),
}
CAPTIONS = 4
MOODS = [concept for concept in LEXICON if concept.startswith("mood:")]
SOUNDS = [concept for concept in LEXICON if concept.startswith(("sound:", "fx:", "bass:distorted"))]


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


def tones_of(look: CoverLook, rng: np.random.Generator) -> Tones:
    """Returns the five tones of the palette of a look, varied at random."""
    ground, accent = (
        np.clip(np.array(RGB[name], np.float32) + rng.normal(0, 0.03, 3).astype(np.float32), 0, 1)
        for name in look.palette
    )
    if luminance(ground) > luminance(accent) + 0.25:  # a light ground colour goes to the light tones
        ground, accent = mix(accent, ground, 0.15), mix(ground, accent, 0.2)
    bright = look.light == "bright light"
    white, black = np.ones(3, np.float32), np.zeros(3, np.float32)
    return Tones(
        shadow=mix(mix(ground, black, 0.78), accent, 0.05),
        ground=mix(ground, black, 0.1 if bright else 0.45),
        middle=mix(mix(ground, accent, 0.5), white if bright else black, 0.12),
        accent=mix(accent, white, 0.15) if bright else accent,
        glow=mix(accent, white, 0.72 if bright else 0.55),
        force=[word for _, word in ENERGIES].index(look.energy) / (len(ENERGIES) - 1),
        horizon=float(rng.uniform(0.55, 0.72)),
    )


def draw(look: CoverLook, style: str, seed: int) -> np.ndarray:
    """Returns the picture of a look in a style (or "" for none), sRGB uint8 (SIZE, SIZE, 3)."""
    rng = np.random.default_rng(seed)
    tones = tones_of(look, rng)
    canvas = np.empty((SIZE, SIZE, 3), np.float32)
    sky(canvas, tones, rng)
    if not ON_GROUND.intersection(look.motifs) and rng.random() < 0.5:
        dunes(canvas, tones, rng, False)
    for motif, painter in MOTIF_PAINTERS.items():
        if motif in look.motifs:
            painter(canvas, tones, rng, motif == look.motifs[0])
    if style:
        in_style(style, canvas, tones, rng)
    else:
        no_style(canvas, tones, rng)
    if look.texture:
        TEXTURE_PAINTERS[look.texture](canvas, tones, rng)
    return (np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8)


def random_prompt(rng: Random) -> str:
    """Returns a prompt that a user might write: one or two moods, and often a sound, a motif and a colour."""
    said = [rng.choice(LEXICON[mood]) for mood in rng.sample(MOODS, rng.choice((1, 1, 1, 2)))]
    if rng.random() < 0.4:
        said.append(rng.choice(LEXICON[rng.choice(SOUNDS)]))
    if rng.random() < 0.5:
        said += [rng.choice(MOTIFS[motif][1]) for motif in rng.sample(list(MOTIFS), rng.choice((1, 1, 2)))]
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
    look = cover_look(prompt, bpm, key)
    named = [style or rng.choice(("", *STYLE_LOOKS)) for _ in range(CAPTIONS)]
    captions = [cover_prompt(prompt, name, bpm, key, rng if i else None) for i, name in enumerate(named)]
    return Art(draw(look, style, rng.getrandbits(32)), tuple(captions), style, look)
