"""Covers drawn by code, with captions, to train the starter's cover model on.

`covers` composes a cover and words its captions. `skies`, `lands`, `places`, `fair`, `figures`, `plants`, `vehicles`
and `surfaces` paint what it shows, on a `scene` with the brushes of `strokes`. `finishing` gives it the look of a
style, by what film, print and paint do in `prints`. `store` keeps drawn covers in a folder.
"""
