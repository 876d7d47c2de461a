"""Measures the starter's covers: what they show, in which style and colours, how they vary, and how fast they are.

    python -m benchmarks.cover                              the whole table, about 20 minutes on two cores
    python -m benchmarks.cover --weights WORK/cover starter     weights that do not ship yet, beside those that do
    python -m benchmarks.cover --quick --json               a small part of it, in a few minutes

Style and subject are told by classifiers that learnt from drawn covers alone, none of which was used in training.
The same covers are also drawn without the adapter of the style; chance is 1 in 3, and 1 in 12 for the subject. Drawn
covers stand beside the weights, as they are (`art`) and coded by the first weights' autoencoder (`round trip`), as do
noise and other drawn covers (`other art`) for the Frechet distance. Prompts have a seed of their own. Contact sheets
are written.
"""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.pipeline import Pipeline

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.cover_subjects import SUBJECTS, drawn_subjects, edges, trained_classifier
from benchmarks.pictures import features, frechet, palette_distance
from benchmarks.report import RESULTS, leave, make_parser
from typebeat.covers.looks import cover_look, cover_prompt
from typebeat.covers.vocabulary import RGB, VERSION_2
from typebeat.engines.cover.drawing import DiffusionCover
from typebeat.engines.cover.files import locate_cover
from typebeat.engines.cover.loading import load_cover
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON

PROMPT_SEED = 2026
CLASSIFIER_ART, HELD_OUT_ART, OTHER_ART = 2_000_000, 3_000_000, 4_000_000  # seeds of drawn covers
MOODS = [concept for concept in LEXICON if concept.startswith("mood:")]
CLIPPED_BELOW, CLIPPED_ABOVE = 3, 252
VARIATIONS = 4
SHEET_TILE = 128


@dataclass(frozen=True)
class Sizes:
    """Numbers of prompts (each in all styles), of drawn covers for the classifiers, and of those held out.

    Drawn covers are counted for each subject in each style.
    """

    prompts: int
    art: int
    held_out: int


FULL, QUICK = Sizes(24, 24, 4), Sizes(2, 4, 1)


@dataclass(frozen=True)
class Asked:
    """A request: the user's words, the style, tempo and key, the subject that is asked for, and the seed."""

    words: str
    style: str
    bpm: float
    key: str
    subject: str
    seed: int

    def prompt(self, engine: DiffusionCover, turn: int = 0) -> str:
        """Returns the prompt for an engine, in the words that it knows."""
        return cover_prompt(self.words, self.style, self.bpm, self.key, vocabulary=engine.vocabulary, turn=turn)

    @property
    def palette(self) -> list[tuple[float, float, float]]:
        """The colours that are asked for."""
        return [RGB[name] for name in cover_look(self.words, self.bpm, self.key).palette]


@dataclass(frozen=True)
class Judges:
    """The classifiers, and the drawn covers that covers are compared with."""

    style: ExtraTreesClassifier
    subject: Pipeline
    known: np.ndarray
    held_out: np.ndarray
    clipped: float


def draw_requests(count: int) -> list[Asked]:
    """Returns `count` requests in each style: a word for a mood and one for a subject, a random tempo and key."""
    rng = Random(PROMPT_SEED)
    requests = []
    for i in range(count):
        subject = SUBJECTS[i % len(SUBJECTS)]
        words = f"{rng.choice(LEXICON[MOODS[i % len(MOODS)]])} {VERSION_2.motifs[subject][1][0]}"
        key = rng.choice(KEYS)
        for style in STYLES.values():
            bpm = rng.uniform(style.bpm_low, style.bpm_high)
            requests.append(Asked(words, style.slug, bpm, key, subject, 1000 + len(requests)))
    return requests


