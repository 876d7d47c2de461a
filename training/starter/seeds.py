"""Says which seeds of the corpus are for training; everything below is for tests and benchmarks, never learnt from."""

TRAINING_SEEDS_FROM = 1_000_000
