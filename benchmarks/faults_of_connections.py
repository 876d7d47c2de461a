"""Connections that say nothing, that read hardly anything, and that send hardly anything, and a visitor among them."""

from __future__ import annotations

import resource
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.fault_trials import Outcome
from benchmarks.page_visitor import make_on_page
from benchmarks.served_app import end_app, megabytes, start_app
from typebeat.page.form import SAMPLES
from typebeat.serving.open_files import allow_many_files

USUAL_FILES = 1024  # the soft limit of open files that a server starts with
SLOW_S = 5.0  # for how long the slow ones are served
WISH = {"prompt": "dark bells", "bars": 1, "drafts": 1, "parts": [], "seed": 5}
HEAD = "POST /gradio_api/upload HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000000\r\n"
HEAD += "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n'
Talk = Callable[[socket.socket, str], None]  # what a connection says at first


def idle_connections(count: int) -> Outcome:
    """Connections that say nothing, or only half of a request."""

    def begin(connection: socket.socket, host: str) -> None:
        if connection.fileno() % 2:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n".encode())

    return _among(count, begin, lambda connections: None)


def slow_readers(count: int) -> Outcome:
    """Connections that fetch a file and read one byte a second of it."""
    sample = next(SAMPLES.glob("*.mp3"))

    def begin(connection: socket.socket, host: str) -> None:
        connection.sendall(f"GET /gradio_api/file={sample} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        connection.recv(1)

    return _among(count, begin, lambda connections: [each.recv(1) for each in connections])


def slow_senders(count: int) -> Outcome:
    """Connections that upload a file and send one byte a second of it; of what breaks off nothing may stay."""

    def begin(connection: socket.socket, host: str) -> None:
        connection.sendall(HEAD.format(host).encode() + PART)

    return _among(count, begin, lambda connections: [each.sendall(b"R") for each in connections])


def _among(count: int, begin: Talk, go_on: Callable[[list[socket.socket]], object]) -> Outcome:
    """Holds connections to a server, and looks at the page and makes a pack among them."""
    allow_many_files()
    with tempfile.TemporaryDirectory() as folder, _usual_limit():
        app, address = start_app(Path(folder))
        try:
            allow_many_files()
            make_on_page(address, WISH)
            warm = megabytes(app)
            with ExitStack() as open_ones:
                connections = [open_ones.enter_context(_connection(address)) for _ in range(count)]
                for connection in connections:
                    begin(connection, urlsplit(address).netloc)
                worst = _looks(address, lambda: go_on(connections))
                began = time.monotonic()
                make_on_page(address, WISH)
                pack_s = time.monotonic() - began
                grown = megabytes(app) - warm
            lost = _left_over(Path(folder))
        finally:
            end_app(app)
    return Outcome(count, lost, "", round(pack_s, 1), {"page_worst_s": round(worst, 2), "grown_mb": round(grown)})


@contextmanager
def _usual_limit() -> Iterator[None]:
    """Gives what is started the usual limit of open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(USUAL_FILES, most), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def _connection(address: str) -> Iterator[socket.socket]:
    place = urlsplit(address)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect((place.hostname, place.port))
        yield connection


def _looks(address: str, go_on: Callable[[], object]) -> float:
    """Looks at the page once a second while others go on; returns the seconds of the slowest look."""
    worst, until = 0.0, time.monotonic() + SLOW_S
    while (began := time.monotonic()) < until:
        httpx.get(address, timeout=60).raise_for_status()
        worst = max(worst, time.monotonic() - began)
        go_on()
        time.sleep(max(0.0, began + 1 - time.monotonic()))
    return worst


def _left_over(folder: Path) -> int:
    """Returns how many unfinished uploads stay, once the server has noticed that they broke off."""
    until = time.monotonic() + SLOW_S
    while left := sum(path.is_file() for path in (folder / "gradio").glob("tmp*")):
        if time.monotonic() > until:
            return left
        time.sleep(0.2)
    return 0
