"""Writes a whole beat down: from what was heard to parts, chord names and MIDI files.

Hearing is slow and is done once for each sound, by `parts/midi.py`. `write_down` is fast, so it can run again whenever
an option changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from typebeat.hearing.grid import Grid
from typebeat.hearing.strikes import Struck
from typebeat.midi.activations import TunedSound
from typebeat.midi.bass import BassTrack, bass_notes
from typebeat.midi.chords import chord_markers
from typebeat.midi.drums import drum_notes
from typebeat.midi.melody import melody_and_chords
from typebeat.midi.notes import Marker, MidiPart, Note
from typebeat.midi.quantize import quantize
from typebeat.midi.writer import midi_bytes
from typebeat.request.midi_options import MidiOptions

NOT_HEARD = {
    "drums": "no drum hit was heard",
    "808": "no 808 or bass was heard",
    "melody": "no melody was heard",
    "chords": "no chords were heard",
}
_EARLY_BEATS = 1 / 16  # a note this little before a change of tempo belongs to what follows
NO_BEAT = "no steady beat was heard, so nothing in it is taken for a drum or an 808"


@dataclass(frozen=True)
class Heard:
    """What was heard of one sound; None for what is silent."""

    drums: Struck | None = field(repr=False)  # what the drums are decoded from
    bass: BassTrack | None = field(repr=False)  # what the 808 is decoded from
    tuned: TunedSound | None = field(repr=False)  # what melody and chords are decoded from
    silent: dict[str, str]  # for each part that has nothing to be decoded from, the reason
    are_apart: bool = False  # whether the model played each part apart
    # levels in dB of chords and of melody at each frame and pitch of `tuned`, if they were played apart
    levels: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Transcript:
    """A beat as notes."""

    parts: tuple[MidiPart, ...]  # drums, 808, melody and chords; an empty one says why
    markers: tuple[Marker, ...]  # names of the chords
    grid: Grid  # the grid that they are on
    key: str  # canonical key, or empty


def write_down(heard: Heard, grid: Grid, key: str, options: MidiOptions, *, has_beat: bool = True) -> Transcript:
    """Decodes and quantises every part, in a fraction of a second.

    Args:
        heard: What was heard of the sound.
        grid: Its grid.
        key: Canonical key, such as "F minor"; empty if nothing has a pitch.
        options: Timing, key snap and sensitivity. Its tempo and key are ignored; `grid` and `key` hold them.
        has_beat: Whether a steady beat was heard. Without one there are no drums and no 808: hiss and a deep voice
            are easily mistaken for them.
    """
    if grid.later:
        return _joined(
            [write_down(heard, replace(each, later=()), key, options, has_beat=has_beat) for each in grid.sections],
            grid,
        )

    is_beat = has_beat or heard.are_apart  # a part that was played alone is what its name says
    drums = drum_notes(heard.drums, grid) if heard.drums and is_beat else ()
    bass = bass_notes(heard.bass, grid) if heard.bass and is_beat else ()
    melody: tuple[Note, ...] = ()
    chords: tuple[Note, ...] = ()
    if heard.tuned:
        melody, chords = melody_and_chords(
            heard.tuned, grid, key, snap=options.snap, sensitivity=options.sensitivity, levels=heard.levels
        )
    found = {"drums": drums, "808": bass, "melody": melody, "chords": chords}
    silent = heard.silent if is_beat else {"drums": NO_BEAT, "808": NO_BEAT, **heard.silent}
    parts = tuple(
        MidiPart(name, quantize(notes, grid, options.feel), "" if notes else silent.get(name, NOT_HEARD[name]))
        for name, notes in found.items()
    )
    return Transcript(parts, chord_markers(chords, melody, bass, grid, key), grid, key)


def _joined(written: Sequence[Transcript], grid: Grid) -> Transcript:
    """Takes from each transcript what lies in its own stretch of one tempo."""
    early = _EARLY_BEATS * grid.beat_seconds
    edges = [-math.inf, *(section.downbeat - early for section in grid.later), math.inf]
    stretches = list(zip(written, pairwise(edges), strict=True))
    parts = []
    for number, part in enumerate(written[0].parts):
        notes = tuple(
            note for each, (first, last) in stretches for note in each.parts[number].notes if first <= note.onset < last
        )
        why = next((each.parts[number].why_empty for each in written if each.parts[number].why_empty), "")
        parts.append(MidiPart(part.name, notes, "" if notes else why or NOT_HEARD[part.name]))
    markers = tuple(mark for each, (first, last) in stretches for mark in each.markers if first <= mark.at < last)
    return Transcript(tuple(parts), markers, grid, written[0].key)


def midi_files(transcript: Transcript, title: str, bends: bool) -> dict[str, bytes]:
    """Makes a MIDI file of each part that has notes, by its name, and one of all of them, "all"."""
    parts = [part for part in transcript.parts if part.notes]
    files = {part.name: [part] for part in parts} | ({"all": parts} if parts else {})
    return {
        name: midi_bytes(
            chosen, transcript.grid, transcript.key, transcript.markers, title=f"{title}, {name}", bends=bends
        )
        for name, chosen in files.items()
    }
