"""Measures the starter's covers: their speed, and whether they show their style and the colours of their mood.

    python -m benchmarks.cover                    the whole table, some minutes on two cores
    python -m benchmarks.cover --quick --json     a small part of it, in under a minute

The style is recognised by a classifier that was trained on drawn covers only, none of which was used in training. The
same covers are also drawn without the adapter of the style; chance is 1 in 3. Prompts have a seed of their own.
"""

import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from sklearn.ensemble import ExtraTreesClassifier

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.pictures import features, frechet, palette_distance
from benchmarks.report import RESULTS, leave, read_options
from training.starter.art.covers import RGB, make_art
from typebeat.covers.looks import cover_look, cover_prompt
from typebeat.engines.cover.drawing import DiffusionCover
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.cover.loading import load_cover
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON

PROMPT_SEED = 2026
CLASSIFIER_ART, HELD_OUT_ART, OTHER_ART = (
    2_000_000,
    3_000_000,
    4_000_000,
)  # numbers of drawn covers; training uses lower ones
MOODS = [concept for concept in LEXICON if concept.startswith("mood:")]
SHEET_PROMPTS = (
    "dark smoke over the city",
    "dreamy stars and a planet",
    "warm sunset over dunes",
    "sad waves under a full moon",
    "hard flames and mountains",
    "bright chrome, glossy",
)
SHEET_TILE = 192


@dataclass(frozen=True)
class Sizes:
    """Number of covers (a multiple of 3), and of drawn covers of each style for the classifier."""

    covers: int
    art: int


FULL, QUICK = Sizes(60, 150), Sizes(6, 40)


@dataclass(frozen=True)
class Asked:
    """A request: style, prompt of the model, palette and seed."""

    style: str
    prompt: str
    palette: list[tuple[float, float, float]]
    seed: int


