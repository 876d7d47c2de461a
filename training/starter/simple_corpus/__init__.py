"""The first corpus: beats that code composes and synthesises, with two grooves and seven lead sounds.

The weights that ship and the networks that write MIDI learnt from it, and tests and benchmarks of MIDI measure with it.
`compose` writes a beat as events with the tables of `patterns`; `beats` plays it with the sounds of `synth` and `kit`.
"""
