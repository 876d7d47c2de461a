"""From what is heard to notes, and from notes to MIDI files. numpy, scipy and mido; no model library.

`drums`, `bass` (the 808 with its glides), `melody` and `chords` each write down one part as the `notes` of a beat.
`bass_reader` and `note_reader` are small networks whose weights lie beside them; `evidence`, `activations`, `bassline`
and `folding` prepare what they read. `quantize` moves notes onto the grid, `writer` makes the files, `transcript` does
all of it for a whole beat, and `preview` plays notes back.
"""
