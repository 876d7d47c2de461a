"""How the Hub is asked: with a patience that ends, and with one error for every way in which it gives no answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from typebeat.engines import HubUnreachableError

PATIENCE_S = 10.0  # for the next bytes; a large file may take as long as it keeps coming
GRACE_S = 15.0  # from when on what comes must have come at `SLOWEST` on average
SLOWEST = 1000.0  # bytes a second
WRONG_SIZE = "Consistency check failed"  # in an OSError of the Hub's library, which has no class for it
MOST_UNSIZED = 64_000_000  # bytes of an answer that does not say how long it is


@contextmanager
def hub_answers(repo: str) -> Iterator[None]:
    """Turns a Hub that does not answer into HubUnreachableError; a full disk stays what it is.

    Args:
        repo: What it is asked for, for the message.
    """
    from huggingface_hub import errors

    _be_patient_for_a_while()
    try:
        yield
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled, errors.HTTPError) as error:
        raise HubUnreachableError(f"the Hub could not be reached for {repo}") from error
    except json.JSONDecodeError as error:  # such as the page of a network that wants a login
        raise HubUnreachableError(f"what answered for {repo} is not the Hub: does the network want a login?") from error
    except OSError as error:
        if not isinstance(error, errors.HfHubHTTPError) and error.errno is not None:
            raise
        if WRONG_SIZE in str(error):
            raise HubUnreachableError(f"what the Hub sent for {repo} has another size than it told") from error
        raise HubUnreachableError(f"the Hub could not be reached for {repo}") from error


@cache
def _be_patient_for_a_while() -> None:
    """Gives every request to the Hub a time limit; where its library sets none, it would wait for ever."""
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    def client() -> Any:
        made = default_client_factory()
        made.event_hooks["request"].append(_limit)
        made.event_hooks["response"].append(_bounded)
        return made

    set_client_factory(client)


def _limit(request: Any) -> None:
    """Sets the limits of a request (of httpx) that has none."""
    limits = request.extensions.setdefault("timeout", {})
    for kind in ("connect", "read", "write", "pool"):
        if limits.get(kind) is None:
            limits[kind] = PATIENCE_S


def _bounded(response: Any) -> None:
    """Has the body of an answer given up if it hardly comes, or never ends; raises what the Hub's library does."""
    from huggingface_hub import errors

    stream, is_sized = response.stream, "content-length" in response.headers
    library = import_module(type(response).__module__.partition(".")[0])  # httpx, or what took its place

    class Bounded(library.SyncByteStream):  # type: ignore[name-defined]
        def __iter__(self) -> Iterator[bytes]:
            began, size = time.monotonic(), 0
            for piece in stream:
                size += len(piece)
                waited = time.monotonic() - began
                if waited > GRACE_S and size < SLOWEST * waited:
                    raise errors.HTTPError(f"{size} bytes came in {waited:.0f} s")
                if not is_sized and size > MOST_UNSIZED:
                    raise errors.HTTPError(f"an answer of no stated length is longer than {MOST_UNSIZED} bytes")
                yield piece

        def close(self) -> None:
            stream.close()

    response.stream = Bounded()
