"""Makes the models that ship with Typebeat, from beats and covers that code draws.

`compose`, `patterns`, `synth`, `kit` and `corpus` make beats of which every note is known; `dataset` and `tokens`
feed them to `train_codec`, `train_lm` and `train_reranker`. `art/` draws covers; `train_cover_vae`, `train_cover` and
`train_cover_loras` learn from them (`cover_model` builds the model, `muon` is the optimizer). `listening/` trains the
networks that write MIDI. `fourth_style` makes a style that the starter does not know, `samples` the sounds on the page.
"""
