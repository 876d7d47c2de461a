"""`typebeat batch` on engines without weights; a process of its own, so that it can be killed.

python tests/cluster_batch.py TRACE batch TABLE --out FOLDER --address ADDRESS
"""

from __future__ import annotations

import sys
from functools import partial

import cluster_engines

from typebeat.cli import main
from typebeat.serving.ray import replica

if __name__ == "__main__":
    trace = sys.argv[1]
    replica.load = partial(cluster_engines.traced_whatever, trace)  # the settings and parts come behind
    sys.exit(main(sys.argv[2:]))
