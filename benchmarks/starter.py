"""Measures the starter: its codec on unseen corpus beats, its beats against what was requested, notes, and its speed.

    python -m benchmarks.starter                            the whole table, about an hour on two cores
    python -m benchmarks.starter --quick --json             a small part of it, in under a minute
    python -m benchmarks.starter --weights FOLDER starter   weights that do not ship, beside those that do

It needs the soundfonts of the corpus. Beats are made as for a user: the best of several drafts. For comparison there
are first drafts, chance, corpus beats, and corpus beats played through the codec. Corpus beats have seeds that training
never uses, and prompts are made of words by seed. The network that chooses drafts was trained on corpus beats, too, but
on other ones and with other features than the ear here (`benchmarks/ears`).
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.ears.ear import Ear, load_ear
from benchmarks.report import leave, make_parser
from benchmarks.starter_codec import measure_codec, played_by_codec
from benchmarks.starter_notes import NotesMeasure, Wish, corpus_figures, draw_wishes, rendered
from benchmarks.starter_prompts import BARS, Asked, draw_prompts, judge_all
from training.starter.corpus.compose import compose
from training.starter.corpus.render import CorpusBeat, make_beat, recordings_available
from training.starter.corpus.soundfonts import MISSING
from typebeat.engines import BeatConditions, Listeners, WeightsError
from typebeat.engines.beat.musicgen import MusicGenEngine
from typebeat.engines.load import load_beat_engine, load_listeners
from typebeat.parts.beat import Draft, draw_takes, with_defaults_of_weights
from typebeat.request.captions import model_caption
from typebeat.request.settings import Settings
from typebeat.request.settled import SettledRequest
from typebeat.request.styles import STYLES

CODEC_SEEDS, REFERENCE_SEEDS = 0, 50_000  # all below `seeds.TRAINING_SEEDS_FROM`
WARM_UP = BeatConditions("", 140.0, "F minor")
Beats = list[tuple[dict[str, np.ndarray], int]]  # parts and sample rate of each
Columns = dict[str, dict[str, float]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """Numbers of beats for the codec, prompts, corpus beats for reference, given notes, and seeds of one prompt."""

    codec_beats: int
    prompts: int
    reference_beats: int
    note_beats: int
    seeds: int
    codec_bars: int = 4
    bars: int = BARS


FULL = Sizes(40, 120, 40, 12, 30)
QUICK = Sizes(2, 2, 3, 1, 3, codec_bars=2, bars=2)


@dataclass(frozen=True)
class Unseen:
    """Corpus beats that nothing learnt from, and what hears the beats that are made."""

    for_codec: list[CorpusBeat]
    reference: list[CorpusBeat]
    wishes: list[Wish]
    ear: Ear
    listeners: Listeners


@dataclass(frozen=True)
class Made:
    """What weights made of the prompts: the best of each one's drafts and its first draft; and how fast."""

    engine: MusicGenEngine
    best: Beats
    first: Beats
    speed: dict[str, float]


def make_all(engine: MusicGenEngine, asked: list[Asked], bars: int, say: Say) -> tuple[Beats, Beats, float]:
    """Makes a beat for each request as a user gets it, but neither fitted to the tempo nor mixed.

    Returns:
        The best of each one's drafts, the first drafts, and seconds of sound made per second.
    """
    best, first, seconds, spent = [], [], 0.0, 0.0
    for number, each in enumerate(asked):
        plan = each.plan
        request = SettledRequest(each.prompt, plan.style, plan.bpm, plan.key, bars, seed=number)
        request = with_defaults_of_weights(request, engine)
        caption = model_caption(each.prompt, plan.style, plan.bpm, plan.key, engine.concepts)
        conditions = BeatConditions(caption, plan.bpm, plan.key, left_out=plan.left_out)
        begun = time.perf_counter()
        drafts = draw_takes(request, conditions, engine)[0]
        spent, seconds = spent + time.perf_counter() - begun, seconds + request.seconds
        best.append(_parts_of(drafts[0]))
        first.append(_parts_of(next(draft for draft in drafts if draft.seed == number)))
        say(f"beat {number + 1} of {len(asked)}, {request.drafts} drafts: {caption}")
    return best, first, seconds / spent


def _parts_of(draft: Draft) -> tuple[dict[str, np.ndarray], int]:
    rate = draft.made.sample_rate
    length = round(draft.request.seconds * rate)
    return {name: part.samples[0, :length] for name, part in draft.made.parts.items()}, rate


