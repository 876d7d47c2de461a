"""Everything that finetuning a beat model needs besides the training loop.

`task` defines the items of a step and `losses` the loss; `token_cache` encodes clips once; `lora` adds and merges
adapters; `memory` estimates the memory needed; `before_after` makes beats for comparison. `models` loads the base and
the trained model of a run; `export` and `export_run` write it in a format that the app loads.
"""
