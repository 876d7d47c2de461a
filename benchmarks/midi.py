"""How good the MIDI is: each part against the notes that were played, beside basic-pitch alone on the same mix.

    python -m benchmarks.midi                    the whole table, about half an hour on two cores
    python -m benchmarks.midi --quick --json     a small part of the same in under a minute

Columns: corpus beats of seeds that nothing was trained or tuned on, the same after the starter's codec, and beats by
other means (`foreign_beats.py`): kits by another synthesis, and General MIDI sounds where fluidsynth is installed; four
of five of those are damaged. Notes are matched by mir_eval, one to one, within 50 ms and 50 cents; counts are summed
over a column's beats before precision, recall and F1 are formed.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mir_eval
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks.foreign_beats import make_foreign_beat, soundfont
from training.starter.compose import Score
from training.starter.corpus import TrueNote, make_beat
from typebeat.audio import Audio
from typebeat.engines import PitchListener
from typebeat.grid import Grid
from typebeat.midi.bass808 import bass_notes, hear_bass
from typebeat.midi.drums import drum_notes
from typebeat.midi.notes import DRUM_PITCHES, Note
from typebeat.midi.quantize import quantize

RESULTS = Path(__file__).parent / "results"
MEASURED_SEEDS = 300_000  # and upwards; foreign beats take theirs from foreign_beats.MEASURED_SEEDS
BARS = 8
ONSET_SECONDS, PITCH_CENTS = 0.05, 50.0
ONE_MOMENT_SECONDS = 0.02  # two hits of a group this near are one: a clap on a snare
GROUPS = {
    "kick": ("kick",),
    "snare": ("snare", "clap"),
    "hat": ("closed_hat", "open_hat"),
    "rim": ("rim",),
    "perc": ("perc",),
    "crash": ("crash",),
}
BARS_TO_CLEAR = {"f1_kick": 0.90, "f1_snare": 0.88, "f1_hat": 0.85, "f1_808": 0.88, "right_16th": 0.90}


@dataclass(frozen=True)
class Sizes:
    """How many beats each column has."""

    corpus: int
    foreign: int


FULL, QUICK = Sizes(30, 20), Sizes(3, 2)


@dataclass(frozen=True)
class Case:
    """A beat of a column: its sound and what is true of it."""

    column: str
    audio: Audio
    score: Score
    truth: dict[str, tuple[TrueNote, ...]]


def cases(sizes: Sizes) -> Iterator[Case]:
    """Every beat that is measured, column by column."""
    round_trip = _codec()
    for seed in range(MEASURED_SEEDS, MEASURED_SEEDS + sizes.corpus):
        beat = make_beat(seed, BARS)
        yield Case("corpus", Audio(beat.mix, beat.sample_rate), beat.score, beat.truth)
        yield Case("after the codec", Audio(round_trip(beat.mix), beat.sample_rate), beat.score, beat.truth)
    for general_midi, column in ((False, "other kits"), (True, "General MIDI")):
        for index in range(sizes.foreign if soundfont(measured=True) or not general_midi else 0):
            beat = make_foreign_beat(index, measured=True, general_midi=general_midi, round_trip=round_trip)
            yield Case(column, Audio(beat.mix, beat.sample_rate), beat.score, beat.truth)


def _codec():
    """The starter's codec as a function: samples (n,) to the same number of samples."""
    import torch

    import typebeat
    from typebeat.engines.starter import load_codec

    codec = load_codec(Path(typebeat.__file__).parent / "starter" / "beat")

    def round_trip(samples: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            made = codec(torch.from_numpy(samples)[None, None]).x[0, 0].numpy()[: len(samples)]
        return np.pad(made, (0, len(samples) - len(made)))

    return round_trip


def written_parts(audio: Audio, bpm: float) -> tuple[dict[str, tuple[Note, ...]], Grid]:
    """What Typebeat writes, at the tempo that was asked for."""
    grid = Grid(bpm, 0.0, BARS)
    track = hear_bass(audio)
    return {"drums": drum_notes(track.struck, grid), "808": bass_notes(track, grid)}, grid


def basic_pitch_parts(audio: Audio, listener: PitchListener) -> tuple[Note, ...]:
    """What basic-pitch's network and its own decoder, with its defaults, write of the mix."""
    from basic_pitch.note_creation import output_to_notes_polyphonic

    heard = listener.listen(audio)
    notes = output_to_notes_polyphonic(
        heard.sounding.copy(), heard.beginning.copy(), onset_thresh=0.5, frame_thresh=0.3, min_note_len=11,
        infer_onsets=True, max_freq=None, min_freq=None, melodia_trick=True,
    )  # fmt: skip
    seconds = heard.frame_seconds
    return tuple(Note(a * seconds, b * seconds, int(p), max(1, round(127 * v))) for a, b, p, v in notes)


def one_moment(onsets: list[float]) -> np.ndarray:
    """Onsets in order, without those that follow another within `ONE_MOMENT_SECONDS`."""
    kept: list[float] = []
    for onset in sorted(onsets):
        if not kept or onset - kept[-1] > ONE_MOMENT_SECONDS:
            kept.append(onset)
    return np.array(kept)


def matched_hits(true: np.ndarray, heard: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of one true and one heard onset."""
    return mir_eval.util.match_events(true, heard, ONSET_SECONDS) if len(true) and len(heard) else []


def matched_notes(true: tuple, heard: tuple, *, with_offset: bool = False) -> list[tuple[int, int]]:
    """Pairs of one true and one heard note of the same pitch; `with_offset` asks for the end as well."""
    if not true or not heard:
        return []
    spans = [np.array([[n.onset, max(n.offset, n.onset + 0.01)] for n in part]) for part in (true, heard)]
    tones = [440 * 2 ** ((np.array([n.pitch for n in part]) - 69) / 12) for part in (true, heard)]
    return mir_eval.transcription.match_notes(
        spans[0], tones[0], spans[1], tones[1], onset_tolerance=ONSET_SECONDS, pitch_tolerance=PITCH_CENTS,
        offset_ratio=0.2 if with_offset else None,
    )  # fmt: skip


class Tally:
    """Counts of one column: of each figure how many were right, heard and true."""

    def __init__(self) -> None:
        self.counts: dict[str, np.ndarray] = {}
        self.beats = 0

    def add(self, name: str, right: int, heard: int, true: int) -> None:
        """Counts what one beat gave."""
        self.counts[name] = self.counts.get(name, np.zeros(3)) + np.array([right, heard, true])

    def figures(self) -> dict[str, float]:
        """Precision, recall and F1 of each name; of what is no detection, the share that is right."""
        out: dict[str, float] = {}
        for name, (right, heard, true) in self.counts.items():
            if name.startswith("share:"):
                out[name.removeprefix("share:")] = right / max(1, true)
                continue
            key = f"baseline_f1_{name[9:]}" if name.startswith("baseline:") else f"f1_{name}"
            out[key] = 2 * right / max(1, heard + true)
            if not name.startswith("baseline:"):
                out[f"precision_{name}"], out[f"recall_{name}"] = right / max(1, heard), right / max(1, true)
        return out


def judge(case: Case, tally: Tally, listener: PitchListener) -> float:
    """Counts one beat; returns the seconds that writing it down took."""
    begun = time.perf_counter()
    parts, grid = written_parts(case.audio, case.score.bpm)
    seconds = time.perf_counter() - begun
    baseline = basic_pitch_parts(case.audio, listener)
    tally.beats += 1
    for group, drums in GROUPS.items():
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in drums])
        pitches = {DRUM_PITCHES[drum] for drum in drums}
        heard = one_moment([note.onset for note in parts["drums"] if note.pitch in pitches])
        tally.add(group, len(matched_hits(true, heard)), len(heard), len(true))
        theirs = one_moment([note.onset for note in baseline if note.pitch in pitches])
        tally.add(f"baseline:{group}", len(matched_hits(true, theirs)), len(theirs), len(true))
    true = case.truth["808"]
    tally.add("808", len(matched_notes(true, parts["808"])), len(parts["808"]), len(true))
    tally.add("808_with_offset", len(matched_notes(true, parts["808"], with_offset=True)), len(parts["808"]), len(true))
    low = tuple(note for note in baseline if note.pitch <= 60)
    tally.add("baseline:808", len(matched_notes(true, low)), len(low), len(true))
    _count_sixteenths(case, parts, grid, tally)
    return seconds


def _count_sixteenths(case: Case, parts: dict, grid: Grid, tally: Tally) -> None:
    """Of the notes that are matched once quantised, how many stand nearer to their true place than to any other.

    The nearest other place of a roll of thirty-seconds is half a sixteenth away, so a quarter of one is the limit.
    """
    limit = grid.sixteenth_seconds / 4
    drums = quantize(parts["drums"], grid, "tight")
    for group in GROUPS.values():
        true = one_moment([hit.onset for hit in case.truth["drums"] if hit.drum in group])
        heard = one_moment([note.onset for note in drums if note.pitch in {DRUM_PITCHES[drum] for drum in group}])
        pairs = matched_hits(true, heard)
        tally.add("share:right_16th", sum(abs(true[i] - heard[j]) < limit for i, j in pairs), 0, len(pairs))
    bass, true = quantize(parts["808"], grid, "tight"), case.truth["808"]
    pairs = matched_notes(true, bass)
    tally.add("share:right_16th", sum(abs(true[i].onset - bass[j].onset) < limit for i, j in pairs), 0, len(pairs))


def measure_all(sizes: Sizes, say) -> dict[str, dict[str, float]]:
    """Returns the figures of each column by its name."""
    from typebeat.engines.transcriber import BasicPitch

    listener, tallies, spent = BasicPitch(), {}, {}
    for case in cases(sizes):
        tally = tallies.setdefault(case.column, Tally())
        seconds = judge(case, tally, listener)
        spent.setdefault(case.column, []).append(seconds / case.audio.seconds)
        say(f"{case.column}, beat {tally.beats}")
    return {
        column: {**tally.figures(), "s_per_30s": 30 * float(np.median(spent[column])), "n": tally.beats}
        for column, tally in tallies.items()
    }


def table(columns: dict[str, dict[str, float]]) -> str:
    """Returns the figures as a Markdown table, with the bar that each has to clear."""
    lines = ["| figure | bar | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for name in columns["corpus"]:
        cells = [f"{column[name]:.4g}" if name == "n" else f"{column[name]:.2f}" for column in columns.values()]
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
