"""Covers without a model: what a picture should show, and what makes a picture a finished cover.

`looks` chooses palette, motifs and texture for a beat and words the prompt and the title; `typesetting` sets text of
any script in the fonts of `fonts/`; `finish` lays out title and line on the picture and writes the PNG. The picture
itself is drawn in `engines/cover/`.
"""
