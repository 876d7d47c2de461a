"""Starts `app.py` as a process of its own, with the weights that ship, for what is measured or tried from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]
LOG = "log"  # file in the app's temporary folder that holds all that it says
START_S, END_S = 900.0, 120.0  # the longest that a start and an end may take where others work on the same core
IDLE_S = 300.0  # the longest that the server may need to be done with what nobody waits for any more


def start_app(folder: Path, **settings: str) -> tuple[subprocess.Popen[bytes], str]:
    """Starts the app on a free port and waits until it takes jobs; returns the process and its address.

    Args:
        folder: Its temporary folder, which also gets its log.
        settings: Further environment variables.
    """
    app, address = begin_app(folder, **settings)
    wait_until_ready(app, address, folder)
    return app, address


def begin_app(folder: Path, log: str = LOG, **settings: str) -> tuple[subprocess.Popen[bytes], str]:
    """Starts the app as `start_app` does, and does not wait for it; `log` is the name of its log."""
    port = free_port()
    own = {"GRADIO_SERVER_PORT": str(port), "TMPDIR": str(folder), "TYPEBEAT_BEAT": "starter", "HF_HUB_OFFLINE": "1"}
    with (folder / log).open("wb") as said:
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **own, **settings}, stdout=said, stderr=said
        )
    return app, f"http://127.0.0.1:{port}/"


def wait_until_ready(app: subprocess.Popen[bytes], address: str, folder: Path, log: str = LOG) -> None:
    """Waits until a started app takes jobs; one that does not start is killed, and SystemExit tells what it said."""
    until = time.monotonic() + START_S
    with httpx.Client(timeout=2) as client:  # a new one for each look would take from the app's processor time
        while time.monotonic() < until and app.poll() is None:
            try:
                if client.get(f"{address}ready").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
    app.kill()
    app.wait()
    raise SystemExit(f"app.py did not start:\n{(folder / log).read_text()}")


def free_port() -> int:
    """Returns a port that nobody listens on at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def end_app(app: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Ends an app and waits for its end; one that does not end is killed, and SystemExit says so."""
    app.send_signal(how)
    try:
        app.wait(END_S)
    except subprocess.TimeoutExpired:
        app.kill()
        app.wait()
        raise SystemExit(f"app.py did not end within {END_S:.0f} s") from None


def megabytes(app: subprocess.Popen[bytes]) -> float:
    """Returns the resident memory of the server in MB."""
    return psutil.Process(app.pid).memory_info().rss / 1e6


def until_idle(address: str) -> float:
    """Waits until the server has no jobs, and returns how long that took; `IDLE_S` if they do not end."""
    began = time.monotonic()
    with httpx.Client(timeout=60) as client:
        while (waited := time.monotonic() - began) < IDLE_S:
            if not sum(client.get(f"{address}ready").json()["jobs"].values()):
                return waited
            time.sleep(0.5)
    return IDLE_S
