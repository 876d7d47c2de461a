"""Lets the server hold as many files and connections at once as the system allows it."""

from __future__ import annotations

from contextlib import suppress


def allow_many_files() -> None:
    """Raises this process's soft limit of open files to the hard one.

    Each connection is one; with the usual 1,024 a thousand that say nothing would keep everybody else out.
    """
    with suppress(ImportError, OSError, ValueError):  # not on this system, or not for this process
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
