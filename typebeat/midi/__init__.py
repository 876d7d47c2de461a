"""Turns what was heard into notes, and notes into MIDI files. numpy, scipy and mido; no model library.

`drums`, `bass` (the 808 with its glides), `melody` and `chords` each transcribe one part into `notes`. `bass_reader`
and `note_reader` run small networks whose weights lie beside them; `activations`, `evidence` and `repeats` prepare
their input. `quantize` moves notes onto the grid, `writer` makes the files, `transcript` does all of it for a whole
beat, and `preview` plays notes back.
"""
