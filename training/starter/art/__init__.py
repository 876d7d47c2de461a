"""Covers drawn by code, with captions, that the starter's cover model learns from.

`covers` draws one in a style and words its captions; `motifs` paints what it shows and `styles` how it looks, both with
the `strokes` of one canvas; `store` keeps drawn covers in a folder.
"""
