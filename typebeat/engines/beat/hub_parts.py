"""Builds models of which audiocraft fetches parts by name: from the Hub's cache, else from the Hub if it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typebeat.engines import HubUnreachableError
from typebeat.engines.fetched import checked
from typebeat.engines.foreign import one_line
from typebeat.engines.hub import hub_answers

PROBE_TIMEOUT_S = 5


def with_parts_of_the_hub(build: Callable[[], Any], file: Path) -> Any:
    """Builds from the Hub's cache if that holds all parts; else asks the Hub, after checking that it answers.

    Without the check a machine that is offline would wait for minutes, while the library retries file after file.
    """
    from huggingface_hub import constants, get_session

    try:
        with _hub_cache_only():
            return build()
    except OSError:
        pass
    try:
        with checked(), hub_answers(file.name):
            get_session().head(constants.ENDPOINT, timeout=PROBE_TIMEOUT_S)
            return build()
    except HubUnreachableError as error:
        raise HubUnreachableError(
            f"{file} wants its text encoder or codec from the Hub, which did not give it "
            f"({one_line(error.__cause__ or error)}); load it once while connected"
        ) from error


@contextmanager
def _hub_cache_only() -> Iterator[None]:
    """Lets the Hub's libraries use only what is on this machine, and draw no progress bars."""
    from huggingface_hub import constants
    from transformers.utils import logging

    offline, bars = constants.HF_HUB_OFFLINE, logging.is_progress_bar_enabled()
    constants.HF_HUB_OFFLINE = True
    logging.disable_progress_bar()
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline
        if bars:
            logging.enable_progress_bar()
