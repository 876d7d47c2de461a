"""Holds, reads, writes and masters sound.

`audio` defines the record `Audio`, resamples, mixes to mono and writes WAV files; `files` reads the sound files that
people bring and refuses unusable ones; `mastering` sets loudness and true peak. `mixing` makes a stereo beat of a
loop's parts, by the numbers in `mix_styles`, with the effects in `loops` and `saturation` and the gain over time in
`bus`. What a sound contains is measured in `hearing/`.
"""
