"""How well Typebeat understands what people bring: a sample, chords as text, a MIDI file, a hum.

    python -m benchmarks.own_sound                    the whole table, some minutes on two cores
    python -m benchmarks.own_sound --quick --json     a small part of the same in under a minute

Samples are chords and arpeggios of recorded instruments (the soundfont FluidR3, which nothing was trained on), with or
without drums, at odd tempi and tunings; hums are voices with slides, vibrato and a tuning of their own. All of it is
made here from seeds, so the truth is known. What is not measured here yet: the beats that are made around a sample.
"""

import io
import sys
import time
from collections import defaultdict
from pathlib import Path

import mido
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.note_scores import matched_notes
from benchmarks.own_sound_cases import TrueNote, make_hum, make_sample
from benchmarks.report import leave, read_options
from typebeat.hearing.measuring import measure
from typebeat.hearing.pitch_track import track_pitch
from typebeat.hearing.sample import hear_sample
from typebeat.midi.reader import parse_midi
from typebeat.midi.voice import sung_line
from typebeat.request.chord_names import QUALITIES
from typebeat.request.chord_text import read_chords
from typebeat.request.words import NOTE_NAMES

SAMPLES, HUMS, CHARTS, FILES = 40, 30, 200, 50
QUICK = (4, 4, 50, 10)
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
        content, parts = _file(np.random.default_rng(10_000 + seed))
        song = parse_midi(content)
        for name, notes in parts.items():
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


def _file(rng: np.random.Generator) -> tuple[bytes, dict[str, list[TrueNote]]]:
    """A MIDI file of four parts with names, programs or neither, and its notes in s."""
    bpm = float(rng.uniform(60, 180))
    sixteenth = 15 / bpm
    tonic = int(rng.integers(12))
    drawn = {
        "drums": [(step, 1, 36 if step % 8 == 0 else 42) for step in range(0, 64, 2)],
        "808": [(step, 6, 28 + tonic) for step in range(0, 64, 8)],
        "chords": [(step, 15, 48 + tonic + tone) for step in range(0, 64, 16) for tone in (0, 3, 7)],
        "melody": [(step, 2, 72 + tonic + int(rng.choice([0, 3, 5, 7]))) for step in range(0, 64, 4)],
    }
    names = {"drums": "Drums", "808": "808", "chords": "Pad", "melody": "Lead"}
    programs = {"drums": 0, "808": 38, "chords": 89, "melody": 81}
    hint = rng.choice(["name", "program", "neither"])
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))]))
    for channel, (part, notes) in enumerate(drawn.items()):
        track = mido.MidiTrack()
        number = 9 if part == "drums" else channel
        if hint == "name":
            track.append(mido.MetaMessage("track_name", name=names[part]))
        if hint == "program":
            track.append(mido.Message("program_change", channel=number, program=programs[part]))
        events = [(step * 120, "note_on", pitch) for step, _, pitch in notes]
        events += [((step + steps) * 120, "note_off", pitch) for step, steps, pitch in notes]
        now = 0
        for tick, kind, pitch in sorted(events, key=lambda event: (event[0], event[1] == "note_on")):
            track.append(mido.Message(kind, channel=number, note=pitch, velocity=90, time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    truth = {
        part: [TrueNote(step * sixteenth, (step + steps) * sixteenth, pitch) for step, steps, pitch in notes]
        for part, notes in drawn.items()
    }
    return out.getvalue(), truth


def _means(figures: dict[str, list[float]]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in figures.items()}


def main() -> None:
    """Measures, prints and keeps the results."""
    options = read_options(__doc__)
    samples, hums, charts, files = QUICK if options.quick else (SAMPLES, HUMS, CHARTS, FILES)
    ours, plain = rate_samples(samples)
    ours |= {"chords_text": rate_chords(charts), "midi_f1": rate_files(files), "hum_f1": rate_hums(hums)}
    counts = {"n_samples": samples, "n_charts": charts, "n_files": files, "n_hums": hums}
    columns = {"measured": {**ours, **counts}, "baseline": plain}
    baseline = {f"baseline_{name}": value for name, value in plain.items()}
    leave("own_sound", {**ours, **baseline, **counts, "columns": columns}, options)


if __name__ == "__main__":
    main()
