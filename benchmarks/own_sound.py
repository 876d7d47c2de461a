"""How well Typebeat understands what people bring, and how well beats that are made around it fit.

    python -m benchmarks.own_sound                    the whole table: over 150 beats, an hour or two on two cores
    python -m benchmarks.own_sound --quick --json     a small part of the same in some minutes
    TYPEBEAT_BEAT=FOLDER python -m benchmarks.own_sound    with other weights than those that ship

Samples are chords and arpeggios of recorded instruments (the soundfont TimGM6mb, which training leaves out), with or
without drums, at odd tempi and tunings; hums are voices with slides, vibrato and a tuning of their own. All of it is
made here from seeds, so the truth is known; two recorded loops that ship are added, whose tempo is known. Beats are
made around samples, chords and MIDI files and heard by the project's own ears (`own_sound_beats.py`); chords and MIDI
files only where the weights were taught to play given notes. No hums of people are measured: none is at hand under a
free licence.
"""

import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.note_scores import matched_notes
from benchmarks.own_sound_beats import CHANCE, Maker, rate_around_samples, rate_given_chords, rate_given_files
from benchmarks.own_sound_cases import make_chart, make_file, make_hum, make_sample
from benchmarks.report import leave, read_options
from typebeat.engines import Engines
from typebeat.engines.load import load_beat_engine, load_listeners
from typebeat.hearing.measuring import measure
from typebeat.hearing.pitch_track import track_pitch
from typebeat.hearing.sample import hear_sample
from typebeat.midi.reader import parse_midi
from typebeat.midi.voice import sung_line
from typebeat.request.chord_names import QUALITIES
from typebeat.request.chord_text import read_chords
from typebeat.request.settings import read_settings
from typebeat.request.words import NOTE_NAMES
from typebeat.sound.files import read_audio

SAMPLES, HUMS, CHARTS, FILES = 40, 30, 200, 50
MADE_CHARTS, MADE_FILES = 12, 12  # of which beats are made; of samples all
QUICK, QUICK_MADE = (4, 4, 50, 10), 1
LOOPS = Path(__file__).parents[1] / "docs" / "samples"
RECORDED = {"guitar.ogg": (120.0, "E minor"), "loop.ogg": (120.0, "F minor")}  # tempo; key of the guitar by its title
DOWNBEAT_SECONDS, TUNING_CENTS, TEMPO_SHARE = 0.020, 10.0, 0.002


def rate_samples(count: int) -> tuple[dict[str, float], dict[str, float]]:
    """Shares of the samples whose tempo, downbeat, key, tuning and parts are right; beside the passport alone."""
    ours, plain = defaultdict(list), defaultdict(list)
    for seed in range(count):
        true = make_sample(seed)
        begun = time.perf_counter()
        heard = hear_sample(true.audio)
        ours["seconds"].append(time.perf_counter() - begun)
        passport = measure(true.audio)
        for figures, grid, key in ((ours, heard.grid, heard.key), (plain, passport.grid, passport.key)):
            ratios = [grid.bpm * factor / true.bpm for factor in (0.5, 1, 2)]
            figures["tempo"].append(min(abs(ratio - 1) for ratio in ratios) < TEMPO_SHARE)
            figures["tempo_with_octave"].append(abs(grid.bpm / true.bpm - 1) < TEMPO_SHARE)
            bar = 240 / true.bpm
            off = (grid.downbeat - true.downbeat + bar / 2) % bar - bar / 2
            figures["downbeat"].append(abs(off) < DOWNBEAT_SECONDS)
            figures["key"].append(key == true.key)
        off = abs((heard.tuning_cents - true.cents + 50) % 100 - 50)
        ours["tuning"].append(off < TUNING_CENTS)
        ours["tuning_off_cents"].append(off)
        plain["tuning"].append(abs(true.cents) < TUNING_CENTS)  # of whoever takes 440 Hz for granted
        ours["drums_told"].append(("drums" in heard.holds) == true.has_drums)
    return _means(ours), _means(plain)


def rate_recorded() -> dict[str, float]:
    """Shares of the recorded loops whose tempo, first downbeat and key are right."""
    right = defaultdict(list)
    for name, (bpm, key) in RECORDED.items():
        heard = hear_sample(read_audio(LOOPS / name))
        right["recorded_tempo"].append(abs(heard.grid.bpm / bpm - 1) < TEMPO_SHARE)
        right["recorded_downbeat"].append(abs(heard.grid.downbeat) < DOWNBEAT_SECONDS)
        right["recorded_key"].append(heard.key == key)
    return _means(right)


