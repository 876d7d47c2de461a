"""The start waits for the page on a busy machine, and not without end."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gradio import networking

from typebeat.page import own_server


@pytest.mark.parametrize(("busy_s", "is_there"), [(0.3, True), (30.0, False)])
def test_a_page_that_answers_late_is_waited_for(monkeypatch, busy_s, is_there):
    over = threading.Event()

    class Busy(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            over.wait(busy_s)
            self.send_response(503 if busy_s > 1 or time.monotonic() < began + 2 * busy_s else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    monkeypatch.setattr(networking, "url_ok", networking.url_ok)
    monkeypatch.setattr(own_server, "LONGEST_S", 1.0 if not is_there else 20.0)
    own_server.wait_for_own_server()
    began = time.monotonic()
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        assert networking.url_ok(f"http://127.0.0.1:{server.server_port}/") == is_there
        over.set()
        server.shutdown()