def make_judges(sizes: Sizes) -> tuple[Judges, list[np.ndarray], list[str], list[str]]:
    """Returns the judges, and the held-out drawn covers with their subjects and styles."""
    pictures, subjects, styles = drawn_subjects(CLASSIFIER_ART, sizes.art)
    known = np.stack([features(picture) for picture in pictures])
    held_out, true_subjects, true_styles = drawn_subjects(HELD_OUT_ART, sizes.held_out)
    judges = Judges(
        ExtraTreesClassifier(400, random_state=0).fit(known, styles),
        trained_classifier(pictures, subjects),
        known,
        np.stack([features(picture) for picture in held_out]),
        clipped_share(held_out),
    )
    return judges, held_out, true_subjects, true_styles


def clipped_share(pictures: Sequence[np.ndarray]) -> float:
    """Returns the share of pixels whose channels are all white or all black."""
    return float(np.mean([((p > CLIPPED_ABOVE).all(-1) | (p < CLIPPED_BELOW).all(-1)).mean() for p in pictures]))


def judged(judges: Judges, pictures: list[np.ndarray], styles: list[str], subjects: list[str]) -> dict[str, float]:
    """Returns what the judges say of pictures in styles with subjects."""
    seen = np.stack([features(picture) for picture in pictures])
    told = judges.subject.predict([edges(picture) for picture in pictures])
    figures = {
        "style_on": float(np.mean(judges.style.predict(seen) == np.array(styles))),
        "subject": float(np.mean(told == np.array(subjects))),
        "clipped_beyond_art": max(0.0, clipped_share(pictures) - judges.clipped),
    }
    if len(pictures) >= 20:
        figures["frechet"] = frechet(seen, judges.held_out, judges.known)
    return figures


def measure_weights(choice: str, asked: list[Asked], judges: Judges) -> tuple[dict[str, float], DiffusionCover]:
    """Returns the figures of weights, and the engine that was measured."""
    begun = time.perf_counter()
    located = locate_cover(choice, "cpu")
    engine = load_cover(located.folder, located.weights, located.adapters)
    figures = {"load_s": time.perf_counter() - begun}
    engine.draw(asked[0].prompt(engine), asked[0].style, [0])  # warm up
    on, seconds = draw_all(engine, asked, 1.0)
    figures |= {"s_per_cover": float(np.median(seconds)), "steps": float(engine.plan.steps)}
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    styles, subjects = [each.style for each in asked], [each.subject for each in asked]
    figures |= judged(judges, on, styles, subjects)
    off, _ = draw_all(engine, asked, 0.0)
    seen_off = np.stack([features(picture) for picture in off])
    figures["style_off"] = float(np.mean(judges.style.predict(seen_off) == np.array(styles)))
    again, _ = draw_all(engine, asked[:2], 1.0)
    figures["same_seed_equal"] = float(np.mean([np.array_equal(a, b) for a, b in zip(on, again, strict=False)]))
    figures["switch_s"] = switch_seconds(engine)
    other = [*asked[3:], *asked[:3]]
    own, random = (
        float(np.mean([palette_distance(p, each.palette) for p, each in zip(on, requests, strict=True)]))
        for requests in (asked, other)
    )
    figures |= {"palette_asked": own, "palette_random": random}
    figures["variation"] = variation(engine, asked, judges)
    return figures, engine


def draw_all(engine: DiffusionCover, asked: list[Asked], strength: float) -> tuple[list[np.ndarray], list[float]]:
    """Returns the cover of each request, and the seconds that each took."""
    covers, seconds = [], []
    for each in asked:
        begun = time.perf_counter()
        covers += engine.draw(each.prompt(engine), each.style, [each.seed], strength=strength)
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


