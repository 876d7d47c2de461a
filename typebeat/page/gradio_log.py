"""Keeps what visitors sent out of Gradio's own log: its errors are logged as ours are, without their text."""

from __future__ import annotations

import sys
from typing import Any

from gradio import queueing, route_utils, routes

from typebeat.serving.journal import noted


class _Logged:
    """Stands in Gradio's modules for `traceback`, of which they call nothing but `print_exc`.

    Gradio prints the traceback of a request that it refuses, and its text repeats all that was sent, line breaks too.
    """

    @staticmethod
    def print_exc(*_: Any, **__: Any) -> None:
        failure = sys.exc_info()[1]
        if isinstance(failure, Exception):
            noted(failure)


def log_without_text() -> None:
    """Has Gradio's errors logged by their class and place."""
    for module in (queueing, routes, route_utils):
        module.traceback = _Logged
