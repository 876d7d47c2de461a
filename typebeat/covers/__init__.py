"""Decides what a cover shows, and turns a picture into a finished cover. No model runs here.

`looks` chooses palette, motifs and texture for a beat and words the prompt and the title; `typesetting` sets text of
any script in the fonts of `fonts/`; `finish` lays out the text on the picture and writes the PNG. The picture itself
is drawn in `engines/cover/`; the layout and the font of a style are in `request/styles.py`.
"""
