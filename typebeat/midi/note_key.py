"""The key of notes: what `hearing/key.py` hears of a sound that would play them. numpy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from typebeat.hearing.chroma import FRAME_SECONDS, Chroma
from typebeat.hearing.key import rank_keys
from typebeat.midi.notes import Note

LOWEST_TUNE = 48  # MIDI pitch: what lies below counts as bass


def key_of_notes(notes: Sequence[Note]) -> tuple[str, float]:
    """Returns the canonical key of pitched notes with its confidence; empty and 0 without notes."""
    if not notes:
        return "", 0.0
    frames = int(max(note.offset for note in notes) / FRAME_SECONDS) + 1
    pitched, bass = np.zeros((frames, 12)), np.zeros((frames, 12))
    for note in notes:
        span = slice(int(note.onset / FRAME_SECONDS), int(note.offset / FRAME_SECONDS) + 1)
        (bass if note.pitch < LOWEST_TUNE else pitched)[span, note.pitch % 12] += note.velocity / 127
    ranked = rank_keys(Chroma(pitched, bass), min(note.onset for note in notes))
    return ranked[0] if ranked else ("", 0.0)
