"""Defines notes, parts and markers. Times are seconds from the start of the sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

PART_NAMES = ("drums", "808", "melody", "chords")

# General MIDI notes of the drum channel
KICK, RIM, SNARE, CLAP, CLOSED_HAT, OPEN_HAT, CRASH, PERC = 36, 37, 38, 39, 42, 46, 49, 76
DRUM_PITCHES = {
    "kick": KICK,
    "snare": SNARE,
    "clap": CLAP,
    "rim": RIM,
    "closed_hat": CLOSED_HAT,
    "open_hat": OPEN_HAT,
    "crash": CRASH,
    "perc": PERC,
}


@dataclass(frozen=True)
class Note:
    """A note or a drum hit."""

    onset: float  # start in s
    offset: float  # end in s, after the onset
    pitch: int  # MIDI pitch, 0 to 127; of a drum hit its General MIDI note
    velocity: int  # MIDI velocity, 1 to 127
    glide_to: int | None = None  # MIDI pitch that the note glides to, or None
    glide_at: float | None = None  # when the glide begins in s, between onset and offset; None without a glide

    @property
    def glide(self) -> tuple[int, float] | None:
        """Pitch and start of the glide, or None without a glide."""
        return None if self.glide_to is None or self.glide_at is None else (self.glide_to, self.glide_at)


@dataclass(frozen=True)
class MidiPart:
    """The notes of one instrument or of the drum kit."""

    name: str  # one of `PART_NAMES`, or "sample" for what somebody's own sound plays
    notes: tuple[Note, ...]  # in order of onset
    why_empty: str = ""  # if there are no notes, one line for the user that says why


@dataclass(frozen=True)
class Marker:
    """A text at a time in s, such as a chord's name."""

    at: float
    text: str


def without_overlaps(notes: Iterable[Note], nearest: float) -> tuple[Note, ...]:
    """Sorts notes and ends each where the next one of its pitch begins.

    Of two notes of one pitch that begin less than `nearest` apart, the louder is kept.
    """
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: (note.pitch, note.onset, -note.velocity)):
        last = kept[-1] if kept and kept[-1].pitch == note.pitch else None
        if last and note.onset - last.onset < nearest:
            kept[-1] = last if last.velocity >= note.velocity else replace(note, onset=last.onset)
            continue
        if last and last.offset > note.onset:
            kept[-1] = shortened(last, note.onset)
        kept.append(note)
    return tuple(sorted(kept, key=lambda note: (note.onset, note.pitch)))


def shortened(note: Note, offset: float) -> Note:
    """Ends a note earlier and drops a glide that would begin after the new end."""
    if note.glide_at is not None and note.glide_at >= offset:
        return replace(note, offset=offset, glide_to=None, glide_at=None)
    return replace(note, offset=offset)
