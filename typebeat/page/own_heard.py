"""Draws what was heard of a reference: as chips, the voices of a MIDI file to choose their parts, and piano rolls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from typebeat.engines import BeatEngine
from typebeat.hearing.grid import Grid
from typebeat.midi.notes import PART_NAMES, MidiPart
from typebeat.midi.parts_of import LEFT_OUT, Voice
from typebeat.midi.reader import AS_SAID
from typebeat.midi.writer import midi_bytes
from typebeat.page.notes import Score, score_html, why_not_played
from typebeat.parts.own import Reference
from typebeat.request.reference import MELODY, NO_PART, PLAYED

EDIT_LAST = "<b>Edit the notes last:</b> a change of tempo, shift or transpose reads them anew, without your edits."


def heard_html(reference: Reference, beat: BeatEngine) -> str:
    """Returns what was heard as chips, the voices of a MIDI file as a table, and notes as piano rolls to be edited.

    `beat` are the weights that would play them.
    """
    of_voices = {voice.line for voice in reference.voices}
    chips = "".join(f"<li>{escape(line)}</li>" for line in reference.lines if line not in of_voices)
    voices = voices_html(reference.voices)
    return f'<ul class="chips" aria-label="Heard">{chips}</ul>{voices}{_rolls(reference, beat)}'


def voices_html(voices: Sequence[Voice]) -> str:
    """Returns a table in which the part of each voice can be chosen; empty without voices."""
    rows = "".join(
        f"<tr><th scope=row>{escape(voice.name or f'Voice {voice.number}')}</th><td>{voice.channel}</td>"
        f"<td>{len(voice.notes)}</td><td>{_choice_of(voice)}<small>{escape(voice.why)}</small></td></tr>"
        for voice in voices
    )
    head = "".join(f"<th scope=col>{name}</th>" for name in ("Voice", "Channel", "Notes", "Plays"))
    return f'<div class="voices" tabindex="0"><table><tr>{head}</tr>{rows}</table></div>' if rows else ""


def _choice_of(voice: Voice) -> str:
    options = "".join(
        f'<option value="{part or NO_PART}"{" selected" * (part == voice.part)}>{name.capitalize()}</option>'
        for part, name in {**dict(zip(PLAYED, PLAYED, strict=True)), LEFT_OUT: "nothing"}.items()
    )
    said = ' data-said="true"' * (voice.why == AS_SAID)
    name = escape(f"Part that voice {voice.number}, {voice.name or 'without a name'}, plays")
    return f'<select data-voice="{voice.number}"{said} aria-label="{name}">{options}</select>'


def _rolls(reference: Reference, beat: BeatEngine) -> str:
    if not reference.notes or reference.bpm is None:
        return ""
    grid = Grid(reference.bpm, 0.0, reference.bars)
    second = grid.beat_seconds
    midis = {
        part: midi_bytes(
            [MidiPart(part, tuple(replace(n, onset=n.onset * second, offset=n.offset * second) for n in notes))],
            grid,
            reference.key,
        )
        for part, notes in reference.notes.items()
    }
    is_tune = reference.use == MELODY
    score = Score(midis, reference.bpm, reference.bars, tuple(midis) if is_tune else PART_NAMES)
    why_not = "" if is_tune and beat.takes_melody else why_not_played(beat)
    return score_html(score, why_not, use=reference.use, opened=is_tune, more="" if why_not else EDIT_LAST)
