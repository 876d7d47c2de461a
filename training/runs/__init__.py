"""What every training has in common, whatever it trains.

`options` reads a command's options from a TOML file and the command line, `loop_options` holds those of every training.
`loop` trains on a task with the `state` that `checkpoints` save and restore; `lifecycle` begins or resumes a run,
reports progress and ends it; `run_record` is the record of a run on disk. `plots` and `tables` show results, and
`errors` holds what is told in one line.
"""