def make_with(choice: str, sizes: Sizes, say: Say) -> Made:
    """Loads weights and makes their beats for the prompts."""
    begun = time.perf_counter()
    engine = load_beat_engine(choice)
    load_s = time.perf_counter() - begun
    if not engine.parts:
        raise SystemExit(f"{choice} plays one sound; a starter's folder is needed, whose weights know their parts")
    engine.generate(WARM_UP, 1.0, [0])
    best, first, realtime_x = make_all(engine, draw_prompts(sizes.prompts), sizes.bars, say)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Made(engine, best, first, {"realtime_x": realtime_x, "load_s": load_s, "peak_mb": peak_mb})


def figures_of(made: Made, sizes: Sizes, unseen: Unseen) -> dict[str, float]:
    """Returns the figures of weights: codec, prompts, notes, variety and speed."""
    figures = measure_codec(made.engine.codec, unseen.for_codec, unseen.ear)
    figures |= judge_all(made.best, draw_prompts(sizes.prompts), unseen.ear)
    notes = NotesMeasure(made.engine, unseen.listeners, unseen.wishes)
    if made.engine.takes_notes:
        figures |= notes.figures()
    return figures | notes.variety(sizes.seeds, sizes.bars // 2) | made.speed


def draw_unseen(sizes: Sizes) -> Unseen:
    """Renders the corpus beats, and loads the ear and what hears notes."""
    for_codec = [make_beat(seed, sizes.codec_bars) for seed in range(CODEC_SEEDS, CODEC_SEEDS + sizes.codec_beats)]
    styles = list(STYLES)
    reference = [
        rendered(compose(REFERENCE_SEEDS + number, sizes.bars, styles[number % len(styles)], loop=True))
        for number in range(sizes.reference_beats)
    ]
    wishes = draw_wishes(sizes.note_beats, sizes.bars)
    return Unseen(for_codec, reference, wishes, load_ear(), load_listeners(Settings(stems="starter")))


def measure(choices: list[str], sizes: Sizes, say: Say) -> Columns:
    """Runs the benchmark and returns the figures of each column; those of further weights stand beside the first's."""
    made = {choice: make_with(choice, sizes, say) for choice in choices}  # first: nothing else is in memory yet
    unseen = draw_unseen(sizes)
    say("corpus beats rendered")
    ear, columns = unseen.ear, {}
    for choice, each in made.items():
        name = Path(choice).name if columns else "starter"
        columns[name] = figures_of(each, sizes, unseen)
        columns["one draft" if name == "starter" else f"{name}, one draft"] = judge_all(
            each.first, draw_prompts(sizes.prompts), ear
        )
        say(f"{choice} measured")
    truth = [Asked(beat.score.plan, "") for beat in unseen.reference]
    corpus = [(beat.stems, beat.sample_rate) for beat in unseen.reference]
    played = [(played_by_codec(made[choices[0]].engine.codec, stems), rate) for stems, rate in corpus]
    columns["chance"] = judge_all(corpus, truth[1:] + truth[:1], ear)  # each against the request of the next
    columns["corpus"] = judge_all(corpus, truth, ear) | corpus_figures(unseen.wishes, unseen.listeners)
    columns["codec round trip"] = judge_all(played, truth, ear)
    return columns


def read_options() -> argparse.Namespace:
    """Reads the command line."""
    parser = make_parser(__doc__)
    parser.add_argument(
        "--weights",
        nargs="+",
        default=["starter"],
        metavar="FOLDER",
        help='folders of starters, "starter" for the one that ships; the first is measured first, others beside it',
    )
    return parser.parse_args()


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options()
    if not recordings_available():
        raise SystemExit(MISSING)
    sizes = QUICK if options.quick else FULL
    try:
        columns = measure(options.weights, sizes, lambda line: print(line, flush=True))
    except WeightsError as error:
        raise SystemExit(str(error)) from error
    counts = {"n_codec": sizes.codec_beats, "n_prompts": sizes.prompts, "n_reference": sizes.reference_beats}
    result = {**columns["starter"], **counts, "n_notes": sizes.note_beats, "n_seeds": sizes.seeds}
    leave("starter", {**result, "columns": columns}, options)


if __name__ == "__main__":
    main()
