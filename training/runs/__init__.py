"""What all trainings share, whatever they train.

`options` reads the options of a command from a TOML file and the command line; `loop_options` holds those of every
training. `loop` trains on a task; `state` is what changes meanwhile and `checkpoints` save and restore it. `lifecycle`
starts, resumes and ends a run; `run_record` is its record on disk; `plots` and `tables` show results. `files` writes
files safely, and `errors` holds the exception that ends a command with one line.
"""
