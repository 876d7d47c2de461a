"""Draws the notes of a song to be edited: a figure for each part, whose roll `roll.js` opens, and what plays them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import mido

from typebeat.engines import BeatEngine
from typebeat.midi.notes import DRUM_PITCHES, PART_NAMES
from typebeat.page.html import again
from typebeat.page.roll import DRUM_NAMES, notes_of, roll_svg
from typebeat.parts.own.refusals import check_notes_known
from typebeat.request.options import RequestError
from typebeat.request.reference import NOTES
from typebeat.request.words import NOTE_NAMES

# lowest and highest MIDI pitch of a part that the starter is told; a roll holds more only where it has notes there
PITCHES = {"808": (24, 59), "chords": (36, 95), "melody": (43, 102)}
EMPTY = "No notes: this part is made anew."
PLAY = "Play these notes"
EXPLAINED = "A beat of exactly these notes; a part without notes is made anew"
LISTEN = "Listen"


@dataclass(frozen=True)
class Score:
    """The notes of a song, by part.

    Attributes:
        midis: A MIDI file for each part that has notes.
        bpm: Tempo, in quarter notes a minute.
        bars: Length.
        parts: Those that are shown, also if they have no notes.
        metre: Such as "4/4".
    """

    midis: Mapping[str, bytes]
    bpm: float
    bars: int
    parts: Sequence[str] = PART_NAMES
    metre: str = "4/4"


def score_html(
    score: Score,
    why_not: str,
    *,
    use: str = NOTES,
    wish: Mapping[str, object] | None = None,
    links: Mapping[str, str] | None = None,
    opened: bool = False,
    more: str = "",
) -> str:
    """Returns the piano rolls of a score, each to be edited, and the button that makes a beat of their notes.

    Args:
        score: The notes.
        why_not: Why the weights cannot play them; empty where they can.
        use: How they are used as a reference.
        wish: Options of the beat that is made of them; those of the form without it.
        links: A download for each part, as HTML.
        opened: Whether the rolls are open to be edited from the start.
        more: What else there is to say of editing them, as one line of HTML.
    """
    figures = "".join(_figure(score, part, (links or {}).get(part, ""), opened) for part in score.parts)
    if wish is None:
        off = ' aria-disabled="true"' if why_not else ""
        play = f'<button type="button" class="act" title="{escape(why_not or EXPLAINED)}"{off}>{PLAY}</button>'
    else:
        play = again(PLAY, dict(wish), EXPLAINED, why_not=why_not)
    play = play.replace("<button", "<button data-play-notes", 1)
    told = f"<b>Not with these weights:</b> {escape(why_not)}." if why_not else f"{EXPLAINED}."
    return (
        f'<div class="song" data-bpm="{score.bpm:.6g}" data-bars="{score.bars}" data-metre="{score.metre}" '
        f'data-use="{use}"><div class="rolls">{figures}</div><div class="acts">'
        f'<button type="button" class="act" data-listen aria-pressed="false">{LISTEN}</button>{play}'
        f'</div><p class="hint">{told} {more}</p></div>'
    )


def why_not_played(beat: BeatEngine) -> str:
    """Why the loaded weights do not play given notes; empty where they do."""
    try:
        check_notes_known(beat.takes_notes, beat.weights.name, "these notes")
    except RequestError as why:
        return str(why)
    return ""


def _figure(score: Score, part: str, link: str, opened: bool) -> str:
    midi = score.midis.get(part)
    notes = notes_of(mido.MidiFile(file=io.BytesIO(midi))) if midi else []
    told = [[round(start, 4), round(end - start, 4), pitch, velocity] for start, end, pitch, velocity, _ in notes]
    roll = roll_svg(midi, part) if midi else f'<p class="roll-empty">{EMPTY}</p>'
    edit = f'<button type="button" class="act" data-edit aria-label="Edit the {escape(part)}">Edit</button>'
    return (
        f'<figure data-part="{escape(part)}" data-rows="{escape(json.dumps(_rows(part, told)))}" '
        f'data-notes="{escape(json.dumps(told))}"{" data-opened" * opened}>'
        f"<figcaption>{escape(part)}<span>{edit}{link}</span></figcaption>"
        f'<div class="roll-place">{roll}</div></figure>'
    )


def _rows(part: str, notes: Sequence[Sequence[float]]) -> list[tuple[int, str]]:
    """The pitches that a part can have, with their names, from the top down."""
    pitches = {int(pitch) for _, _, pitch, _ in notes}
    if part == "drums":
        drums = sorted({*DRUM_PITCHES.values(), *pitches}, reverse=True)
        return [(pitch, DRUM_NAMES.get(pitch, f"note {pitch}")) for pitch in drums]
    low, high = PITCHES[part]
    rows = range(max([high, *pitches]), min([low, *pitches]) - 1, -1)
    return [(pitch, f"{NOTE_NAMES[pitch % 12]}{pitch // 12 - 1}") for pitch in rows]
