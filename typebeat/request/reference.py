"""Defines `ReferenceOptions`: how a sound, a MIDI file or chords that somebody brings are used for a beat.

Page, API and command line are made from its fields, as from those of `BeatRequest`. The reference itself is read and
heard in `parts/own/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from typebeat.request.options import RequestError, checked, listed, option, shown

FIELD = "reference"  # which field an error about the reference itself names
SAMPLE, MELODY, NOTES, CONTINUE, STYLE = USES = ("sample", "melody", "notes", "continue", "style")
PLAYED = ("drums", "808", "chords", "melody")  # parts that can be played beside a reference
NO_PART = "none"  # of a voice that is left out
MOST_CHARACTERS = 1000  # in which voices are corrected
_VOICE = re.compile(r"([1-9]\d{0,3})\s*=\s*([a-z0-9]+)")
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

    voices: str = option(
        "",
        "text",
        "Voices",
        "which part a voice of a MIDI file plays, where it was guessed wrongly, such as 3=melody, 5=none; --dry-run "
        "and /understand list the voices",
        unit="characters",
        high=MOST_CHARACTERS,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        _ = self.parts_of_voices
        for part in self.with_parts:
            if part not in PLAYED:
                raise RequestError("with_parts", f"part {shown(part)} is unknown; choose {listed(PLAYED)}")

    @property
    def parts_of_voices(self) -> dict[int, str]:
        """The part of each voice that is corrected, by its number; empty for a voice that is left out."""
        corrected = {}
        for each in filter(None, (text.strip().lower() for text in self.voices.split(","))):
            found = _VOICE.fullmatch(each)
            part = found[2] if found else ""
            if not found or part not in (*PLAYED, NO_PART):
                raise RequestError(
                    "voices",
                    f"voices must be such as 3=melody, 5=none, with {listed((*PLAYED, NO_PART))}, not {shown(each)}",
                )
            corrected[int(found[1])] = "" if part == NO_PART else part
        return corrected

    @property
    def corrections(self) -> dict[str, Any]:
        """What is stated beyond the defaults, by option."""
        return {
            each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name) != each.default
        }


OPTIONS = {each.name: each for each in fields(ReferenceOptions)}