def variation(engine: DiffusionCover, asked: list[Asked], judges: Judges) -> float:
    """Returns how far variations of a prompt are apart, as a share of the distance between prompts."""
    groups = [variations(engine, each) for each in asked[:: max(len(asked) // 9, 1)]]
    spread = judges.known.std(0) + 1e-6
    seen = [np.stack([features(picture) for picture in group]) / spread for group in groups]
    within = np.mean([_apart(group, group) for group in seen])
    between = np.mean([_apart(a, b) for i, a in enumerate(seen) for b in seen[:i]])
    return float(within / between)


def variations(engine: DiffusionCover, asked: Asked) -> list[np.ndarray]:
    """Returns the variations of a request, as the app draws them."""
    return [
        engine.draw(asked.prompt(engine, asked.seed + i), asked.style, [asked.seed + i])[0] for i in range(VARIATIONS)
    ]


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    distances = np.linalg.norm(first[:, None] - second[None], axis=-1)
    return float(distances[distances > 0].mean())


@torch.no_grad()
def round_trip(engine: DiffusionCover, pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Returns pictures as the autoencoder of an engine codes them and draws them again."""
    vae, made = engine._pipe.vae, []
    for picture in pictures:
        pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        coded = vae.decode(vae.encode(pixels.to(vae.dtype)).latents).sample.float().clamp(-1, 1)
        made.append(((coded[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy())
    return made


@contextmanager
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def measure(choices: list[str], sizes: Sizes) -> dict[str, dict[str, float]]:
    """Returns the figures of each column: the weights, and what they are compared with."""
    asked = draw_requests(sizes.prompts)
    judges, held_out, subjects, styles = make_judges(sizes)
    columns: dict[str, dict[str, float]] = {}
    engines = {}
    with _two_threads():
        for choice in choices:
            columns[choice], engines[choice] = measure_weights(choice, asked, judges)
    columns["art"] = judged(judges, held_out, styles, subjects)
    columns["art"].pop("frechet", None)  # from itself
    columns["round trip"] = judged(judges, round_trip(engines[choices[0]], held_out), styles, subjects)
    others, other_subjects, other_styles = drawn_subjects(OTHER_ART, sizes.held_out)
    columns["other art"] = judged(judges, others, other_styles, other_subjects)
    rng = np.random.default_rng(PROMPT_SEED)
    noise = [rng.integers(0, 256, (256, 256, 3), np.uint8) for _ in held_out]
    columns["noise"] = judged(judges, noise, styles, subjects)
    if sizes is FULL:
        for choice in choices:
            write_sheets(engines[choice], choice, asked)
        write_art_sheet(sizes)
    return columns


def write_sheets(engine: DiffusionCover, choice: str, asked: list[Asked]) -> None:
    """Writes contact sheets: a row for each style and a column for each subject; and variations of one prompt."""
    name = "" if choice == "starter" else "_" + Path(choice).name
    first = [[each for each in asked if each.style == style][: len(SUBJECTS)] for style in STYLES]
    for strength, suffix in ((1.0, "on"), (0.0, "off")):
        write_sheet([draw_all(engine, row, strength)[0] for row in first], f"cover_{suffix}{name}")
    write_sheet([variations(engine, row[i]) for i, row in enumerate(first)], f"cover_variations{name}")


def write_art_sheet(sizes: Sizes) -> None:
    """Writes a contact sheet of drawn covers in the same order."""
    pictures, _, _ = drawn_subjects(HELD_OUT_ART, sizes.held_out)
    each = pictures[:: sizes.held_out]
    write_sheet([each[i : i + len(SUBJECTS)] for i in range(0, len(each), len(SUBJECTS))], "cover_art")


def write_sheet(rows: list[list[np.ndarray]], name: str) -> None:
    """Writes rows of pictures as one picture of 256 colours."""
    size = (SHEET_TILE, SHEET_TILE)
    tiles = [[np.asarray(Image.fromarray(p).resize(size, Image.Resampling.LANCZOS)) for p in row] for row in rows]
    RESULTS.mkdir(exist_ok=True)
    sheet = Image.fromarray(np.concatenate([np.concatenate(row, axis=1) for row in tiles]))
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(RESULTS / f"{name}.png", optimize=True)


def main() -> None:
    """Measures, then prints and writes the results."""
    parser = make_parser(__doc__)
    parser.add_argument("--weights", nargs="+", default=["starter"], help="weights to measure side by side")
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    columns = measure(options.weights, sizes)
    result = {"columns": columns, "n_covers": sizes.prompts * len(STYLES), "n_art": sizes.art * len(SUBJECTS) * 3}
    leave("cover", result, options)


if __name__ == "__main__":
    main()
