"""Trains the small networks that hear beats and write MIDI, on beats with known notes.

`train_ears` trains the network of `typebeat/hearing/strikes.py`; `train_bass` and `train_notes` train the readers of
`typebeat/midi/`. Their beats are made in many ways: `wide_beats` with other drums (`wide_kit`, `sampled_sounds`),
basses (`wide_bass`) and voices (`voices`); `heard_beats` turns these, and beats from the starter's codec, into what the
networks receive; `gm_beats` plays General MIDI songs; `foreign_beats` uses the kits of `foreign_kits`, some of which
are reserved for benchmarks.
"""
