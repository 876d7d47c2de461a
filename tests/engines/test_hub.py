"""A Hub that stalls, or that is something else, is told in one line and soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hub_server import point_client

from typebeat.engines import HubUnreachableError, hub
from typebeat.engines.inspect import inspect_weights
from typebeat.engines.locate import fetch, locate

LONG_S = 30.0


@contextmanager
def answering(
    monkeypatch: pytest.MonkeyPatch, page: bytes | Callable[[], Iterator[bytes]] | None
) -> Iterator[threading.Event]:
    """A Hub that gives everybody one page, or what a function yields; None: nothing, for a long time.

    The event is set once an answer has come to its end, which nobody should wait for where it is None or endless.
    """
    from huggingface_hub import close_session

    over, ended = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if page is None:
                if not over.wait(LONG_S):
                    ended.set()
                return
            self.send_response(200)
            if isinstance(page, bytes):
                self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            with suppress(OSError):  # the client hung up
                for piece in [page] if isinstance(page, bytes) else page():
                    self.wfile.write(piece)
                ended.set()

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    point_client(monkeypatch, f"http://127.0.0.1:{server.server_port}", HF_HUB_ETAG_TIMEOUT=0.3)
    monkeypatch.setattr(hub, "PATIENCE_S", 0.3)
    close_session()  # an older one may lack the limits
    try:
        yield ended
    finally:
        over.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "ask", [inspect_weights, lambda name: fetch(name, "main", ["*.bin"])], ids=["inspect", "fetch"]
)
def test_a_hub_that_stalls_is_not_waited_for_without_end(ask, monkeypatch):
    with answering(monkeypatch, None) as ended:
        with pytest.raises(HubUnreachableError, match="could not be reached for me/beats"):
            ask("me/beats")
        assert not ended.is_set()


def test_a_page_that_is_not_the_hubs_is_said_to_be_none(monkeypatch):
    with answering(monkeypatch, b"<html>Welcome to the hotel's network</html>"):
        with pytest.raises(HubUnreachableError, match="not the Hub: does the network want a login"):
            inspect_weights("me/beats")
        assert locate("me/beats", "cpu", "beat").weights.name == "starter"


def drips() -> Iterator[bytes]:
    for _ in range(int(LONG_S / 0.05)):
        yield b" "
        time.sleep(0.05)


def never_ends() -> Iterator[bytes]:
    while True:
        yield b"[" * 100_000


@pytest.mark.parametrize("body", [drips, never_ends])
def test_an_answer_that_hardly_comes_or_never_ends_is_given_up(body, monkeypatch):
    monkeypatch.setattr(hub, "GRACE_S", 0.3)
    monkeypatch.setattr(hub, "MOST_UNSIZED", 1_000_000)
    with answering(monkeypatch, body) as ended:
        with pytest.raises(HubUnreachableError, match="could not be reached for me/beats"):
            inspect_weights("me/beats")
        assert not ended.is_set()
