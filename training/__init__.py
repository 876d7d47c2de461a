"""Makes datasets of beats and covers, finetunes models on them, and publishes the results.

The modules here are commands, run as `python -m training.NAME`: `prepare_beats` and `prepare_covers` make datasets,
`finetune_musicgen` and `train_cover_lora` train on them, `evaluate` measures a finetune, and `push` and `push_covers`
upload the result to the Hub. `runs/` holds what all trainings share, `data/` the datasets, `beat/` and `cover/` the
code for one kind of model, `quality/` the measurements of an evaluation, and `hub/` uploads and cards. `starter/` makes
the small models that ship with Typebeat.
"""
