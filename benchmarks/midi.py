"""How good the MIDI of drums and 808 is: against the notes that were played, beside basic-pitch alone on the same mix.

    python -m benchmarks.midi                    the whole table, about half an hour on two cores
    python -m benchmarks.midi --quick --json     a small part of the same in under a minute

Columns: corpus beats of seeds that nothing was trained or tuned on, the same after the starter's codec, and beats by
other means (`foreign_beats.py`): kits by another synthesis, and General MIDI sounds where fluidsynth is installed; four
of five of those are damaged. The tempo is known, the rest of the grid is measured, and notes are quantised onto it.
They are matched one to one within 50 ms and 50 cents; counts are summed over a column's beats before F1 is formed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mir_eval
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

import typebeat
from benchmarks.foreign_beats import make_foreign_beat, soundfont
from benchmarks.note_scores import Tally, matched_hits, matched_notes, one_moment
from training.starter.compose import Score
from training.starter.corpus import TrueNote, make_beat
from typebeat.audio import Audio
from typebeat.engines import PitchListener
from typebeat.grid import BPM_TOLERANCE, Grid, measure
from typebeat.midi.bass808 import bass_notes, hear_bass
from typebeat.midi.drums import drum_notes
from typebeat.midi.notes import DRUM_PITCHES, Note
from typebeat.midi.quantize import quantize

RESULTS = Path(__file__).parent / "results"
MEASURED_SEEDS = 300_000  # and upwards; foreign beats take theirs from foreign_beats.MEASURED_SEEDS
BARS = 8
BLIND_BPM_TOLERANCE = 1.0
LOWEST_TUNED = 48  # MIDI pitch: below it basic-pitch's notes are held against the 808
GROUPS = {
    "kick": ("kick",),
    "snare": ("snare", "clap"),
    "hat": ("closed_hat", "open_hat"),
    "rim": ("rim",),
    "perc": ("perc",),
    "crash": ("crash",),
}
BARS_TO_CLEAR = {
    **{"f1_kick": "0.90", "f1_snare": "0.88", "f1_hat": "0.85", "f1_808": "0.88"},
    **{"right_16th": "0.90", "bpm_hit_known": "1", "bpm_hit_blind": "0.90"},
}


@dataclass(frozen=True)
class Sizes:
    """How many beats each column has."""

    corpus: int
    foreign: int


FULL, QUICK = Sizes(30, 20), Sizes(2, 1)


@dataclass(frozen=True)
class Case:
    """A beat of a column: its sound and what is true of it."""

    column: str
    audio: Audio
    score: Score
    truth: dict[str, tuple[TrueNote, ...]]


def cases(sizes: Sizes) -> Iterator[Case]:
    """Every beat that is measured."""
    round_trip = _codec()
    for seed in range(MEASURED_SEEDS, MEASURED_SEEDS + sizes.corpus):
        beat = make_beat(seed, BARS)
        yield Case("corpus", Audio(beat.mix, beat.sample_rate), beat.score, beat.truth)
        yield Case("after the codec", Audio(round_trip(beat.mix), beat.sample_rate), beat.score, beat.truth)
    for general_midi, column in ((False, "other kits"), (True, "General MIDI")):
        for index in range(sizes.foreign if soundfont(measured=True) or not general_midi else 0):
            beat = make_foreign_beat(index, measured=True, general_midi=general_midi, round_trip=round_trip)
            yield Case(column, Audio(beat.mix, beat.sample_rate), beat.score, beat.truth)


def _codec() -> Callable[[np.ndarray], np.ndarray]:
    """The starter's codec: samples (n,) to as many samples."""
    import torch

    from typebeat.engines.starter import load_codec

    codec = load_codec(Path(typebeat.__file__).parent / "starter" / "beat")

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            made = codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]
        return np.pad(made, (0, len(samples) - len(made)))

    return round_trip


