"""Beats from what somebody brings: a sound, a hum, a MIDI file or chords as text.

`reading` tells the kinds apart and hears what was brought; `refusals` says what cannot be used and what would work.
`settling` fills in the tempo, key and length that a request leaves open, `placing` puts the sample on the beat's bars
and the notes into what the model is told, `tune` plays a tune to weights that hear one, and `arranging` says which
parts the model plays beside it. `foretelling` tells all that before anything is made, and `keeping` reads of a recipe
which sound parts are made anew beside. `sample_notes` and `midi_of_sample` write down what a sample plays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typebeat.hearing.sample import HeardSample
from typebeat.midi.notes import Note
from typebeat.midi.parts_of import Voice
from typebeat.request.chord_text import ChordChart
from typebeat.request.reference import CONTINUE, SAMPLE, WITH_A_SAMPLE, ReferenceOptions
from typebeat.sound.audio import Audio

SOUND, MIDI, CHORDS = "sound", "midi", "chords"  # kinds of references


@dataclass(frozen=True)
class Reference:
    """What was brought, as it was heard and corrected.

    Attributes:
        kind: "sound", "midi" or "chords".
        use: How it is used, one of `request.reference.USES`.
        name: The file's name, or the chords.
        sha256: The beginning of its content's hash, by which the same file is known again.
        options: What was asked for and corrected.
        bpm: Its own tempo; None where it has none.
        bars: Whole bars at that tempo, at least 1.
        key: Canonical key after transposing; empty where nothing has a pitch.
        lines: What was heard, a line each.
        audio: The sound as it was brought, if it is one.
        sample: What it is as a sample, if it stays in the beat.
        notes: Notes to be played by part, with times in beats of its own tempo from its first downbeat.
        chart: Chords to be played.
        voices: Of a MIDI file, each with the part that it plays.
    """

    kind: str
    use: str
    name: str
    sha256: str
    options: ReferenceOptions
    bpm: float | None
    bars: int
    key: str
    lines: tuple[str, ...]
    audio: Audio | None = field(default=None, repr=False)
    sample: HeardSample | None = None
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict, repr=False)
    chart: ChordChart | None = None
    voices: tuple[Voice, ...] = ()

    @property
    def stays(self) -> bool:
        """Whether its own sound is in the beat."""
        return self.use in (SAMPLE, CONTINUE)

    @property
    def played(self) -> tuple[str, ...]:
        """Parts that the model plays; empty for all."""
        if self.use == SAMPLE:
            return self.options.with_parts or WITH_A_SAMPLE
        asked = self.options.with_parts
        return tuple(dict.fromkeys([*self.given, *asked])) if asked else ()

    @property
    def given(self) -> tuple[str, ...]:
        """Parts whose notes are given; chords by name count as chords."""
        return (*self.notes, *(("chords",) if self.chart and "chords" not in self.notes else ()))

    def facts(self) -> dict[str, Any]:
        """Plain values for the recipe, the API and --dry-run; they hold nothing of the sound."""
        return {
            "kind": self.kind,
            "use": self.use,
            "name": self.name,
            "sha256": self.sha256,
            "bpm": None if self.bpm is None else round(self.bpm, 3),
            "bars": self.bars,
            "key": self.key,
            "heard": list(self.lines),
            "options": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.options.corrections.items()
            },
            "notes": {part: len(notes) for part, notes in self.notes.items()},
            **({"voices": [voice.facts() for voice in self.voices]} if self.voices else {}),
        }
