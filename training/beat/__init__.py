"""What finetuning a beat model needs beside the loop.

`task` is what it learns and `losses` how far off it is; `token_cache` encodes clips once; `lora` adds adapters and
merges them, `memory` estimates what a step needs, `samples` plays beats before and after. `models` loads a run's base
and the finished model; `export` and `export_run` write it to a folder that the app plays.
"""