def judge(case: Case, listener: PitchListener, tally: Tally) -> None:
    """Writes one beat down, at the tempo that is known, and counts what is right."""
    begun = time.perf_counter()
    passport = measure(case.audio, bpm=case.score.bpm)
    grid, track = passport.grid, hear_bass(case.audio)
    drums = quantize(drum_notes(track.struck, grid), grid, "tight")
    bass = quantize(bass_notes(track, grid), grid, "tight")
    seconds = time.perf_counter() - begun
    _count_hits(case, drums, grid, tally)
    true = case.truth["808"]
    pairs = matched_notes(true, bass)
    tally.count("808", len(pairs), len(bass), len(true))
    tally.count("808_with_offset", len(matched_notes(true, bass, with_offset=True)), len(bass), len(true))
    _note_places([(true[i].onset, bass[j].onset) for i, j in pairs], grid, tally)
    _count_baseline(case, basic_pitch_alone(case.audio, listener), tally)
    blind = measure(case.audio).grid.bpm
    misses = [abs(blind * octave - case.score.bpm) for octave in (0.5, 1, 2)]
    tally.note("bpm_hit_known", abs(passport.grid.bpm - case.score.bpm) <= BPM_TOLERANCE)
    tally.note("bpm_hit_blind", min(misses) <= BLIND_BPM_TOLERANCE)
    tally.note("key_score", mir_eval.key.weighted_score(case.score.key, passport.key) if passport.key else 0.0)
    tally.note("drums_and_808_s_per_30s", 30 * seconds / case.audio.seconds)


def _count_hits(case: Case, written: tuple[Note, ...], grid: Grid, tally: Tally) -> None:
    for group, drums in GROUPS.items():
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in drums])
        pitches = {DRUM_PITCHES[drum] for drum in drums}
        onsets = one_moment([note.onset for note in written if note.pitch in pitches])
        pairs = matched_hits(true, onsets)
        tally.count(group, len(pairs), len(onsets), len(true))
        _note_places([(true[i], onsets[j]) for i, j in pairs], grid, tally)


def _note_places(pairs: list[tuple[float, float]], grid: Grid, tally: Tally) -> None:
    """Of matched notes, whether each stands nearer to its true place than to any other.

    The next place of a roll of thirty-seconds is half a sixteenth away, so a quarter of one is the limit.
    """
    for true, written in pairs:
        tally.note("right_16th", abs(true - written) < grid.sixteenth_seconds / 4)


def basic_pitch_alone(audio: Audio, listener: PitchListener) -> tuple[Note, ...]:
    """What basic-pitch's network and decoder write of a mix with their defaults."""
    from basic_pitch.note_creation import output_to_notes_polyphonic

    heard = listener.listen(audio)
    notes = output_to_notes_polyphonic(
        heard.sounding.copy(),
        heard.beginning.copy(),
        onset_thresh=0.5,
        frame_thresh=0.3,
        min_note_len=11,
        infer_onsets=True,
        max_freq=None,
        min_freq=None,
    )
    frame = heard.frame_seconds
    return tuple(Note(start * frame, end * frame, int(pitch), 64) for start, end, pitch, _ in notes)


def _count_baseline(case: Case, notes: tuple[Note, ...], tally: Tally) -> None:
    """Its notes at the pitches of General MIDI's drums count as hits, as they would in a drum track."""
    for group in ("kick", "snare", "hat"):
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in GROUPS[group]])
        onsets = one_moment([n.onset for n in notes if n.pitch in {DRUM_PITCHES[drum] for drum in GROUPS[group]}])
        tally.count(f"baseline_{group}", len(matched_hits(true, onsets)), len(onsets), len(true))
    low, true = tuple(note for note in notes if note.pitch < LOWEST_TUNED), case.truth["808"]
    tally.count("baseline_808", len(matched_notes(true, low)), len(low), len(true))


def measure_all(sizes: Sizes, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Returns the figures of each column by its name."""
    from typebeat.engines.transcriber import BasicPitch

    listener = BasicPitch()
    tallies: dict[str, Tally] = {}
    beats: dict[str, int] = {}
    for case in cases(sizes):
        judge(case, listener, tallies.setdefault(case.column, Tally()))
        beats[case.column] = beats.get(case.column, 0) + 1
        say(f"{case.column}, beat {beats[case.column]}")
    return {column: {"n": beats[column], **tally.figures()} for column, tally in tallies.items()}


def table(columns: dict[str, dict[str, float]]) -> str:
    """Returns the figures as a Markdown table, with the bar that each has to clear."""
    lines = ["| figure | bar | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for name in columns["corpus"]:
        cells = [f"{column[name]}" if name == "n" else f"{column[name]:.2f}" for column in columns.values()]
        lines.append(f"| {name} | {BARS_TO_CLEAR.get(name, '')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table, writes it, and prints one JSON object last if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small part of the same, in under a minute")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    args = parser.parse_args()
    columns = measure_all(QUICK if args.quick else FULL, lambda line: print(line, flush=True))
    print(table(columns))
    result = {**columns["corpus"], "columns": columns}
    if not args.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "midi.json").write_text(json.dumps(result, indent=1) + "\n")
        (RESULTS / "midi.md").write_text(table(columns) + "\n")
    if args.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