def rate_made(samples: int, charts: int, files: int) -> tuple[dict[str, float], dict[str, float], dict[str, int]]:
    """Makes beats around what is brought; returns figures, those of the same words alone, and counts."""
    settings = read_settings()
    engine = load_beat_engine(settings.beat if settings.beat != "auto" else "starter")
    maker = Maker(Engines(engine, **vars(load_listeners(settings))))
    ours, plain = rate_around_samples(maker, [make_sample(seed) for seed in range(samples)])
    counts = {"n_beats": 2 * samples}
    if engine.takes_notes:
        given = rate_given_chords(maker, [make_chart(seed) for seed in range(charts)])
        given |= rate_given_files(maker, [make_file(seed) for seed in range(files)])
        ours |= {name: value for name, value in given.items() if not name.startswith("baseline_")}
        plain |= {
            name.removeprefix("baseline_"): value for name, value in given.items() if name.startswith("baseline_")
        }
        counts["n_beats"] += 2 * (charts + files)
    return ours, plain, counts


def rate_chords(count: int) -> float:
    """Share of drawn charts of which every chord, with its length and bass, is read as it was meant."""
    right = 0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        meant, bars = [], []
        for _ in range(int(rng.integers(1, 9))):
            words = []
            for _ in range(per_bar := int(rng.choice([1, 2, 4]))):
                root, quality = int(rng.integers(12)), str(rng.choice(list(QUALITIES)))
                bass = int(rng.integers(12)) if rng.random() < 0.2 else root
                slash = f"/{NOTE_NAMES[bass]}" if bass != root else ""
                words.append(f"{NOTE_NAMES[root]}{quality}{slash}".replace("#", str(rng.choice(["#", "♯"]))))
                meant.append((root, quality, bass, 4 / per_bar))
            bars.append(" ".join(words))
        read = read_chords(" | ".join(bars) + " |").chords
        right += [(chord.root, chord.quality, chord.bass, chord.beats) for chord in read] == meant
    return right / count


def rate_files(count: int) -> float:
    """F1 of the notes of drawn MIDI files by part, with the parts that the reader guesses; a wrong part's notes count
    as missing and as false."""
    hits = found = true = 0
    for seed in range(count):
        case = make_file(seed)
        song = parse_midi(case.content)
        for name, notes in case.parts.items():
            written = song.notes_of(name)
            hits += len(matched_notes(notes, written))
            found, true = found + len(written), true + len(notes)
    return 2 * hits / (found + true)


def rate_hums(count: int) -> float:
    """F1 of the notes of hums: onset within 50 ms, pitch within a quarter tone; counts are summed first."""
    hits = found = true = 0
    for seed in range(count):
        hum = make_hum(seed)
        notes = [note.note for note in sung_line(track_pitch(hum.audio)).notes]
        hits += len(matched_notes(hum.notes, notes))
        found, true = found + len(notes), true + len(hum.notes)
    return 2 * hits / (found + true)


def _means(figures: dict[str, list[float]]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in figures.items()}


def main() -> None:
    """Measures, prints and keeps the results."""
    options = read_options(__doc__)
    samples, hums, charts, files = QUICK if options.quick else (SAMPLES, HUMS, CHARTS, FILES)
    ours, plain = rate_samples(samples)
    ours |= {"chords_text": rate_chords(charts), "midi_f1": rate_files(files), "hum_f1": rate_hums(hums)}
    made = (2, QUICK_MADE, QUICK_MADE) if options.quick else (samples, MADE_CHARTS, MADE_FILES)
    made_ours, made_plain, made_counts = rate_made(*made)
    ours, plain = {**ours, **rate_recorded(), **made_ours}, {**plain, **made_plain}
    counts = {"n_samples": samples, "n_charts": charts, "n_files": files, "n_hums": hums, **made_counts}
    columns = {"measured": {**ours, **counts}, "baseline": plain, "chance": CHANCE}
    baseline = {f"baseline_{name}": value for name, value in plain.items()}
    leave("own_sound", {**ours, **baseline, **counts, "columns": columns}, options)


if __name__ == "__main__":
    main()
