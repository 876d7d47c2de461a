"""From a folder of beats or pictures to weights that Typebeat plays: the commands, and folders for what they share.

The modules here are the commands, each `python -m training.NAME`: `prepare_beats` and `prepare_covers` make datasets,
`finetune_musicgen` and `train_cover_lora` train on them, `evaluate` measures a finetune, `push` and `push_covers` put
it on the Hub. `runs/` holds what every training has in common, `data/` the datasets, `beat/` and `cover/` what one kind
of model needs, `quality/` what an evaluation measures, `hub/` the Hub and its cards. `starter/` makes the small models
that ship.
"""
