"""Describes and checks requests before anything is made. Standard library only, so that `--help` answers at once.

`options` describes one option of a record and checks a value against it; `requests`, `cover_request` and
`midi_options` are the three records (a beat, a cover, the MIDI of a sound); `settled`
decides what a request for a beat leaves open; `styles` lists the three styles; `words`
turns free text into captions, keys and concepts; `settings` reads the environment variables.
"""
