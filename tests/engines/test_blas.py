"""A product of matrices ends, or says that there is no memory, however little of it is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMITED = """
import resource, numpy as np, psutil
from typebeat.engines.blas import take_memory
one, out = np.ones((900, 900), np.float32), np.empty((900, 900), np.float32)
take_memory()
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
np.matmul(one, one, out)
print(out[0, 0])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's limit of a process's memory")
def test_a_product_ends_where_the_system_gives_no_more_memory():
    made = subprocess.run([sys.executable, "-c", LIMITED], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert made.stdout == "900.0\n", made.stderr
