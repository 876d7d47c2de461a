"""Writes a beat down as MIDI files: drums, 808, melody and chords, and all in one; for packs and for uploaded files.

What is a note is decided in `typebeat/midi/`. Decided here: which stem is listened to for what, how the files are
named, and how long it may take.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from typebeat.engines import UNWATCHED, Job, Listeners, Stems, WeightsError
from typebeat.hearing.grid import Grid, Stated
from typebeat.hearing.measuring import measure
from typebeat.hearing.passport import Passport
from typebeat.midi.activations import TunedSound, holds_tones, pitch_levels
from typebeat.midi.bass import hear_bass
from typebeat.midi.drums import hear_drums
from typebeat.midi.notes import PART_NAMES
from typebeat.midi.transcript import Heard, Transcript, midi_files, write_down
from typebeat.parts import MadePart, PartMissing, TimeLimitError
from typebeat.parts.own.arranging import ALONE, Arrangement
from typebeat.parts.own.midi_of_sample import with_sample
from typebeat.parts.pack import tempo_and_key
from typebeat.parts.stems import split_stems
from typebeat.parts.writing import check_writable, write_files
from typebeat.request.midi_options import MidiOptions
from typebeat.request.options import RequestError
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.request.understanding import place_of
from typebeat.sound.audio import Audio, sounding
from typebeat.sound.files import read_audio

SILENT_PEAK = 1e-3  # -60 dBFS
SILENT_SHARE = 0.006  # of the beat's RMS (-45 dB); a quieter stem holds only what the splitter let through
ONLY_DRUMS = "nothing but drums, bass or noise sounds"
_FEWEST_OF_A_KEY = 3  # notes of an 808 from which a sound without melody and chords has a key
TIME_LIMIT_SECONDS = 240.0  # for one file
STEPS = ("Measuring tempo and key", "Splitting stems", "Listening", "Writing MIDI")


@dataclass(frozen=True)
class MidiOfFile:
    """A sound written down.

    Attributes:
        files: The MIDI files by part ("drums", "808", "melody", "chords", "all"); only what has notes.
        transcript: Notes and chord names as they are in the files.
        missing: The parts that have no file, with the reason.
        passport: What the sound measures.
        method: How it was split into stems, in a few words.
        audio: The sound.
        heard: What was heard in it, for `write_again`.
        title: The title inside the files.
        stated: What was stated about its time.
    """

    files: dict[str, Path]
    transcript: Transcript
    missing: dict[str, str]
    passport: Passport
    method: str
    audio: Audio = field(repr=False)
    heard: Heard = field(repr=False)
    title: str
    stated: Stated = field(default_factory=Stated)

    def facts(self) -> dict[str, Any]:
        """Returns plain values for the API: what was measured, what is missing and why, how it was split."""
        passport = self.passport.facts()
        zero: dict[str, Any] = {name: passport[name] for name in ("midi_zero_seconds", "left_out") if name in passport}
        return {"passport": passport, "missing": self.missing, "stems": self.method, **zero}


def make_midi(
    beat: Audio,
    stems: Stems,
    engines: Listeners,
    passport: Passport,
    job: Job = UNWATCHED,
    parts: Mapping[str, Audio] | None = None,
    arranged: Arrangement = ALONE,
) -> MadePart:
    """Writes down what a take plays, on the grid that was measured; raises PartMissing if there are no notes.

    Args:
        beat: The take.
        stems: What it was split into; not listened to where `parts` are known.
        engines: The models that hear.
        passport: What the take measures.
        job: Watches and stops the work.
        parts: Drums, 808, chords and melody, or drums, bass and other, as the model played them, each alone.
        arranged: What the take was made around; parts that it leaves out are not looked for.
    """
    grid, key = _grid_of_loop(passport, beat.seconds), passport.asked_key or passport.key
    heard = hear_parts(parts, engines, job) if parts else hear(beat, stems, engines, job)
    transcript = write_down(heard, grid, key, MidiOptions(), has_beat=passport.has_beat)
    transcript = with_sample(transcript, arranged)
    contents = midi_files(transcript, "Typebeat", bends=False)
    if not contents:
        raise PartMissing(" and ".join(dict.fromkeys(_missing(transcript).values())))
    files = {f"midi/{_file_name(name, grid, key)}": content for name, content in contents.items()}
    chords = [marker.text for marker in transcript.markers]
    notes = {part.name: part.notes for part in transcript.parts}
    return MadePart(files, {"chords": chords}, _missing(transcript), notes, transcript.markers)


def _grid_of_loop(passport: Passport, seconds: float) -> Grid:
    """Returns the exact grid of a loop that has the tempo asked for; else the grid as measured."""
    grid, bpm = passport.grid, passport.asked_bpm
    if bpm is None or passport.bpm_hit is False:
        return replace(grid, bars=max(1, grid.bars))
    return Grid(bpm, 0.0, max(1, round(seconds * bpm / (60 * BEATS_PER_BAR))), grid.swing)


def midi_of_file(path: Path, options: MidiOptions, engines: Listeners, out: Path, job: Job = UNWATCHED) -> MidiOfFile:
    """Writes a sound file down as MIDI files in the folder `out`, which is made if need be.

    Raises:
        RequestError: the file cannot be read as sound, or is too long.
        PartMissing: the models that are needed are not there or fail.
        TimeLimitError: it took longer than `TIME_LIMIT_SECONDS`.
        OSError: `out` cannot be written; no half file is left.
    """
    limit = time.monotonic() + TIME_LIMIT_SECONDS

    def should_stop() -> bool:
        if time.monotonic() > limit:
            raise TimeLimitError(
                f"{path.name} took longer than {TIME_LIMIT_SECONDS:.0f} s and was given up; try a shorter piece of it"
            )
        return bool(job.should_stop and job.should_stop())

    def step(number: int) -> Job:
        now = replace(job, should_stop=should_stop, doing=STEPS[number])
        now.step(number, len(STEPS))
        return now

    check_writable(out)
    audio = read_audio(path)
    step(0)
    passport, mixable = measure_stated(audio, options), sounding(audio)
    stems = split_stems(mixable, engines, step(1))
    heard = hear(mixable, stems, engines, step(2))
    step(3)
    return _written(audio, heard, passport, stems.method, path.stem, options, out)


def write_again(made: MidiOfFile, options: MidiOptions, out: Path) -> MidiOfFile:
    """Writes the same sound down with other options, from what was heard in it; this takes well under a second.

    The sound is measured again only if another tempo, key, metre, bar 1 or number of bars is stated.
    """
    is_same = (made.stated, made.passport.asked_key) == (stated_by(options), options.key)
    passport = made.passport if is_same else measure_stated(made.audio, options)
    return _written(made.audio, made.heard, passport, made.method, made.title, options, out)


def stated_by(options: MidiOptions) -> Stated:
    """Returns what the options state about the time of the sound."""
    return Stated(options.bpm, options.bars, options.downbeat, options.metre)


def measure_stated(audio: Audio, options: MidiOptions) -> Passport:
    """Measures a sound; what the options state about its time is kept."""
    if options.downbeat is not None and options.downbeat >= audio.seconds:
        raise RequestError("downbeat", f"downbeat must lie in the sound, which is {audio.seconds:.1f} s long")
    return measure(audio, key=options.key, stated=stated_by(options))


def hear(beat: Audio, stems: Stems, engines: Listeners, job: Job = UNWATCHED) -> Heard:
    """Listens to each stem, which is the slow part; raises PartMissing if no network for pitches can be used."""
    if engines.pitches is None:
        raise PartMissing("no network that hears pitches is loaded")
    level = math.sqrt(float(np.mean(np.square(beat.samples))))
    if float(np.abs(beat.samples).max()) < SILENT_PEAK:
        return Heard(None, None, None, dict.fromkeys(PART_NAMES, "the sound is silent"))
    sounds = stems.sounds
    is_quiet = {
        name: math.sqrt(float(np.mean(np.square(sound.samples)))) < SILENT_SHARE * level
        for name, sound in sounds.items()
    }
    tuned = None
    if not is_quiet["other"]:
        try:
            rest = engines.pitches.listen(sounds["other"], job)
            mix = engines.pitches.listen(beat, job)
        except WeightsError as error:
            raise PartMissing(str(error)) from error
        if holds_tones(rest):
            tuned = TunedSound(rest, mix, pitch_levels(sounds["other"], rest))
    job.check()
    drums = hear_drums(beat, from_silence=True)
    job.check()
    bass = hear_bass(beat, drums)
    silent = (
        {}
        if tuned
        else {
            name: f"no {name} {'were' if name == 'chords' else 'was'} heard: {ONLY_DRUMS}"
            for name in ("melody", "chords")
        }
    )
    return Heard(drums, bass, tuned, silent)


def hear_parts(parts: Mapping[str, Audio], engines: Listeners, job: Job = UNWATCHED) -> Heard:
    """Listens to parts that the model played apart.

    The drums are heard alone. An 808 is heard in the whole beat, and so is what surrounds melody and chords: that is
    what their networks learnt from. Which of the two plays a note, their levels tell. Of weights that play all that
    has a pitch as one part, "other", melody and chords are told apart by ear.
    """
    if engines.pitches is None:
        raise PartMissing("no network that hears pitches is loaded")
    sources = {name: place_of(name, parts) for name in PART_NAMES}
    sounding = {name: part for name, part in parts.items() if np.abs(part.samples).max() >= SILENT_PEAK}
    silent = {name: "nothing is played in it" for name, source in sources.items() if source not in sounding}
    if not sounding:
        return Heard(None, None, None, silent, are_apart=True)
    beat = _sum(sounding.values())
    drums = None if "drums" in silent else hear_drums(parts["drums"])
    job.check()
    bass = None if "808" in silent else hear_bass(beat, hear_drums(beat))
    job.check()
    played = {name: source for name in ("chords", "melody") if (source := sources[name]) in sounding}
    if not played:
        return Heard(drums, bass, None, silent, are_apart=True)
    rest = _sum(sounding[source] for source in dict.fromkeys(played.values()))  # one part may hold both
    try:
        pitches, whole = engines.pitches.listen(rest, job), engines.pitches.listen(beat, job)
    except WeightsError as error:
        raise PartMissing(str(error)) from error
    tuned = TunedSound(pitches, whole, pitch_levels(rest, pitches))
    is_apart = sources["chords"] != sources["melody"]
    levels = {name: pitch_levels(sounding[source], pitches) for name, source in played.items()} if is_apart else {}
    return Heard(drums, bass, tuned, silent, are_apart=True, levels=levels)


def _sum(sounds: Iterable[Audio]) -> Audio:
    first, *others = sounds
    return replace(first, samples=sum((each.samples for each in others), first.samples))


def _written(
    audio: Audio, heard: Heard, passport: Passport, method: str, title: str, options: MidiOptions, out: Path
) -> MidiOfFile:
    """Decodes what was heard and writes the files."""
    key = options.key or passport.key
    grid = passport.midi_grid
    transcript = write_down(heard, grid, key, options, has_beat=passport.has_beat)
    if not options.key and _is_without_key(transcript):
        key, transcript = "", replace(transcript, key="", markers=())
    contents = midi_files(transcript, title, options.bends)
    files = {name: out / _file_name(name, grid, key, is_kept=options.bpm is not None) for name in contents}
    write_files({file: contents[name] for name, file in files.items()})
    missing = _missing(transcript)
    return MidiOfFile(files, transcript, missing, passport, method, audio, heard, title, stated_by(options))


def _file_name(part: str, grid: Grid, key: str, *, is_kept: bool = False) -> str:
    bpm = grid.bpm if is_kept else round(grid.bpm, 1)
    return f"{part}_{tempo_and_key(bpm, key) if key else f'{bpm:g}bpm'}.mid"


def _is_without_key(transcript: Transcript) -> bool:
    """Whether drums, noise and a stray bass note are all that was heard, which have no key."""
    notes = {part.name: len(part.notes) for part in transcript.parts}
    return not notes["melody"] and not notes["chords"] and notes["808"] < _FEWEST_OF_A_KEY


def _missing(transcript: Transcript) -> dict[str, str]:
    return {part.name: part.why_empty for part in transcript.parts if not part.notes}
