"""Given notes as the starter's language model is told them: a short text, and the piano roll that the text stands for.

Each part is given or left to the model on its own; a part that is given without notes is silent. Chords may also be
given by name (`harmony`), for the model to play them in a rhythm of its own. It uses no model library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

PARTS = ("drums", "808", "chords", "melody", "harmony")
DRUM_CLASSES = ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "crash", "perc")
LOWEST = {"808": 24, "chords": 36, "melody": 43}  # MIDI pitch of the first row
ROWS = {"808": 36, "chords": 60, "melody": 60}  # pitches; others are moved there by octaves
CHANNELS = {"drums": 3 * len(DRUM_CLASSES), **{part: 2 * rows for part, rows in ROWS.items()}, "harmony": 25}
GLIDE_FROM = 0.6  # share of a gliding note after which its target counts
_LONGEST_SECONDS = 30.0


def notes_text(given: Mapping[str, Sequence[Sequence]], start_seconds: float, seconds: float) -> str | None:
    """Returns the text for a window of given notes, None where no part is given.

    Args:
        given: For each given part its notes, times in seconds from the song's start. Drums: (time, class of
            `DRUM_CLASSES`, velocity). 808, chords, melody: (onset, offset, MIDI pitch, velocity, pitch it glides to or
            None). Harmony: (onset, offset, pitch class of the bass, pitch classes).
        start_seconds: Where the window begins.
        seconds: How long it is.
    """
    if not given:
        return None
    end, told = start_seconds + seconds, {}
    for part, notes in given.items():
        if part == "drums":
            rows = [
                [round(time - start_seconds, 3), DRUM_CLASSES.index(name), round(velocity, 2)]
                for time, name, velocity in notes
                if start_seconds - 0.02 <= time < end
            ]
        else:
            rows = [
                [round(note[0] - start_seconds, 3), round(note[1] - start_seconds, 3), *note[2:]]
                for note in notes
                if note[0] < end and note[1] > start_seconds
            ]
        told[part] = rows
    return json.dumps(told, separators=(",", ":"))


def read_roll(text: str | None, steps: int, frame_rate: float) -> tuple[dict[str, np.ndarray], dict[str, bool]]:
    """Returns for each of `PARTS` its roll, (steps, channels) float32, and whether it is given.

    Raises:
        ValueError: the text is none that `notes_text` writes.
    """
    rolls = {part: np.zeros((steps, CHANNELS[part]), np.float32) for part in PARTS}
    if text is None:
        return rolls, dict.fromkeys(PARTS, False)
    try:
        told = json.loads(text)
        for part, notes in told.items():
            fill = _fill_drums if part == "drums" else _fill_harmony if part == "harmony" else _fill_pitches
            for note in notes:
                fill(rolls[part], note, frame_rate, part)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise ValueError(f"these are no notes for the starter: {error}") from error
    return rolls, {part: part in told for part in PARTS}


def _fill_drums(roll: np.ndarray, note: Sequence, frame_rate: float, part: str) -> None:
    """Adds a hit: its velocity, velocity times the place within the frame, and a count."""
    time, kind, velocity = note
    frame = max(0.0, time * frame_rate)
    at = int(frame)
    if at < len(roll):
        column = 3 * int(kind)
        roll[at, column : column + 3] += (velocity, velocity * (frame - at), 0.5)


def _fill_pitches(roll: np.ndarray, note: Sequence, frame_rate: float, part: str) -> None:
    """Adds a note: its onset by velocity in one row, that it sounds in another."""
    onset, offset, pitch, velocity = note[:4]
    glide_to = note[4] if len(note) > 4 else None
    rows = ROWS[part]
    first, last = onset * frame_rate, max(offset * frame_rate, onset * frame_rate + 1)
    if first > len(roll) or last - first > _LONGEST_SECONDS * frame_rate:
        last = min(last, first + _LONGEST_SECONDS * frame_rate)
    row = _row(pitch, part)
    begin, end = max(0, int(first)), min(len(roll), int(np.ceil(last)))
    turn = end if glide_to is None else min(end, max(begin, int(first + GLIDE_FROM * (last - first))))
    roll[begin:turn, rows + row] = 1.0
    if glide_to is not None:
        roll[turn:end, rows + _row(glide_to, part)] = 1.0
    if first >= 0 and begin < len(roll):
        roll[begin, row] = velocity


def _fill_harmony(roll: np.ndarray, note: Sequence, frame_rate: float, part: str) -> None:
    """Adds a chord: its pitch classes, its bass, and where it begins."""
    onset, offset, bass, tones = note
    begin, end = max(0, int(onset * frame_rate)), max(0, int(np.ceil(offset * frame_rate)))
    for tone in tones:
        roll[begin:end, int(tone) % 12] = 1.0
    roll[begin:end, 12 + int(bass) % 12] = 1.0
    if onset >= 0 and begin < len(roll):
        roll[begin, 24] = 1.0


def _row(pitch: float, part: str) -> int:
    row, rows = round(pitch) - LOWEST[part], ROWS[part]
    while row < 0:
        row += 12
    while row >= rows:
        row -= 12
    return row
