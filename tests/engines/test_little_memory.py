"""Without memory left: what libraries take at their first use was taken when the models were loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = """
import resource, numpy as np, psutil
from typebeat.engines.blas import take_memory
one, out = np.ones((900, 900), np.float32), np.empty((900, 900), np.float32)
take_memory()
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
np.matmul(one, one, out)
print(out[0, 0])
"""
BEAT = """
import resource, psutil, torch
from typebeat.engines import BeatConditions
from typebeat.engines.load import load_beat_engine
from typebeat.serving.failures import is_out_of_memory
torch.set_num_threads(1)
engine = load_beat_engine("starter")
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
try:
    engine.generate(BeatConditions("dark bells", 140, "F minor"), 60.0, [1])
except Exception as error:
    print(is_out_of_memory(error))
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of memory")


@pytest.mark.parametrize(("script", "said"), [(PRODUCT, "900.0\n"), (BEAT, "True\n")], ids=["a product", "a beat"])
def test_a_process_neither_hangs_nor_dies_but_says_that_memory_ran_out(script, said):
    made = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (made.returncode, made.stdout) == (0, said), made.stderr
