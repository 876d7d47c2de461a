"""Covers drawn by code, with captions, to train the starter's cover model on.

`covers` draws a cover in a style and words its captions; `motifs` paints what it shows and `styles` how it looks, with
the brushes of `strokes`; `store` keeps drawn covers in a folder.
"""
