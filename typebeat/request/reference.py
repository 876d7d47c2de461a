"""Defines `ReferenceOptions`: how a sound, a MIDI file or chords that somebody brings are used for a beat.

Page, API and command line are made from its fields, as from those of `BeatRequest`. The reference itself is read and
heard in `parts/own/`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from typebeat.request.options import RequestError, checked, listed, option, shown

FIELD = "reference"  # which field an error about the reference itself names
SAMPLE, MELODY, NOTES, CONTINUE, STYLE = USES = ("sample", "melody", "notes", "continue", "style")
PLAYED = ("drums", "808", "chords", "melody")  # parts that can be played beside a reference
WITH_A_SAMPLE = ("drums", "808")
SLOWEST_BPM, FASTEST_BPM = 40, 240
MOST_SHIFT, MOST_SEMITONES = 16, 12
REFERENCE = (
    "your own sound, MIDI file or chords as text, such as loop.wav, song.mid or Am F C G: the beat is made around it"
)


@dataclass(frozen=True)
class ReferenceOptions:
    """How a reference is used, and what is known of it better than it was heard. Values may be text.

    Raises:
        RequestError: a value is not allowed.
    """

    use: str = option(
        "",
        "choice",
        "Use",
        "sample: my sound stays in the beat as it is; melody: its tune is played anew; notes: MIDI or chords are "
        "played as they are; continue: new bars follow my sound; left out, sample for a sound, notes for the others",
        choices=USES,
    )
    with_parts: tuple[str, ...] = option(
        (),
        "list",
        "Play with it",
        "parts that are played beside the reference, of drums, 808, chords and melody; left out, drums and 808 with a "
        "sample, all parts with anything else",
    )
    reference_bpm: float | None = option(
        None,
        "number",
        "Its tempo",
        "tempo of the reference, where you know it; left out, it is heard",
        unit="BPM",
        low=SLOWEST_BPM,
        high=FASTEST_BPM,
        step=0.1,
    )
    reference_tempo: str = option(
        "",
        "choice",
        "Its tempo is",
        "corrects a tempo that was heard twice too slow or too fast",
        choices=("x2", "/2"),
    )
    reference_shift: int = option(
        0,
        "whole",
        "Shift",
        "beats by which its first downbeat is later than it was heard",
        unit="beats",
        low=-MOST_SHIFT,
        high=MOST_SHIFT,
        step=1,
    )
    transpose: int = option(
        0,
        "whole",
        "Transpose",
        "semitones by which the reference is moved up or down",
        unit="semitones",
        low=-MOST_SEMITONES,
        high=MOST_SEMITONES,
        step=1,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        for part in self.with_parts:
            if part not in PLAYED:
                raise RequestError("with_parts", f"part {shown(part)} is unknown; choose {listed(PLAYED)}")

    @property
    def corrections(self) -> dict[str, Any]:
        """What is stated beyond the defaults, by option."""
        return {
            each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name) != each.default
        }


OPTIONS = {each.name: each for each in fields(ReferenceOptions)}
