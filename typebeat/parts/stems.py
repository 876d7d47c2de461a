"""Stems of a beat: what each group of instruments plays, as WAV files that sum to the mix."""

from __future__ import annotations

from typebeat.audio import Audio, WavTags
from typebeat.engines import Engines, ShouldStop, Stems
from typebeat.parts import MadePart, PartMissing


def split_stems(beat: Audio, engines: Engines, should_stop: ShouldStop | None = None) -> Stems:
    """Splits a beat once, for its stems and for its MIDI.

    Raises:
        PartMissing: there is no splitter, or it fails.
        Stopped: `should_stop` turned true.
    """
    if engines.stems is None:
        raise PartMissing("this version does not split stems yet")
    return engines.stems.split(beat, should_stop=should_stop)


def make_stems(stems: Stems, tags: WavTags) -> MadePart:
    """Writes each stem as a WAV under stems/."""
    raise PartMissing("this version does not write stems yet")
