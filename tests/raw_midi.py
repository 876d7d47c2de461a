"""MIDI files byte by byte, for what no library writes."""

from __future__ import annotations

import struct


def raw_midi(*tracks: bytes, kind: int = 0, division: int = 480) -> bytes:
    """Returns a MIDI file of tracks as they are; `division` are ticks a quarter."""
    chunks = b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)
    return b"MThd" + struct.pack(">IHHH", 6, kind, len(tracks), division) + chunks
