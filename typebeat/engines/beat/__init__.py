"""Engines that make beats: MusicGen, its finetunes and the starter, all in one decoder written for speed.

`musicgen` is the engine: a request to takes. `loading` turns a folder into models; `decoder` and `linear` run the
language model, `sampling` draws its tokens, `streaming` plays them while more are drawn. `starter` builds the small
model that ships, `codec` its neural codec, made of the layers in `oscillators` and `quantizer`.
"""
