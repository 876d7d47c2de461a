"""The engine that makes beats with MusicGen, its finetunes or the starter, through one decoder written for speed.

`musicgen` is the engine. `loading` makes models of a folder's files; `decoder`, `layers` and `linear` run the language
model, `sampling` and `song` draw its tokens, and `streaming` turns them into sound while more are drawn. `admission`
lets requests in, and `batch` draws them side by side. `starter` builds the small model that ships, and `codec` its
neural codec, made of the layers in `oscillators` and `quantizer`.
"""
