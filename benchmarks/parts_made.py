"""What a beat in parts is good for, measured: exact stems, parts made anew, and notes heard from parts.

Each measure is called by `benchmarks.parts` with the number of beats of each style.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.midi import GROUPS
from benchmarks.note_scores import Tally, matched_hits, matched_notes, one_moment
from training.starter.simple_corpus.beats import TrueNote, make_beat
from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine, load_listeners
from typebeat.engines.soft_masks import SoftMaskSplitter
from typebeat.hearing.measuring import measure
from typebeat.midi.notes import DRUM_PITCHES, Note
from typebeat.midi.transcript import Heard, write_down
from typebeat.parts.again import settle
from typebeat.parts.midi import hear, hear_parts
from typebeat.parts.stems import part_of, split_stems
from typebeat.pipeline import make_pack
from typebeat.request.midi_options import MidiOptions
from typebeat.request.settings import Settings
from typebeat.request.styles import STYLES
from typebeat.sound.audio import SAMPLE_RATE, Audio, resample

HEARD_SEEDS = 300_000  # those of `benchmarks.midi`; nothing was trained or tuned on them
PACK_SEED = 40_000
BARS = 8
LOUD_ENOUGH = 1e-12  # energy below which a stem is silent, and has no ratio
Columns = dict[str, dict[str, float]]


def measure_again(beats_a_style: int) -> Columns:
    """Makes beats with the starter and then each one's melody or drums anew.

    `again_equal` is the share of kept parts that stayed the same bit for bit, `again_ratio` the time beside that of the
    whole beat, both with stems and without MIDI and cover. `stem_sdr_db` is the worst of a written stem against what is
    left of the written beat without the others; `stem_sdr_db_split` is that of soft masks against the true stem.
    """
    engines = Engines(load_beat_engine("starter"))
    equal, took, ratios, split = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(beats_a_style * len(STYLES)):
            wish = {"style": list(STYLES)[number % len(STYLES)], "bars": BARS, "seed": PACK_SEED + number}
            wish |= {"parts": "beat,stems", "drafts": 1}
            if not number:
                make_pack(settle({**wish, "bars": 1}), engines, Path(folder) / "warm")  # libraries are loaded once
            started = time.process_time()
            first = make_pack(settle(wish), engines, Path(folder))
            whole = time.process_time() - started
            anew = ("melody", "drums")[number % 2]
            request = settle({"again": anew, "seed": PACK_SEED + 1000 + number}, first.recipe)
            started = time.process_time()
            second = make_pack(request, engines, Path(folder), of=first.recipe)
            took.append((time.process_time() - started) / whole)
            before, now = (each.recipe["stems"]["dry_sha256"] for each in (first, second))
            equal += [before[name] == now[name] for name in before if name != anew]
            beat = _read(first.takes[0])
            stems = {part_of(f"stems/{path.name}"): _read(path) for path in first.files if path.parent.name == "stems"}
            for name, stem in stems.items():
                if np.square(stem).mean() > LOUD_ENOUGH:
                    ratios.append(_sdr(stem, beat - sum(other for part, other in stems.items() if part != name)))
            masked = SoftMaskSplitter().split(Audio(beat, SAMPLE_RATE)).sounds
            split += [_sdr(stems[true], masked[name].samples) for true, name in (("drums", "drums"), ("808", "bass"))]
    return {
        "all": {
            "again_beats": len(took),
            "again_equal": float(np.mean(equal)),
            "again_ratio": float(np.median(took)),
            "stem_sdr_db": min(ratios),
            "stem_sdr_db_split": float(np.mean(split)),
        }
    }


def measure_notes(beats_a_style: int) -> Columns:
    """Hears the notes of corpus beats in their parts and in their mix; F1 of each kind, within 50 ms and 50 cents."""
    engines = load_listeners(Settings(stems="starter"))
    tallies = {"parts": Tally(), "mix": Tally()}
    for seed in range(HEARD_SEEDS, HEARD_SEEDS + beats_a_style * len(STYLES)):
        beat = make_beat(seed, BARS)
        mix = Audio(np.sum(list(beat.stems.values()), axis=0)[None], beat.sample_rate)
        passport = measure(mix, bpm=beat.score.bpm)
        parts = {name: resample(Audio(stem[None], beat.sample_rate), SAMPLE_RATE) for name, stem in beat.stems.items()}
        heard: dict[str, Heard] = {
            "parts": hear_parts(parts, engines),
            "mix": hear(mix, split_stems(mix, engines), engines),
        }
        for way, found in heard.items():
            options = MidiOptions(bpm=beat.score.bpm)
            written = write_down(found, passport.grid, passport.key, options, has_beat=passport.has_beat)
            _count(tallies[way], beat.truth, {part.name: part.notes for part in written.parts})
    told = {way: tally.figures() for way, tally in tallies.items()}
    return {
        "all": {"heard_beats": beats_a_style * len(STYLES)}
        | {
            f"f1_from_{way}_{name.removeprefix('f1_')}": value
            for way, figures in told.items()
            for name, value in figures.items()
            if name.startswith("f1_")
        }
    }


def _count(tally: Tally, truth: Mapping[str, tuple], written: Mapping[str, tuple[Note, ...]]) -> None:
    for group in ("kick", "snare", "hat"):
        true = one_moment([hit.onset for hit in truth["drums"] if hit.drum in GROUPS[group]])
        pitches = {DRUM_PITCHES[drum] for drum in GROUPS[group]}
        onsets = one_moment([note.onset for note in written["drums"] if note.pitch in pitches])
        tally.count(group, len(matched_hits(true, onsets)), len(onsets), len(true))
    for name in ("808", "melody", "chords"):
        notes: tuple[TrueNote, ...] = truth[name]
        tally.count(name, len(matched_notes(notes, written[name])), len(written[name]), len(notes))


def _read(path: Path) -> np.ndarray:
    return soundfile.read(path, always_2d=True)[0].T


def _sdr(true: np.ndarray, found: np.ndarray) -> float:
    """Signal to distortion in dB: how much of a sound is the true one."""
    return float(10 * np.log10((np.square(true).sum() + 1e-20) / (np.square(true - found).sum() + 1e-20)))
