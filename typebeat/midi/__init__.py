"""What a beat plays, written down: drums, 808, melody and chords as notes, and notes as MIDI files."""
