"""Measures speed and quality; each script prints a table and writes it to `results/`. None is part of the test run.

Scripts: `cover`, `decode`, `midi`, `serve`, `starter`, `training`, and `screens` and `spectrograms`, which make
pictures. The other modules are used by them.
"""