def draw_requests(count: int) -> list[Asked]:
    """Returns `count` requests, each with the next style, a word for a mood, and a random tempo and key."""
    rng = Random(PROMPT_SEED)
    requests = []
    for i in range(count):
        style = list(STYLES.values())[i % len(STYLES)]
        words = rng.choice(LEXICON[MOODS[i // len(STYLES) % len(MOODS)]])
        bpm, key = rng.uniform(style.bpm_low, style.bpm_high), rng.choice(KEYS)
        palette = [RGB[name] for name in cover_look(words, bpm, key).palette]
        requests.append(Asked(style.slug, cover_prompt(words, style.slug, bpm, key), palette, 1000 + i))
    return requests


def draw_all(engine: DiffusionCover, asked: list[Asked], strength: float) -> tuple[list[np.ndarray], list[float]]:
    """Returns the cover of each request, and the seconds that each took."""
    covers, seconds = [], []
    for each in asked:
        begun = time.perf_counter()
        covers += engine.draw(each.prompt, each.style, [each.seed], strength=strength)
        seconds.append(time.perf_counter() - begun)
    return covers, seconds


def switch_seconds(engine: DiffusionCover) -> float:
    """Returns the median time of switching to the adapter of another style."""
    seconds = []
    for style in [*STYLES] * 5:
        begun = time.perf_counter()
        engine.use_adapter(style, 1.0)
        seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds[1:]))


def art_features(first: int, count: int) -> tuple[np.ndarray, list[str]]:
    """Returns features and style of `count` drawn covers of each style, from number `first` on."""
    art = [make_art(style, first + i) for style in STYLES for i in range(count)]
    return np.stack([features(one.pixels) for one in art]), [one.style for one in art]


def measure(sizes: Sizes) -> dict[str, float]:
    """Returns all figures by name."""
    begun = time.perf_counter()
    located = locate_cover("starter", "cpu")
    engine = load_cover(located.folder, located.weights, located.adapters)
    load_s = time.perf_counter() - begun
    asked = draw_requests(sizes.covers)
    engine.draw(asked[0].prompt, asked[0].style, [0])  # warm up
    on, seconds = draw_all(engine, asked, 1.0)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    off, _ = draw_all(engine, asked, 0.0)
    again, _ = draw_all(engine, asked[:2], 1.0)
    other = engine.draw(asked[0].prompt, asked[0].style, [asked[0].seed + 1])[0]

    known, styles = art_features(CLASSIFIER_ART, sizes.art)
    held_out, true_styles = art_features(HELD_OUT_ART, max(20, sizes.covers // 3))
    others, _ = art_features(OTHER_ART, max(20, sizes.covers // 3))
    classifier = ExtraTreesClassifier(400, random_state=0).fit(known, styles)
    seen_on, seen_off = (np.stack([features(cover) for cover in covers]) for covers in (on, off))
    rng = np.random.default_rng(PROMPT_SEED)
    noise = np.stack([features(rng.integers(0, 256, (256, 256, 3), np.uint8)) for _ in range(max(20, sizes.covers))])
    wanted = [each.style for each in asked]
    figures = {
        "s_per_cover": float(np.median(seconds)),
        "style_on": float(np.mean(classifier.predict(seen_on) == wanted)),
        "style_off": float(np.mean(classifier.predict(seen_off) == wanted)),
        "style_of_drawn_art": float(np.mean(classifier.predict(held_out) == true_styles)),
        "switch_s": switch_seconds(engine),
        "load_s": load_s,
        "peak_mb": peak_mb,
        **palette_figures(asked, on, "on"),
        **palette_figures(asked, off, "off"),
        "same_seed_equal": float(np.mean([np.array_equal(a, b) for a, b in zip(on, again, strict=False)])),
        "other_seed_difference": float(np.abs(on[0].astype(float) - other).mean()),
    }
    if sizes.covers >= 20:
        figures |= {
            "frechet_covers": frechet(seen_on, held_out, known),
            "frechet_covers_off": frechet(seen_off, held_out, known),
            "frechet_other_art": frechet(others, held_out, known),
            "frechet_noise": frechet(noise, held_out, known),
        }
        write_sheet(engine, 1.0, "cover_on")
        write_sheet(engine, 0.0, "cover_off")
    return figures


def palette_figures(asked: list[Asked], covers: list[np.ndarray], name: str) -> dict[str, float]:
    """Returns the distance of covers from the requested palette, and from that of another request in the style."""
    other = [*asked[3:], *asked[:3]]
    own = [palette_distance(cover, each.palette) for cover, each in zip(covers, asked, strict=True)]
    random = [palette_distance(cover, each.palette) for cover, each in zip(covers, other, strict=True)]
    return {f"palette_asked_{name}": float(np.mean(own)), f"palette_random_{name}": float(np.mean(random))}


def write_sheet(engine: DiffusionCover, strength: float, name: str) -> None:
    """Writes a contact sheet with a row for each style and a column for each of SHEET_PROMPTS."""
    rows = []
    for style in STYLES:
        covers = [
            engine.draw(cover_prompt(prompt, style, 120, KEYS[i]), style, [i], strength=strength)[0]
            for i, prompt in enumerate(SHEET_PROMPTS)
        ]
        small = [Image.fromarray(cover).resize((SHEET_TILE, SHEET_TILE), Image.Resampling.LANCZOS) for cover in covers]
        rows.append(np.concatenate([np.asarray(tile) for tile in small], axis=1))
    RESULTS.mkdir(exist_ok=True)
    sheet = Image.fromarray(np.concatenate(rows)).quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
    sheet.save(RESULTS / f"{name}.png", optimize=True)


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options(__doc__)
    sizes = QUICK if options.quick else FULL
    figures = measure(sizes)
    result = {**figures, "n_covers": sizes.covers, "n_art": sizes.art * len(STYLES)}
    leave("cover", result, options)


if __name__ == "__main__":
    main()
