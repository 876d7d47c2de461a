"""Sound as data: the `Audio` record with resampling and WAV output, and what is done to a whole sound.

`audio` holds the record and writes WAV files; `files` reads the sound files that people bring and refuses what cannot
be used; `mastering` sets loudness and true peak. `mixing` makes a stereo beat of a loop's parts, by the numbers in
`mix_styles`, with the effects in `loops` and `saturation` and the gain over time in `bus`. What a sound contains is
measured in `hearing/`.
"""
