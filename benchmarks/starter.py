"""Measures the starter: its codec on unseen corpus beats, its beats against what was requested, and its speed.

    python -m benchmarks.starter                    the whole table, about half an hour on two cores
    python -m benchmarks.starter --quick --json     a small part of it, in under a minute

Beats are made as for a user: the best of several drafts. For comparison there are first drafts, chance, corpus beats,
and corpus beats played through the codec. Corpus beats have seeds that training never uses, and prompts are made of
random words. The network that chooses drafts (`typebeat/hearing/reranking.py`) was trained on corpus beats, too, but on
other ones and with other features than the classifiers here.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import librosa
import mir_eval
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks import measures
from benchmarks.report import leave, read_options
from training.starter.simple_corpus.beats import CorpusBeat, make_beat
from training.starter.simple_corpus.patterns import LEADS
from typebeat.engines import BeatConditions, BeatEngine
from typebeat.engines.load import load_beat_engine
from typebeat.parts.beat import draw_takes, with_defaults_of_weights
from typebeat.request.settled import SettledRequest
from typebeat.request.styles import STYLES
from typebeat.request.words import KEYS, LEXICON, beat_caption
from typebeat.sound.audio import resample

CODEC_SEEDS, CLASSIFIER_SEEDS, REFERENCE_SEEDS = 0, 10_000, 50_000  # all below starter.seeds.TRAINING_SEEDS_FROM
PROMPT_SEED = 2026
BARS = 8
HITS = (
    "tempo_hit",
    "key_hit",
    "backbeat_hit",
    "style_hit",
    "instrument_hit",
    "style_hit_codec",
    "instrument_hit_codec",
)


@dataclass(frozen=True)
class Sizes:
    """Numbers of beats for the codec, prompts, corpus beats for reference, and beats to train the classifiers on."""

    codec_beats: int
    prompts: int
    reference_beats: int
    classifier_beats: int


FULL, QUICK = Sizes(50, 60, 30, 400), Sizes(3, 3, 6, 60)


@dataclass(frozen=True)
class Asked:
    """A request: what a beat should be."""

    style: str
    bpm: int
    key: str
    lead: str
    prompt: str = ""

    @property
    def caption(self) -> str:
        """The caption that the model gets."""
        return beat_caption(self.prompt, self.style, self.bpm, self.key)


def draw_requests(count: int) -> list[Asked]:
    """Returns `count` requests, each with the next style, a tempo in its range, and random words."""
    rng = Random(PROMPT_SEED)
    requests = []
    for i in range(count):
        style = list(STYLES.values())[i % len(STYLES)]
        bpm, key, lead = rng.randint(style.bpm_low, style.bpm_high), rng.choice(KEYS[:12]), rng.choice(LEADS)
        mood = rng.choice([c for c in LEXICON if c.startswith("mood:")])
        bass = rng.choice([c for c in LEXICON if c.startswith("bass:")])
        prompt = (
            f"{rng.choice(LEXICON[mood])} {rng.choice(LEXICON[f'sound:{lead}'])} over a {rng.choice(LEXICON[bass])}"
        )
        requests.append(Asked(style.slug, bpm, key, lead, prompt))
    return requests


def measure_codec(codec, count: int) -> dict[str, float]:
    """Returns the figures of the codec on `count` unseen beats; drums and pitch are also measured on the originals."""
    rows = []
    for seed in range(CODEC_SEEDS, CODEC_SEEDS + count):
        beat = make_beat(seed, 4)
        mix, sample_rate = beat.mix, beat.sample_rate
        made = measures.round_trip(codec, mix)
        row = {
            "codec_logmel_db": float(
                np.abs(measures.log_mel(made, sample_rate) - measures.log_mel(mix, sample_rate)).mean()
            ),
            "codec_stft": measures.multi_resolution_stft_distance(made, mix),
            "codec_onset_f1": drum_onset_f1(made, beat),
            "original_onset_f1": drum_onset_f1(mix, beat),
            "codec_chroma": float(
                np.corrcoef(measures.chroma(made, sample_rate).ravel(), measures.chroma(mix, sample_rate).ravel())[0, 1]
            ),
        }
        right = {"original": 0, "decoded": 0}
        for stem, low, high in (("808", 30.0, 400.0), ("melody", 150.0, 2_000.0)):
            original = beat.stems[stem]
            right["original"] += right_pitches(original, beat, stem, low, high)
            right["decoded"] += right_pitches(measures.round_trip(codec, original), beat, stem, low, high)
        rows.append({**row, **right})
    totals = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    totals["codec_pitch"] = totals.pop("decoded") / max(1e-9, totals.pop("original"))
    return totals


def drum_onset_f1(samples: np.ndarray, beat: CorpusBeat) -> float:
    """Returns F1 (within 50 ms) of the onsets in a sound against all true drum hits."""
    envelope = measures.onset_envelope(samples, beat.sample_rate)
    peaks = librosa.util.peak_pick(envelope, pre_max=4, post_max=4, pre_avg=20, post_avg=20, delta=0.06, wait=6)
    truth = np.unique([round(hit.onset, 3) for hit in beat.truth["drums"]])
    return float(mir_eval.onset.f_measure(truth, peaks * 0.005, window=0.05)[0])


def right_pitches(stem: np.ndarray, beat: CorpusBeat, name: str, low: float, high: float) -> int:
    """Returns how many true notes of a stem are found within 50 cents of their pitch."""
    right = 0
    for note in beat.truth[name]:
        start, end = (int(t * beat.sample_rate) for t in (note.onset + 0.04, min(note.offset, note.onset + 0.5)))
        heard = measures.note_pitch(stem[start:end], beat.sample_rate, low, high)
        right += heard is not None and abs(heard - note.pitch) <= 0.5
    return right


class Listener:
    """Classifiers of style and lead instrument, trained on corpus beats, unchanged or processed by `play`."""

    def __init__(self, count: int, play: Callable[[np.ndarray], np.ndarray] = lambda samples: samples):
        beats = [make_beat(seed, 4) for seed in range(CLASSIFIER_SEEDS, CLASSIFIER_SEEDS + count)]
        heard = np.stack([measures.sound_statistics(play(b.mix), b.sample_rate) for b in beats])
        self._style = ExtraTreesClassifier(400, random_state=0, n_jobs=2).fit(heard, [b.score.style for b in beats])
        self._lead = ExtraTreesClassifier(400, random_state=0, n_jobs=2).fit(heard, [b.score.lead for b in beats])

    def hear(self, samples: np.ndarray, sample_rate: int) -> tuple[str, str]:
        """Returns the style and lead instrument of a beat."""
        statistics = measures.sound_statistics(samples, sample_rate)[None]
        return self._style.predict(statistics)[0], self._lead.predict(statistics)[0]


def judge(
    samples: np.ndarray, sample_rate: int, asked: Asked, listener: Listener, used_to_codec: Listener
) -> dict[str, float]:
    """Returns which requested properties a beat has, 1 or 0 each; a broken beat has none."""
    if measures.what_is_broken(samples):
        return {**dict.fromkeys(HITS, 0.0), "broken": 1.0}
    style, lead = listener.hear(samples, sample_rate)
    style_by_other, lead_by_other = used_to_codec.hear(samples, sample_rate)
    return {
        "tempo_hit": float(measures.is_tempo(measures.measure_bpm(samples, sample_rate), asked.bpm)),
        "key_hit": float(measures.is_key(measures.rank_keys(samples, sample_rate), asked.key)),
        "backbeat_hit": float(measures.backbeat_share(samples, sample_rate, asked.bpm) > 0.5),
        "style_hit": float(style == asked.style),
        "instrument_hit": float(lead == asked.lead),
        "style_hit_codec": float(style_by_other == asked.style),
        "instrument_hit_codec": float(lead_by_other == asked.lead),
        "broken": 0.0,
    }


def judge_all(beats: list[tuple[np.ndarray, int]], asked: list[Asked], *listeners: Listener) -> dict[str, float]:
    """Returns the share of beats with each property, and the number of broken beats."""
    rows = [judge(samples, rate, a, *listeners) for (samples, rate), a in zip(beats, asked, strict=True)]
    rates = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return {**rates, "broken": float(sum(row["broken"] for row in rows))}


def make_all(
    engine: BeatEngine, asked: list[Asked], drafts: int | None, say: Callable[[str], None]
) -> tuple[list[tuple[np.ndarray, int]], float]:
    """Returns a beat for each request, the best of `drafts` (None: the usual number), and seconds of sound per second.

    The beats are neither fitted to the tempo nor mastered.
    """
    made, seconds, spent = [], 0.0, 0.0
    for i, each in enumerate(asked):
        request = with_defaults_of_weights(
            SettledRequest(each.prompt, each.style, each.bpm, each.key, BARS, seed=i, drafts=drafts), engine
        )
        begun = time.perf_counter()
        audio = resample(
            draw_takes(request, BeatConditions(each.caption, each.bpm, each.key), engine)[0][0].audio,
            engine.sample_rate,
        )
        spent, seconds = spent + time.perf_counter() - begun, seconds + request.seconds
        made.append((audio.samples[0, : round(request.seconds * audio.sample_rate)], audio.sample_rate))
        say(f"{engine.weights.precision}, {request.drafts} drafts, beat {i + 1} of {len(asked)}: {each.caption}")
    return made, seconds / spent


def measure(sizes: Sizes, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Runs the benchmark and returns the figures of each column."""
    from typebeat.engines.beat.musicgen import MusicGenEngine

    begun = time.perf_counter()
    engine = load_beat_engine("starter")
    load_s = time.perf_counter() - begun
    asked = draw_requests(sizes.prompts)
    engine.generate(BeatConditions(asked[0].caption, 140, "F minor"), 1.0, [0])  # warm up
    made, realtime_x = make_all(engine, asked, None, say)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    codec = engine.codec
    first_drafts, _ = make_all(engine, asked, 1, say)
    in_fp32 = replace(engine.weights, precision="fp32")
    reference = MusicGenEngine(engine._lm, codec, engine.max_seconds, in_fp32, engine.reranker)
    made_in_fp32, _ = make_all(reference, asked, None, say)
    listeners = (
        Listener(sizes.classifier_beats),
        Listener(sizes.classifier_beats, lambda mix: measures.round_trip(codec, mix)),
    )
    say("classifiers trained")
    beats = [make_beat(seed, BARS) for seed in range(REFERENCE_SEEDS, REFERENCE_SEEDS + sizes.reference_beats)]
    truth = [Asked(b.score.style, b.score.bpm, b.score.key, b.score.lead) for b in beats]
    corpus = [(b.mix, b.sample_rate) for b in beats]
    played = [(measures.round_trip(codec, mix), rate) for mix, rate in corpus]
    shuffled = truth[1:] + truth[:1]  # chance: each beat is compared with the request of the next one
    speed = {"realtime_x": realtime_x, "load_s": load_s, "peak_mb": peak_mb}
    return {
        "starter": {**measure_codec(codec, sizes.codec_beats), **judge_all(made, asked, *listeners), **speed},
        "in fp32": judge_all(made_in_fp32, asked, *listeners),
        "one draft": judge_all(first_drafts, asked, *listeners),
        "chance": judge_all(corpus, shuffled, *listeners),
        "corpus": judge_all(corpus, truth, *listeners),
        "codec round trip": judge_all(played, truth, *listeners),
    }


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options(__doc__)
    sizes = QUICK if options.quick else FULL
    columns = measure(sizes, lambda line: print(line, flush=True))
    counts = {"n_codec": sizes.codec_beats, "n_prompts": sizes.prompts, "n_reference": sizes.reference_beats}
    result = {**columns["starter"], **counts}
    leave("starter", {**result, "columns": columns}, options)


if __name__ == "__main__":
    main()
