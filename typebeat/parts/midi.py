"""MIDI of a beat: drums, 808, melody and chords, each a file, and all in one."""

from __future__ import annotations

from typebeat.audio import Audio
from typebeat.engines import Engines, ShouldStop, Stems
from typebeat.parts import MadePart, PartMissing


def make_midi(
    beat: Audio, stems: Stems, engines: Engines, *, bpm: float, key: str, should_stop: ShouldStop | None = None
) -> MadePart:
    """Writes down what a beat plays; the beat begins on the downbeat and keeps one tempo.

    Raises:
        PartMissing: nothing of it can be written down.
        Stopped: `should_stop` turned true.
    """
    raise PartMissing("this version does not write MIDI yet")
