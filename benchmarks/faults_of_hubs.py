"""Faults of the Hub: an HTTP server that is down, refuses, fails, stalls, or cuts what it sends."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.fault_trials import Outcome
from benchmarks.faults_of_repositories import FAULTS, tried

ROOT = Path(__file__).parents[1]
LONGEST_S = 120.0
STALL_S = 300.0

Answer = Callable[[BaseHTTPRequestHandler], None]


def _status(code: int, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    return answer


def _stall(request: BaseHTTPRequestHandler) -> None:
    time.sleep(STALL_S)


def _cut(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", "5000")
    request.end_headers()
    request.wfile.write(b'{"sha": "')
    request.close_connection = True


def _nonsense(request: BaseHTTPRequestHandler) -> None:
    page = b"<html>Welcome to the hotel's network</html>"
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", str(len(page)))
    request.end_headers()
    request.wfile.write(page)


def _drip(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    until = time.monotonic() + STALL_S
    with contextlib.suppress(OSError):  # the client hung up
        while time.monotonic() < until:
            request.wfile.write(b" ")
            time.sleep(1)


def _endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    with contextlib.suppress(OSError):
        while True:
            request.wfile.write(b"[" * 100_000)


ANSWERS: dict[str, Answer | None] = {
    "down": None,
    "401": _status(401),
    "404": _status(404),
    "429 with Retry-After": _status(429, Retry_After="1"),
    "500": _status(500),
    "503": _status(503),
    "stalls": _stall,
    "cut in the middle": _cut,
    "a page that is not the Hub's": _nonsense,
    "one byte a second": _drip,
    "a body without end": _endless,
}
QUICK = ("down", "stalls", *list(FAULTS)[::2])  # what a quick run tries


def hub_faults(names: Iterable[str] = (*ANSWERS, *FAULTS)) -> dict[str, Outcome]:
    """Asks for weights of a Hub with each of some faults; right is what names the Hub, and plays."""
    return {name: tried(name) if name in FAULTS else _tried(ANSWERS[name]) for name in names}


def _tried(answer: Answer | None) -> Outcome:
    command = [sys.executable, "-m", "typebeat", "make", "dark bells", "--bars", "1", "--parts", "beat"]
    with _hub(answer) as endpoint, tempfile.TemporaryDirectory() as home:
        own = {"HF_ENDPOINT": endpoint, "HF_HOME": home, "TYPEBEAT_BEAT": "me/beats", "HF_HUB_OFFLINE": "0"}
        began = time.monotonic()
        try:
            ran = subprocess.run(
                [*command, "--out", f"{home}/packs"],
                cwd=ROOT,
                env={**os.environ, **own},
                capture_output=True,
                text=True,
                timeout=LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome(1, 1, f"nothing for {LONGEST_S:.0f} s", LONGEST_S)
        took = time.monotonic() - began
    told = [line for line in ran.stderr.splitlines() if "Hub" in line]
    is_named = ran.returncode in (0, 1) and "Traceback" not in ran.stderr and bool(told)
    return Outcome(1, int(not is_named), told[-1] if told else "", round(took, 1))


@contextlib.contextmanager
def _hub(answer: Answer | None) -> Iterator[str]:
    """Yields the address of a Hub that gives one answer to everything; None for one that does not listen."""
    if answer is None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{closed.getsockname()[1]}"
        return

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_HEAD = do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
