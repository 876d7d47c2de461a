"""Beats with known notes, and the training on them of the small networks that write MIDI.

`train_ears` teaches `typebeat/hearing/strikes.py`, `train_bass` and `train_notes` the readers of `typebeat/midi/`. They
learn from `heard_beats`: corpus beats played by many other sounds (`wide_beats`, `wide_kit`, `wide_bass`, `voices`,
`sampled_sounds`), from General MIDI songs (`gm_beats`) and from `foreign_beats` with the kits of `foreign_kits`, of
which the benchmarks measure others than those that are learnt from.
"""
