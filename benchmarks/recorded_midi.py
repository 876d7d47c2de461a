"""Measures the MIDI of recorded drums: the columns of `benchmarks/midi.py` whose sounds were not made by code.

    python -m benchmarks.recorded_midi           these columns alone, which are then renewed in its results

- recorded kits: grooves on recorded drum kits that training leaves out (`recorded_kits.py`), worn by a room, a bus
  compressor, tape or vinyl. Half are drums alone.
- CC0 loops: drum loops of sonic-pi-samples (`recorded_loops.py`), as they are.
- chopped loops: four of these, in another order and at another pitch and tempo, worn in the same ways.
- speech: sentences by espeak-ng, in which every drum is false.

Each is written as by `typebeat midi FILE --bpm`, with its tempo stated. The split is by kit and by file, and was
made before anything was measured. Nothing is tuned on these columns. A column whose package is missing is left out.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script

from benchmarks import recorded_kits, recorded_loops
from benchmarks.note_scores import GROUPS, ONSET_SECONDS, Tally, matched_hits, one_moment
from benchmarks.recorded_kits import RecordedBeat
from benchmarks.report import RESULTS, leave, read_options
from typebeat.engines import Listeners
from typebeat.engines.load import load_listeners
from typebeat.midi.notes import DRUM_PITCHES
from typebeat.parts.midi import MidiOfFile, midi_of_file
from typebeat.request.midi_options import MidiOptions
from typebeat.request.settings import Settings
from typebeat.sound.audio import Audio
from typebeat.sound.files import read_audio

TUNED = ("chords", "melody", "808")
VOICES = ("en-us", "en-gb", "de", "fr-fr", "es", "it")  # of espeak-ng
SENTENCES = (
    "Check the microphone, one two, one two. The kick and the snare come later, take your time and keep talking. "
    "People think that a beat is a matter of taste, but taste is a matter of practice."
)
PACKAGES = {
    "recorded kits": "hydrogen-drumkits, fluidsynth or timgm6mb-soundfont",
    "CC0 loops": "sonic-pi-samples",
    "chopped loops": "sonic-pi-samples",
    "speech": "espeak-ng",
}
_SPOKEN_BPM = 90.0  # stated of speech, which has no tempo


@dataclass(frozen=True)
class Sizes:
    """The most beats of each column."""

    kits: int
    chopped: int
    loops: int
    spoken: int


FULL, QUICK = Sizes(34, 20, len(recorded_loops.LOOPS), len(VOICES)), Sizes(1, 1, 1, 1)


def recorded_cases(sizes: Sizes) -> Iterator[tuple[str, RecordedBeat]]:
    """Yields the column and the beats to measure; none of a package that is missing."""
    if recorded_kits.is_installed():
        yield from (("recorded kits", recorded_kits.make_recorded_beat(index)) for index in range(sizes.kits))
    if recorded_loops.is_installed():
        yield from (
            ("CC0 loops", recorded_loops.read_loop(name)) for name in tuple(recorded_loops.LOOPS)[: sizes.loops]
        )
        yield from (("chopped loops", recorded_loops.make_chopped(index)) for index in range(sizes.chopped))
    if shutil.which("espeak-ng"):
        yield from (("speech", speech(voice)) for voice in VOICES[: sizes.spoken])


def speech(voice: str) -> RecordedBeat:
    """Lets a voice of espeak-ng say a few sentences."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "speech.wav")
        subprocess.run(["espeak-ng", "-v", voice, "-w", wav, SENTENCES], check=True, capture_output=True, timeout=60)
        audio = read_audio(wav)
    return RecordedBeat(audio, _SPOKEN_BPM, 1, {}, {}, (), False, f"speech, {voice}", is_speech=True)


def judge_recorded(beat: RecordedBeat, engines: Listeners, tally: Tally) -> MidiOfFile:
    """Writes a beat down with its tempo stated, counts what is right, and returns what was written."""
    made = written(beat.audio, beat.bpm, engines)
    notes = {part.name: part.notes for part in made.transcript.parts}
    for group in beat.judged:
        count_group(group, beat, [note.onset for note in notes["drums"] if note.pitch in _pitches(group)], tally)
    if beat.is_speech:
        tally.note("phantom_drums", len(notes["drums"]))
        return made
    tally.note("bars_kept", made.passport.facts()["bars_written"] == beat.bars)
    tally.note("tempo_kept", abs(made.transcript.grid.bpm - beat.bpm) < 1e-6)
    if beat.is_drums:
        for name in TUNED:
            tally.note(f"phantom_{name}", len(notes[name]))
        tally.note("phantom_key", bool(made.transcript.key))
    return made


def written(audio: Audio, bpm: float, engines: Listeners) -> MidiOfFile:
    """Writes a sound down as the app does with a file."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "beat.wav")
        soundfile.write(wav, audio.samples.T, audio.sample_rate, subtype="FLOAT")
        return midi_of_file(wav, MidiOptions(bpm=bpm), engines, Path(folder, "midi"))


def _pitches(group: str) -> set[int]:
    return {DRUM_PITCHES[drum] for drum in GROUPS[group]}


def count_group(group: str, beat: RecordedBeat, heard: list[float], tally: Tally) -> None:
    """Counts the hits of a group; what is heard where nobody can tell, and matches no sure hit, is not counted."""
    true = one_moment([at for drum in GROUPS[group] for at in beat.hits.get(drum, ())])
    unsure = np.array([at for drum in GROUPS[group] for at in beat.unsure.get(drum, ())])
    onsets = one_moment(heard)
    pairs = matched_hits(true, onsets)
    free = [onsets[j] for j in set(range(len(onsets))) - {j for _, j in pairs}]
    ignored = sum(bool(len(unsure) and np.abs(unsure - at).min() <= ONSET_SECONDS) for at in free)
    tally.count(group, len(pairs), len(onsets) - ignored, len(true))


def measure_recorded(*, quick: bool, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Returns the figures of each column whose package is installed, and says which are not."""
    engines = load_listeners(Settings(stems="starter"))
    tallies: dict[str, Tally] = {}
    beats: dict[str, int] = {}
    for column, beat in recorded_cases(QUICK if quick else FULL):
        judge_recorded(beat, engines, tallies.setdefault(column, Tally()))
        beats[column] = beats.get(column, 0) + 1
        say(f"{column}, {beats[column]}: {beat.made}")
    for column, package in PACKAGES.items():
        if column not in beats:
            say(f"{column}: left out, since {package} is not installed")
    return {column: {"n": beats[column], **tally.figures()} for column, tally in tallies.items()}


def main() -> None:
    """Measures these columns and puts them into the results of `benchmarks/midi.py`."""
    options = read_options(__doc__)
    recorded = measure_recorded(quick=options.quick, say=lambda line: print(line, flush=True))
    leave("midi", {**json.loads((RESULTS / "midi.json").read_text()), "recorded": recorded}, options)


if __name__ == "__main__":
    main()
