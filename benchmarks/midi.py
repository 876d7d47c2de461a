"""Measures the MIDI of each part against the true notes, beside basic-pitch alone on the same mix.

    python -m benchmarks.midi                    the whole table, about half an hour on two cores
    python -m benchmarks.midi --quick --json     a small part of it, in under a minute

The columns are: corpus beats of seeds that were never used in training or tuning, the same beats after the starter's
codec, and beats of `foreign_beats.py` with other kits and, if fluidsynth is installed, with General MIDI sounds; four
in five of these are damaged. Each beat is transcribed as by `typebeat midi FILE --bpm`. Notes are matched one to one
within 50 ms and 50 cents; counts are summed over the beats of a column before F1 is computed.

The second table is of recorded sound, whose columns and split are told in `recorded_midi.py`; that script measures
these columns alone.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

import typebeat
from benchmarks import measures
from benchmarks.note_scores import GROUPS, Tally, matched_hits, matched_notes, one_moment
from benchmarks.passports import rate_passport
from benchmarks.recorded_midi import measure_recorded
from benchmarks.report import leave, read_options
from training.starter.listening.foreign_beats import make_foreign_beat, soundfont
from training.starter.simple_corpus.beats import TrueNote, make_beat
from training.starter.simple_corpus.compose import Score
from typebeat.engines import Listeners
from typebeat.engines.load import load_listeners
from typebeat.hearing.grid import Grid
from typebeat.hearing.measuring import measure
from typebeat.midi.activations import PitchActivations
from typebeat.midi.notes import DRUM_PITCHES, Note
from typebeat.midi.transcript import write_down
from typebeat.parts.midi import hear
from typebeat.parts.stems import split_stems
from typebeat.request.midi_options import MidiOptions
from typebeat.request.settings import Settings
from typebeat.sound.audio import Audio

MEASURED_SEEDS = 300_000  # the first seed; foreign beats use foreign_beats.MEASURED_SEEDS
BARS = 8
LOWEST_TUNED = 48  # MIDI pitch; lower notes of basic-pitch are compared with the 808, all others with the rest


@dataclass(frozen=True)
class Sizes:
    """The number of beats of each column."""

    corpus: int
    foreign: int


FULL, QUICK = Sizes(30, 20), Sizes(2, 1)


@dataclass(frozen=True)
class Case:
    """A beat of a column: its sound, score and true notes."""

    column: str
    audio: Audio
    score: Score
    truth: dict[str, tuple[TrueNote, ...]]


def cases(sizes: Sizes) -> Iterator[Case]:
    """Yields all beats to measure."""
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
    from typebeat.engines.beat.starter import load_codec

    codec = load_codec(Path(typebeat.__file__).parent / "starter" / "beat")

    def round_trip(samples: np.ndarray) -> np.ndarray:
        made = measures.round_trip(codec, samples)[: len(samples)]
        return np.pad(made, (0, len(samples) - len(made)))

    return round_trip


def judge(case: Case, engines: Listeners, tally: Tally) -> None:
    """Transcribes a beat, whose tempo is given, and counts what is right."""
    begun = time.perf_counter()
    passport = measure(case.audio, bpm=case.score.bpm)
    heard = hear(case.audio, split_stems(case.audio, engines), engines)
    options = MidiOptions(bpm=case.score.bpm)
    transcript = write_down(heard, passport.grid, passport.key, options, has_beat=passport.has_beat)
    seconds = time.perf_counter() - begun
    parts = {part.name: part.notes for part in transcript.parts}
    _count_hits(case, parts["drums"], passport.grid, tally)
    for name, true, written in (
        ("808", case.truth["808"], parts["808"]),
        ("melody", (*case.truth["melody"], *case.truth["chords"]), (*parts["melody"], *parts["chords"])),
    ):
        pairs = matched_notes(true, written)
        tally.count(name, len(pairs), len(written), len(true))
        with_offset = matched_notes(true, written, with_offset=True)
        tally.count(f"{name}_with_offset", len(with_offset), len(written), len(true))
        _note_places([(true[i].onset, written[j].onset) for i, j in pairs], passport.grid, tally)
    mix = heard.tuned.mix if heard.tuned else engines.pitches.listen(case.audio)
    _count_baseline(case, basic_pitch_alone(mix), tally)
    for name, value in rate_passport(case.audio, case.score.bpm, case.score.key).items():
        tally.note(name, value)
    tally.note("s_per_30s", 30 * seconds / case.audio.seconds)


def _count_hits(case: Case, written: tuple[Note, ...], grid: Grid, tally: Tally) -> None:
    for group, drums in GROUPS.items():
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in drums])
        pitches = {DRUM_PITCHES[drum] for drum in drums}
        onsets = one_moment([note.onset for note in written if note.pitch in pitches])
        pairs = matched_hits(true, onsets)
        tally.count(group, len(pairs), len(onsets), len(true))
        _note_places([(true[i], onsets[j]) for i, j in pairs], grid, tally)


def _note_places(pairs: list[tuple[float, float]], grid: Grid, tally: Tally) -> None:
    """Counts how many matched notes are nearer to their true place than to any other.

    In a roll of thirty-seconds the next place is half a sixteenth away, so the limit is a quarter of a sixteenth.
    """
    for true, written in pairs:
        tally.note("right_16th", abs(true - written) < grid.sixteenth_seconds / 4)


def basic_pitch_alone(heard: PitchActivations) -> tuple[Note, ...]:
    """Returns the notes that basic-pitch's decoder finds in a mix with its defaults."""
    from basic_pitch.note_creation import output_to_notes_polyphonic

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
    """Counts the notes of basic-pitch; those at the pitches of General MIDI's drums count as drum hits."""
    for group in ("kick", "snare", "hat"):
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in GROUPS[group]])
        onsets = one_moment([n.onset for n in notes if n.pitch in {DRUM_PITCHES[drum] for drum in GROUPS[group]}])
        tally.count(f"baseline_{group}", len(matched_hits(true, onsets)), len(onsets), len(true))
    low = tuple(note for note in notes if note.pitch < LOWEST_TUNED)
    high = tuple(note for note in notes if note.pitch >= LOWEST_TUNED)
    for name, true, written in (
        ("808", case.truth["808"], low),
        ("melody", (*case.truth["melody"], *case.truth["chords"]), high),
    ):
        tally.count(f"baseline_{name}", len(matched_notes(true, written)), len(written), len(true))


def measure_all(sizes: Sizes, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Returns the figures of each column."""
    engines = load_listeners(Settings(stems="starter"))
    tallies: dict[str, Tally] = {}
    beats: dict[str, int] = {}
    for case in cases(sizes):
        judge(case, engines, tallies.setdefault(case.column, Tally()))
        beats[case.column] = beats.get(case.column, 0) + 1
        say(f"{case.column}, beat {beats[case.column]}")
    return {column: {"n": beats[column], **tally.figures()} for column, tally in tallies.items()}


def main() -> None:
    """Measures, then prints and writes the results."""
    options = read_options(__doc__)
    columns = measure_all(QUICK if options.quick else FULL, _say)
    recorded = measure_recorded(quick=options.quick, say=_say)
    leave("midi", {**columns["corpus"], "columns": columns, "recorded": recorded}, options)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
