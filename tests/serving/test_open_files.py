"""The server may hold as many connections as the system lets it."""

from __future__ import annotations

import os
import resource

from typebeat.serving.open_files import allow_many_files


def test_the_soft_limit_of_open_files_becomes_the_hard_one():
    if not (pid := os.fork()):
        code = 1
        try:
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
            allow_many_files()
            code = resource.getrlimit(resource.RLIMIT_NOFILE) != (hard, hard)
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
