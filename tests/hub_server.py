"""A Hub on the loopback device: the HTTP routes that the real client uses, over what `hub_store.py` holds in memory.

It refuses what the Hub refuses (no token, a token that may only read, bytes that are not what was announced, a commit
onto a parent that is no longer the head), and it fails on demand: `hub.fail("PUT", "/lfs/", cut=True)`. Xet is not
spoken; the client is told so by `HF_HUB_DISABLE_XET=1`. It listens on 127.0.0.1 only.

`conftest.py` makes a fixture of it: `hub` is a new server that this process's client is pointed at.
"""

from __future__ import annotations

import json
import socket
import threading
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hub_routes import WRITE_TOKEN, Routes
from hub_store import Hub, Refused


class Handler(Routes):
    """One connection; `hub` is set by `serve`."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def handle_any(self) -> None:
        path = unquote(urlsplit(self.path).path)
        length = int(self.headers.get("Content-Length") or 0)
        fault = self.hub.fault_of(self.command, path)
        with self.hub.lock:
            self.hub.asked.append((self.command, path))
        if fault and fault.cut and self.command in ("PUT", "POST"):
            self.rfile.read(length // 2)
            return self.hang_up()
        body = self.rfile.read(length) if length else self.chunked_body()
        try:
            if fault and not fault.cut:
                raise Refused(fault.status, message="out of order", headers=fault.headers)
            with self.hub.lock:
                status, headers, content = self.answer(path, body)
        except Refused as error:
            status, headers, content = (
                error.status,
                error.headers,
                json.dumps({"error": error.message, **error.body}).encode(),
            )
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with self.hub.lock:
                self.hub.sent += len(content)
            if fault and fault.cut:
                self.wfile.write(content[: len(content) // 2])
                return self.hang_up()
            self.wfile.write(content)
        return None

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def hang_up(self) -> None:
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def chunked_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return b""
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


def serve() -> tuple[Hub, ThreadingHTTPServer]:
    """Starts a Hub in threads of its own; `server.shutdown()` ends it."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return hub, server


def point_client(monkeypatch: pytest.MonkeyPatch, url: str, **more: Any) -> None:
    """Points this process's client at a server; `more` are further constants of it."""
    from huggingface_hub import constants, hf_api

    url_of_file = url + "/{repo_id}/resolve/{revision}/{filename}"
    pointed = {"ENDPOINT": url, "HUGGINGFACE_CO_URL_TEMPLATE": url_of_file, "HF_HUB_OFFLINE": False}
    for name, value in {**pointed, "HF_HUB_DISABLE_XET": True, **more}.items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setattr(hf_api.api, "endpoint", url)  # what the cards' functions use


def environment(hub: Hub, home: str, token: str = WRITE_TOKEN) -> dict[str, str]:
    """What a process must find in its environment before it imports the client."""
    return {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": home,
        "HF_TOKEN": token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
