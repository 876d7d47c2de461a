"""The starter's corpus: beats composed from a seed, played by recorded and synthesised instruments, every note known.

`plan` draws what a beat is (style, groove, instruments, song form); `harmony`, `melody`, `drumming` and `bassline`
write its notes into a `score`; `instruments`, `kits` and `bass_sounds` hold the sounds; `render` plays the score, part
by part, and `store` keeps rendered beats on disk for training.
"""
