"""Has numpy's linear algebra take its memory when the models are loaded.

OpenBLAS takes a buffer for each product that runs at the same time, keeps it, and looks for one for ever where the
system gives no more memory: a job would hang instead of telling that the memory ran out.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

AT_ONCE = 4  # products of the jobs that run side by side
_SIZE = 768  # rows of a product that lasts long enough for all threads to be at it


@cache
def take_memory() -> None:
    """Takes the buffers of `AT_ONCE` products, once a process."""
    one = np.ones((_SIZE, _SIZE), np.float32)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: one @ one, range(AT_ONCE)))
