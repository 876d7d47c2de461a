"""Shows that the server is starting, in the place where the page will be, while modules and weights are loaded.

Only the standard library is imported here, so that this stands within a moment.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typebeat.version import __version__

HOST, PORT = "127.0.0.1", 7860  # Gradio's, where its variables name no others
AGAIN_S = 2  # until a browser looks again
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Typebeat is starting</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{AGAIN_S}">
<style>:root{{color-scheme:light dark}}body{{display:grid;min-height:90vh;place-content:center;margin:1rem;
font:1.05rem/1.5 system-ui,sans-serif;text-align:center}}</style></head>
<body><main><h1>Typebeat</h1><p role="status">The models are being loaded. This page opens by itself in a moment.</p>
</main></body></html>"""


class _Answers(BaseHTTPRequestHandler):
    """Answers as the server will, that it lives and is not ready."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        facts = {"/health": {"alive": True, "version": __version__}, "/ready": {"ready": False, "version": __version__}}
        is_page = path not in facts
        content = (PAGE if is_page else json.dumps(facts[path])).encode()
        self.send_response(HTTPStatus.OK if path == "/health" else HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_header("Content-Type", "text/html; charset=utf-8" if is_page else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Retry-After", str(AGAIN_S))
        self.end_headers()
        self.wfile.write(content)

    do_HEAD = do_GET

    def version_string(self) -> str:
        return "Typebeat"

    def log_message(self, format: str, *values: object) -> None:
        """Logs nothing: a path may hold what a visitor wrote."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of a client that hung up before it was answered."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def starting_page() -> Iterator[None]:
    """Shows the page as long as the context is open; if its port is taken, nothing is shown."""
    host = os.environ.get("GRADIO_SERVER_NAME", HOST)
    try:
        server = _Server((host, int(os.environ.get("GRADIO_SERVER_PORT", PORT))), _Answers)
    except (OSError, ValueError):  # Gradio takes another port, or says what is wrong
        yield
        return
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
