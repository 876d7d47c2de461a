"""The sample's notes beside those of the new parts, in the MIDI of a pack."""

from __future__ import annotations

from dataclasses import replace

from typebeat.midi.notes import MidiPart
from typebeat.midi.quantize import quantize
from typebeat.midi.transcript import Transcript
from typebeat.parts.own.arranging import SAMPLE_PART, Arrangement
from typebeat.request.midi_options import MidiOptions

NO_NOTES = "no notes were heard in the sample"


def with_sample(transcript: Transcript, arranged: Arrangement) -> Transcript:
    """Returns the transcript without the parts that were left out, and with what the sample plays as a part.

    A sound that is continued adds none.
    """
    if arranged.sample is None or arranged.joins_at is not None:
        return transcript
    kept = tuple(part for part in transcript.parts if part.name in arranged.played)
    notes = quantize(arranged.notes, transcript.grid, MidiOptions().feel)
    sample = MidiPart(SAMPLE_PART, notes, "" if notes else NO_NOTES)
    return replace(transcript, parts=(*kept, sample), markers=arranged.markers or transcript.markers)
