"""While modules and weights are loaded, something stands where the page will be."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from typebeat.serving import starting
from typebeat.serving.starting import starting_page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = free.getsockname()[1]
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(found))
    return found


def test_the_page_says_that_the_models_are_loaded_and_programs_learn_that_it_is_not_ready(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    with starting_page():
        page, ready, alive = (httpx.get(address + path) for path in ("/?prompt=bells", "/ready", "/health"))
        assert (page.status_code, ready.status_code, alive.status_code) == (503, 503, 200)
        assert "The models are being loaded" in page.text
        assert "bells" not in page.text
        assert 'http-equiv="refresh"' in page.text
        assert (ready.json()["ready"], alive.json()["alive"]) == (False, True)
    with socket.socket() as page_itself:  # as Gradio takes it
        page_itself.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        page_itself.bind(("127.0.0.1", port))


def test_a_port_that_is_taken_does_no_harm(port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with starting_page():
            pass


@pytest.mark.parametrize(
    ("wrong", "is_told"), [(BrokenPipeError, False), (ConnectionResetError, False), (ValueError, True)]
)
def test_a_client_that_hangs_up_leaves_nothing_in_the_log(wrong, is_told, port, monkeypatch, capsys) -> None:
    def hang_up(self: object) -> None:
        raise wrong

    monkeypatch.setattr(starting._Answers, "do_GET", hang_up)
    with starting_page(), pytest.raises(httpx.RemoteProtocolError):  # it is closed after the error was dealt with
        httpx.get(f"http://127.0.0.1:{port}/ready")
    assert ("Traceback" in capsys.readouterr().err) == is_told


def test_nothing_slow_is_imported_for_it() -> None:
    slow = "{'gradio', 'torch', 'numpy', 'scipy', 'typebeat.page'} & set(sys.modules)"
    asked = f"import app, sys; print(sorted({slow}))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
