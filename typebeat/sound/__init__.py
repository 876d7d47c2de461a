"""Holds, reads, writes and masters sound.

`audio` defines the record `Audio`, resamples, mixes to mono and writes WAV files; `files` reads the sound files that
people bring and refuses unusable ones; `mastering` sets loudness and true peak. What a sound contains is measured in
`hearing/`.
"""
