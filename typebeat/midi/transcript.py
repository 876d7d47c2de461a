"""Writes a whole beat down: from what was heard to parts, chord names and MIDI files.

Hearing is slow and is done once for each sound, by `parts/midi.py`. `write_down` is fast, so it can run again whenever
an option changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from typebeat.hearing.passport import Grid
from typebeat.hearing.strikes import Struck
from typebeat.midi.activations import TunedSound
from typebeat.midi.bass import BassTrack, bass_notes
from typebeat.midi.chords import chord_markers
from typebeat.midi.drums import drum_notes
from typebeat.midi.melody import melody_and_chords
from typebeat.midi.notes import Marker, MidiPart
from typebeat.midi.quantize import quantize
from typebeat.midi.writer import midi_bytes
from typebeat.request.midi_options import MidiOptions

NOT_HEARD = {
    "drums": "no drum hit was heard",
    "808": "no 808 or bass was heard",
    "melody": "no melody was heard",
    "chords": "no chords were heard",
}
NO_BEAT = "no steady beat was heard, so nothing in it is taken for a drum or an 808"


@dataclass(frozen=True)
class Heard:
    """What was heard of one sound; None for what is silent."""

    drums: Struck | None = field(repr=False)  # what the drums are decoded from
    bass: BassTrack | None = field(repr=False)  # what the 808 is decoded from
    tuned: TunedSound | None = field(repr=False)  # what melody and chords are decoded from
    silent: dict[str, str]  # for each part that has nothing to be decoded from, the reason


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
    drums = drum_notes(heard.drums, grid) if heard.drums and has_beat else ()
    bass = bass_notes(heard.bass, grid) if heard.bass and has_beat else ()
    melody, chords = (
        melody_and_chords(heard.tuned, grid, key, snap=options.snap, sensitivity=options.sensitivity)
        if heard.tuned
        else ((), ())
    )
    found = {"drums": drums, "808": bass, "melody": melody, "chords": chords}
    silent = heard.silent if has_beat else {"drums": NO_BEAT, "808": NO_BEAT, **heard.silent}
    parts = tuple(
        MidiPart(name, quantize(notes, grid, options.feel), "" if notes else silent.get(name, NOT_HEARD[name]))
        for name, notes in found.items()
    )
    return Transcript(parts, chord_markers(chords, melody, bass, grid, key), grid, key)


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
