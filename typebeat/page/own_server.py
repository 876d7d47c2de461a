"""Has Gradio wait for its own server on a busy machine; by itself it gives up the start after three seconds."""

from __future__ import annotations

import time
from contextlib import suppress

import httpx
from gradio import networking

LONGEST_S = 60.0
PAUSE_S = 0.1  # between two questions


def wait_for_own_server() -> None:
    """Has Gradio do so."""
    networking.url_ok = _answers


def _answers(url: str) -> bool:
    """Whether the page answers in time."""
    until = time.monotonic() + LONGEST_S
    while (left := until - time.monotonic()) > 0:
        with suppress(httpx.HTTPError):  # it is not there yet
            if httpx.head(url, timeout=left, verify=False).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                return True
        time.sleep(PAUSE_S)
    return False
